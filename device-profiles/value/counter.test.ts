import { expect, test } from 'vitest';
import { counterStep } from './counter.ts';

test('D30: a counter that grows came on by the difference, also by nothing', () => {
  expect(counterStep(100, 100.5, 1_000_000)).toEqual({ increase: 0.5, rolledOver: false });
  expect(counterStep(100, 100, null)).toEqual({ increase: 0, rolledOver: false });
});

test('D30: a counter that began again at its end came on over the end', () => {
  expect(counterStep(999_999, 2, 1_000_000)).toEqual({ increase: 3, rolledOver: true });
});

test.each([
  ['from the middle', 500_000, 2, 1_000_000],
  ['to the middle', 999_999, 500_000, 1_000_000],
  ['of a counter whose end is not known', 999_999, 2, null],
  ['from beyond its end', 1_000_001, 2, 1_000_000],
  ['to below zero', 999_999, -1, 1_000_000],
] as const)('D30: a step back %s is a reset, and its amount is not known', (_, before, after, rollover) => {
  expect(counterStep(before, after, rollover)).toEqual({ reset: true });
});
