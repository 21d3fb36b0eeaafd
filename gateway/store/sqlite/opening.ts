import { appendFileSync, closeSync, existsSync, fsyncSync, openSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { LocalTime, type WallTime } from '../../clock.ts';
import { canonicalJson } from '../../record/canonical.ts';
import { Labels, type LabelsState, nothingSaid } from '../../record/labels.ts';
import { type AuditRecord, type Stream, streams } from '../../record/record.ts';
import type { SourceMark } from '../delivery-port.ts';
import type { StoreEvent, StoreRefusal } from '../port.ts';
import type { CommitPart, ThreadOptions } from '../worker-messages.ts';
import { openDatabase, probe, sqliteFault } from './database.ts';
import { layoutVersion, layoutVersionOf, migrate } from './layout.ts';
import { Ledger } from './ledger.ts';
import { isOfAnotherMachine, noteMachine } from './machine-note.ts';
import { Reserve, reserveSize } from './reserve.ts';
import { finishSettingAside, setAside, unread } from './salvage/marker.ts';
import { readRemains } from './salvage/remains.ts';

/** Blocks that are proven at every opening, per stream: enough to notice a tail that was cut, torn or changed. */
const provenBlocks = 16;

/** What is known of the epoch that a new one follows. */
interface Former {
  readonly epoch: string | null;
  readonly no: number;
  readonly last: { readonly [stream in Stream]: number | null };
  /** Which labels a file that was set aside speaks of; it is accounted for up to then when it has been read. */
  readonly said?: LabelsState;
  /** How far the sources were heard by that file. */
  readonly marks?: readonly SourceMark[];
  /** The minutes that it said anew: what comes late must not give them the same revision again. */
  readonly revised?: readonly string[];
}

const nobody: Former = { epoch: null, no: 0, last: { records: null, samples: null } };

/**
 * Opens the database, proves its tail and gives each uplink its claims. A damaged file is set aside under a name with
 * the time, and a new one begun; a tail that is not proven begins a new epoch in the same file.
 */
export function openLedger(options: ThreadOptions, tell: (event: StoreEvent) => void): Ledger | StoreRefusal {
  const opened = openOnce(options, tell);
  // Opening needs a little room as well; when there is none, the reserve is what it is kept for.
  return opened instanceof Ledger || opened.refusal !== 'unusable' || !new Reserve(options.file, reserveSize).release()
    ? opened
    : openOnce(options, tell);
}

function openOnce(options: ThreadOptions, tell: (event: StoreEvent) => void): Ledger | StoreRefusal {
  try {
    const ledger = openProven(options, tell);
    if (ledger instanceof Ledger) {
      for (const uplink of options.uplinks) ledger.claim(uplink);
      noteMachine(ledger.database, options.machine);
    }
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
  if (finishSettingAside(options.file)) return begunAnew(options, tell, 'found damaged before the gateway was stopped');
  const found = existsSync(options.file) && statSync(options.file).size > 0;
  try {
    if (found) probe(options.file, options.busyTimeout);
    const database = openDatabase(options.file, options.busyTimeout);
    return proven(database, options, tell);
  } catch (error) {
    const fault = sqliteFault(error);
    if (!found || fault === undefined || !fault.corrupt) throw error;
    return openAnew(options, tell, fault.message);
  }
}

/**
 * Sets the damaged file aside, whole and for good, and begins a new epoch in a new file. What can be read of the old one
 * is taken over later, see {@link Rescue}; until then everything up to now counts as covered, so that nobody else
 * accounts for it.
 */
export function openAnew(options: ThreadOptions, tell: (event: StoreEvent) => void, damage: string): Ledger {
  const { birthtimeMs, mtimeMs } = statSync(options.file);
  const madeAt = Math.min(birthtimeMs || mtimeMs, options.now);
  // While it is not known what time it is: what lies after the last label is accounted for once it is.
  const now = options.isGuess ? (readRemains(options.file).labels?.until ?? options.now) : options.now;
  setAside(options.file, { setAsideAt: now, gateway: options.gateway, madeAt, isGuess: options.isGuess });
  return begunAnew(options, tell, damage);
}

function begunAnew(options: ThreadOptions, tell: (event: StoreEvent) => void, damage: string): Ledger {
  const aside = unread(options.file).at(-1);
  const ledger = new Ledger(fresh(options));
  begin(ledger, options, formerOf(options), `store-lost: ${damage}`);
  const message = `the store was damaged (${damage}); it is kept as ${basename(aside?.file ?? options.file)}, a new one was begun, and what can be read of the old one is taken over`;
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
      const former = formerOf(options);
      begin(ledger, options, former, former.epoch === null ? 'new store' : 'the database was not there any more');
      return ledger;
    }
    const why = whyNotContinued(ledger, options);
    if (why === undefined && isOfAnotherMachine(database, options.machine)) {
      beginApart(ledger, options, tell, 'another-machine', 'the store was made on another machine');
    } else if (why !== undefined) {
      begin(ledger, options, { epoch: epoch.id, no: epoch.no, last: ledger.last }, why);
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

/** Begins an epoch of its own, since the current one may be going on elsewhere. */
export function beginApart(
  ledger: Ledger,
  options: ThreadOptions,
  tell: (event: StoreEvent) => void,
  reason: (StoreEvent & { kind: 'store-epoch' })['reason'],
  why: string,
): void {
  const { id: previous, no } = ledger.current;
  begin(ledger, options, { epoch: previous, no, last: ledger.last }, why);
  const { id: epoch } = ledger.current;
  tell({ kind: 'store-epoch', epoch, previous, reason, message: `epoch ${previous} ended, ${epoch} begins: ${why}` });
}

function begin(ledger: Ledger, options: ThreadOptions, former: Former, why: string): void {
  // While it is not known what time it is, the newest time that was: it cannot be earlier, and the entry says so.
  const now = options.isGuess ? Math.max(options.now, ledger.newestAt) : options.now;
  const at = new LocalTime(options.timezone).stamp(now as WallTime);
  const clock = options.isGuess ? { clock: 'unknown: not before this' } : {};
  const first = (epoch: { id: string }): CommitPart[] =>
    streams.map((stream) => {
      const details = {
        epoch: epoch.id,
        previousEpoch: former.epoch,
        previousLastSeq: former.last[stream],
        why,
        ...clock,
      };
      const audit: AuditRecord = { kind: 'audit', at, who: 'gateway', action: 'epoch-begun', details, revision: 1 };
      return { stream, texts: [canonicalJson(audit)] };
    });
  const { gateway, site } = options;
  ledger.begin({ no: former.no + 1, gateway, now, why, site }, first, former);
  // One line for every epoch, beside the database: what names the old epoch when the database itself no longer can.
  const isNew = !existsSync(epochList(options));
  appendFileSync(epochList(options), `${ledger.current.id} ${at}\n`, { flush: true });
  if (isNew) syncDirectory(options.file);
  noteMachine(ledger.database, options.machine);
}

/** What stood before: as the newest file that was set aside tells it, or else the list beside the database. */
function formerOf(options: ThreadOptions): Former {
  const aside = unread(options.file).at(-1);
  const remains = aside === undefined ? undefined : readRemains(aside.file);
  const said = aside === undefined ? undefined : saidUntil(aside.marker.setAsideAt, remains?.labels);
  const more = {
    ...(said !== undefined && { said }),
    ...(remains?.marks !== undefined && { marks: remains.marks }),
    ...(remains?.revised !== undefined && { revised: remains.revised }),
  };
  const epoch = remains?.epochs?.at(-1);
  if (remains !== undefined && epoch !== undefined) {
    return { epoch: epoch.id, no: epoch.no, last: remains.last, ...more };
  }
  const listed = listedEpochs(options).at(-1);
  if (listed === undefined) return { ...nobody, ...more };
  return { ...nobody, epoch: listed, no: Number.parseInt(listed, 10), ...more };
}

/** What was said before, and that everything up to then will be accounted for. */
function saidUntil(until: number, labels: LabelsState = nothingSaid): LabelsState {
  const known = new Labels(labels);
  known.take({ say: [labels.until ?? 0, until] });
  return known.state;
}

/** Ids of all epochs that the list beside the database names, oldest first. */
export function listedEpochs(options: ThreadOptions): readonly string[] {
  if (!existsSync(epochList(options))) return [];
  const lines = readFileSync(epochList(options), 'utf8').split('\n');
  return lines.filter((line) => /^\d+-[0-9a-f]{8} /.test(line)).map((line) => line.split(' ')[0] ?? '');
}

function epochList(options: ThreadOptions): string {
  return join(dirname(options.file), 'epochs');
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
