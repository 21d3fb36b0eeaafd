import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { type Stream, streams } from '../../../record/record.ts';
import { SeqSet } from '../../../record/seq-set.ts';
import { numberOf, placeOf, seqOf } from '../database.ts';
import type { Epoch } from '../epochs.ts';
import type { LetGo, Remains } from './remains.ts';

/** Rows looked at in one step. */
const rowsInStep = 2000;
/** Most stretches that are told one by one; what is lost beyond them is told with the last. */
const mostStretches = 200;

/** A stretch of entries that were committed once and could not be recovered. */
interface Loss {
  readonly stream: Stream;
  readonly epoch: string;
  readonly first: number;
  readonly last: number;
  /** Commit times around it, wall time; null where nothing stands before. */
  readonly after: number | null;
  readonly before: number;
  /** Some uplink has not let go of all of it: its platform may never have had it. */
  readonly owed: boolean;
}

/** Goes through what was taken over, in order and in steps, and finds the holes. */
export class Losses {
  readonly found: Loss[] = [];
  /** Entries in the holes. */
  entries = 0;
  /** Newest commit among the recovered records, wall time; null when there is none. */
  newestRecord: number | null = null;
  /** Last recovered seq of the newest epoch, per stream. */
  readonly last: { [stream in Stream]: number } = { records: 0, samples: 0 };
  readonly #todo: { stream: Stream; epoch: Epoch }[];
  readonly #rows: { readonly [stream in Stream]: StatementSync };
  readonly #remains: Remains;
  readonly #uplinks: readonly string[];
  #place = { seq: 0, committedAt: null as number | null };

  constructor(database: DatabaseSync, epochs: readonly Epoch[], remains: Remains, uplinks: readonly string[]) {
    this.#todo = epochs.flatMap((epoch) => streams.map((stream) => ({ stream, epoch })));
    const rows = (stream: Stream): StatementSync =>
      database.prepare(
        `SELECT last, entries, committed_at FROM ${stream}_blocks WHERE last > ? AND last < ? ORDER BY last LIMIT ${rowsInStep}`,
      );
    this.#rows = { records: rows('records'), samples: rows('samples') };
    this.#remains = remains;
    this.#uplinks = uplinks;
  }

  /** One step; false when all has been gone through. */
  step(): boolean {
    const [now] = this.#todo;
    if (now === undefined) return false;
    const { stream, epoch } = now;
    const rows = this.#rows[stream].all(placeOf(epoch.no, this.#place.seq), placeOf(epoch.no + 1, 0));
    for (const row of rows) {
      const last = seqOf(numberOf(row.last));
      const first = last - numberOf(row.entries) + 1;
      const committedAt = numberOf(row.committed_at);
      if (first > this.#place.seq + 1) this.#hole(stream, epoch, this.#place.seq + 1, first - 1, committedAt);
      this.#place = { seq: last, committedAt };
      if (stream === 'records') this.newestRecord = Math.max(this.newestRecord ?? 0, committedAt);
    }
    if (rows.length === rowsInStep) return true;
    this.last[stream] = this.#place.seq;
    this.#place = { seq: 0, committedAt: null };
    this.#todo.shift();
    return this.#todo.length > 0;
  }

  #hole(stream: Stream, epoch: Epoch, from: number, to: number, before: number): void {
    const meant = new SeqSet();
    for (const one of this.#remains.gone ?? []) {
      if (one.stream === stream && one.epochNo === epoch.no) meant.add(one.stretch.first, one.stretch.last);
    }
    for (const [first, last] of meant.missingWithin(from, to)) {
      this.entries += last - first + 1;
      const owed = this.#isOwed(stream, epoch, first, last);
      const loss = { stream, epoch: epoch.id, first, last, after: this.#place.committedAt, before, owed };
      const index = this.found.findLastIndex((one) => one.stream === stream);
      const newest = this.found[index];
      if (this.found.length < mostStretches || newest === undefined) this.found.push(loss);
      else this.found[index] = { ...newest, before: Math.max(newest.before, before), owed: newest.owed || owed };
    }
  }

  #isOwed(stream: Stream, epoch: Epoch, first: number, last: number): boolean {
    const { letGo } = this.#remains;
    if (letGo === undefined || this.#uplinks.length === 0) return true;
    const isOf = (uplink: string) => (one: LetGo) =>
      one.uplink === uplink && one.stream === stream && one.epochNo === epoch.no;
    return this.#uplinks.some(
      (uplink) => new SeqSet(letGo.find(isOf(uplink))?.ranges).missingWithin(first, last).length > 0,
    );
  }
}
