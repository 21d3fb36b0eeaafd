import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { chainStart } from '../../record/chain.ts';
import type { Stream } from '../../record/record.ts';
import { hashesOver, pack } from './block.ts';
import { epochOf, hashOf, numberOf, placeOf, seqOf, textOf, transactLazily } from './database.ts';
import type { Epoch } from './epochs.ts';
import type { Gone } from './gone.ts';

/** Puts a block into its table, within the caller's transaction. */
type InsertBlock = (
  place: number,
  block: {
    entries: number;
    committedAt: number;
    site: number;
    before: string;
    after: string;
    body: string | Uint8Array;
  },
) => void;

/**
 * The rows of one stream in layout 1, of which every seal becomes a block: when it is read, and the rest little by
 * little when the store is idle. Memory holds one seal at a time (256 entries), and the opening only the tail.
 */
export class OlderLayout {
  readonly #database: DatabaseSync;
  readonly #stream: Stream;
  readonly #gone: Gone;
  readonly #insert: InsertBlock;
  readonly #from: StatementSync;
  readonly #back: StatementSync;
  readonly #entries: StatementSync;
  readonly #deleteEntries: StatementSync;
  readonly #deleteSeal: StatementSync;

  /** Undefined when the file holds no such rows (any more). */
  static of(database: DatabaseSync, stream: Stream, gone: Gone, insert: InsertBlock): OlderLayout | undefined {
    const table = database.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?").get(stream);
    return table === undefined ? undefined : new OlderLayout(database, stream, gone, insert);
  }

  private constructor(database: DatabaseSync, stream: Stream, gone: Gone, insert: InsertBlock) {
    this.#database = database;
    this.#stream = stream;
    this.#gone = gone;
    this.#insert = insert;
    const seal = `SELECT last, entries, committed_at, site, hash FROM ${stream}_seals`;
    this.#from = database.prepare(`${seal} WHERE last BETWEEN ? AND ? ORDER BY last LIMIT 1`);
    this.#back = database.prepare(`${seal} WHERE last BETWEEN ? AND ? ORDER BY last DESC LIMIT ?`);
    this.#entries = database.prepare(`SELECT place, entry FROM ${stream} WHERE place BETWEEN ? AND ? ORDER BY place`);
    this.#deleteEntries = database.prepare(`DELETE FROM ${stream} WHERE place BETWEEN ? AND ?`);
    this.#deleteSeal = database.prepare(`DELETE FROM ${stream}_seals WHERE last = ?`);
  }

  /** Turns the first seal that ends at `seq` or later round. */
  turnFrom(epoch: Epoch, seq: number): void {
    const row = this.#from.get(placeOf(epoch.no, seq), placeOf(epoch.no + 1, 0) - 1);
    if (row !== undefined) this.#turn(epoch, [row]);
  }

  /** Turns the newest seals that end at or before `seq` round. */
  turnBack(epoch: Epoch, seq: number, limit: number): void {
    this.#turn(epoch, this.#back.all(placeOf(epoch.no, 0), placeOf(epoch.no, seq), limit));
  }

  /**
   * Turns up to `limit` seals round, newest first. False when none is left; then the tables are dropped, and with them
   * entries that no seal covers, which were never told to anybody.
   */
  turnSome(epochs: readonly Epoch[], limit: number): boolean {
    const rows = this.#back.all(0, Number.MAX_SAFE_INTEGER, limit);
    if (rows.length === 0) {
      this.#database.exec(`DROP TABLE ${this.#stream}; DROP TABLE ${this.#stream}_seals`);
      return false;
    }
    const no = epochOf(numberOf(rows[0]?.last));
    const epoch = epochs.find((one) => one.no === no);
    if (epoch === undefined) throw new Error(`${this.#stream}: entries of epoch ${no}, which the store does not know`);
    this.#turn(
      epoch,
      rows.filter((row) => epochOf(numberOf(row.last)) === no),
    );
    return true;
  }

  #turn(epoch: Epoch, rows: readonly Record<string, unknown>[]): void {
    if (rows.length === 0) return;
    transactLazily(this.#database, () => {
      for (const row of rows) this.#turnOne(epoch, row);
    });
  }

  #turnOne(epoch: Epoch, row: Record<string, unknown>): void {
    const place = numberOf(row.last);
    const last = seqOf(place);
    const first = last - numberOf(row.entries) + 1;
    const shared = { committedAt: numberOf(row.committed_at), site: numberOf(row.site) };
    const texts: string[] = [];
    for (const { place: at, entry } of this.#entries.iterate(placeOf(epoch.no, first), place)) {
      if (seqOf(numberOf(at)) !== first + texts.length) break;
      texts.push(textOf(entry));
    }
    const before = this.#hashBefore(epoch, first);
    // What is missing under a seal is lost from there to its end: only there is the chain's hash known.
    const whole = texts.length === last - first + 1;
    const after = whole ? hashOf(row.hash) : (hashesOver(texts, before, first).at(-1) ?? before);
    const end = first + texts.length - 1;
    if (texts.length > 0) {
      this.#insert(placeOf(epoch.no, end), { entries: texts.length, ...shared, before, after, body: pack(texts) });
    }
    if (!whole) {
      this.#gone.add(epoch, { first: end + 1, last, ...shared, reason: 'lost', hash: hashOf(row.hash) });
    }
    this.#deleteEntries.run(placeOf(epoch.no, first), place);
    this.#deleteSeal.run(place);
  }

  /** The chain's hash before a seal: of the seal before it, which is older and so may not have been turned yet. */
  #hashBefore(epoch: Epoch, first: number): string {
    const [row] = this.#back.all(placeOf(epoch.no, 0), placeOf(epoch.no, first - 1), 1);
    if (row !== undefined && seqOf(numberOf(row.last)) === first - 1) return hashOf(row.hash);
    const block = this.#database
      .prepare(`SELECT after FROM ${this.#stream}_blocks WHERE last = ?`)
      .get(placeOf(epoch.no, first - 1));
    if (block !== undefined) return hashOf(block.after);
    const [gone] = this.#gone.back(epoch, first - 1, 1);
    if (gone?.last === first - 1) return gone.hash;
    return chainStart(epoch.gateway, this.#stream, epoch.id);
  }
}
