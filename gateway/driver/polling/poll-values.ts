import {
  type Decoded,
  interpret,
  type Known,
  type ModbusBlock,
  type Raw,
  readModbus,
} from '../../../device-profiles/decode.ts';
import { readsOf } from '../../../device-profiles/modbus/reads.ts';
import type { ModbusProfile, ModbusRead, ProfilePoint } from '../../../device-profiles/profile.ts';
import type { Mark, Reading } from '../../reading/reading.ts';
import { type Instrument, type Moment, missing, readingOf } from '../instrument.ts';

export type ModbusInstrument = Instrument & { readonly profile: ModbusProfile };

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
  readonly #raws: Map<string, Raw>;
  readonly #moments = new Map<string, Moment>();
  readonly #missed = new Map<string, Missed>();

  /** `before`: raw values that hold until others come. */
  constructor(
    instrument: ModbusInstrument,
    points: readonly ProfilePoint[],
    before: ReadonlyMap<string, Raw> = new Map(),
  ) {
    this.#instrument = instrument;
    this.#points = points;
    this.#raws = new Map(before);
  }

  /** Raw values by id, as far as they came. */
  get raws(): ReadonlyMap<string, Raw> {
    return this.#raws;
  }

  /** Ids of the raw values that came just now, and when. */
  get read(): ReadonlyMap<string, Moment> {
    return this.#moments;
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
    for (const { id } of reads) {
      this.#missed.set(id, { mark, moment });
      this.#raws.delete(id);
    }
  }

  /** What the points mean, as far as they were read. */
  decode(known: Known): ReadonlyMap<string, Decoded> {
    return interpret(this.#instrument.profile, this.#points, this.#raws, known);
  }

  /** A reading of every point but the `repeated` ones: its value, or why there is none. */
  readings(
    decoded: ReadonlyMap<string, Decoded>,
    repeated: ReadonlySet<string>,
    momentOf: (point: ProfilePoint, read: Moment) => Moment,
  ): Reading[] {
    return this.#points.flatMap((point) => {
      const one = decoded.get(point.id);
      if (one === undefined) return this.#missing(point);
      const moment = repeated.has(point.id) ? undefined : this.#momentOf(point);
      return moment === undefined ? [] : readingOf(this.#instrument, point, one, momentOf(point, moment));
    });
  }

  #missing(point: ProfilePoint): Reading[] {
    const missed = this.#readFor(point).flatMap((id) => this.#missed.get(id) ?? [])[0];
    return missed === undefined ? [] : missing(this.#instrument, point, missed.mark, missed.moment);
  }

  /** The moment of the point's own answer; of one that is made of several, the latest. */
  #momentOf(point: ProfilePoint): Moment | undefined {
    const own = this.#moments.get(point.id);
    if (own !== undefined) return own;
    const moments = this.#readFor(point).flatMap((id) => this.#moments.get(id) ?? []);
    return moments.reduce<Moment | undefined>(
      (latest, one) => (latest === undefined || one.monotonic > latest.monotonic ? one : latest),
      undefined,
    );
  }

  /** Ids of everything that is read for the point. */
  #readFor(point: ProfilePoint): string[] {
    return readsOf(this.#instrument.profile, [point]).map(({ id }) => id);
  }
}
