import { describe, expect, test } from 'vitest';
import { ResponseTime } from './response-time.ts';

function learned(...answers: number[]): ResponseTime {
  const time = new ResponseTime();
  for (const answer of answers) time.answered(answer);
  return time;
}

describe('the wait for an answer', () => {
  test('is the longest allowed until enough answers have been seen', () => {
    expect(learned().wait(1000)).toBe(1000);
    expect(learned(20, 20, 20).wait(1000)).toBe(1000);
  });

  test('comes down to a few times what the slave usually takes, but not below 50 ms', () => {
    expect(learned(...new Array(40).fill(40)).wait(1000)).toBeCloseTo(120, 0);
    expect(learned(...new Array(40).fill(2)).wait(1000)).toBe(50);
  });

  test('leaves more for a slave whose answers vary', () => {
    const steady = learned(...new Array(40).fill(50));
    const varying = learned(...Array.from({ length: 40 }, (_, index) => (index % 2 === 0 ? 20 : 80)));
    expect(varying.wait(1000)).toBeGreaterThan(steady.wait(1000) + 80);
  });

  test('is never longer than allowed', () => {
    expect(learned(...new Array(40).fill(290)).wait(300)).toBe(300);
  });

  test('doubles with every timeout back to the longest allowed, and comes down with the next answer in time', () => {
    const time = learned(...new Array(40).fill(40));
    const usual = time.wait(10_000);
    const waits = [1, 2, 3].map(() => {
      time.timedOut();
      return time.wait(600);
    });
    expect(waits).toEqual([2 * usual, 4 * usual, 600]);
    time.answered(40);
    expect(time.wait(600)).toBeLessThanOrEqual(usual);
  });

  test('grows with an answer that came too late, and stays stretched until one comes in time', () => {
    const time = learned(...new Array(40).fill(40));
    const usual = time.wait(10_000);
    time.timedOut();
    time.answeredLate(300);
    expect(time.wait(10_000)).toBeGreaterThan(4 * usual);
  });
});
