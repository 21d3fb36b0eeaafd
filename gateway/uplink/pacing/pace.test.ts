import { expect, test } from 'vitest';
import type { Monotonic } from '../../clock.ts';
import { Pace } from './pace.ts';

/** A line of so many bytes a second and so much delay; gives the allowance after it was used to the full for a minute. */
function allowanceOn(bytesPerSecond: number, delay: number): number {
  const pace = new Pace();
  let now = 0;
  let lineFreeAt = 0;
  const open: { readonly due: number; readonly bytes: number; readonly sent: ReturnType<Pace['sent']> }[] = [];
  while (now < 60_000) {
    let under = open.reduce((sum, { bytes }) => sum + bytes, 0);
    while (open.length < 20 && under <= 0.75 * pace.allowance) {
      const bytes = Math.min(96 * 1024, pace.allowance - under);
      lineFreeAt = Math.max(now, lineFreeAt) + (bytes / bytesPerSecond) * 1000;
      open.push({ due: lineFreeAt + delay, bytes, sent: pace.sent(bytes, now as Monotonic) });
      under += bytes;
    }
    const next = open.shift();
    if (next === undefined) break;
    now = next.due;
    pace.answered(next.sent, now as Monotonic);
  }
  return pace.allowance;
}

test.each([
  ['4 kB/s', 4000, 50],
  ['4 kB/s with a second of delay', 4000, 1000],
  ['100 kB/s', 100_000, 20],
])('on a line of %s the backlog stays within about a second of it', (_, rate, delay) => {
  expect(allowanceOn(rate, delay) / rate).toBeLessThan(2.6 + (2 * delay) / 1000);
  expect(allowanceOn(rate, delay) / rate).toBeGreaterThan(0.9);
});

test('on a fast line the backlog is not held back, also with a long delay', () => {
  expect(allowanceOn(50_000_000, 1)).toBe(4 * 1024 * 1024);
  expect(allowanceOn(1_000_000, 600)).toBeGreaterThan(1_000_000);
});

/** Small and large publishes in turn, the next one before the last is answered, on a line of 4 kB/s for so long. */
function afterFreshAndLate(pace: Pace, seconds: number, from = 0): number {
  let [now, lineFreeAt] = [from, from];
  while (now < from + seconds * 1000) {
    const batches = [Math.min(96 * 1024, pace.allowance), 300].map((bytes, index) => {
      // The small one comes when the large one is nearly through.
      const at = index === 0 ? now : Math.max(now, lineFreeAt - 20);
      lineFreeAt = Math.max(at, lineFreeAt) + bytes / 4;
      return { due: lineFreeAt, sent: pace.sent(bytes, at as Monotonic) };
    });
    for (const { due, sent } of batches) pace.answered(sent, due as Monotonic);
    now = lineFreeAt;
  }
  return now;
}

test('a small batch that comes when a large one is nearly through does not make the line look fast', () => {
  const pace = new Pace(0);
  afterFreshAndLate(pace, 60);
  expect(pace.rate).toBeCloseTo(4000, -2);
});

test('when a fast line becomes slow, one answer is enough to know', () => {
  const pace = new Pace(0.02);
  for (let now = 0; now < 2000; now += 100)
    pace.answered(pace.sent(50_000, now as Monotonic), (now + 100) as Monotonic);
  expect(pace.rate).toBeGreaterThan(400_000);
  pace.answered(pace.sent(50_000, 3000 as Monotonic), 15_500 as Monotonic);
  expect(pace.rate).toBeCloseTo(4000, -2);
});

test('before the first answer the rate is not known', () => {
  expect(new Pace().rate).toBe(null);
});
