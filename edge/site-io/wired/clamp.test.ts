import { describe, expect, test } from 'vitest';
import { Clamp, type ClampReading, whyNotSample } from './clamp.ts';

/** Readings of a clamp that samples a wave every so many milliseconds, for so many seconds. */
function readings(wave: (milliseconds: number) => number, sampling = 11, seconds = 8): ClampReading[] {
  const found: ClampReading[] = [];
  const clamp = new Clamp({ sampling, windowSeconds: 4 }, (reading) => found.push(reading));
  for (let at = 0; at < seconds * 1000; at += sampling) clamp.add(Math.floor(wave(at)));
  return found;
}

const sine =
  (peak: number, middle = 512) =>
  (milliseconds: number): number =>
    middle + 0.5 + peak * Math.sin((2 * Math.PI * milliseconds) / 20 + 0.3);

describe('a sampling interval for a clamp', () => {
  test.each([
    [10, /only 2 points/],
    [12, /only 5 points/],
    [15, /only 4 points/],
    [20, /always the same point/],
    [40, /always the same point/],
    [9, /no sampling interval/],
    [11.5, /no sampling interval/],
  ])('of %d ms is refused, with the reason', (sampling, why) => {
    expect(whyNotSample(sampling)).toMatch(why);
    expect(() => new Clamp({ sampling, windowSeconds: 4 }, () => undefined)).toThrow(why);
  });

  test.each([11, 13, 17, 19])('of %d ms sees every phase of 50 Hz', (sampling) => {
    expect(whyNotSample(sampling)).toBeNull();
    const [reading] = readings(sine(100), sampling);
    expect(reading?.rms).toBeCloseTo(100 / Math.SQRT2, 0);
  });
});

describe('a clamp', () => {
  test('makes one value of a window of whole sets of twenty samples', () => {
    expect(readings(sine(100), 11).map(({ samples }) => samples)).toEqual([360, 360]);
    expect(readings(sine(100), 19, 4.5).map(({ samples }) => samples)).toEqual([220]);
  });

  test('measures about its own mid-point, not about half of the scale', () => {
    expect(readings(sine(100, 480))[0]).toMatchObject({ fault: null });
    expect(readings(sine(100, 480))[0]?.rms).toBeCloseTo(100 / Math.SQRT2, 0);
    expect(readings(sine(100, 480))[0]?.middle).toBeCloseTo(480, 0);
  });

  test('without a load measures next to nothing, and says so as a value', () => {
    expect(readings(sine(0))[0]).toMatchObject({ rms: 0, fault: null });
  });

  test.each([
    ['at 0 V: the bias is not there', 0],
    ['at a quarter of the scale', 256],
    ['at three quarters', 768],
  ])('whose mid-point lies %s has no value', (_, middle) => {
    const [reading] = readings((at) => Math.max(0, sine(5, middle)(at)));
    expect(reading).toMatchObject({ rms: null, fault: 'no-bias' });
  });

  test('whose signal runs into the ends of the converter has no value', () => {
    expect(readings((at) => Math.min(1023, Math.max(0, sine(600)(at))))[0]).toMatchObject({
      rms: null,
      fault: 'clipped',
    });
  });

  test('whose load changed meanwhile has the root mean square of the whole window; the next window is its own', () => {
    const starts = (at: number): number => sine(at < 2000 ? 20 : 200)(at);
    const [first, second] = readings(starts);
    expect(first?.rms).toBeCloseTo(Math.sqrt((20 ** 2 + 200 ** 2) / 2 / 2), -1);
    expect(second?.rms).toBeCloseTo(200 / Math.SQRT2, 0);
  });
});
