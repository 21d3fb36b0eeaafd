import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { type Stream, streams } from '../record/record.ts';
import { SeqSet } from '../record/seq-set.ts';
import { exportedFileOf, readExported } from './exported.ts';
import type { HeldBoot } from './holding-port.ts';
import type { Leaving } from './port.ts';
import { numberOf, sqliteFault, textOf } from './sqlite/database.ts';
import { type Epoch, readEpochs, siteVersion } from './sqlite/epochs.ts';
import { layoutVersion, layoutVersionOf } from './sqlite/layout.ts';
import { leaving } from './sqlite/leaving.ts';
import { Ledger } from './sqlite/ledger.ts';
import { readLabels } from './sqlite/timeline.ts';
import type { StoredSpan } from './worker-messages.ts';

export type { StoredSpan } from './worker-messages.ts';

/** An epoch with what the store noted when it began. */
export interface KeptEpoch extends Epoch {
  /** Wall time, milliseconds since the epoch. */
  readonly begunAt: number;
  readonly why: string;
}

/** How far an uplink has let go of a stream. */
interface LetGo {
  readonly uplink: string;
  readonly stream: Stream;
  readonly epoch: Epoch;
  readonly set: SeqSet;
}

/** One commit as it is kept, or a stretch that is gone. */
export interface KeptCommit {
  readonly from: number;
  readonly to: number;
  /** Chain hash before it; null where only what stands before can tell. */
  readonly before: string | null;
  readonly after: string;
  readonly committedAt: number;
  readonly entries: readonly { readonly seq: number; readonly text: string }[];
  /** [first, last, reason, chain hash after last] */
  readonly absent: readonly (readonly [number, number, string, string])[];
}

/** Why a store cannot be read; the message says what to do. */
export interface NotReadable {
  readonly fault: 'absent' | 'newer' | 'older' | 'damaged' | 'unusable';
  readonly message: string;
}

/** The store was read as one at rest, which is not how it may be read any more: open it anew. */
export class StoreAwoke extends Error {
  override readonly name = 'StoreAwoke';
}

/** Entries that one span holds at most: what a finding is narrowed down to where a commit was larger. */
const spanEntries = 256;

/** The database of a site. */
export function storeFileOf(directory: string): string {
  return join(directory, 'store', 'store.sqlite');
}

/**
 * A site's store as it stands, for reading only, also while the gateway runs. It sees what was committed when it was
 * opened, as one state; every span is read in a transaction of its own, so it never holds the running gateway's log back for long.
 */
export class StoreReader {
  /** Oldest first. */
  readonly epochs: readonly KeptEpoch[];
  /** End of what period and gap records cover, wall time; null when nothing is covered yet. */
  readonly covered: number | null;
  /** What each uplink has let go, also of uplinks that the site does not have any more. */
  readonly letGo: readonly LetGo[];
  readonly #file: string;
  readonly #isImmutable: boolean;
  readonly #database: DatabaseSync;
  readonly #ledger: Ledger;

  private constructor(file: string, database: DatabaseSync, isImmutable: boolean) {
    this.#file = file;
    this.#isImmutable = isImmutable;
    this.#database = database;
    database.exec('BEGIN');
    this.#ledger = new Ledger(database);
    const noted = new Map(
      database
        .prepare('SELECT no, begun_at, why FROM epochs')
        .all()
        .map((row) => [numberOf(row.no), { begunAt: numberOf(row.begun_at), why: textOf(row.why) }]),
    );
    this.epochs = readEpochs(database).map((epoch) => ({ ...epoch, ...(noted.get(epoch.no) ?? nothingNoted) }));
    this.covered = readLabels(database).until;
    this.letGo = this.#readLetGo();
    database.exec('COMMIT');
  }

  /** Opens the store of a site directory, or says why it cannot be read. Nothing on the medium is changed. */
  static open(directory: string): StoreReader | NotReadable {
    const file = storeFileOf(directory);
    if (!existsSync(file)) {
      return { fault: 'absent', message: `${directory} holds no store: there is no ${file}` };
    }
    // Without a log nobody has it open, and then reading must not leave one behind, nor need a writable medium.
    const isImmutable = !existsSync(`${file}-wal`);
    let database: DatabaseSync | undefined;
    try {
      database = openForReading(file, isImmutable);
      const version = layoutVersionOf(database);
      if (version === layoutVersion && !isBeingTurned(database)) return new StoreReader(file, database, isImmutable);
      database.close();
      if (version > layoutVersion) {
        return {
          fault: 'newer',
          message: `${file} was written by a newer Fenceline (layout ${version}); use that one`,
        };
      }
      const message = `${file} is of an older layout, which the gateway turns round while it runs; let it run for a while`;
      return { fault: 'older', message };
    } catch (error) {
      if (database?.isOpen) database.close();
      const fault = sqliteFault(error);
      if (fault === undefined) throw error;
      return { fault: fault.corrupt ? 'damaged' : 'unusable', message: `${file} cannot be read: ${fault.message}` };
    }
  }

  /** Commit time of the newest commit, wall time; null before the first. */
  get newest(): number | null {
    return this.#ledger.newestAt === 0 ? null : this.#ledger.newestAt;
  }

  /** What waits for the time, by boot. */
  held(): readonly HeldBoot[] {
    return this.#consistently(() => this.#ledger.holding.boots());
  }

  /** Last seq of a stream in an epoch when the store was opened, 0 before the first. */
  last(stream: Stream, epoch: Epoch): number {
    return this.#ledger.lastSeq(stream, epoch);
  }

  /**
   * Everything of `from..to` in order: every seq is in a span, as an entry or as absent. Throws what SQLite throws where
   * the medium or the file is damaged.
   */
  *spans(stream: Stream, epoch: Epoch, from = 1, to = this.last(stream, epoch)): Generator<StoredSpan> {
    for (let next = from; next <= to; ) {
      const span = this.#consistently(() => {
        const found = this.#ledger.tables[stream].span(epoch, next, Math.min(to, next + spanEntries - 1));
        return { ...found, site: siteVersion(this.#database, found.site) };
      });
      yield span;
      next = span.to + 1;
    }
  }

  /**
   * Every commit of a stream in an epoch as it is kept, proven or not, for whoever recomputes it. What nothing accounts
   * for is absent with the reason `unaccounted`. Throws what SQLite throws where the medium or the file is damaged.
   */
  *commits(stream: Stream, epoch: Epoch, from = 1, to = this.last(stream, epoch)): Generator<KeptCommit> {
    for (let next = from; next <= to; ) {
      const commit = this.#consistently(() => this.#commitOver(stream, epoch, next));
      if (commit === undefined) return;
      yield next > from ? goneFrom(commit, next) : commit;
      next = commit.to + 1;
    }
  }

  #commitOver(stream: Stream, epoch: Epoch, seq: number): KeptCommit | undefined {
    const table = this.#ledger.tables[stream];
    const seal = table.sealOver(epoch, seq);
    if (seal === undefined) return undefined;
    const { first, last, hash, before, committedAt, gone } = seal;
    const place = { from: first, to: last, before, after: hash, committedAt };
    const texts = gone === null ? table.texts(epoch, seal) : undefined;
    if (texts !== undefined) {
      return { ...place, entries: texts.map((text, index) => ({ seq: first + index, text })), absent: [] };
    }
    // A block that gives no text is there and damaged; a hole has neither a block nor a word of why.
    if (gone === null) return { ...place, entries: [], absent: [] };
    const noted = table.gone.from(epoch, seq);
    const reason = noted !== undefined && noted.first <= seq ? gone : 'unaccounted';
    return { ...place, entries: [], absent: [[first, last, reason, hash]] };
  }

  /** Commit time of the commit that holds a seq, milliseconds since the epoch; undefined beyond the last. */
  committedAt(stream: Stream, epoch: Epoch, seq: number): number | undefined {
    return this.#ledger.tables[stream].sealOver(epoch, seq)?.committedAt;
  }

  /** First seq of the epoch that was committed at that time or later; one past the last when none was. */
  seqAt(stream: Stream, epoch: Epoch, time: number): number {
    let low = 1;
    let high = this.last(stream, epoch) + 1;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if ((this.committedAt(stream, epoch, middle) ?? Number.POSITIVE_INFINITY) < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #readLetGo(): LetGo[] {
    const sql = 'SELECT uplinks.id, stream, epoch, let_go FROM claims JOIN uplinks ON uplinks.no = claims.uplink';
    return this.#database
      .prepare(sql)
      .all()
      .flatMap((row) => {
        const epoch = this.epochs.find(({ no }) => no === numberOf(row.epoch));
        const stream = streams.find((one) => one === row.stream);
        if (epoch === undefined || stream === undefined) return [];
        return [{ uplink: textOf(row.id), stream, epoch, set: new SeqSet(JSON.parse(textOf(row.let_go))) }];
      });
  }

  /** Records that nobody else has and that will be let go by age, see {@link Leaving}; of room nothing is known here. */
  leaving(uplinks: readonly string[], kept: number): Leaving | null {
    const letGo = (uplink: string, epoch: Epoch): SeqSet =>
      this.letGo.find((one) => one.uplink === uplink && one.stream === 'records' && one.epoch.no === epoch.no)?.set ??
      new SeqSet();
    const exported = readExported(exportedFileOf(this.#file));
    return this.#consistently(() => leaving(this.#ledger, { uplinks, letGo, kept, roomDays: null, exported }));
  }

  /** Bytes that the database takes, its log not included. */
  bytes(): number {
    return this.#ledger.size().bytes;
  }

  close(): void {
    this.#database.close();
  }

  /** One look at one state of the database. */
  #consistently<T>(look: () => T): T {
    if (this.#isImmutable && existsSync(`${this.#file}-wal`)) {
      throw new StoreAwoke('the gateway was started while its store was read as one at rest; do it again');
    }
    this.#database.exec('BEGIN');
    try {
      return look();
    } finally {
      if (this.#database.isTransaction) this.#database.exec('COMMIT');
    }
  }
}

/** What was let go meanwhile has grown together with what was read before: only the rest of it comes next. */
function goneFrom(commit: KeptCommit, next: number): KeptCommit {
  if (commit.from >= next || commit.absent.length === 0) return commit;
  const absent = commit.absent.map(([first, ...rest]) => [Math.max(first, next), ...rest] as const);
  return { ...commit, from: next, absent };
}

const nothingNoted = { begunAt: 0, why: '' };

/** Whether rows of an older layout wait to be turned round, which only the gateway does. */
function isBeingTurned(database: DatabaseSync): boolean {
  const sql = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name IN ('records', 'samples')";
  return database.prepare(sql).get() !== undefined;
}

function openForReading(file: string, isImmutable: boolean): DatabaseSync {
  const url = pathToFileURL(file);
  url.search = isImmutable ? 'mode=ro&immutable=1' : 'mode=ro';
  const database = new DatabaseSync(url, { readOnly: true, timeout: 2000 });
  database.exec('PRAGMA query_only = ON; PRAGMA cache_size = -2048;');
  return database;
}
