import { interpret, type Known, type ModbusBlock, type Raw, readModbus } from '../../device-profiles/decode.ts';
import type { ModbusProfile, ModbusRead, ProfilePoint } from '../../device-profiles/profile.ts';
import { readsOf } from '../../device-profiles/value/reads.ts';
import type { Mark, Reading } from '../reading/reading.ts';
import { type Instrument, type Moment, missing, readingOf } from './instrument.ts';

type ModbusInstrument = Instrument & { readonly profile: ModbusProfile };

interface Missed {
  readonly mark: Mark;
  readonly moment: Moment;
}

/**
 * What one poll brought: raw values as their answers come, readings when it is complete. A point may lean on values of
 * several answers (its scale, its unit, the state of the instrument), so none is decoded before.
 */
export class PollValues {
  readonly #instrument: ModbusInstrument;
  readonly #points: readonly ProfilePoint[];
  readonly #raws = new Map<string, Raw>();
  readonly #moments = new Map<string, Moment>();
  readonly #missed = new Map<string, Missed>();
  readonly #reads = new Map<string, readonly string[]>();

  constructor(instrument: ModbusInstrument, points: readonly ProfilePoint[]) {
    this.#instrument = instrument;
    this.#points = points;
  }

  /** Raw values by id, as far as they came. */
  get raws(): ReadonlyMap<string, Raw> {
    return this.#raws;
  }

  /** An answer came: what it holds. `block` begins at `start`. */
  take(reads: readonly ModbusRead[], block: ModbusBlock, start: number, moment: Moment): void {
    for (const read of reads) {
      this.#raws.set(read.id, readModbus(read, block, start));
      this.#moments.set(read.id, moment);
    }
  }

  /** A request brought nothing. */
  miss(reads: readonly { readonly id: string }[], mark: Mark, moment: Moment): void {
    for (const { id } of reads) this.#missed.set(id, { mark, moment });
  }

  /** A reading of every point: its value, or why there is none. `isRepeated`: points whose answer was no new sample. */
  readings(known: Known, isRepeated: (point: ProfilePoint) => boolean = () => false): Reading[] {
    const decoded = interpret(this.#instrument.profile, this.#points, this.#raws, known);
    return this.#points.flatMap((point) => {
      const one = decoded.get(point.id);
      if (one === undefined) return this.#missing(point);
      const moment = this.#momentOf(point);
      return moment === undefined || isRepeated(point) ? [] : readingOf(this.#instrument, point, one, moment);
    });
  }

  #missing(point: ProfilePoint): Reading[] {
    const missed = this.#under(point).flatMap((id) => this.#missed.get(id) ?? [])[0];
    return missed === undefined ? [] : missing(this.#instrument, point, missed.mark, missed.moment);
  }

  /** The moment of the point's own answer; of one that is made of several, the latest. */
  #momentOf(point: ProfilePoint): Moment | undefined {
    const own = this.#moments.get(point.id);
    if (own !== undefined) return own;
    const moments = this.#under(point).flatMap((id) => this.#moments.get(id) ?? []);
    return moments.reduce<Moment | undefined>(
      (latest, one) => (latest === undefined || one.monotonic > latest.monotonic ? one : latest),
      undefined,
    );
  }

  /** Ids of everything that is read for the point. */
  #under(point: ProfilePoint): readonly string[] {
    const known = this.#reads.get(point.id);
    if (known) return known;
    const ids = readsOf(this.#instrument.profile, [point]).map(({ id }) => id);
    this.#reads.set(point.id, ids);
    return ids;
  }
}
