import { expect, test } from 'vitest';
import type { Monotonic } from '../clock.ts';
import { Draining } from './draining.ts';

function watched(held: readonly number[], every = 2000): Draining {
  const draining = new Draining();
  for (const [index, entries] of held.entries()) draining.look(entries, (index * every) as Monotonic);
  return draining;
}

test('what shrank by 100 a second for ten seconds and has 600 left takes six more', () => {
  expect(watched([1600, 1400, 1200, 1000, 800, 600]).secondsLeft).toBeCloseTo(6, 5);
});

test('the time is not known in the first seconds, while it grows, and when nothing is left', () => {
  expect(watched([]).secondsLeft).toBe(null);
  expect(watched([1000, 900]).secondsLeft).toBe(null);
  expect(watched([600, 700, 800, 900]).secondsLeft).toBe(null);
  expect(watched([600, 600, 600, 600]).secondsLeft).toBe(null);
  expect(watched([600, 400, 200, 0]).secondsLeft).toBe(null);
});

test('a minute decides: what was before it does not count', () => {
  const before = Array.from({ length: 100 }, (_, index) => 100_000 - 500 * index);
  const slow = Array.from({ length: 40 }, (_, index) => 50_000 - 20 * index);
  // 10 a second over the last minute.
  expect(watched([...before, ...slow]).secondsLeft).toBeCloseTo((50_000 - 20 * 39) / 10, 0);
});

test('after a cut it begins anew', () => {
  const draining = watched([1600, 1400, 1200, 1000]);
  draining.forget();
  expect(draining.secondsLeft).toBe(null);
});
