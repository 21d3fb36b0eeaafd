import { readStamp } from '../clock.ts';
import type { Reading } from '../reading/reading.ts';
import { canonicalJson } from '../record/canonical.ts';
import type { Committed, StreamRecord } from '../record/record.ts';
import type { SourceMark } from './delivery-port.ts';
import { RecordDropped } from './port.ts';

/**
 * What the open group may hold: entries are records and calls of `sample`, readings the numbers within them; readings
 * give way first. `records`: when only records are left and they are more than this, the oldest give way too.
 */
export interface GroupBound {
  readonly entries: number;
  readonly readings: number;
  readonly records: number;
}

/** A record that waits for its commit. */
export interface WaitingRecord {
  readonly record: StreamRecord;
  /** Its canonical text, taken when it came: what is committed cannot change under way. */
  readonly text: string;
  readonly resolve: (committed: Committed) => void;
  readonly reject: (error: RecordDropped) => void;
  /** It is part of what a mark tells of; see `addMarks`. */
  readonly isMarked?: boolean;
}

/** One call's readings that wait for their commit. */
export interface WaitingReadings {
  readonly readings: readonly Reading[];
  readonly resolve: (committed: Committed | 'dropped') => void;
  readonly isMarked?: boolean;
}

/** How far sources are heard with what waits: see `deliver`. */
export interface WaitingMarks {
  readonly marks: readonly SourceMark[];
  /** Canonical texts of records that are said anew, or first where a gap stands. */
  readonly revised: readonly string[];
  readonly resolve: (isDurable: boolean) => void;
}

/** Entries that are committed together, so that nobody waits for the key of a single one. */
export function unawaited(
  records: readonly StreamRecord[],
  samples: readonly (readonly Reading[])[],
): Pick<ClosedGroup, 'records' | 'readings'> {
  const ignored = (): void => undefined;
  return {
    records: records.map((record) => ({ record, text: canonicalJson(record), resolve: ignored, reject: ignored })),
    readings: samples.map((readings) => ({ readings, resolve: ignored })),
  };
}

/** What left the group for a commit. */
export interface ClosedGroup {
  readonly records: readonly WaitingRecord[];
  readonly readings: readonly WaitingReadings[];
  readonly marks: readonly WaitingMarks[];
}

/** What the bound took since the last time it was asked. */
export interface Dropped {
  readonly readings: number;
  readonly records: number;
  /** Wall time of the oldest and the newest of the readings, and of the records. */
  readonly readingsSpan: DroppedSpan | null;
  readonly recordsSpan: DroppedSpan | null;
}

/** Wall times. */
export interface DroppedSpan {
  readonly from: number;
  readonly to: number;
}

/** Two accounts of what was dropped as one. */
export function together(a: Dropped, b: Dropped): Dropped {
  const span = (one: DroppedSpan | null, other: DroppedSpan | null): DroppedSpan | null =>
    other === null ? one : widened(one, other.from, other.to);
  return {
    readings: a.readings + b.readings,
    records: a.records + b.records,
    readingsSpan: span(a.readingsSpan, b.readingsSpan),
    recordsSpan: span(a.recordsSpan, b.recordsSpan),
  };
}

const nothing: Dropped = { readings: 0, records: 0, readingsSpan: null, recordsSpan: null };

/**
 * What was taken and is not yet durable, oldest first. Past the bound the oldest readings are dropped and counted,
 * also when it is records that need the room; the oldest records only when they alone are too many. What a mark tells of is
 * never dropped, since its source would let go of it: there is little of it, for a source waits until it is heard.
 */
export class OpenGroup {
  readonly #bound: GroupBound;
  #records: WaitingRecord[] = [];
  #calls: WaitingReadings[] = [];
  #marks: WaitingMarks[] = [];
  #readings = 0;
  #dropped = nothing;

  constructor(bound: GroupBound) {
    this.#bound = bound;
  }

  get records(): number {
    return this.#records.length;
  }

  get calls(): number {
    return this.#calls.length;
  }

  get marks(): number {
    return this.#marks.length;
  }

  addRecord(waiting: WaitingRecord): void {
    this.#records.push(waiting);
    this.#keepBound();
  }

  addReadings(waiting: WaitingReadings): void {
    this.#calls.push(waiting);
    this.#readings += waiting.readings.length;
    this.#keepBound();
  }

  /** Behind the records and readings that it belongs to. */
  addMarks(waiting: WaitingMarks): void {
    this.#marks.push(waiting);
  }

  /** Takes out what waits in the streams that are due; both of them where marks wait, which are durable with what they tell of. */
  close(given: { readonly records: boolean; readonly samples: boolean }): ClosedGroup {
    const due = this.#marks.length > 0 ? { records: true, samples: true } : given;
    const closed = {
      records: due.records ? this.#records : [],
      readings: due.samples ? this.#calls : [],
      marks: this.#marks,
    };
    this.#marks = [];
    if (due.records) this.#records = [];
    if (due.samples) {
      this.#calls = [];
      this.#readings = 0;
    }
    return closed;
  }

  /** A commit failed: what it held waits again, before what came since. */
  putBack(closed: ClosedGroup): void {
    this.#records = [...closed.records, ...this.#records];
    this.#calls = [...closed.readings, ...this.#calls];
    this.#marks = [...closed.marks, ...this.#marks];
    for (const { readings } of closed.readings) this.#readings += readings.length;
    this.#keepBound();
  }

  /** What was dropped since it was last asked, to be told and recorded; null for nothing. */
  takeDropped(): Dropped | null {
    const dropped = this.#dropped;
    this.#dropped = nothing;
    return dropped === nothing ? null : dropped;
  }

  #keepBound(): void {
    const dropped = new Set<WaitingReadings>();
    let left = this.#readings;
    for (const call of this.#calls) {
      const entries = this.#records.length + this.#calls.length - dropped.size;
      if (left <= this.#bound.readings && entries <= this.#bound.entries) break;
      if (call.isMarked) continue;
      dropped.add(call);
      left -= call.readings.length;
    }
    if (dropped.size > 0) this.#calls = this.#calls.filter((call) => !dropped.has(call));
    this.#readings = left;
    for (const { readings, resolve } of dropped) {
      const { readings: sum, readingsSpan } = this.#dropped;
      const span = readings.reduce((whole, { at }) => widened(whole, at, at), readingsSpan);
      this.#dropped = { ...this.#dropped, readings: sum + readings.length, readingsSpan: span };
      resolve('dropped');
    }
    this.#keepRecordsBound();
  }

  #keepRecordsBound(): void {
    const tooMany = Math.max(0, this.#records.length - this.#bound.records);
    if (tooMany === 0) return;
    const dropped = new Set(this.#records.filter(({ isMarked }) => !isMarked).slice(0, tooMany));
    this.#records = this.#records.filter((waiting) => !dropped.has(waiting));
    for (const { record, reject } of dropped) {
      const { records, recordsSpan } = this.#dropped;
      const [from, to] = timesOf(record);
      this.#dropped = { ...this.#dropped, records: records + 1, recordsSpan: widened(recordsSpan, from, to) };
      reject(new RecordDropped(`the ${record.kind} record could not be kept: the disk failed for too long`));
    }
  }
}

function widened(span: DroppedSpan | null, from: number, to: number): DroppedSpan {
  return { from: Math.min(span?.from ?? from, from), to: Math.max(span?.to ?? to, to) };
}

/** Wall times from which and to which a record speaks. */
function timesOf(record: StreamRecord): [number, number] {
  const from = readStamp('from' in record ? record.from : record.at) ?? 0;
  if (record.kind === 'minute') return [from, from + 60_000];
  return [from, (record.kind === 'gap' ? readStamp(record.to) : undefined) ?? from];
}
