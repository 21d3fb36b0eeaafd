import type { Averaging } from '../averaging/averaging.ts';
import { type Clock, type LocalTime, readStamp, type WallTime } from '../clock.ts';
import type { Reading } from '../reading/reading.ts';
import type { EventRecord, PeriodRecord, StreamRecord } from '../record/record.ts';
import type { Delivery, DeliveryStore, MinuteOfSeries, Said, SourceMark } from '../store/delivery-port.ts';
import type { Store } from '../store/port.ts';

/** What a source told at once and keeps until it hears that it is durable. */
export interface KeptRow {
  readonly boot: number;
  readonly seq: number;
  /** Judged, all of one moment; empty where nobody knows when it was measured. */
  readonly readings: readonly Reading[];
  /** What stands in the records before it. */
  readonly records: readonly Omit<EventRecord, 'at'>[];
}

/** Told what became of what a source keeps. */
interface KeptListener {
  /** Everything up to there is durable. */
  had(mark: SourceMark): void;
  /** What was taken of the source beyond `upTo` is forgotten, since the clock moved or the store failed: it has to come again. */
  forgotten(source: string, upTo: SourceMark | null): void;
}

interface KeptRowsOptions {
  readonly clock: Clock;
  readonly localTime: LocalTime;
  readonly store: Pick<Store, 'append'> & DeliveryStore;
  /** Undefined while the time is not known. */
  readonly averaging: () => Averaging | undefined;
  readonly onRecord: (record: StreamRecord) => void;
}

/** Rows that may wait here of one source; it has more of them, and sends again. */
const mostOfSource = 60;

interface Source {
  /** In the order of the source, which is that of (boot, seq). */
  waiting: KeptRow[];
  /** Those that are in a minute that is open. */
  open: KeptRow[];
  /** The last that is in a delivery, durable or on its way. */
  given: SourceMark | null;
  isBusy: boolean;
}

const minute = 60_000;
const momentOf = ({ readings }: KeptRow): number => readings[0]?.at ?? Number.NEGATIVE_INFINITY;

/**
 * Between sources that keep their own readings and the record: every row becomes part of exactly one word on its minute,
 * and the mark that it is had is durable in the same transaction as that word. A row of the open minute goes into it, and is
 * had when the minute is closed; a row that comes later makes a revision of its minute, or its first record where no
 * gateway ran. Until then the source still has it: what a power cut takes from here comes again, and is no second time.
 */
export class KeptRows {
  readonly #options: KeptRowsOptions;
  readonly #sources = new Map<string, Source>();
  readonly #listeners = new Set<KeptListener>();
  #generation = 0;

  constructor(options: KeptRowsOptions) {
    this.#options = options;
  }

  /** Everybody who listens is told of every source. */
  listen(listener: KeptListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Whether so many rows more of a source would be taken now. */
  hasRoom(source: string, rows: number): boolean {
    const { waiting = [], open = [] } = this.#sources.get(source) ?? {};
    return this.#options.averaging() !== undefined && waiting.length + open.length + rows <= mostOfSource;
  }

  /** Takes rows of a source, in its order; false when they cannot be taken now, and the source is to send them again. */
  take(source: string, rows: readonly KeptRow[]): boolean {
    if (!this.hasRoom(source, rows.length)) return false;
    const one = this.#sources.get(source) ?? { waiting: [], open: [], given: null, isBusy: false };
    this.#sources.set(source, one);
    one.waiting.push(...rows);
    this.#goOn(source, one);
    return true;
  }

  /** Averaging made these, in order: they are appended, and what is had with them goes with them. */
  emit(records: readonly StreamRecord[]): void {
    const { store, onRecord } = this.#options;
    const border = endOf(records);
    const closed: KeptRow[] = [];
    const marks: SourceMark[] = [];
    for (const [source, one] of this.#sources) {
      const still = one.open.findIndex((row) => momentOf(row) >= border);
      const done = one.open.splice(0, still < 0 ? one.open.length : still);
      const last = done.at(-1);
      if (last === undefined) continue;
      closed.push(...done);
      one.given = { source, boot: last.boot, seq: last.seq };
      marks.push(one.given);
    }
    if (marks.length === 0) for (const record of records) store.append(record).catch(() => undefined);
    else {
      const before = closed.flatMap((row) => this.#stamped(row));
      const samples = closed.map(({ readings }) => readings);
      void this.#deliver({ records: [...before, ...records], late: [], samples, marks });
    }
    for (const record of records) onRecord(record);
    // What waits for a minute to be closed goes on when averaging is through with it.
    queueMicrotask(() => {
      for (const [source, one] of this.#sources) this.#goOn(source, one);
    });
  }

  /** The clock moved: the moments of what waits were told by the other time. `isBack`: what is in open minutes is dropped with them. */
  moved(isBack: boolean): void {
    this.#generation += 1;
    for (const [source, one] of this.#sources) {
      const last = isBack ? undefined : one.open.at(-1);
      if (isBack) one.open = [];
      one.waiting = [];
      this.#forget(source, last === undefined ? one.given : { source, boot: last.boot, seq: last.seq });
    }
  }

  /** Nothing more is taken: the sources still have what is not durable. */
  stop(): void {
    this.#generation += 1;
    this.#sources.clear();
  }

  #goOn(source: string, one: Source): void {
    const averaging = this.#options.averaging();
    if (averaging === undefined || one.isBusy) return;
    for (let row = one.waiting[0]; row !== undefined; row = one.waiting[0]) {
      if (!this.#isOpen(row, averaging)) {
        // In its order: first what is open has to be had.
        if (one.open.length > 0) return;
        const next = one.waiting.findIndex((other) => this.#isOpen(other, averaging));
        const rows = one.waiting.splice(0, next < 0 ? one.waiting.length : next);
        one.isBusy = true;
        void this.#deliverLate(source, one, rows, averaging).then(() => {
          one.isBusy = false;
          if (this.#sources.get(source) === one) this.#goOn(source, one);
        });
        return;
      }
      const last = one.open.at(-1);
      if (last !== undefined && momentOf(row) < momentOf(last)) return;
      one.waiting.shift();
      one.open.push(row);
      averaging.take(row.readings);
    }
  }

  /** Whether it goes into a minute that is still open. */
  #isOpen(row: KeptRow, averaging: Averaging): boolean {
    if (momentOf(row) < averaging.from) return false;
    return row.readings.some(({ point, factor }) => averaging.expects(point, factor));
  }

  async #deliverLate(source: string, one: Source, rows: readonly KeptRow[], averaging: Averaging): Promise<void> {
    const { store, onRecord } = this.#options;
    const generation = this.#generation;
    const groups = groupsOf(rows, averaging);
    const asked = groups.filter(({ from }) => averaging.labels.isSaid(from));
    const said = asked.length === 0 ? [] : await store.said(asked);
    const last = rows.at(-1) as KeptRow;
    if (generation !== this.#generation) return;
    if (said === null) {
      // What waits behind it must not be had before it.
      one.waiting = [];
      this.#forget(source, one.given);
      return;
    }
    const answers = new Map(asked.map((group, index) => [group, said[index] ?? 'unknown']));
    const late: PeriodRecord[] = [];
    for (const group of groups) {
      const record = this.#revised(group, answers.get(group) ?? { gap: 0 }, averaging);
      if (record === null) group.isPlaced = false;
      else late.push(record);
    }
    one.given = { source, boot: last.boot, seq: last.seq };
    const records = [...rows.flatMap((row) => this.#stamped(row)), ...this.#lateEvents(groups)];
    const samples = rows.map(({ readings }) => readings).filter(({ length }) => length > 0);
    if (!(await this.#deliver({ records, late, samples, marks: [one.given] }))) return;
    // The page shows the newest minute; one before it is not that.
    for (const record of late) if (record.from === this.#newest(averaging)) onRecord(record);
  }

  #revised({ from, readings }: Group, said: Said, averaging: Averaging): PeriodRecord | null {
    return said === 'unknown' ? null : averaging.revise(from as WallTime, said, readings);
  }

  #newest(averaging: Averaging): string {
    return this.#options.localTime.stamp((averaging.from - minute) as WallTime);
  }

  /** One for each instrument: which minutes change, and by how many readings. */
  #lateEvents(groups: readonly Group[]): EventRecord[] {
    const { localTime, clock } = this.#options;
    const at = localTime.stamp(clock.wall());
    return [...Map.groupBy(groups, ({ instrument }) => instrument)].map(([instrument, own]) => {
      const minutes = own.map(({ from }) => from);
      const count = (some: readonly Group[]): number => some.reduce((sum, { readings }) => sum + readings.length, 0);
      const unplaced = count(own.filter(({ isPlaced }) => !isPlaced));
      const details = {
        from: localTime.stamp(Math.min(...minutes) as WallTime),
        to: localTime.stamp((Math.max(...minutes) + minute) as WallTime),
        readings: count(own),
        ...(unplaced > 0 && { unplaced }),
      };
      return { kind: 'event', at, event: 'late-readings', instrument, details, revision: 1 };
    });
  }

  #stamped({ records }: KeptRow): EventRecord[] {
    const at = this.#options.localTime.stamp(this.#options.clock.wall());
    return records.map((record) => ({ ...record, at }));
  }

  async #deliver(delivery: Delivery): Promise<boolean> {
    const isDurable = await this.#options.store.deliver(delivery);
    if (!isDurable) return false;
    for (const mark of delivery.marks) for (const listener of this.#listeners) listener.had(mark);
    return true;
  }

  #forget(source: string, upTo: SourceMark | null): void {
    for (const listener of this.#listeners) listener.forgotten(source, upTo);
  }
}

/** Where the minutes among these end; what else there is closes none. */
function endOf(records: readonly StreamRecord[]): number {
  const ends = records.map((one) => (one.kind === 'minute' ? (readStamp(one.from) ?? 0) + minute : 0));
  return Math.max(0, ...ends);
}

/** Readings of one series in one minute that is closed. */
interface Group extends MinuteOfSeries {
  readonly instrument: string;
  readonly readings: Reading[];
  /** False where it could not be told what was said of the minute. */
  isPlaced: boolean;
}

function groupsOf(rows: readonly KeptRow[], averaging: Averaging): Group[] {
  const groups = new Map<string, Group>();
  for (const reading of rows.flatMap(({ readings }) => readings)) {
    const { point, factor, instrument, at } = reading;
    if (!averaging.expects(point, factor)) continue;
    const from = Math.floor(at / minute) * minute;
    const key = `${from} ${point} ${factor}`;
    const group = groups.get(key) ?? { from, point, factor, instrument, readings: [], isPlaced: true };
    group.readings.push(reading);
    groups.set(key, group);
  }
  return [...groups.values()];
}
