import { describe, expect, test } from 'vitest';
import type { FactorCode } from '../../device-profiles/factors.ts';
import { SimulatedClock } from '../../test-rigs/surroundings/simulated-clock.ts';
import { LocalTime, type WallTime } from '../clock.ts';
import { type Mark, normal, type Reading } from '../reading/reading.ts';
import { nothingSaid } from '../record/labels.ts';
import type { PeriodRecord } from '../record/record.ts';
import { Averaging } from './averaging.ts';

const silent: Mark = { flag: 'B', reason: 'no-answer', basis: 'observed' };
const thin: Mark = { flag: 'B', reason: 'too-few-samples', basis: 'observed' };
const above: Mark = { flag: 'T', reason: 'above-range', basis: 'observed' };
const from = Date.parse('2026-11-24T08:00:00.000+08:00') as WallTime;

function bench(every = 60_000, factor: FactorCode = 'pm2.5') {
  const clock = new SimulatedClock('2026-11-24T08:00:00.000+08:00');
  const averaging = new Averaging({
    series: [{ point: 'gate', factor, instrument: 'dust-2', every, origin: 'measured', leftOut: false }],
    rule: { minimumValid: 12, share: 0.75 },
    ...{ clock, localTime: new LocalTime('Asia/Shanghai'), said: nothingSaid, grace: 8000 },
    ...{ emit: () => undefined, observe: () => undefined },
  });
  const reading = (value: number | null, mark: Mark = normal): Reading => ({
    ...{ instrument: 'dust-2', point: 'gate', factor, at: (from + 30_000) as WallTime, monotonic: clock.monotonic() },
    ...{ value, mark, origin: 'measured' },
  });
  /** What is said of the minute, reading after reading, each of them late. */
  const wordAfter = (...readings: readonly Reading[]): PeriodRecord => {
    let said: PeriodRecord | { gap: number } = { gap: 0 };
    for (const one of readings) said = averaging.revise(from, said, [one]) ?? said;
    if ('gap' in said) throw new Error('nothing was said');
    return said;
  };
  return { averaging, reading, wordAfter };
}

describe('a minute that had been closed', () => {
  test('within a gap gets its first record from a reading that comes late', () => {
    const { reading, wordAfter } = bench();
    expect(wordAfter(reading(35.5))).toMatchObject({
      ...{ from: '2026-11-24T08:00:00.000+08:00', average: 35.5, minimum: 35.5, maximum: 35.5 },
      ...{ count: 1, expected: 1, flag: 'N', reason: null, revision: 1, origin: 'measured' },
    });
  });

  test('becomes the mean by counts of what was said and what came, with the extremes of both and the next revision', () => {
    const { reading, wordAfter } = bench(10_000);
    const values = [10, 20, 60, 40, 70, 100];
    const last = wordAfter(...values.map((value) => reading(value)));
    expect(last).toMatchObject({
      average: 50,
      minimum: 10,
      maximum: 100,
      count: 6,
      expected: 6,
      flag: 'N',
      revision: 6,
    });
  });

  test('says why not until enough came, and is normal then', () => {
    const { averaging, reading, wordAfter } = bench(30_000);
    const empty = wordAfter(reading(null, silent));
    expect(empty).toMatchObject({ average: null, count: 0, flag: 'B', reason: 'no-answer' });
    const half = averaging.revise(from, empty, [reading(30)]) as PeriodRecord;
    expect(half).toMatchObject({ average: 30, count: 1, flag: 'B', reason: 'no-answer', revision: 2 });
    const whole = averaging.revise(from, half, [reading(50)]);
    expect(whole).toMatchObject({ average: 40, count: 2, flag: 'N', reason: null, revision: 3 });
  });

  test('shows what was made of too little under its mark, and lets it go for a whole value', () => {
    const { averaging, reading, wordAfter } = bench();
    const part = wordAfter(reading(80, thin));
    expect(part).toMatchObject({ average: 80, count: 1, flag: 'B', reason: 'too-few-samples' });
    const two = averaging.revise(from, part, [reading(60, thin)]) as PeriodRecord;
    expect(two).toMatchObject({ average: 70, count: 2, flag: 'B', reason: 'too-few-samples' });
    expect(averaging.revise(from, two, [reading(35)])).toMatchObject({ average: 35, count: 1, flag: 'N' });
  });

  test('is not made normal by a value made of too little, in whatever order they come', () => {
    const { reading, wordAfter } = bench(30_000);
    const few = { count: 1, flag: 'B', reason: 'too-few-samples' };
    expect(wordAfter(reading(80, thin))).toMatchObject({ average: 80, basis: 'observed', ...few });
    expect(wordAfter(reading(80, thin), reading(35))).toMatchObject({ average: 35, basis: 'inferred', ...few });
    expect(wordAfter(reading(35), reading(80, thin))).toMatchObject({ average: 35, count: 1, flag: 'B' });
    expect(wordAfter(reading(35), reading(80, thin), reading(45))).toMatchObject({ average: 40, count: 2, flag: 'N' });
  });

  test('shows values above the range under their T, and lets them go for values within it', () => {
    const { averaging, reading, wordAfter } = bench();
    const high = wordAfter(reading(2000, above), reading(1000, above));
    expect(high).toMatchObject({ average: 1500, count: 2, flag: 'T', reason: 'above-range' });
    expect(averaging.revise(from, high, [reading(35)])).toMatchObject({ average: 35, count: 1, flag: 'N' });
  });

  test('keeps the word on why most of it is missing', () => {
    const { averaging, reading } = bench(10_000);
    const broken: Mark = { flag: 'D', reason: 'broken-loop', basis: 'observed' };
    const said = averaging.revise(from, { gap: 0 }, [...Array(4).fill(reading(null, silent)), reading(5)]);
    const late = averaging.revise(from, said as PeriodRecord, [reading(null, broken), reading(null, broken)]);
    // Four and more were silent, two are broken.
    expect(late).toMatchObject({ count: 1, flag: 'B', reason: 'no-answer', revision: 2 });
  });

  test('of a level is combined by energy', () => {
    const { reading, wordAfter } = bench(30_000, 'noise');
    expect(wordAfter(reading(60), reading(70)).average).toBeCloseTo(67.4, 1);
  });

  test('of a direction or a counter is left as it is: its numbers do not tell enough', () => {
    for (const factor of ['wind-direction', 'energy-import'] as const) {
      const { averaging, reading, wordAfter } = bench(30_000, factor);
      const said = wordAfter(reading(90));
      expect(averaging.revise(from, said, [reading(180)])).toBeNull();
    }
  });

  test('is said with a revision that the clock set back does not use again', () => {
    const { averaging, reading, wordAfter } = bench();
    expect(wordAfter(reading(1), reading(2)).revision).toBe(2);
    averaging.labels.take({ back: from });
    expect(averaging.labels.revisionOf(from, from + 60_000)).toBe(3);
  });
});
