import { expect, test } from 'vitest';
import { placeOf, spreadOf } from './spread.ts';

/** The gateways of a district, numbered in the order in which they were bought. */
const gateways = Array.from({ length: 1000 }, (_, n) => `zl-${String(n + 1).padStart(4, '0')}`);

test('a thousand gateways that come back from an hour without a network do not begin together', () => {
  const starts = gateways.map((gateway) => spreadOf(3_600_000, 300_000, placeOf(gateway, 'district')));
  const perSecond = new Map<number, number>();
  for (const start of starts) {
    const second = Math.floor(start / 1000);
    perSecond.set(second, (perSecond.get(second) ?? 0) + 1);
  }
  expect(Math.max(...starts)).toBeLessThanOrEqual(300_000);
  // 1000 over 300 s are three or four a second; chance makes a few more of it, not a crowd.
  expect(Math.max(...perSecond.values())).toBeLessThan(15);
  // No minute is left to few.
  for (let minute = 0; minute < 5; minute++) {
    expect(starts.filter((start) => Math.floor(start / 60_000) === minute).length).toBeGreaterThan(150);
  }
});

test('a gateway has the same place after every outage, and another one to another platform', () => {
  expect(placeOf('zl-0001', 'district')).toBe(placeOf('zl-0001', 'district'));
  expect(placeOf('zl-0001', 'district')).not.toBe(placeOf('zl-0001', 'city'));
});

test('a short interruption costs no wait, and a longer one at most a tenth of itself', () => {
  expect(spreadOf(30_000, 300_000, 1)).toBe(0);
  expect(spreadOf(600_000, 300_000, 1)).toBe(60_000);
  expect(spreadOf(7 * 86_400_000, 300_000, 1)).toBe(300_000);
});
