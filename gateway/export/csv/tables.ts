import { type FactorCode, factors } from '../../../device-profiles/factors.ts';
import type { LocalTime, WallTime } from '../../clock.ts';
import { canonicalJson } from '../../record/canonical.ts';
import type { Entry, PeriodRecord, SampleBlock, StreamRecord } from '../../record/record.ts';
import { type Choice, timeOf } from '../choice.ts';
import { type Cell, timeCells } from './cells.ts';
import type { TableWords } from './table-words.ts';

/** Where a row stands in the chain. */
export interface RowPlace {
  readonly epoch: string;
  readonly seq: number;
  /** When the entry was committed, milliseconds; asked for only where it may be late. */
  committedAt(): number;
}

/** Rows of one table. */
export interface Rows {
  /** Name of the table, and of its files. */
  readonly table: string;
  readonly headings: () => readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

const lengths = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;
/** A record that is made longer after the end of its period than this is late. */
const lateAfter = 300_000;

/** Puts entries into tables: one for each kind of period and factor, one for all that happened, one for each factor's readings. */
export class Tables {
  readonly #words: TableWords;
  readonly #language: 'zh' | 'en';
  readonly #localTime: LocalTime;
  readonly #choice: Choice;

  constructor(words: TableWords, language: 'zh' | 'en', localTime: LocalTime, choice: Choice) {
    this.#words = words;
    this.#language = language;
    this.#localTime = localTime;
    this.#choice = choice;
  }

  /** The headings of a table by its name, whether it has rows or not. */
  headingsOf(table: string): readonly string[] {
    const [, kind, factor = ''] = /^([a-z]+)-(.+)$/.exec(table) ?? [];
    if (kind === undefined) return this.#happeningHeadings();
    const code = factor as FactorCode;
    if (kind === 'samples') return this.#sampleHeadings(code);
    return this.#periodHeadings(code, factors[code]?.average === 'counter');
  }

  rowsOf(entry: Entry, place: RowPlace): readonly Rows[] {
    if (entry.kind === 'samples') return this.#samples(entry, place);
    return [isPeriod(entry) ? this.#period(entry, place) : this.#happening(entry, place)];
  }

  #period(period: PeriodRecord, place: RowPlace): Rows {
    const { kind, factor, from, point, average, minimum, maximum, total, count, expected } = period;
    const { flag, reason, basis, origin, revision } = period;
    const isCounter = factors[factor]?.average === 'counter';
    const isLate = place.committedAt() - (timeOf(period)[0] + lengths[kind]) > lateAfter;
    const values = [average, minimum, maximum, ...(isCounter ? [total ?? null] : [])];
    const marks = [count, expected, flag, reason, basis, origin, revision, isLate ? 1 : 0, place.epoch, place.seq];
    return {
      table: `${kind}-${fileWord(factor)}`,
      headings: () => this.#periodHeadings(factor, isCounter),
      rows: [[...timeCells(from), point, ...values, ...marks]],
    };
  }

  #periodHeadings(factor: FactorCode, isCounter: boolean): string[] {
    const words = this.#words;
    const value = this.#quantity(factor);
    const values = [isCounter ? words.reading : words.average, words.minimum, words.maximum];
    if (isCounter) values.push(words.total);
    const { count, expected, flag, reason, basis, origin, revision, late, epoch, seq } = words;
    const marks = [count, expected, flag, reason, basis, origin, revision, late, epoch, seq];
    return [words.start, words.offset, words.point, ...values.map(value), ...marks];
  }

  /** A heading with the quantity and its unit: `PM10 average (µg/m³)`. */
  #quantity(factor: FactorCode): (what: string) => string {
    const known = factors[factor];
    const name = known?.[this.#language] ?? factor;
    const unit = known === undefined || known.unit === '' ? '' : ` (${known.unit})`;
    return (what) => `${name} ${what}${unit}`;
  }

  #samples(block: SampleBlock, { epoch, seq }: RowPlace): Rows[] {
    const { instrument, from, times, series, values, flags } = block;
    const start = timeOf(block)[0];
    const marks = new Map(block.reasons.map(([row, time, reason, basis]) => [`${row}|${time}`, [reason, basis]]));
    const stamps = times.map((after) => (start + after) as WallTime);
    return series.flatMap((one, row) => {
      if (!this.#choice.takesSeries(one)) return [];
      const rows = stamps.flatMap((time, column): Cell[][] => {
        if (!this.#choice.takesMoment(time)) return [];
        const [reason = null, basis = null] = marks.get(`${row}|${column}`) ?? [];
        const stamp = column === 0 ? from : this.#localTime.stamp(time);
        const value = values[row]?.[column] ?? null;
        const mark = [flags[row]?.[column] ?? null, reason, basis, one.origin];
        return [[...timeCells(stamp), one.point, instrument, value, ...mark, epoch, seq]];
      });
      return [{ table: `samples-${fileWord(one.factor)}`, headings: () => this.#sampleHeadings(one.factor), rows }];
    });
  }

  #sampleHeadings(factor: FactorCode): string[] {
    const { time, offset, point, instrument, value, flag, reason, basis, origin, epoch, seq } = this.#words;
    return [time, offset, point, instrument, this.#quantity(factor)(value), flag, reason, basis, origin, epoch, seq];
  }

  #happening(entry: Exclude<StreamRecord, PeriodRecord>, { epoch, seq }: RowPlace): Rows {
    const row = { ...nothing, ...rowOfHappening(entry) };
    const { what, point, factor, instrument, reason, basis, who, details } = row;
    const start = timeCells('from' in entry ? entry.from : entry.at);
    const end = 'to' in entry ? timeCells(entry.to)[0] : null;
    const about = [entry.kind, what, point, factor, instrument, reason, basis, who, details, entry.revision];
    return {
      table: 'events',
      headings: () => this.#happeningHeadings(),
      rows: [[...start, end, ...about, epoch, seq]],
    };
  }

  #happeningHeadings(): string[] {
    const { time, offset, end, kind, what, point, factor, instrument, reason, basis, who, details } = this.#words;
    const { revision, epoch, seq } = this.#words;
    const about = [kind, what, point, factor, instrument, reason, basis, who, details, revision];
    return [time, offset, end, ...about, epoch, seq];
  }
}

const nothing = {
  what: null as Cell,
  point: null as Cell,
  factor: null as Cell,
  instrument: null as Cell,
  reason: null as Cell,
  basis: null as Cell,
  who: null as Cell,
  details: null as Cell,
};

function isPeriod(entry: StreamRecord): entry is PeriodRecord {
  return entry.kind === 'minute' || entry.kind === 'hour' || entry.kind === 'day';
}

function rowOfHappening(entry: Exclude<StreamRecord, PeriodRecord>): Partial<typeof nothing> {
  switch (entry.kind) {
    case 'event': {
      const { event: what, point = null, factor = null, instrument = null, details } = entry;
      return { what, point, factor, instrument, details: canonicalJson(details) };
    }
    case 'gap':
      return { what: 'gap', reason: entry.reason, basis: entry.basis };
    case 'state': {
      const { state: what, instrument, reason, parameters } = entry;
      return { what, instrument, reason, details: canonicalJson(parameters) };
    }
    case 'audit':
      return { what: entry.action, who: entry.who, details: canonicalJson(entry.details) };
    case 'site':
      return { what: entry.version, details: canonicalJson(entry.document) };
    case 'key':
      return {
        what: entry.publicKey,
        details: canonicalJson({ previous: entry.previous, signature: entry.signature }),
      };
  }
  // A kind of a later version: whole, so that nothing of it is lost.
  return { details: canonicalJson(entry) };
}

/** A factor in a file name that every medium takes. */
function fileWord(factor: string): string {
  return factor.toLowerCase().replaceAll(/[^a-z0-9.-]/g, '-');
}
