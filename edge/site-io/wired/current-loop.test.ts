import { describe, expect, test } from 'vitest';
import { CurrentLoop, type LoopReading } from './current-loop.ts';

/** 150 Ω and a reference of 5 V. */
const milliamperes = (counts: number): number => ((counts + 0.5) / 1024) * (5 / 0.15);
const countsOf = (current: number): number => Math.floor((current / (5 / 0.15)) * 1024);

function readingOf(...currents: readonly number[]): LoopReading | null {
  const loop = new CurrentLoop(milliamperes);
  for (const current of currents) loop.add(countsOf(current));
  return loop.take();
}

describe('a 4-20 mA loop', () => {
  test.each([
    [0, 'broken'],
    [3.5, 'broken'],
    [3.7, 'below'],
    [3.9, 'signal'],
    [12, 'signal'],
    [20.4, 'signal'],
    [20.7, 'above'],
    [21.2, 'over-range'],
    [33, 'over-range'],
  ] as const)('at %d mA is %s', (current, state) => {
    const reading = readingOf(current, current, current);
    expect(reading?.state).toBe(state);
    if (state === 'broken' || state === 'over-range') expect(reading?.milliamperes).toBeNull();
    else expect(reading?.milliamperes).toBeCloseTo(current, 1);
  });

  test('that is broken for half of the time has no value, though its mean looks like one', () => {
    const half = Array.from({ length: 50 }, (_, index) => (index % 2 === 0 ? 0 : 20));
    expect(readingOf(...half)).toEqual({ state: 'broken', milliamperes: null, samples: 50, failed: 25 });
  });

  test('leaves one bad sample out of fifty out of the mean, and counts it', () => {
    const currents = Array.from({ length: 50 }, (_, index) => (index === 7 ? 0 : 12));
    const reading = readingOf(...currents);
    expect(reading).toMatchObject({ state: 'signal', samples: 50, failed: 1 });
    expect(reading?.milliamperes).toBeCloseTo(12, 1);
  });

  test('without a sample has no reading, and begins anew after each', () => {
    const loop = new CurrentLoop(milliamperes);
    expect(loop.take()).toBeNull();
    loop.add(countsOf(8));
    loop.take();
    loop.add(countsOf(16));
    expect(loop.take()?.milliamperes).toBeCloseTo(16, 1);
  });

  test('takes the limits of the site in place of those of NE 43', () => {
    const loop = new CurrentLoop(milliamperes, { broken: 0.5, low: 1, high: 10, over: 12 });
    loop.add(countsOf(0.8));
    expect(loop.take()?.state).toBe('below');
  });
});
