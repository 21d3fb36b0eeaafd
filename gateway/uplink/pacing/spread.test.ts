import { expect, test } from 'vitest';
import { seededRandom } from '../../../test-rigs/stories/seeded-random.ts';
import { spreadOf } from './spread.ts';

test('a thousand gateways that come back from an hour without a network do not begin together', () => {
  const starts = Array.from({ length: 1000 }, (_, gateway) => spreadOf(3_600_000, 300_000, seededRandom(gateway + 1)));
  const perSecond = new Map<number, number>();
  for (const start of starts) {
    const second = Math.floor(start / 1000);
    perSecond.set(second, (perSecond.get(second) ?? 0) + 1);
  }
  expect(Math.max(...starts)).toBeLessThanOrEqual(300_000);
  // 1000 over 300 s are three or four a second; chance makes a few more of it, not a crowd.
  expect(Math.max(...perSecond.values())).toBeLessThan(20);
});

test('a short interruption costs no wait, and a longer one at most a tenth of itself', () => {
  const worst = (): number => 1;
  expect(spreadOf(30_000, 300_000, worst)).toBe(0);
  expect(spreadOf(600_000, 300_000, worst)).toBe(60_000);
  expect(spreadOf(7 * 86_400_000, 300_000, worst)).toBe(300_000);
});
