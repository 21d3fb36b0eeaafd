import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { canonicalJson } from '../../../gateway/record/canonical.ts';
import type { PeriodRecord } from '../../../gateway/record/record.ts';
import { SiteMinutes } from '../uplink/site-minutes.ts';
import { benchStore } from './bench-store.ts';

/** Records that one turn of one peer commits at most: bounds the time on a fast disk. */
const mostRecords = 60_000;

/** Durable records a second of the three, turn by turn. */
export interface Appending {
  readonly batch: number;
  readonly store: number[];
  /** A loop of inserts into a bare `node:sqlite` table: write-ahead log, synchronous FULL, one transaction a batch. */
  readonly sqlite: number[];
  /** The same texts appended to a file, one `fdatasync` a batch. */
  readonly file: number[];
}

interface Peer {
  /** Makes a batch durable. */
  commit(records: readonly PeriodRecord[]): Promise<void>;
  end(): Promise<void>;
}

/** All three in turn, so many rounds of so many seconds each. */
export async function measureAppending(batch: number, seconds: number, rounds: number): Promise<Appending> {
  const rates: Appending = { batch, store: [], sqlite: [], file: [] };
  const peers = { store: storePeer, sqlite: sqlitePeer, file: filePeer };
  for (let round = 0; round <= rounds; round++) {
    for (const name of ['store', 'sqlite', 'file'] as const) {
      const rate = await turn(peers[name], batch, seconds);
      // The first round only warms up.
      if (round > 0) rates[name].push(rate);
    }
  }
  return rates;
}

async function turn(open: (directory: string) => Promise<Peer>, batch: number, seconds: number): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), 'fenceline-bench-store-'));
  const site = new SiteMinutes(50, 7);
  // Made before the clock runs: what a record costs to make is not the store's.
  const records = site.minutes(40);
  const peer = await open(directory);
  try {
    const began = performance.now();
    let done = 0;
    while (performance.now() - began < seconds * 1000 && done < mostRecords) {
      const start = done % (records.length - batch);
      await peer.commit(records.slice(start, start + batch));
      done += batch;
    }
    return done / ((performance.now() - began) / 1000);
  } finally {
    await peer.end();
    rmSync(directory, { recursive: true });
  }
}

async function storePeer(directory: string): Promise<Peer> {
  const store = await benchStore(directory);
  return {
    commit: async (records) => {
      for (const record of records) void store.append(record).catch(() => undefined);
      if (!(await store.flush())) throw new Error('the store did not commit');
    },
    end: () => store.close(),
  };
}

async function sqlitePeer(directory: string): Promise<Peer> {
  const database = new DatabaseSync(join(directory, 'bare.sqlite'));
  database.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    CREATE TABLE records (seq INTEGER PRIMARY KEY, entry TEXT NOT NULL);
  `);
  const insert = database.prepare('INSERT INTO records (entry) VALUES (?)');
  return {
    commit: async (records) => {
      database.exec('BEGIN');
      for (const record of records) insert.run(canonicalJson(record));
      database.exec('COMMIT');
    },
    end: async () => database.close(),
  };
}

async function filePeer(directory: string): Promise<Peer> {
  const file = openSync(join(directory, 'bare.jsonl'), 'a');
  return {
    commit: async (records) => {
      writeSync(file, `${records.map(canonicalJson).join('\n')}\n`);
      fdatasyncSync(file);
    },
    end: async () => closeSync(file),
  };
}
