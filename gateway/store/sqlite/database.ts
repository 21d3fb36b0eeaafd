import { DatabaseSync } from 'node:sqlite';

/** Layout version of the database file, kept in `user_version`. */
export const schemaVersion = 1;

/*
 * A place is epoch number * 2^36 + seq, so that one integer key orders all entries of a stream and rows are only ever
 * added at the right edge of their tree. A seal closes the entries of one commit (at most `sealLength` of them) and
 * holds what they share: commit time, site version and the chain's hash after the last. Hashes within a seal are recomputed.
 */
const schema = `
  CREATE TABLE epochs (no INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, gateway TEXT NOT NULL, begun_at INTEGER NOT NULL, why TEXT NOT NULL) STRICT;
  CREATE TABLE sites (no INTEGER PRIMARY KEY, version TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE records (place INTEGER PRIMARY KEY, entry ANY NOT NULL) STRICT;
  CREATE TABLE samples (place INTEGER PRIMARY KEY, entry ANY NOT NULL) STRICT;
  CREATE TABLE records_seals (last INTEGER PRIMARY KEY, entries INTEGER NOT NULL, committed_at INTEGER NOT NULL, site INTEGER NOT NULL, hash BLOB NOT NULL) STRICT;
  CREATE TABLE samples_seals (last INTEGER PRIMARY KEY, entries INTEGER NOT NULL, committed_at INTEGER NOT NULL, site INTEGER NOT NULL, hash BLOB NOT NULL) STRICT;
  CREATE TABLE uplinks (no INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE claims (uplink INTEGER NOT NULL, stream TEXT NOT NULL, epoch INTEGER NOT NULL, let_go TEXT NOT NULL, PRIMARY KEY (uplink, stream, epoch)) STRICT, WITHOUT ROWID;
  CREATE TABLE refused (uplink INTEGER NOT NULL, stream TEXT NOT NULL, place INTEGER NOT NULL, reason TEXT NOT NULL, refused_at INTEGER NOT NULL, PRIMARY KEY (uplink, stream, place)) STRICT, WITHOUT ROWID;
  CREATE TABLE covered (one INTEGER PRIMARY KEY CHECK (one = 1), until INTEGER NOT NULL) STRICT;
`;

/** Most entries under one seal: what has to be hashed again, at worst, to cut a span at any seq. */
export const sealLength = 256;

const epochSize = 2 ** 36;

/** The key of an entry within its stream's table. */
export function placeOf(epochNo: number, seq: number): number {
  return epochNo * epochSize + seq;
}

/** The seq of a place in its epoch. */
export function seqOf(place: number): number {
  return place % epochSize;
}

/** What SQLite says is wrong with a statement or a file. */
export interface SqliteFault {
  readonly message: string;
  /** The file is no database or a damaged one (SQLITE_CORRUPT, SQLITE_NOTADB). */
  readonly corrupt: boolean;
}

/** Reads an error thrown by SQLite; undefined when it is another kind of error, which is our own mistake. */
export function sqliteFault(error: unknown): SqliteFault | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return undefined;
  const primary = error.errcode & 0xff;
  return { message: `${error.message} (SQLite ${error.errcode})`, corrupt: primary === 11 || primary === 26 };
}

/**
 * Opens the file for durable use. With pages of 1 KiB a small commit writes a third fewer bytes to the medium than with
 * the default 4 KiB; the cache is small because the tail is all that is written and spans are read once.
 * Throws what SQLite throws. A new file has no tables yet, see {@link createSchema}.
 */
export function openDatabase(file: string, busyTimeout: number): DatabaseSync {
  const database = new DatabaseSync(file, { timeout: busyTimeout });
  try {
    database.exec(`
      PRAGMA page_size = 1024;
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      PRAGMA cache_size = -1024;
      PRAGMA temp_store = MEMORY;
      PRAGMA journal_size_limit = 4194304;
    `);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Layout version of an open database; 0 in a new one. */
export function schemaVersionOf(database: DatabaseSync): number {
  return numberOf(database.prepare('PRAGMA user_version').get()?.user_version);
}

/** Makes the tables in a new database. */
export function createSchema(database: DatabaseSync): void {
  transact(database, () => database.exec(`${schema} PRAGMA user_version = ${schemaVersion};`));
}

/** Runs the work in one transaction; rolls back and throws on when it throws. */
export function transact<T>(database: DatabaseSync, work: () => T): T {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    // SQLite has already rolled back by itself after some faults, SQLITE_FULL among them.
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

/**
 * One transaction that is not forced to the medium: it becomes durable with the next one that is. For what may be
 * forgotten in a power cut because it is then only done again, such as an acknowledgement.
 */
export function transactLazily<T>(database: DatabaseSync, work: () => T): T {
  database.exec('PRAGMA synchronous = NORMAL');
  try {
    return transact(database, work);
  } finally {
    database.exec('PRAGMA synchronous = FULL');
  }
}

/** A number out of a row; throws when it is none, which means that a statement and its reader disagree. */
export function numberOf(value: unknown): number {
  if (typeof value !== 'number') throw new TypeError(`expected a number from the database, got ${typeof value}`);
  return value;
}

/** A text out of a row; throws when it is none. */
export function textOf(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError(`expected a text from the database, got ${typeof value}`);
  return value;
}

/** A hash out of a row, as hexadecimal digits; throws when it is none. */
export function hashOf(value: unknown): string {
  if (!(value instanceof Uint8Array)) throw new TypeError(`expected a hash from the database, got ${typeof value}`);
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex');
}
