import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Stream } from '../../record/record.ts';
import { type SeqRanges, SeqSet } from '../../record/seq-set.ts';
import { numberOf, placeOf, textOf, transactLazily } from './database.ts';
import type { Epoch } from './epochs.ts';

/**
 * Most ranges that are kept for one uplink, stream and epoch. Past it the newest are forgotten, which only means
 * that those entries are sent again.
 */
const mostRanges = 4096;

/** What one uplink has let go. Everything else that is committed is still claimed by it. */
export class Claims {
  readonly uplink: string;
  readonly #no: number;
  readonly #database: DatabaseSync;
  readonly #letGo = new Map<string, SeqSet>();
  readonly #write: StatementSync;
  readonly #writeRefused: StatementSync;
  readonly #countRefused: StatementSync;
  readonly #takeBackRefused: StatementSync;

  /** Reads what is known of the uplink; a new one claims everything the store holds. */
  constructor(database: DatabaseSync, uplink: string) {
    this.uplink = uplink;
    this.#database = database;
    database.prepare('INSERT INTO uplinks (id) VALUES (?) ON CONFLICT DO NOTHING').run(uplink);
    this.#no = numberOf(database.prepare('SELECT no FROM uplinks WHERE id = ?').get(uplink)?.no);
    for (const row of database.prepare('SELECT stream, epoch, let_go FROM claims WHERE uplink = ?').all(this.#no)) {
      const ranges: SeqRanges = JSON.parse(textOf(row.let_go));
      this.#letGo.set(`${textOf(row.stream)} ${numberOf(row.epoch)}`, new SeqSet(ranges));
    }
    this.#write = database.prepare(
      'INSERT INTO claims (uplink, stream, epoch, let_go) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET let_go = excluded.let_go',
    );
    this.#writeRefused = database.prepare(
      'INSERT INTO refused (uplink, stream, place, reason, refused_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
    );
    this.#takeBackRefused = database.prepare(
      'DELETE FROM refused WHERE uplink = ? AND stream = ? AND place BETWEEN ? AND ?',
    );
    this.#countRefused = database.prepare('SELECT count(*) AS refused FROM refused WHERE uplink = ?');
  }

  /** What has been let go of a stream in an epoch. The set is a copy. */
  letGo(stream: Stream, epoch: Epoch): SeqSet {
    return new SeqSet(this.#letGo.get(`${stream} ${epoch.no}`)?.ranges);
  }

  /** Lets go of these; durable with the next commit, or at once unless the power fails. */
  acknowledge(stream: Stream, epoch: Epoch, have: SeqRanges): void {
    this.#let(stream, epoch, have, () => undefined);
  }

  /** Lets go of one and sets it aside with the reason. */
  refuse(stream: Stream, epoch: Epoch, seq: number, reason: string, at: number): void {
    this.#let(stream, epoch, [[seq, seq]], () => {
      this.#writeRefused.run(this.#no, stream, placeOf(epoch.no, seq), reason, at);
    });
  }

  /** Claims these once more, also those that were set aside; gives back how many of them had been let go. */
  claimAgain(stream: Stream, epoch: Epoch, ranges: SeqRanges): number {
    const set = this.letGo(stream, epoch);
    const before = set.count;
    for (const [first, last] of ranges) set.delete(first, last);
    const taken = before - set.count;
    if (taken === 0) return 0;
    this.#keep(stream, epoch, set.ranges, () => {
      for (const [first, last] of ranges) {
        this.#takeBackRefused.run(this.#no, stream, placeOf(epoch.no, first), placeOf(epoch.no, last));
      }
    });
    return taken;
  }

  /** How many entries are set aside. */
  refused(): number {
    return numberOf(this.#countRefused.get(this.#no)?.refused);
  }

  #let(stream: Stream, epoch: Epoch, more: SeqRanges, alongside: () => void): void {
    const set = this.letGo(stream, epoch);
    for (const [first, last] of more) set.add(first, last);
    this.#keep(stream, epoch, set.ranges, alongside);
  }

  #keep(stream: Stream, epoch: Epoch, ranges: SeqRanges, alongside: () => void): void {
    const kept = ranges.slice(0, mostRanges);
    transactLazily(this.#database, () => {
      this.#write.run(this.#no, stream, epoch.no, JSON.stringify(kept));
      alongside();
    });
    // Only now: a failed write must leave memory and file in step.
    this.#letGo.set(`${stream} ${epoch.no}`, new SeqSet(kept));
  }
}
