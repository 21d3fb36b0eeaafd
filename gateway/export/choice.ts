import { readStamp, type WallTime } from '../clock.ts';
import type { ExportChoice } from '../contract/export/manifest.ts';
import type { Entry, SampleBlock, StreamRecord } from '../record/record.ts';

/** Kinds of the records stream, in the order in which they are offered. */
export const recordKinds = ['minute', 'hour', 'day', 'event', 'gap', 'state', 'site', 'audit', 'key'] as const;
/** Everything that can be asked for. */
export const exportKinds = [...recordKinds, 'samples'] as const;

/** Where a fact has its time, `[from, to)` in milliseconds; a moment has both alike. */
export function timeOf(entry: Entry): readonly [number, number] {
  if (entry.kind === 'samples') return timeOfBlock(entry);
  if (entry.kind === 'gap') return [moment(entry.from), moment(entry.to)];
  const at = moment('from' in entry ? entry.from : entry.at);
  return [at, at];
}

function timeOfBlock({ from, times }: SampleBlock): readonly [number, number] {
  const start = moment(from);
  return [start, start + (times.at(-1) ?? 0)];
}

function moment(stamp: string): number {
  return readStamp(stamp) ?? Number.NaN;
}

/**
 * What of the store an export takes. A period counts by its start, an event by its moment, a gap and a block of samples
 * where any of it lies in the range. `from` is in the range, `to` is not. Points, factors and instruments choose among
 * the entries that name one; a gap or an audit record names none, and explains what is missing, so it stays.
 */
export class Choice {
  readonly from: number;
  readonly to: number;
  readonly #kinds: ReadonlySet<string>;
  readonly #points: ReadonlySet<string> | null;
  readonly #factors: ReadonlySet<string> | null;
  readonly #instruments: ReadonlySet<string> | null;
  /** Points that the chosen instruments measure at: periods do not say which instrument they are of. */
  readonly #pointsOfInstruments: ReadonlySet<string> | null;

  constructor({ from, to, kinds, points, factors, instruments }: ExportChoice, pointsOfInstruments: readonly string[]) {
    this.from = from === null ? Number.NEGATIVE_INFINITY : moment(from);
    this.to = to === null ? Number.POSITIVE_INFINITY : moment(to);
    this.#kinds = new Set(kinds);
    this.#points = setOf(points);
    this.#factors = setOf(factors);
    this.#instruments = setOf(instruments);
    this.#pointsOfInstruments = instruments === null ? null : new Set(pointsOfInstruments);
  }

  get takesRecords(): boolean {
    return recordKinds.some((kind) => this.#kinds.has(kind));
  }

  get takesSamples(): boolean {
    return this.#kinds.has('samples');
  }

  /** Whether every record is taken, so that none has to be looked into. */
  get isWhole(): boolean {
    const isUnbounded = this.from === Number.NEGATIVE_INFINITY && this.to === Number.POSITIVE_INFINITY;
    const isUnchosen = this.#points === null && this.#factors === null && this.#instruments === null;
    return isUnbounded && isUnchosen && recordKinds.every((kind) => this.#kinds.has(kind));
  }

  takes(entry: Entry): boolean {
    // The samples stream begins every epoch with an audit record, which goes with the samples.
    if (!this.#kinds.has(entry.kind) && !(this.takesSamples && isBeginning(entry))) return false;
    const [start, end] = timeOf(entry);
    const isWithin = start === end ? start >= this.from && start < this.to : end > this.from && start < this.to;
    // What tells no time that can be read is not lost for that.
    if (!isWithin && !Number.isNaN(start)) return false;
    return entry.kind === 'samples' ? this.#takesBlock(entry) : this.#takesNamed(entry);
  }

  /** Whether one moment of a block of samples lies in the range. */
  takesMoment(time: WallTime): boolean {
    return time >= this.from && time < this.to;
  }

  /** Whether one series of a block is among the chosen ones. */
  takesSeries({ point, factor }: { readonly point: string; readonly factor: string }): boolean {
    return (this.#points?.has(point) ?? true) && (this.#factors?.has(factor) ?? true);
  }

  #takesBlock({ instrument, series }: SampleBlock): boolean {
    return (this.#instruments?.has(instrument) ?? true) && series.some((one) => this.takesSeries(one));
  }

  #takesNamed(entry: StreamRecord): boolean {
    const { point, factor, instrument } = entry as Named;
    if (point !== undefined && !(this.#points?.has(point) ?? true)) return false;
    if (factor !== undefined && !(this.#factors?.has(factor) ?? true)) return false;
    if (instrument !== undefined) return this.#instruments?.has(instrument) ?? true;
    return point === undefined || (this.#pointsOfInstruments?.has(point) ?? true);
  }
}

interface Named {
  readonly point?: string;
  readonly factor?: string;
  readonly instrument?: string;
}

function isBeginning(entry: Entry): boolean {
  return entry.kind === 'audit' && entry.action === 'epoch-begun';
}

function setOf(names: readonly string[] | null): ReadonlySet<string> | null {
  return names === null ? null : new Set(names);
}
