import type { FactorCode } from '../../device-profiles/factors.ts';
import type { Monotonic } from '../clock.ts';
import type { Mark, Reading } from '../reading/reading.ts';
import type { Bounds } from './bounds.ts';

const aboveRange: Mark = { flag: 'T', reason: 'above-range', basis: 'observed' };
const belowRange: Mark = { flag: 'D', reason: 'below-range', basis: 'observed' };
const warmUp: Mark = { flag: 'D', reason: 'warm-up', basis: 'inferred' };
const tooFast: Mark = { flag: 'D', reason: 'too-fast', basis: 'inferred' };
const stuck: Mark = { flag: 'D', reason: 'stuck', basis: 'inferred' };

/** The last value of a series, and since when it is exactly that. */
interface Course {
  readonly value: number;
  readonly at: Monotonic;
  readonly since: Monotonic;
}

/**
 * Judges readings: measuring range (T above it, HJ 212-2017 table 8; D below it), warm-up, changes that are faster than
 * they can be, and values that no longer move. It marks and never drops; the value stays as it was measured. An instrument that has just begun to answer, at the start or after a
 * silence, is taken to have been powered on then, which is why that mark's basis is `inferred`.
 */
export class Quality {
  readonly #bounds: (instrument: string, point: string, factor: FactorCode) => Bounds;
  readonly #answeringSince = new Map<string, Monotonic>();
  readonly #courses = new Map<string, Course>();

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
    const since = Math.min(this.#answeringSince.get(instrument) ?? at, at) as Monotonic;
    this.#answeringSince.set(instrument, since);
    return since;
  }

  #judgeOne(reading: Reading, since: Monotonic | undefined): Reading {
    if (reading.mark.flag !== 'N' || reading.value === null) return reading;
    const bounds = this.#bounds(reading.instrument, reading.point, reading.factor);
    const { range, warmUp: seconds = 0 } = bounds;
    const course = this.#judgeCourse(reading, reading.value, bounds);
    if (since !== undefined && reading.monotonic - since < seconds * 1000) return { ...reading, mark: warmUp };
    if (range !== undefined && reading.value > range[1]) return { ...reading, mark: aboveRange };
    if (range !== undefined && reading.value < range[0]) return { ...reading, mark: belowRange };
    return course === undefined ? reading : { ...reading, mark: course };
  }

  /** A step is marked once: what comes after it is compared with where the value is now. */
  #judgeCourse({ point, factor, monotonic: at }: Reading, value: number, bounds: Bounds): Mark | undefined {
    const { fastestChange = Number.POSITIVE_INFINITY, stuckAfter = Number.POSITIVE_INFINITY } = bounds;
    const key = `${point} ${factor}`;
    const before = this.#courses.get(key);
    // Of what came late, or a second time, the course is over.
    if (before !== undefined && at < before.at) return undefined;
    const since = before?.value === value ? before.since : at;
    this.#courses.set(key, { value, at, since });
    if (before === undefined) return undefined;
    if (Math.abs(value - before.value) * 1000 > fastestChange * (at - before.at)) return tooFast;
    return at - since > stuckAfter * 1000 ? stuck : undefined;
  }
}
