import { DatabaseSync } from 'node:sqlite';

const epochSize = 2 ** 36;

/**
 * The key of an entry within its stream's table: epoch number * 2^36 + seq, so that one integer orders all entries of a
 * stream and rows are only ever added at the right edge of their tree.
 */
export function placeOf(epochNo: number, seq: number): number {
  return epochNo * epochSize + seq;
}

/** The seq of a place in its epoch. */
export function seqOf(place: number): number {
  return place % epochSize;
}

/** The number of the epoch that a place lies in. */
export function epochOf(place: number): number {
  return Math.floor(place / epochSize);
}

/** What SQLite says is wrong with a statement or a file. */
interface SqliteFault {
  readonly message: string;
  /** The file is no database or a damaged one (SQLITE_CORRUPT, SQLITE_NOTADB). */
  readonly corrupt: boolean;
  /** There is no room on the medium (SQLITE_FULL): what was asked for has been undone. */
  readonly full: boolean;
  /** The medium failed under the statement (SQLITE_IOERR, SQLITE_CANTOPEN, SQLITE_READONLY): whether a commit was made is not known. */
  readonly doubtful: boolean;
}

/** Reads an error thrown by SQLite; undefined when it is another kind of error, which is our own mistake. */
export function sqliteFault(error: unknown): SqliteFault | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return undefined;
  const primary = error.errcode & 0xff;
  return {
    message: `${error.message} (SQLite ${error.errcode})`,
    corrupt: primary === 11 || primary === 26,
    full: primary === 13,
    doubtful: primary === 10 || primary === 14 || primary === 8,
  };
}

/** Pages in the log after which a commit copies it into the database: SQLite's own default. */
const pagesBetweenCheckpoints = 1000;

/**
 * Opens the file for durable use. With pages of 1 KiB a small commit writes a third fewer bytes to the medium than with
 * the default 4 KiB; the cache is small because the tail is all that is written and spans are read once.
 * Throws what SQLite throws. A new file has no tables yet, see `migrate`.
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

/** Databases under which the medium has failed since they were last whole on it. */
const suspect = new WeakSet<DatabaseSync>();

/**
 * What a sync failed to write is gone from the kernel's list of what is still to be written, and the next sync succeeds
 * without it ("fsyncgate"). In the log that may be earlier transactions, of those that were not forced to the medium: a
 * power cut would then end the log before whatever is committed after them. So everything is written anew, into the
 * database itself, and the log begins again.
 */
function writeAnew(database: DatabaseSync): void {
  const done = database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get();
  if (done?.busy !== 0) throw new Error('the disk has failed, and a reader keeps the log from being written anew');
  suspect.delete(database);
}

/**
 * Reads a little without writing. An opening for writing that finds the file damaged would delete its log on closing,
 * and with it commits that can still be recovered. Throws what SQLite throws.
 */
export function probe(file: string, busyTimeout: number): void {
  const database = new DatabaseSync(file, { readOnly: true, timeout: busyTimeout });
  try {
    database.prepare('SELECT count(*) FROM sqlite_schema').get();
  } catch (error) {
    // The power went while the file was made: its journal waits to be rolled back, which only an opening for writing does.
    if (!isReadOnly(error)) throw error;
  } finally {
    database.close();
  }
}

/** SQLITE_READONLY in any of its kinds. */
const isReadOnly = (error: unknown): boolean =>
  error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === 8;

/** Runs the work in one transaction; rolls back and throws on when it throws. */
export function transact<T>(database: DatabaseSync, work: () => T): T {
  if (suspect.has(database)) writeAnew(database);
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    if (sqliteFault(error)?.doubtful) suspect.add(database);
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
  // No checkpoint after it: that would sync the log, and SQLite tells nobody when a checkpoint of its own fails.
  database.exec('PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0');
  try {
    return transact(database, work);
  } finally {
    database.exec(`PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = ${pagesBetweenCheckpoints}`);
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
