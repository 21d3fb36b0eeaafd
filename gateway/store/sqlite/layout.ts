import type { DatabaseSync } from 'node:sqlite';
import { numberOf, sqliteFault, transact } from './database.ts';

/*
 * Layout 1 kept a row per entry; a seal closed the entries of one commit (at most 256 of them) with what they share:
 * commit time, site version and the chain's hash after the last.
 */
const layout1 = `
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

/*
 * Layout 2 keeps a row per commit and stream, a block: its key is the place of its last entry, its body the canonical
 * texts joined by line ends (text, or a blob when deflated). before -> texts -> after is the block's proof. What is no
 * longer held stands in `gone`, with the hash after its last. The tables of layout 1 are emptied when idle, see
 * older-layout.ts: to turn gigabytes round at the opening would keep the site's lines waiting for minutes.
 */
const layout2 = `
  CREATE TABLE records_blocks (last INTEGER PRIMARY KEY, entries INTEGER NOT NULL, committed_at INTEGER NOT NULL, site INTEGER NOT NULL, before BLOB NOT NULL, after BLOB NOT NULL, body ANY NOT NULL) STRICT;
  CREATE TABLE samples_blocks (last INTEGER PRIMARY KEY, entries INTEGER NOT NULL, committed_at INTEGER NOT NULL, site INTEGER NOT NULL, before BLOB NOT NULL, after BLOB NOT NULL, body ANY NOT NULL) STRICT;
  CREATE TABLE gone (stream TEXT NOT NULL, last INTEGER NOT NULL, entries INTEGER NOT NULL, committed_at INTEGER NOT NULL, site INTEGER NOT NULL, reason TEXT NOT NULL, after BLOB NOT NULL, PRIMARY KEY (stream, last)) STRICT, WITHOUT ROWID;
  CREATE TABLE notes (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
`;

/*
 * What waits for the time, by boot: see holding.ts. Which labels the records have spoken of, and which are said
 * again after the clock was set back: see labels.ts. What an older file covers is taken to have no beginning.
 */
const holding = `
  CREATE TABLE held (id INTEGER PRIMARY KEY AUTOINCREMENT, boot INTEGER NOT NULL, readings INTEGER NOT NULL, first REAL NOT NULL, last REAL NOT NULL, body BLOB NOT NULL) STRICT;
  CREATE TABLE held_boots (no INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, told INTEGER NOT NULL, origin REAL, dropped INTEGER NOT NULL, dropped_from REAL, dropped_until REAL) STRICT;
  CREATE TABLE timeline (one INTEGER PRIMARY KEY CHECK (one = 1), said TEXT NOT NULL, earlier TEXT NOT NULL, revision INTEGER NOT NULL) STRICT;
  INSERT INTO timeline SELECT 1, '[[0,' || (until / 60000 - 1) || ']]', '[]', 1 FROM covered;
`;

/*
 * How far sources that keep their own readings are heard, and the minutes that were said anew: see delivered.ts. `late`
 * is the highest revision that readings which came late have given to a label.
 */
const delivered = `
  CREATE TABLE marks (source TEXT PRIMARY KEY, boot INTEGER NOT NULL, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE revised (minute INTEGER NOT NULL, point TEXT NOT NULL, factor TEXT NOT NULL, entry TEXT NOT NULL, PRIMARY KEY (minute, point, factor)) STRICT, WITHOUT ROWID;
  ALTER TABLE timeline ADD COLUMN late INTEGER NOT NULL DEFAULT 1;
`;

/** How a file of one layout becomes one of the next: the first makes layout 1 in an empty file. Only ever appended to. */
const migrations: readonly ((database: DatabaseSync) => void)[] = [
  (database) => database.exec(layout1),
  (database) => {
    database.exec(layout2);
    for (const stream of ['records', 'samples']) {
      if (database.prepare(`SELECT 1 FROM ${stream}_seals LIMIT 1`).get() !== undefined) continue;
      database.exec(`DROP TABLE ${stream}; DROP TABLE ${stream}_seals`);
    }
  },
  (database) => database.exec(holding),
  (database) => database.exec(delivered),
];

/** Layout version of the database file, kept in `user_version`. */
export const layoutVersion = migrations.length;

/** Layout version of an open database; 0 in a new one. */
export function layoutVersionOf(database: DatabaseSync): number {
  return numberOf(database.prepare('PRAGMA user_version').get()?.user_version);
}

/**
 * Brings the file to this layout, each step in one transaction, so that a step that fails or is cut off leaves the file
 * as it was. Returns what went wrong, undefined when nothing did. Throws on a damaged file.
 */
export function migrate(database: DatabaseSync): string | undefined {
  for (let from = layoutVersionOf(database); from < layoutVersion; from++) {
    try {
      transact(database, () => {
        migrations[from]?.(database);
        database.exec(`PRAGMA user_version = ${from + 1}`);
      });
    } catch (error) {
      const fault = sqliteFault(error);
      if (fault === undefined || fault.corrupt || from === 0) throw error;
      return `layout ${from} could not be brought to layout ${from + 1}: ${fault.message}; the file is as it was`;
    }
  }
  return undefined;
}
