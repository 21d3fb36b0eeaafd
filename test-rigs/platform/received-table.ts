import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Entry } from '../../gateway/record/record.ts';
import { SeqSet } from '../../gateway/record/seq-set.ts';
import { type Dispute, DisputeTable, stretchesOf } from './disputes/dispute-table.ts';

/** One stream of one epoch of one gateway. */
export interface Place {
  readonly gateway: string;
  readonly stream: string;
  readonly epoch: string;
}

/** One row: the platform's word for one key. */
interface ReceivedRow extends Place {
  readonly seq: number;
  readonly hash: string;
  readonly kind: string;
  /** 1 when it came late. */
  readonly late: number;
  /** Milliseconds since the epoch, by the platform's clock. */
  readonly received_at: number;
  /** How often it came. */
  readonly copies: number;
  /** Canonical JSON; null when the table keeps none. */
  readonly entry: string | null;
}

export function keyOf({ gateway, stream, epoch }: Place): string {
  return `${gateway}|${stream}|${epoch}`;
}

interface Taken {
  readonly seq: number;
  readonly entry: Entry;
  readonly canonical: string;
  readonly hash: string;
}

/** What became of an entry: `dispute` when its key is there already with another hash. */
export type Taking = 'new' | 'again' | 'dispute';

const schema = `
  CREATE TABLE IF NOT EXISTS received (
    gateway TEXT, stream TEXT, epoch TEXT, seq INTEGER, hash TEXT NOT NULL, kind TEXT NOT NULL, late INTEGER NOT NULL,
    received_at INTEGER NOT NULL, copies INTEGER NOT NULL, entry TEXT, PRIMARY KEY (gateway, stream, epoch, seq)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS conflicts (
    gateway TEXT, stream TEXT, epoch TEXT, seq INTEGER, hash TEXT, kind TEXT NOT NULL, entry TEXT NOT NULL,
    PRIMARY KEY (gateway, stream, epoch, seq, hash)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS ended (
    gateway TEXT, stream TEXT, epoch TEXT, by TEXT, last INTEGER NOT NULL, PRIMARY KEY (gateway, stream, epoch, by)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS absent (
    gateway TEXT, stream TEXT, epoch TEXT, first INTEGER, last INTEGER, reason TEXT NOT NULL, hash TEXT NOT NULL,
    PRIMARY KEY (gateway, stream, epoch, last, first)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS refused (
    gateway TEXT, stream TEXT, epoch TEXT, seq INTEGER, reason TEXT NOT NULL, hash TEXT NOT NULL,
    PRIMARY KEY (gateway, stream, epoch, seq)
  ) WITHOUT ROWID;`;

/** What the platform durably has: one row a key, and beside it what it cannot be at peace with. */
export class ReceivedTable {
  readonly #database: DatabaseSync;
  readonly #keepsEntries: boolean;
  readonly #statements = new Map<string, StatementSync>();
  #keys = 0;
  readonly disputes: DisputeTable;
  readonly #ends = new Map<string, { readonly by: string; readonly last: number }>();
  /** Accounted for, per place: received, absent or refused. */
  readonly #have = new Map<string, { readonly place: Place; readonly set: SeqSet }>();

  constructor(file: string, keepsEntries: boolean) {
    this.#database = new DatabaseSync(file);
    this.#keepsEntries = keepsEntries;
    this.#database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
    this.#database.exec(schema);
    this.disputes = new DisputeTable(this.#database);
    const known = `SELECT gateway, stream, epoch, seq AS first, seq AS last FROM received
      UNION ALL SELECT gateway, stream, epoch, seq, seq FROM refused
      UNION ALL SELECT gateway, stream, epoch, first, last FROM absent`;
    for (const row of this.#database.prepare(known).iterate()) {
      const { gateway, stream, epoch, first, last } = row as unknown as Place & { first: number; last: number };
      this.have({ gateway, stream, epoch }).add(first, last);
    }
    for (const row of this.#all('SELECT * FROM ended') as (Place & { by: string; last: number })[]) {
      this.#noteEnd(row, row.by, row.last);
    }
    this.#keys = this.totals().reduce((sum, { keys }) => sum + keys, 0);
  }

  /** Distinct keys it holds. */
  get keys(): number {
    return this.#keys;
  }

  /** Runs everything or nothing. */
  transaction(work: () => void): void {
    this.#database.exec('BEGIN');
    try {
      work();
      this.#database.exec('COMMIT');
    } catch (error) {
      this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  have(place: Place): SeqSet {
    const key = keyOf(place);
    const known = this.#have.get(key) ?? { place, set: new SeqSet() };
    this.#have.set(key, known);
    return known.set;
  }

  places(): Place[] {
    return [...this.#have.values()].map(({ place }) => place);
  }

  /** What came first stays, whatever comes again. */
  take(place: Place, { seq, entry, canonical, hash }: Taken, late: boolean, now: number): Taking {
    const key = [place.gateway, place.stream, place.epoch, seq] as const;
    const text = this.#keepsEntries ? canonical : null;
    const insert = 'INSERT INTO received VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1, ?) ON CONFLICT DO NOTHING';
    const { changes } = this.#statement(insert).run(...key, hash, entry.kind, late ? 1 : 0, now, text);
    if (changes === 1) {
      this.#keys++;
      return 'new';
    }
    const again =
      'UPDATE received SET copies = copies + 1 WHERE gateway=? AND stream=? AND epoch=? AND seq=? AND hash=?';
    return this.#statement(again).run(...key, hash).changes === 1 ? 'again' : 'dispute';
  }

  /** Keeps the other copy of a key, once. */
  dispute(place: Place, { seq, hash, canonical }: Omit<Taken, 'entry'>, kind: 'fork' | 'conflict'): void {
    const conflict = 'INSERT INTO conflicts VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING';
    this.#statement(conflict).run(place.gateway, place.stream, place.epoch, seq, hash, kind, canonical);
  }

  refuse(place: Place, seq: number, reason: string, hash: string): Taking {
    const insert = 'INSERT INTO refused VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING';
    const { gateway, stream, epoch } = place;
    if (this.#statement(insert).run(gateway, stream, epoch, seq, reason, hash).changes === 1) return 'new';
    return this.hashesAfter(place, seq).includes(hash) ? 'again' : 'dispute';
  }

  /** A later epoch says that this one ended there. */
  ended(place: Place, by: string, last: number): void {
    const insert = 'INSERT INTO ended VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING';
    this.#statement(insert).run(place.gateway, place.stream, place.epoch, by, last);
    this.#noteEnd(place, by, last);
  }

  /** Who said that this epoch ended, and after which seq; the lowest where several did. */
  endOf(place: Place): { readonly by: string; readonly last: number } | undefined {
    return this.#ends.get(keyOf(place));
  }

  #noteEnd(place: Place, by: string, last: number): void {
    const known = this.#ends.get(keyOf(place));
    if (known === undefined || last < known.last) this.#ends.set(keyOf(place), { by, last });
  }

  isAbsent(place: Place, [first, last, reason, hash]: readonly [number, number, string, string]): void {
    const insert = 'INSERT INTO absent VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING';
    this.#statement(insert).run(place.gateway, place.stream, place.epoch, first, last, reason, hash);
  }

  /** Chain hashes after that seq, where the platform can know any: of what came first, and of the other copies. */
  hashesAfter({ gateway, stream, epoch }: Place, seq: number): string[] {
    const where = 'WHERE gateway=?1 AND stream=?2 AND epoch=?3';
    const sql = `SELECT hash FROM received ${where} AND seq=?4 UNION ALL SELECT hash FROM refused ${where} AND seq=?4
      UNION ALL SELECT hash FROM absent ${where} AND last=?4 UNION ALL SELECT hash FROM conflicts ${where} AND seq=?4`;
    return this.#statement(sql)
      .all(gateway, stream, epoch, seq)
      .map(({ hash }) => String(hash));
  }

  /** Every row in the order of its key. */
  rows(): ReceivedRow[] {
    return this.#all('SELECT * FROM received') as ReceivedRow[];
  }

  totals(): { stream: string; keys: number; copies: number; late: number }[] {
    return this.#all(
      'SELECT stream, count(*) AS keys, sum(copies) AS copies, sum(late) AS late FROM received GROUP BY stream',
    ) as { stream: string; keys: number; copies: number; late: number }[];
  }

  conflicts(limit: number): (Place & { seq: number; hash: string })[] {
    const sql = `SELECT gateway, stream, epoch, seq, hash FROM conflicts LIMIT ${limit}`;
    return this.#all(sql) as (Place & { seq: number; hash: string })[];
  }

  /** The other copies of keys, by stretches, each with why. */
  disputedKeys(limit: number): Dispute[] {
    const sql = `SELECT DISTINCT kind, gateway, stream, epoch, seq FROM conflicts ORDER BY gateway, stream, epoch, kind, seq`;
    const found: Dispute[] = [];
    for (const one of stretchesOf(this.#statement(sql).iterate() as Iterable<never>)) {
      found.push(one);
      if (found.length >= limit) break;
    }
    return found;
  }

  count(table: 'conflicts' | 'refused'): number {
    return Number(this.#statement(`SELECT count(*) AS n FROM ${table}`).get()?.n);
  }

  absent(limit: number): (Place & { first: number; last: number; reason: string })[] {
    const sql = `SELECT gateway, stream, epoch, first, last, reason FROM absent LIMIT ${limit}`;
    return this.#all(sql) as (Place & { first: number; last: number; reason: string })[];
  }

  refusedOf({ gateway, stream, epoch }: Place, limit: number): [number, string][] {
    const sql = 'SELECT seq, reason FROM refused WHERE gateway=? AND stream=? AND epoch=? ORDER BY seq DESC LIMIT ?';
    const rows = this.#statement(sql).all(gateway, stream, epoch, limit);
    return rows.map(({ seq, reason }) => [Number(seq), String(reason)]);
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }

  #all(sql: string): unknown[] {
    return this.#statement(sql).all();
  }

  #statement(sql: string): StatementSync {
    const statement = this.#statements.get(sql) ?? this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}
