import type { DatabaseSync } from 'node:sqlite';
import type { LabelsState, LabelsStep } from '../../record/labels.ts';
import { type Stream, streams } from '../../record/record.ts';
import { SeqSet } from '../../record/seq-set.ts';
import type { MinuteOfSeries, SourceMark } from '../delivery-port.ts';
import type { Backlog, Proof, StreamHead, Vouched } from '../port.ts';
import type { CommitPart, CommittedPart, LastSeqs, Questions, SaidText, StoredSpan } from '../worker-messages.ts';
import { hashesOver } from './block.ts';
import { Claims } from './claims.ts';
import { numberOf, sqliteFault, transact } from './database.ts';
import { noteRevised, saidOf, writeMarks } from './delivered.ts';
import { beginEpoch, type Epoch, readEpochs, siteNumber, siteVersion } from './epochs.ts';
import { HoldingTable } from './holding.ts';
import { type RecentPeriod, recentPeriods } from './recent-periods.ts';
import { StreamTable, type Tail } from './stream-table.ts';
import { takeLabels, writeLabels } from './timeline.ts';

const nothing: Tail = { seq: 0, hash: '', committedAt: 0 };

/** What a store knows besides its entries. */
interface Standing {
  readonly said?: LabelsState;
  readonly marks?: readonly SourceMark[];
  readonly revised?: readonly string[];
}

/** The two streams in an open database, their epochs and the uplinks' claims on them. */
export class Ledger {
  readonly database: DatabaseSync;
  readonly tables: { readonly [stream in Stream]: StreamTable };
  readonly holding: HoldingTable;
  /** What this opening committed by itself: the first entries of the epoch that it began, if it began one. */
  begun: readonly CommittedPart[] = [];
  readonly #epochs: Epoch[];
  readonly #claims = new Map<string, Claims>();
  #tails: { [stream in Stream]: Tail } = { records: nothing, samples: nothing };
  /** Commit time of the newest commit: commit times never run backwards. */
  #lastAt = 0;

  constructor(database: DatabaseSync) {
    this.database = database;
    this.tables = { records: new StreamTable(database, 'records'), samples: new StreamTable(database, 'samples') };
    this.holding = new HoldingTable(database);
    this.#epochs = readEpochs(database);
    if (this.#epochs.length > 0) this.#tails = this.#readTails(this.current);
    for (const epoch of this.#epochs) this.#lastAt = Math.max(this.#lastAt, this.#newestCommit(epoch));
  }

  /** The newest epoch; throws when none has begun. */
  get current(): Epoch {
    const epoch = this.#epochs.at(-1);
    if (epoch === undefined) throw new Error('the store has no epoch yet');
    return epoch;
  }

  get newest(): Epoch | undefined {
    return this.#epochs.at(-1);
  }

  get last(): LastSeqs {
    return { records: this.#tails.records.seq, samples: this.#tails.samples.seq };
  }

  /** Gives the uplink its claim on every entry. */
  claim(uplink: string): void {
    this.#claims.set(uplink, new Claims(this.database, uplink));
  }

  /** Begins an epoch with its first entries, in one transaction; `standing`: in a new file, what stood in the one before it. */
  begin(
    start: { no: number; gateway: string; now: number; why: string; site: string },
    first: (epoch: Epoch) => readonly CommitPart[],
    { said, marks = [], revised = [] }: Standing = {},
  ): void {
    const at = Math.max(start.now, this.#lastAt);
    const epoch = transact(this.database, () => {
      const begun = beginEpoch(this.database, start.no, start.gateway, start.now, start.why);
      const tails = this.#readTails(begun);
      const parts = first(begun);
      const hashes = this.#write(begun, tails, parts, at, start.site, []);
      if (said !== undefined) writeLabels(this.database, said);
      writeMarks(this.database, marks);
      noteRevised(this.database, revised, at);
      this.begun = parts.map(({ stream }, index) => {
        const { seq, hash } = tails[stream];
        return { stream, epoch: begun.id, first: seq + 1, before: hash, hashes: hashes[index] ?? [] };
      });
      return begun;
    });
    this.#epochs.push(epoch);
    this.#tails = this.#readTails(epoch);
    this.#lastAt = at;
  }

  /** Makes older epochs that stand in the database by now part of the ledger, with the uplinks' claims on them. */
  adopt(epochs: readonly Epoch[], uplinks: readonly string[]): void {
    const known = new Set(this.#epochs.map(({ no }) => no));
    this.#epochs.unshift(...epochs.filter(({ no }) => !known.has(no)));
    this.#epochs.sort((a, b) => a.no - b.no);
    for (const uplink of uplinks) this.claim(uplink);
  }

  /**
   * Makes the parts durable in one transaction, and with them what is written `alongside`. Throws what SQLite throws;
   * then nothing has changed.
   */
  commit(
    { at: now, site, labels, parts, release, marks = [], revised = [] }: Questions['commit']['ask'],
    alongside: () => void = () => undefined,
  ): { at: number; parts: CommittedPart[] } {
    const at = Math.max(now, this.#lastAt);
    const before = this.#tails;
    const epoch = this.current;
    const hashes = this.#made(before, parts, () => {
      if (release !== undefined) this.holding.release(release);
      writeMarks(this.database, marks);
      noteRevised(this.database, revised, at);
      alongside();
      return this.#write(epoch, before, parts, at, site, labels);
    });
    const after = { ...before };
    const committed = parts.map(({ stream, texts }, index) => {
      const tail = before[stream];
      const partHashes = hashes[index] ?? [];
      after[stream] = { seq: tail.seq + texts.length, hash: partHashes.at(-1) ?? tail.hash, committedAt: at };
      return { stream, epoch: epoch.id, first: tail.seq + 1, before: tail.hash, hashes: partHashes };
    });
    this.#tails = after;
    this.#lastAt = at;
    return { at, parts: committed };
  }

  /**
   * Runs the work in one transaction. A medium that fails under a commit leaves it open whether it was made: then the
   * tail says so, which the database itself takes from what it will go on from.
   */
  #made(
    before: { readonly [stream in Stream]: Tail },
    parts: readonly CommitPart[],
    work: () => string[][],
  ): string[][] {
    try {
      return transact(this.database, work);
    } catch (error) {
      if (!sqliteFault(error)?.doubtful) throw error;
      const now = this.#readTails(this.current);
      // A commit of nothing but marks leaves no trace in a tail: it is made again, which changes nothing.
      if (parts.length === 0) throw error;
      if (parts.some(({ stream, texts }) => now[stream].seq !== before[stream].seq + texts.length)) throw error;
      return parts.map(({ stream, texts }) => hashesOver(texts, before[stream].hash, before[stream].seq + 1));
    }
  }

  /** Commit time of the newest commit: what age is measured against; 0 before the first. */
  get newestAt(): number {
    return this.#lastAt;
  }

  /** All epochs, oldest first. */
  get epochs(): readonly Epoch[] {
    return this.#epochs;
  }

  /** What the epoch or its claims know under that name; undefined when there is no such epoch. */
  epoch(id: string): Epoch | undefined {
    return this.#epochs.findLast((epoch) => epoch.id === id);
  }

  /** The uplink's claims; throws for one that has none, which is our own mistake. */
  claims(uplink: string): Claims {
    const claims = this.#claims.get(uplink);
    if (claims === undefined) throw new Error(`uplink ${uplink} has no claim on this store`);
    return claims;
  }

  /** Last committed seq of a stream in an epoch. */
  lastSeq(stream: Stream, epoch: Epoch): number {
    return epoch.no === this.current.no ? this.#tails[stream].seq : this.tables[stream].tail(epoch).seq;
  }

  /** Whether the chain of a stream stood at a hash of those first digits after that seq. */
  vouch(stream: Stream, epoch: Epoch, [seq, hash]: Proof): Vouched {
    if (seq > this.lastSeq(stream, epoch)) return 'foreign';
    const seal = seq < 1 ? undefined : this.tables[stream].sealOver(epoch, seq);
    if (seal === undefined || seal.gone === 'lost') return 'unknown';
    if (seal.last === seq) return seal.hash.startsWith(hash) ? 'ours' : 'foreign';
    const known = this.tables[stream].open(epoch, seal)?.hashes[seq - seal.first];
    if (known === undefined) return 'unknown';
    return known.startsWith(hash) ? 'ours' : 'foreign';
  }

  pending({ uplink, limit, exceptFor, border, announced }: Questions['pending']['ask']): StoredSpan | null {
    const claims = this.claims(uplink);
    let oldest: { stream: Stream; epoch: Epoch; from: number; to: number; at: number } | undefined;
    for (const stream of streams) {
      for (const epoch of this.#epochs) {
        const taken = claims.letGo(stream, epoch);
        for (const flight of exceptFor) {
          if (flight.stream !== stream || flight.epoch !== epoch.id) continue;
          for (const [first, last] of flight.ranges) taken.add(first, last);
        }
        const committed = this.lastSeq(stream, epoch);
        const last = epoch.no === this.current.no ? Math.min(announced[stream], committed) : committed;
        const [free] = taken.missingWithin(1, last);
        if (free === undefined) continue;
        const at = this.tables[stream].sealOver(epoch, free[0])?.committedAt ?? 0;
        if (oldest === undefined || at < oldest.at) {
          oldest = { stream, epoch, from: free[0], to: Math.min(free[1], free[0] + limit - 1), at };
        }
        break;
      }
    }
    if (oldest === undefined || limit < 1) return null;
    const span = this.tables[oldest.stream].span(oldest.epoch, oldest.from, oldest.to, border);
    return { ...span, site: siteVersion(this.database, span.site) };
  }

  backlog(uplink: string): Backlog {
    const claims = this.claims(uplink);
    const count = { records: 0, samples: 0 };
    let oldestCommittedAt: number | null = null;
    for (const stream of streams) {
      for (const epoch of this.#epochs) {
        const last = this.lastSeq(stream, epoch);
        const missing = claims.letGo(stream, epoch).missingWithin(1, last);
        count[stream] += new SeqSet(missing).count;
        const [first] = missing;
        const at = first === undefined ? undefined : this.tables[stream].sealOver(epoch, first[0])?.committedAt;
        if (at !== undefined) oldestCommittedAt = Math.min(oldestCommittedAt ?? at, at);
      }
    }
    return { uplink, ...count, oldestCommittedAt, refused: claims.refused() };
  }

  heads(): StreamHead[] {
    return streams.map((stream) => {
      const epoch = this.current;
      return { stream, epoch: epoch.id, seq: this.#tails[stream].seq, oldest: this.tables[stream].oldest(epoch) };
    });
  }

  /** The newest word on each of these minutes. */
  said(minutes: readonly MinuteOfSeries[]): SaidText[] {
    return saidOf({ database: this.database, epochs: this.#epochs, table: this.tables.records }, minutes);
  }

  /** Newest period records, newest first; of one point or of all. */
  recent(limit: number, point: string | null): RecentPeriod[] {
    return recentPeriods(this.#epochs, this.tables.records, limit, point);
  }

  /** Size of the database, its log not included, and how much of it is free to be written again, bytes. */
  size(): { readonly bytes: number; readonly free: number } {
    const read = (pragma: string): number => numberOf(this.database.prepare(`PRAGMA ${pragma}`).get()?.[pragma]);
    const page = read('page_size');
    return { bytes: read('page_count') * page, free: read('freelist_count') * page };
  }

  #readTails(epoch: Epoch): { [stream in Stream]: Tail } {
    return { records: this.tables.records.tail(epoch), samples: this.tables.samples.tail(epoch) };
  }

  #newestCommit(epoch: Epoch): number {
    const { records, samples } = this.#readTails(epoch);
    return Math.max(records.committedAt, samples.committedAt);
  }

  #write(
    epoch: Epoch,
    tails: { readonly [stream in Stream]: Tail },
    parts: readonly CommitPart[],
    at: number,
    site: string,
    labels: readonly LabelsStep[],
  ): string[][] {
    const number = siteNumber(this.database, site);
    const hashes = parts.map(({ stream, texts }) => this.tables[stream].add(epoch, tails[stream], texts, at, number));
    if (labels.length > 0) takeLabels(this.database, labels);
    return hashes;
  }
}
