import type { Raw } from '../../../device-profiles/decode.ts';
import { type Dlt645Request, decodeDlt645, planDlt645, readDlt645 } from '../../../device-profiles/dlt645-values.ts';
import type { Cadence, Dlt645Profile, ProfilePoint } from '../../../device-profiles/profile.ts';
import { everythingUnder } from '../../../device-profiles/value/leaning.ts';
import type { Mark, Reading } from '../../reading/reading.ts';
import { type Instrument, knownOf, type Moment, markOfFailure, missing, readingOf } from '../instrument.ts';
import { type AskingPlan, plansByCadence } from '../plans.ts';

/** A meter of the site. */
export type Dlt645Instrument = Instrument & { readonly profile: Dlt645Profile };

/** What the site wants of a meter, by how often. */
export function plansOf(instrument: Dlt645Instrument): Map<Cadence, AskingPlan<Dlt645Request>> {
  const { profile } = instrument;
  return plansByCadence(instrument, (needed) =>
    planDlt645(
      profile,
      profile.points.filter(({ id }) => needed.has(id)),
    ),
  );
}

/** One poll of a meter: what is still to be asked, and what came of the rest. */
export class Dlt645Poll {
  readonly cadence: Cadence;
  readonly demanded: boolean;
  retriesLeft: number;
  answered = false;
  readonly #instrument: Dlt645Instrument;
  readonly #points: readonly ProfilePoint[];
  readonly #waiting: Dlt645Request[];
  readonly #read = new Map<string, Raw | null>();
  readonly #moments = new Map<string, Moment>();
  readonly #failures = new Map<string, { readonly mark: Mark; readonly moment: Moment }>();
  #parts: Uint8Array = new Uint8Array(0);
  #sequence = 0;

  constructor(
    instrument: Dlt645Instrument,
    points: readonly ProfilePoint[],
    requests: readonly Dlt645Request[],
    { cadence, demanded, retriesLeft }: Pick<Dlt645Poll, 'cadence' | 'demanded' | 'retriesLeft'>,
  ) {
    this.#instrument = instrument;
    this.#points = points;
    this.#waiting = [...requests];
    this.cadence = cadence;
    this.demanded = demanded;
    this.retriesLeft = retriesLeft;
  }

  /** What is to be asked next; undefined when all has been. */
  get request(): Dlt645Request | undefined {
    return this.#waiting[0];
  }

  /** Which further part of its answer is asked for; undefined for the first. */
  get sequence(): number | undefined {
    return this.#sequence === 0 ? undefined : this.#sequence;
  }

  /** Bytes of its data that have not come. */
  get wanted(): number {
    return (this.request?.length ?? 0) - this.#parts.length;
  }

  /** Data came; `more`: another part of it is to be asked for. */
  take(data: Uint8Array, more: boolean, moment: Moment): void {
    this.#parts = Buffer.concat([this.#parts, data]);
    if (more) {
      this.#sequence += 1;
      return;
    }
    for (const field of this.request?.fields ?? []) {
      this.#read.set(field.point.id, readDlt645(field, this.#parts));
      this.#moments.set(field.point.id, moment);
    }
    this.#next();
  }

  /** The same is asked again, from its first part. */
  again(): void {
    this.#parts = new Uint8Array(0);
    this.#sequence = 0;
  }

  /** The values of a block are asked for one by one. */
  takeApart(requests: readonly Dlt645Request[]): void {
    this.#waiting.splice(0, 1, ...requests);
    this.again();
  }

  /** The request is given up. */
  fail(mark: Mark, moment: Moment): void {
    for (const { point } of this.request?.fields ?? []) this.#failures.set(point.id, { mark, moment });
    this.#next();
  }

  failAll(mark: Mark, moment: Moment): void {
    while (this.request) this.fail(mark, moment);
  }

  /** Every point of the poll, with its value or the reason for none. */
  readings(end: Moment): readonly Reading[] {
    const { profile } = this.#instrument;
    const decoded = decodeDlt645(profile, this.#points, this.#read, knownOf(this.#instrument));
    return this.#points.flatMap((point) => {
      const value = decoded.get(point.id);
      if (value) return readingOf(this.#instrument, point, value, this.#moments.get(point.id) ?? end);
      const { mark, moment } = this.#failureOf(point) ?? { mark: markOfFailure('no-bytes'), moment: end };
      return missing(this.#instrument, point, mark, moment);
    });
  }

  /** Why a point was not read: its own failure, or that of something it is made of. */
  #failureOf(point: ProfilePoint) {
    const under = everythingUnder(this.#instrument.profile, [point]);
    return [...under].map((id) => this.#failures.get(id)).find((failure) => failure !== undefined);
  }

  #next(): void {
    this.#waiting.shift();
    this.again();
  }
}
