import type { Reading } from '../reading/reading.ts';
import type { Committed, StreamRecord } from '../record/record.ts';

/** What the open group may hold: entries are records and calls of `sample`, readings the numbers within them. */
export interface GroupBound {
  readonly entries: number;
  readonly readings: number;
}

/** A record that waits for its commit. */
export interface WaitingRecord {
  readonly record: StreamRecord;
  /** Its canonical text, taken when it came: what is committed cannot change under way. */
  readonly text: string;
  readonly resolve: (committed: Committed) => void;
}

/** One call's readings that wait for their commit. */
export interface WaitingReadings {
  readonly readings: readonly Reading[];
  readonly resolve: (committed: Committed | 'dropped') => void;
}

/** What left the group for a commit. */
export interface ClosedGroup {
  readonly records: readonly WaitingRecord[];
  readonly readings: readonly WaitingReadings[];
}

/** Readings that the bound took since the last time it was asked. */
export interface Dropped {
  readonly readings: number;
  /** Wall time of the oldest and the newest among them. */
  readonly from: number;
  readonly to: number;
}

/**
 * What was taken and is not yet durable, oldest first. Past the bound the oldest readings are dropped and counted,
 * also when it is records that need the room; records are never dropped.
 */
export class OpenGroup {
  readonly #bound: GroupBound;
  #records: WaitingRecord[] = [];
  #calls: WaitingReadings[] = [];
  #readings = 0;
  #dropped: Dropped | null = null;

  constructor(bound: GroupBound) {
    this.#bound = bound;
  }

  get records(): number {
    return this.#records.length;
  }

  get calls(): number {
    return this.#calls.length;
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

  /** Takes out what waits in the streams that are due. */
  close(due: { readonly records: boolean; readonly samples: boolean }): ClosedGroup {
    const closed = { records: due.records ? this.#records : [], readings: due.samples ? this.#calls : [] };
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
    for (const { readings } of closed.readings) this.#readings += readings.length;
    this.#keepBound();
  }

  /** What was dropped since it was last asked, to be told and recorded; null for nothing. */
  takeDropped(): Dropped | null {
    const dropped = this.#dropped;
    this.#dropped = null;
    return dropped;
  }

  #keepBound(): void {
    let surplus = 0;
    let left = this.#readings;
    while (surplus < this.#calls.length) {
      const entries = this.#records.length + this.#calls.length - surplus;
      if (left <= this.#bound.readings && entries <= this.#bound.entries) break;
      left -= this.#calls[surplus]?.readings.length ?? 0;
      surplus += 1;
    }
    if (surplus === 0) return;
    this.#readings = left;
    for (const { readings, resolve } of this.#calls.splice(0, surplus)) {
      this.#count(readings);
      resolve('dropped');
    }
  }

  #count(readings: readonly Reading[]): void {
    let { readings: sum, from, to } = this.#dropped ?? { readings: 0, from: Infinity, to: -Infinity };
    for (const { at } of readings) {
      sum += 1;
      from = Math.min(from, at);
      to = Math.max(to, at);
    }
    this.#dropped = { readings: sum, from, to };
  }
}
