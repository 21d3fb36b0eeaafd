import { describe, expect, test } from 'vitest';
import type { Monotonic } from '../../gateway/clock.ts';
import { Clamp, type ClampSays } from './clamp.ts';

/** Mains of 50 Hz with that amplitude in counts, sampled at the interval from a phase on. */
function sampled(interval: number, amplitude: number, seconds: number, phase = 0.7): ClampSays {
  const clamp = new Clamp({ window: seconds * 1000, interval });
  let at = 0;
  for (; at < seconds * 1000 + interval; at += interval) {
    const raw = Math.round(511 + amplitude * Math.sin(2 * Math.PI * 0.05 * at + phase));
    clamp.sample(Math.min(1023, Math.max(0, raw)), at as Monotonic);
  }
  return clamp.says(at as Monotonic);
}

const rmsOf = (says: ClampSays): number => (typeof says === 'string' ? Number.NaN : says.rms);

describe('a clamp on mains of 50 Hz', () => {
  test.each([11, 13, 17, 19])('comes out within 1 %% at %i ms, at any phase', (interval) => {
    for (const phase of [0, 0.4, 1.1, 2.5]) {
      const ratio = rmsOf(sampled(interval, 300, 4, phase)) / (300 / Math.SQRT2);
      expect(ratio).toBeGreaterThan(0.99);
      expect(ratio).toBeLessThan(1.01);
    }
  });

  test.each([10, 20])('comes out wrong by a half and more at %i ms, by its phase: profiles refuse it', (interval) => {
    const ratios = [0, 0.4, 1.1].map((phase) => rmsOf(sampled(interval, 300, 4, phase)) / (300 / Math.SQRT2));
    expect(Math.max(...ratios.map((ratio) => Math.abs(ratio - 1)))).toBeGreaterThan(0.4);
  });

  test('says nothing before its window is full, and nothing of samples around a hole', () => {
    const clamp = new Clamp({ window: 2000, interval: 13 });
    let at = 0;
    const take = (milliseconds: number): void => {
      for (const end = at + milliseconds; at < end; at += 13) clamp.sample(500 + (at % 7), at as Monotonic);
    };
    take(1900);
    expect(clamp.says(at as Monotonic)).toBe('not-yet');
    take(200);
    expect(clamp.says(at as Monotonic)).not.toBe('not-yet');
    at += 200;
    expect(clamp.says(at as Monotonic)).toBe('not-yet');
    take(1000);
    expect(clamp.says(at as Monotonic)).toBe('not-yet');
  });

  test('says nothing of a wave that the scale cuts off', () => {
    expect(sampled(13, 520, 4)).toBe('cut-off');
  });
});
