import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Entry } from '../../gateway/record/record.ts';
import { SeqSet } from '../../gateway/record/seq-set.ts';

/** One stream of one epoch of one gateway. */
export interface Place {
  readonly gateway: string;
  readonly stream: string;
  readonly epoch: string;
}

/** One row: the platform's word for one key. */
export interface ReceivedRow extends Place {
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

export interface Taken {
  readonly seq: number;
  readonly entry: Entry;
  readonly canonical: string;
  readonly hash: string;
}

const schema = `
  CREATE TABLE IF NOT EXISTS received (
    gateway TEXT, stream TEXT, epoch TEXT, seq INTEGER, hash TEXT NOT NULL, kind TEXT NOT NULL, late INTEGER NOT NULL,
    received_at INTEGER NOT NULL, copies INTEGER NOT NULL, entry TEXT, PRIMARY KEY (gateway, stream, epoch, seq)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS conflicts (
    gateway TEXT, stream TEXT, epoch TEXT, seq INTEGER, hash TEXT, entry TEXT NOT NULL,
    PRIMARY KEY (gateway, stream, epoch, seq, hash)
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
  /** Accounted for, per place: received, absent or refused. */
  readonly #have = new Map<string, { readonly place: Place; readonly set: SeqSet }>();

  constructor(file: string, keepsEntries: boolean) {
    this.#database = new DatabaseSync(file);
    this.#keepsEntries = keepsEntries;
    this.#database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
    this.#database.exec(schema);
    const known = `SELECT gateway, stream, epoch, seq AS first, seq AS last FROM received
      UNION ALL SELECT gateway, stream, epoch, seq, seq FROM refused
      UNION ALL SELECT gateway, stream, epoch, first, last FROM absent`;
    for (const row of this.#database.prepare(known).iterate()) {
      const { gateway, stream, epoch, first, last } = row as unknown as Place & { first: number; last: number };
      this.have({ gateway, stream, epoch }).add(first, last);
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
    const key = `${place.gateway}|${place.stream}|${place.epoch}`;
    const known = this.#have.get(key) ?? { place, set: new SeqSet() };
    this.#have.set(key, known);
    return known.set;
  }

  places(): Place[] {
    return [...this.#have.values()].map(({ place }) => place);
  }

  /** `conflict`: this key is there already with another hash; both are kept. */
  take(place: Place, { seq, entry, canonical, hash }: Taken, late: boolean, now: number): 'new' | 'again' | 'conflict' {
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
    if (this.#statement(again).run(...key, hash).changes === 1) return 'again';
    const conflict = 'INSERT INTO conflicts VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING';
    this.#statement(conflict).run(...key, hash, canonical);
    return 'conflict';
  }

  refuse(place: Place, seq: number, reason: string, hash: string): void {
    const insert = 'INSERT INTO refused VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING';
    this.#statement(insert).run(place.gateway, place.stream, place.epoch, seq, reason, hash);
  }

  isAbsent(place: Place, [first, last, reason, hash]: readonly [number, number, string, string]): void {
    const insert = 'INSERT INTO absent VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING';
    this.#statement(insert).run(place.gateway, place.stream, place.epoch, first, last, reason, hash);
  }

  /** Chain hash after that seq, where the platform can know it. */
  hashAfter({ gateway, stream, epoch }: Place, seq: number): string | undefined {
    const where = 'WHERE gateway=?1 AND stream=?2 AND epoch=?3';
    const sql = `SELECT hash FROM received ${where} AND seq=?4 UNION ALL SELECT hash FROM refused ${where} AND seq=?4
      UNION ALL SELECT hash FROM absent ${where} AND last=?4`;
    const row = this.#statement(sql).get(gateway, stream, epoch, seq);
    return row === undefined ? undefined : String(row.hash);
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
