import type { Hj212Value } from '../../../device-profiles/hj212-values.ts';
import { type Hj212Profile, type ProfilePoint, pointsOf } from '../../../device-profiles/profile.ts';
import type { Monotonic, WallTime } from '../../clock.ts';
import type { Mark, Reading } from '../../reading/reading.ts';
import { type Instrument, type Moment, markOfFailure, missing, readingOf, wantedPoints } from '../instrument.ts';

/** With less silence than this a source has not gone quiet, milliseconds. */
const leastPatience = 3000;

/** What is known of one value that a source sends by itself. */
interface Followed {
  readonly point: ProfilePoint;
  /** Before, another value need not be told. */
  due: number;
  /** It is missed unless it comes before. */
  quietAt: number;
  /** SampleTime of the last value told. */
  sampledAt: number | null;
}

const notSent: Mark = { flag: 'B', reason: 'not-sent', basis: 'observed' };

/** The values of one source: which are due to be told, and which have not come. Packets may bring some of them each. */
export class Hj212Points {
  readonly #instrument: Instrument & { readonly profile: Hj212Profile };
  readonly #followed: readonly Followed[];

  constructor(instrument: Instrument & { readonly profile: Hj212Profile }, now: Monotonic) {
    this.#instrument = instrument;
    this.#followed = wantedPoints(instrument, pointsOf(instrument.profile)).map((point) => ({
      point,
      due: 0,
      quietAt: now + this.#patience,
      sampledAt: null,
    }));
  }

  /** False where the site wants none of its values. */
  get areWanted(): boolean {
    return this.#followed.length > 0;
  }

  /** A source's interval and ours never are quite the same. */
  get #patience(): number {
    return Math.max(this.#instrument.settings.every * 1.5, leastPatience);
  }

  /** The earliest moment at which a value is missed. */
  get quietAt(): number {
    return Math.min(...this.#followed.map(({ quietAt }) => quietAt));
  }

  areAllQuiet(now: Monotonic): boolean {
    return this.#followed.every(({ quietAt }) => quietAt <= now);
  }

  /** The link was opened anew: everything has its time again. */
  reset(now: Monotonic): void {
    for (const one of this.#followed) one.quietAt = now + this.#patience;
  }

  /** The readings of one packet, but for those of values that were told in this period already. */
  take(values: ReadonlyMap<string, Hj212Value>, moment: Moment, demanded: boolean): readonly Reading[] {
    const { every } = this.#instrument.settings;
    const now = moment.monotonic;
    return this.#followed.flatMap((one) => {
      const value = values.get(one.point.id);
      if (value === undefined) return [];
      one.quietAt = now + this.#patience;
      // Its clock and ours drift: a value that comes a little early still belongs to its period.
      if (now < one.due - every / 4 && !demanded) return [];
      one.due = one.due + every > now ? one.due + every : now + every;
      return this.#readingOf(one, value, moment);
    });
  }

  #readingOf(one: Followed, { decoded, sampledAt }: Hj212Value, moment: Moment): Reading[] {
    const { point } = one;
    if (sampledAt === null) return this.#told(readingOf(this.#instrument, point, decoded, moment));
    const latest = moment.at + this.#instrument.profile.timeWithinSeconds * 1000;
    if (sampledAt === 'unreadable' || sampledAt > latest) {
      return missing(this.#instrument, point, markOfFailure('wrong-time'), moment);
    }
    if (sampledAt === one.sampledAt) return [];
    one.sampledAt = sampledAt;
    const at = Math.min(sampledAt, moment.at) as WallTime;
    return this.#told(readingOf(this.#instrument, point, decoded, { ...moment, at }));
  }

  /** What somebody entered by hand was not measured, whoever sends it. */
  #told(readings: readonly Reading[]): Reading[] {
    return readings.map((reading) =>
      reading.mark.flag === 'S' && reading.origin !== 'simulated' ? { ...reading, origin: 'entered' } : reading,
    );
  }

  /** The values that the source does not bring though it goes on. */
  notSent(now: Moment): readonly Reading[] {
    const quiet = this.#followed.filter(({ quietAt }) => quietAt <= now.monotonic);
    return this.#missing(quiet, notSent, now);
  }

  allMissing(mark: Mark, now: Moment): readonly Reading[] {
    return this.#missing(this.#followed, mark, now);
  }

  #missing(which: readonly Followed[], mark: Mark, now: Moment): readonly Reading[] {
    for (const one of which) one.quietAt = now.monotonic + this.#instrument.settings.every;
    return which.flatMap(({ point }) => missing(this.#instrument, point, mark, now));
  }
}
