import { describe, expect, test } from 'vitest';
import { modbusProfile } from '../../test-rigs/profiles/written-profile.ts';
import type { Monotonic, WallTime } from '../clock.ts';
import { type Mark, normal, type Reading } from '../reading/reading.ts';
import { boundsOf } from './bounds.ts';
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

describe('how a value moves (E34)', () => {
  const judgeAll = (quality: Quality, ...values: [seconds: number, value: number][]) =>
    values.map(([seconds, value]) => quality.judge([reading(value, seconds)])[0]?.mark.reason);

  test('E34: a change faster than can be real is marked once, and the value stays', () => {
    const quality = new Quality(() => ({ fastestChange: 2 }));
    expect(judgeAll(quality, [0, 10], [4, 18], [8, 27], [12, 27])).toEqual([null, null, 'too-fast', null]);
  });

  test('E34: exactly the same value for longer than a measurement keeps is marked until it moves', () => {
    const quality = new Quality(() => ({ stuckAfter: 60 }));
    const marks = judgeAll(quality, [0, 10], [60, 10], [61, 10], [100, 10], [104, 10.1]);
    expect(marks).toEqual([null, null, 'stuck', 'stuck', null]);
  });

  test('what comes late, or a second time, is not held against what came after it', () => {
    const quality = new Quality(() => ({ fastestChange: 2, stuckAfter: 60, warmUp: 30 }));
    expect(judgeAll(quality, [0, 9], [60, 10], [120, 11])).toEqual(['warm-up', null, null]);
    expect(judgeAll(quality, [60, 10], [70, 30], [120, 11])).toEqual([null, null, null]);
    expect(judgeAll(quality, [121, 11.5], [122, 15])).toEqual([null, 'too-fast']);
    // Nor does it warm up when it comes from before what is known.
    const later = new Quality(() => ({ warmUp: 30 }));
    expect(judgeAll(later, [100, 10], [60, 10], [100, 10])).toEqual(['warm-up', 'warm-up', null]);
  });

  test('E34: what is above the range is said before what moves too fast', () => {
    const quality = new Quality(() => ({ range: [0, 50], fastestChange: 1 }));
    expect(judgeAll(quality, [0, 10], [4, 60])).toEqual([null, 'above-range']);
  });

  test('E34: bounds come from the profile in the unit of the factor', () => {
    const profile = modbusProfile(`points:
  - { id: t, factor: temperature, functionCode: 3, register: 0, type: s16, unit: °F, range: [-40, 212], stuckSeconds: 600, fastestChange: 0.5 }
`);
    const bounds = boundsOf([{ id: 'a', profile: 'acme/test' }], () => profile);
    expect(bounds('a', 'anywhere', 'temperature')).toMatchObject({
      range: [-40, 100],
      stuckAfter: 600,
      fastestChange: 0.5,
    });
    expect(bounds('a', 'anywhere', 'noise')).toEqual({});
  });

  test('D21: the range of a meter behind transformers is the one of what they measure', () => {
    const profile = modbusProfile(`parameters:
  pt: { zh: 电压互感器变比？, en: PT ratio?, range: [1, 1000], default: 1 }
points:
  - { id: v, factor: voltage, functionCode: 3, register: 0, type: u16, range: [0, 300], times: [pt] }
  - { id: p, factor: active-power, functionCode: 3, register: 1, type: u16, range: [0, 9000], times: [ratio] }
auxiliaries:
  - { id: ratio, functionCode: 3, register: 2, type: u16 }
`);
    const bounds = boundsOf([{ id: 'a', profile: 'acme/test', parameters: { pt: 100 } }], () => profile);
    expect(bounds('a', 'anywhere', 'voltage').range).toEqual([0, 30_000]);
    expect(bounds('a', 'anywhere', 'active-power').range).toBeUndefined();
  });
});
