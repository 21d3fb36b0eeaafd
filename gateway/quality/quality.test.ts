import { describe, expect, test } from 'vitest';
import type { Monotonic, WallTime } from '../clock.ts';
import { type Mark, normal, type Reading } from '../reading/reading.ts';
import { Quality } from './quality.ts';

const silent: Mark = { flag: 'B', reason: 'no-answer', basis: 'observed' };

const reading = (value: number | null, seconds: number, mark: Mark = normal): Reading => ({
  instrument: 'dust-1',
  point: 'gate',
  factor: 'pm2.5',
  at: (seconds * 1000) as WallTime,
  monotonic: (seconds * 1000) as Monotonic,
  value,
  mark,
  origin: 'measured',
});

describe('quality', () => {
  const judge = (one: Reading) => new Quality(() => ({ range: [0, 1000] })).judge([one])[0] as Reading;

  test('a value inside the measuring range stays normal, both ends included', () => {
    for (const value of [0, 12, 1000]) expect(judge(reading(value, 0))).toEqual(reading(value, 0));
  });

  test('a value above the measuring range gets T and keeps its number', () => {
    expect(judge(reading(1000.1, 0))).toMatchObject({ value: 1000.1, mark: { flag: 'T', reason: 'above-range' } });
  });

  test('a value below the measuring range gets D and keeps its number', () => {
    expect(judge(reading(-1, 0))).toMatchObject({ value: -1, mark: { flag: 'D', reason: 'below-range' } });
  });

  test('a reading that already says why there is no value is left as it is', () => {
    expect(judge(reading(null, 0, silent))).toEqual(reading(null, 0, silent));
  });

  test('a line that was lost for a moment does not make an instrument warm up again', () => {
    const quality = new Quality(() => ({ warmUp: 30 }));
    const lost: Mark = { flag: 'B', reason: 'line-lost', basis: 'observed' };
    const flags = [reading(5, 0), reading(5, 40), reading(null, 41, lost), reading(5, 42)].map(
      (one) => quality.judge([one])[0]?.mark.flag,
    );
    expect(flags).toEqual(['D', 'N', 'B', 'N']);
  });

  test('an instrument warms up after every silence, not only once', () => {
    const quality = new Quality(() => ({ warmUp: 30 }));
    const flags = [
      reading(5, 0),
      reading(5, 29),
      reading(5, 30),
      reading(null, 31, silent),
      reading(5, 32),
      reading(5, 61),
      reading(5, 62),
    ].map((one) => quality.judge([one])[0]?.mark.flag);
    expect(flags).toEqual(['D', 'D', 'N', 'B', 'D', 'D', 'N']);
  });
});
