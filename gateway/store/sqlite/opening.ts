import {
  appendFileSync,
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { LocalTime, type WallTime } from '../../clock.ts';
import { canonicalJson } from '../../record/canonical.ts';
import { type AuditRecord, type GapRecord, type Stream, streams } from '../../record/record.ts';
import type { StoreEvent, StoreRefusal } from '../port.ts';
import type { CommitPart, ThreadOptions } from '../worker-messages.ts';
import { openDatabase, sqliteFault } from './database.ts';
import { layoutVersion, layoutVersionOf, migrate } from './layout.ts';
import { Ledger } from './ledger.ts';

/** Blocks that are proven at every opening, per stream: enough to notice a tail that was cut, torn or changed. */
const provenBlocks = 16;

/** What is known of the epoch that a new one follows. */
interface Former {
  readonly epoch: string | null;
  readonly no: number;
  readonly last: { readonly [stream in Stream]: number | null };
}

const nobody: Former = { epoch: null, no: 0, last: { records: null, samples: null } };

/**
 * Opens the database, proves its tail and gives each uplink its claims. A damaged file is set aside under a name with
 * the time, and a new one begun; a tail that is not proven begins a new epoch in the same file.
 */
export function openLedger(options: ThreadOptions, tell: (event: StoreEvent) => void): Ledger | StoreRefusal {
  try {
    const ledger = openProven(options, tell);
    if (ledger instanceof Ledger) for (const uplink of options.uplinks) ledger.claim(uplink);
    return ledger;
  } catch (error) {
    const fault = sqliteFault(error) ?? fileFault(error);
    if (fault === undefined) throw error;
    return unusable(
      `${options.file} cannot be used: ${fault.message}; check that the medium is there, writable and not full`,
    );
  }
}

function openProven(options: ThreadOptions, tell: (event: StoreEvent) => void): Ledger | StoreRefusal {
  const found = existsSync(options.file) && statSync(options.file).size > 0;
  let damage: string;
  try {
    const database = openDatabase(options.file, options.busyTimeout);
    return proven(database, options, tell);
  } catch (error) {
    const fault = sqliteFault(error);
    if (!found || fault === undefined || !fault.corrupt) throw error;
    damage = fault.message;
  }
  const former = remembered(options);
  const since = statSync(options.file);
  const name = setAside(options);
  const message = `the store was damaged (${damage}); it is kept as ${name}, and a new one was begun`;
  const ledger = new Ledger(fresh(options));
  begin(ledger, options, former, `store-lost: ${damage}`, lostGap(options, since.birthtimeMs || since.mtimeMs));
  tell({ kind: 'store-recovered', message });
  return ledger;
}

function proven(
  database: DatabaseSync,
  options: ThreadOptions,
  tell: (event: StoreEvent) => void,
): Ledger | StoreRefusal {
  try {
    const version = layoutVersionOf(database);
    if (version > layoutVersion) {
      database.close();
      const message = `${options.file} was written by a newer Fenceline (layout ${version}, this one knows ${layoutVersion}); install that version or newer`;
      return { refusal: 'newer', pid: null, message };
    }
    const failed = migrate(database);
    if (failed !== undefined) {
      database.close();
      return unusable(`${options.file}: ${failed}; make room on the medium, or go on with the version that wrote it`);
    }
    if (version === 0) syncDirectory(options.file);
    const ledger = new Ledger(database);
    const epoch = ledger.newest;
    if (epoch === undefined) {
      begin(ledger, options, nobody, 'new store', null);
      return ledger;
    }
    const why = whyNotContinued(ledger, options);
    if (why !== undefined) {
      begin(ledger, options, { epoch: epoch.id, no: epoch.no, last: ledger.last }, why, null);
      tell({ kind: 'store-recovered', message: `epoch ${epoch.id} ended, ${ledger.current.id} begins: ${why}` });
    }
    return ledger;
  } catch (error) {
    if (database.isOpen) database.close();
    throw error;
  }
}

function whyNotContinued(ledger: Ledger, options: ThreadOptions): string | undefined {
  const epoch = ledger.current;
  if (epoch.gateway !== options.gateway) return `the gateway was ${epoch.gateway} and is now ${options.gateway}`;
  for (const stream of streams) {
    const fault = ledger.tables[stream].faultInTail(epoch, provenBlocks);
    if (fault !== undefined) return `tail not proven: ${fault}`;
  }
  return undefined;
}

function begin(ledger: Ledger, options: ThreadOptions, former: Former, why: string, gap: GapRecord | null): void {
  const at = new LocalTime(options.timezone).stamp(options.now as WallTime);
  const first = (epoch: { id: string }): CommitPart[] =>
    streams.map((stream) => {
      const details = { epoch: epoch.id, previousEpoch: former.epoch, previousLastSeq: former.last[stream], why };
      const audit: AuditRecord = { kind: 'audit', at, who: 'gateway', action: 'epoch-begun', details, revision: 1 };
      const entries = stream === 'records' && gap !== null ? [audit, gap] : [audit];
      return { stream, texts: entries.map(canonicalJson) };
    });
  const { gateway, now, site } = options;
  ledger.begin({ no: former.no + 1, gateway, now, why, site }, first, gap === null ? null : now);
  // One line for every epoch, beside the database: what names the old epoch when the database itself no longer can.
  appendFileSync(epochList(options), `${ledger.current.id} ${at}\n`, { flush: true });
}

/** What a damaged database still tells about where it stood. */
function remembered(options: ThreadOptions): Former {
  try {
    const database = openDatabase(options.file, options.busyTimeout);
    try {
      const ledger = new Ledger(database);
      const { current, last } = ledger;
      return { epoch: current.id, no: current.no, last };
    } finally {
      database.close();
    }
  } catch {
    return listed(options);
  }
}

/** The last epoch of the list beside the database; how far it came is not known there. */
function listed(options: ThreadOptions): Former {
  if (!existsSync(epochList(options))) return nobody;
  const lines = readFileSync(epochList(options), 'utf8').split('\n');
  const epoch = lines.findLast((line) => /^\d+-[0-9a-f]{8} /.test(line))?.split(' ')[0];
  return epoch === undefined ? nobody : { ...nobody, epoch, no: Number.parseInt(epoch, 10) };
}

function epochList(options: ThreadOptions): string {
  return join(dirname(options.file), 'epochs');
}

/** Everything since the lost store was made may be lost: nothing nearer is known. */
function lostGap(options: ThreadOptions, since: number): GapRecord {
  const time = new LocalTime(options.timezone);
  const from = Math.min(Math.floor(since), options.now);
  return {
    kind: 'gap',
    from: time.stamp(from as WallTime),
    to: time.stamp(options.now as WallTime),
    reason: 'store-lost',
    basis: 'inferred',
    revision: 1,
  };
}

function setAside(options: ThreadOptions): string {
  const stamp = new Date(options.now).toISOString().replaceAll(/[-:]/g, '');
  let name = `${options.file}.damaged-${stamp}`;
  for (let copy = 2; existsSync(name); copy++) name = `${options.file}.damaged-${stamp}-${copy}`;
  for (const part of ['-wal', '-shm', '']) {
    if (existsSync(options.file + part)) renameSync(options.file + part, name + part);
  }
  syncDirectory(options.file);
  return name;
}

function fresh(options: ThreadOptions): DatabaseSync {
  const database = openDatabase(options.file, options.busyTimeout);
  migrate(database);
  syncDirectory(options.file);
  return database;
}

/** A file's name is only durable once its directory is, and that one's once its own is. */
function syncDirectory(file: string): void {
  for (const path of [dirname(file), dirname(dirname(file))]) {
    const directory = openSync(path, 'r');
    fsyncSync(directory);
    closeSync(directory);
  }
}

function fileFault(error: unknown): { message: string } | undefined {
  return error instanceof Error && 'syscall' in error ? error : undefined;
}

function unusable(message: string): StoreRefusal {
  return { refusal: 'unusable', pid: null, message };
}
