import type { FactorCode } from '../../device-profiles/factors.ts';
import type { Monotonic } from '../clock.ts';
import type { Mark, Reading } from '../reading/reading.ts';

/** What the profile says about the values of one series. */
export interface Bounds {
  /** Measuring range in the factor's unit, both ends inside it. */
  readonly range?: readonly [number, number] | undefined;
  /** Seconds after power-on in which the instrument's values do not count yet; 0 when it needs none. */
  readonly warmUp?: number | undefined;
}

const aboveRange: Mark = { flag: 'T', reason: 'above-range', basis: 'observed' };
const belowRange: Mark = { flag: 'D', reason: 'below-range', basis: 'observed' };
const warmUp: Mark = { flag: 'D', reason: 'warm-up', basis: 'inferred' };

/**
 * Judges readings: measuring range (T above it, HJ 212-2017 table 8; D below it) and warm-up. It marks and never
 * drops; the value stays as it was measured. An instrument that has just begun to answer, at the start or after a
 * silence, is taken to have been powered on then, which is why that mark's basis is `inferred`.
 */
export class Quality {
  readonly #bounds: (instrument: string, point: string, factor: FactorCode) => Bounds;
  readonly #answeringSince = new Map<string, Monotonic>();

  constructor(bounds: (instrument: string, point: string, factor: FactorCode) => Bounds) {
    this.#bounds = bounds;
  }

  /** Judges one poll's readings of one instrument. */
  judge(readings: readonly Reading[]): Reading[] {
    const first = readings[0];
    if (first === undefined) return [];
    const since = this.#follow(first.instrument, readings);
    return readings.map((reading) => this.#judgeOne(reading, since));
  }

  /** Since when the instrument answers, undefined while it does not. */
  #follow(instrument: string, readings: readonly Reading[]): Monotonic | undefined {
    if (readings.every(({ mark }) => mark.flag === 'B')) {
      // A line that is lost says nothing about the instrument's own power.
      if (!readings.every(({ mark }) => mark.reason === 'line-lost')) this.#answeringSince.delete(instrument);
      return undefined;
    }
    const at = (readings[0] as Reading).monotonic;
    const since = this.#answeringSince.get(instrument) ?? at;
    this.#answeringSince.set(instrument, since);
    return since;
  }

  #judgeOne(reading: Reading, since: Monotonic | undefined): Reading {
    if (reading.mark.flag !== 'N' || reading.value === null) return reading;
    const { range, warmUp: seconds = 0 } = this.#bounds(reading.instrument, reading.point, reading.factor);
    if (since !== undefined && reading.monotonic - since < seconds * 1000) return { ...reading, mark: warmUp };
    if (range !== undefined && reading.value > range[1]) return { ...reading, mark: aboveRange };
    if (range !== undefined && reading.value < range[0]) return { ...reading, mark: belowRange };
    return reading;
  }
}
