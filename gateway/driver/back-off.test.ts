import { describe, expect, test } from 'vitest';
import { SimulatedClock } from '../../test-rigs/surroundings/simulated-clock.ts';
import { BackOff } from './back-off.ts';

describe('the pauses between attempts at a silent instrument', () => {
  const clock = new SimulatedClock();
  const options = { clock, shortest: 1000, longest: 10_000, random: () => 1 };

  test('there are none before it was asked in vain, and none after it answered', () => {
    const backOff = new BackOff(options);
    expect(backOff.silence).toBeNull();
    backOff.grow();
    expect(backOff.silence).toEqual({ until: 1000, pause: 1000 });
    backOff.end();
    expect(backOff.silence).toBeNull();
  });

  test('double up to the longest', () => {
    const backOff = new BackOff(options);
    const pauses = [1, 2, 3, 4, 5, 6].map(() => {
      backOff.grow();
      return backOff.silence?.pause;
    });
    expect(pauses).toEqual([1000, 2000, 4000, 8000, 10_000, 10_000]);
  });

  test('are no shorter than its usual period, however often it is to be tried', () => {
    const backOff = new BackOff({ ...options, shortest: 60_000 });
    backOff.grow();
    backOff.grow();
    expect(backOff.silence?.pause).toBe(60_000);
  });

  test('are up to a quarter shorter by chance, so that several instruments are not tried at once', () => {
    const untils = [0, 0.999].map((chance) => {
      const backOff = new BackOff({ ...options, random: () => chance });
      backOff.grow();
      return Math.round(backOff.silence?.until ?? 0);
    });
    expect(untils).toEqual([750, 1000]);
  });

  test('go on where they were after an attempt that a new connection allowed', () => {
    const backOff = new BackOff(options);
    for (let times = 0; times < 3; times += 1) backOff.grow();
    backOff.tryNow();
    expect(backOff.silence).toEqual({ until: 0, pause: 4000 });
    backOff.grow();
    expect(backOff.silence?.pause).toBe(8000);
  });
});
