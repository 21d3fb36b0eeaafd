import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Stream } from '../../record/record.ts';
import { hashOf, numberOf, placeOf, seqOf, textOf } from './database.ts';
import type { Epoch } from './epochs.ts';

/** Why entries are no longer held: let go by age, let go for room, or unreadable. A contract word each. */
export type GoneReason = 'expired' | 'disk-full' | 'lost';

/** A stretch of one epoch whose entries are no longer held; the chain goes on over it. */
export interface GoneStretch {
  readonly first: number;
  readonly last: number;
  /** Of the last entry, as is `site`, the number of its site version. */
  readonly committedAt: number;
  readonly site: number;
  readonly reason: string;
  /** Chain hash after `last`. */
  readonly hash: string;
}

/** What a stream no longer holds. Neighbours with one reason are one row, so years of retention take one. */
export class Gone {
  readonly #stream: Stream;
  readonly #from: StatementSync;
  readonly #back: StatementSync;
  readonly #insert: StatementSync;
  readonly #delete: StatementSync;

  constructor(database: DatabaseSync, stream: Stream) {
    this.#stream = stream;
    const row = 'SELECT last, entries, committed_at, site, reason, after FROM gone WHERE stream = ? AND';
    this.#from = database.prepare(`${row} last BETWEEN ? AND ? ORDER BY last LIMIT 1`);
    this.#back = database.prepare(`${row} last BETWEEN ? AND ? ORDER BY last DESC LIMIT ?`);
    this.#insert = database.prepare(
      'INSERT INTO gone (stream, last, entries, committed_at, site, reason, after) VALUES (?, ?, ?, ?, ?, ?, ?)',
    );
    this.#delete = database.prepare('DELETE FROM gone WHERE stream = ? AND last = ?');
  }

  /** The first stretch that ends at `seq` or later. */
  from(epoch: Epoch, seq: number): GoneStretch | undefined {
    const row = this.#from.get(this.#stream, placeOf(epoch.no, seq), placeOf(epoch.no + 1, 0) - 1);
    return row === undefined ? undefined : readStretch(row);
  }

  /** Stretches that end at or before `seq`, newest first. */
  back(epoch: Epoch, seq: number, limit: number): GoneStretch[] {
    return this.#back.all(this.#stream, placeOf(epoch.no, 0), placeOf(epoch.no, seq), limit).map(readStretch);
  }

  /** Enters a stretch, within the caller's transaction. */
  add(epoch: Epoch, stretch: GoneStretch): void {
    let { first, last, committedAt, site, hash } = stretch;
    const [before] = this.back(epoch, first - 1, 1);
    if (before?.last === first - 1 && before.reason === stretch.reason) {
      first = before.first;
      this.#delete.run(this.#stream, placeOf(epoch.no, before.last));
    }
    const after = this.from(epoch, last + 1);
    if (after?.first === last + 1 && after.reason === stretch.reason) {
      ({ last, committedAt, site, hash } = after);
      this.#delete.run(this.#stream, placeOf(epoch.no, after.last));
    }
    const place = placeOf(epoch.no, last);
    const entries = last - first + 1;
    this.#insert.run(this.#stream, place, entries, committedAt, site, stretch.reason, Buffer.from(hash, 'hex'));
  }
}

function readStretch(row: Record<string, unknown>): GoneStretch {
  const last = seqOf(numberOf(row.last));
  return {
    first: last - numberOf(row.entries) + 1,
    last,
    committedAt: numberOf(row.committed_at),
    site: numberOf(row.site),
    reason: textOf(row.reason),
    hash: hashOf(row.after),
  };
}
