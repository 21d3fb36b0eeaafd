import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { chainNext, chainStart } from '../../record/chain.ts';
import type { Stream } from '../../record/record.ts';
import type { StoredSpan } from '../worker-messages.ts';
import { hashOf, numberOf, placeOf, sealLength, seqOf, textOf } from './database.ts';
import type { Epoch } from './epochs.ts';

/** What the entries of one commit share; `first` and `last` are sequence numbers. */
export interface Seal {
  readonly first: number;
  readonly last: number;
  readonly committedAt: number;
  /** Number of the site version. */
  readonly site: number;
  /** Chain hash after `last`. */
  readonly hash: string;
}

/** The last entry of a stream in an epoch: seq 0 and the chain's start before the first. */
export interface Tail {
  readonly seq: number;
  readonly hash: string;
}

interface Row {
  readonly seq: number;
  readonly text: string;
}

/** Most text that one span carries, in UTF-16 units: it is held in memory several times on its way out. */
const spanBytes = 262_144;

/** One stream's entries and seals. Sequence numbers in, sequence numbers out; places stay inside. */
export class StreamTable {
  readonly stream: Stream;
  readonly #insertEntry: StatementSync;
  readonly #insertSeal: StatementSync;
  readonly #sealsFrom: StatementSync;
  readonly #sealsBack: StatementSync;
  readonly #entries: StatementSync;
  readonly #entriesBack: StatementSync;
  readonly #oldest: StatementSync;
  readonly #newest: StatementSync;

  constructor(database: DatabaseSync, stream: Stream) {
    this.stream = stream;
    const seal = `SELECT last, entries, committed_at, site, hash FROM ${stream}_seals`;
    const entry = `SELECT place, entry FROM ${stream}`;
    this.#insertEntry = database.prepare(`INSERT INTO ${stream} (place, entry) VALUES (?, ?)`);
    this.#insertSeal = database.prepare(
      `INSERT INTO ${stream}_seals (last, entries, committed_at, site, hash) VALUES (?, ?, ?, ?, ?)`,
    );
    this.#sealsFrom = database.prepare(`${seal} WHERE last BETWEEN ? AND ? ORDER BY last LIMIT ?`);
    this.#sealsBack = database.prepare(`${seal} WHERE last BETWEEN ? AND ? ORDER BY last DESC LIMIT ?`);
    this.#entries = database.prepare(`${entry} WHERE place BETWEEN ? AND ? ORDER BY place`);
    this.#entriesBack = database.prepare(`${entry} WHERE place BETWEEN ? AND ? ORDER BY place DESC LIMIT ?`);
    this.#oldest = database.prepare(`SELECT place FROM ${stream} WHERE place >= ? ORDER BY place LIMIT 1`);
    this.#newest = database.prepare(`SELECT place FROM ${stream} WHERE place < ? ORDER BY place DESC LIMIT 1`);
  }

  /** Adds entries after the tail, within the caller's transaction; returns the hash after each. */
  add(epoch: Epoch, tail: Tail, texts: readonly string[], committedAt: number, site: number): string[] {
    const hashes: string[] = [];
    let { seq, hash } = tail;
    let sealed = 0;
    for (const text of texts) {
      seq += 1;
      hash = chainNext(hash, seq, text);
      hashes.push(hash);
      this.#insertEntry.run(placeOf(epoch.no, seq), text);
      sealed += 1;
      if (sealed === sealLength || hashes.length === texts.length) {
        this.#insertSeal.run(placeOf(epoch.no, seq), sealed, committedAt, site, Buffer.from(hash, 'hex'));
        sealed = 0;
      }
    }
    return hashes;
  }

  /** Where the epoch's chain stands by its last seal. */
  tail(epoch: Epoch): Tail {
    const [seal] = this.sealsBack(epoch, Number.POSITIVE_INFINITY, 1);
    return seal === undefined ? { seq: 0, hash: this.#start(epoch) } : { seq: seal.last, hash: seal.hash };
  }

  /** Oldest seq of the epoch that is still held; one past the tail when none is. */
  oldest(epoch: Epoch): number {
    const place = this.#oldest.get(placeOf(epoch.no, 0))?.place;
    const seq = place === undefined ? Number.POSITIVE_INFINITY : numberOf(place) - placeOf(epoch.no, 0);
    return Math.min(seq, this.tail(epoch).seq + 1);
  }

  /** Recomputes the last seals of the epoch. Undefined when they hold; otherwise what does not. */
  faultInTail(epoch: Epoch, seals: number): string | undefined {
    const last = this.sealsBack(epoch, Number.POSITIVE_INFINITY, seals).reverse();
    const tail = last.at(-1);
    if (tail === undefined) return `${this.stream}: no entry of the epoch is left`;
    const newest = this.#newest.get(placeOf(epoch.no + 1, 0))?.place;
    if (newest === undefined || numberOf(newest) !== placeOf(epoch.no, tail.last)) {
      return `${this.stream}: the last entry is not the one that was sealed last, seq ${tail.last}`;
    }
    let before = this.#before(epoch, last[0]?.first ?? 1);
    for (const seal of last) {
      const hashes = this.#hashes(epoch, seal, before, seal.last);
      if (hashes?.at(-1) !== seal.hash)
        return `${this.stream}: seq ${seal.first} to ${seal.last} do not match their hash`;
      before = seal.hash;
    }
    return undefined;
  }

  /** The seal over a seq; undefined beyond the tail. */
  sealOver(epoch: Epoch, seq: number): Seal | undefined {
    return this.#seals(epoch, seq, 1)[0];
  }

  /** Seals that end at or before `seq`, newest first. */
  sealsBack(epoch: Epoch, seq: number, limit: number): Seal[] {
    const last = seq === Number.POSITIVE_INFINITY ? placeOf(epoch.no + 1, 0) - 1 : placeOf(epoch.no, seq);
    return this.#sealsBack.all(placeOf(epoch.no, 0), last, limit).map(readSeal);
  }

  /**
   * The stretch `from..to` as it is held, cut where the site version changes, where the commits cross the `border` in
   * wall time, or where the text grows large, so `to` may come nearer. What is missing under a seal is lost from there to the seal's end: only there is the chain's hash known.
   */
  span(epoch: Epoch, from: number, to: number, border = 0): Omit<StoredSpan, 'site'> & { site: number } {
    const first = this.sealOver(epoch, from);
    if (first === undefined) throw new RangeError(`${this.stream} ${epoch.id} holds no seq ${from}`);
    let sealBefore = this.#before(epoch, first.first);
    const before = this.#hashAt(epoch, first, sealBefore, from - 1);
    const entries: Row[] = [];
    const absent: [number, number, string, string][] = [];
    let [end, after, committedAt, room] = [from - 1, before ?? sealBefore, first.committedAt, spanBytes];
    while (end < to && room > 0) {
      const seal: Seal | undefined = this.sealOver(epoch, end + 1);
      if (seal === undefined || seal.site !== first.site) break;
      if (seal.committedAt < border !== first.committedAt < border) break;
      const want = Math.min(to, seal.last);
      const rows = this.#rows(epoch, end + 1, want, entries.length === 0 ? spanBytes : room);
      for (const row of rows.held) room -= row.text.length;
      entries.push(...rows.held);
      const reached = rows.held.at(-1)?.seq ?? end;
      const hash = rows.lost ? undefined : this.#hashAt(epoch, seal, sealBefore, reached);
      if (hash === undefined) absent.push([reached + 1, seal.last, 'lost', seal.hash]);
      end = hash === undefined ? seal.last : reached;
      after = hash ?? seal.hash;
      committedAt = Math.max(committedAt, seal.committedAt);
      if (end < seal.last) break;
      sealBefore = seal.hash;
    }
    const place = { stream: this.stream, epoch: epoch.id, from, to: end };
    return { ...place, before: before ?? sealBefore, after, site: first.site, committedAt, entries, absent };
  }

  /** Entries of the epoch before `seq`, newest first. */
  back(epoch: Epoch, seq: number, limit: number): Row[] {
    return this.#entriesBack.all(placeOf(epoch.no, 1), placeOf(epoch.no, seq) - 1, limit).map(readRow);
  }

  /** Chain hash after every entry under the seal, in order; undefined when one of them is missing. */
  hashesUnder(epoch: Epoch, seal: Seal): readonly string[] | undefined {
    return this.#hashes(epoch, seal, this.#before(epoch, seal.first), seal.last);
  }

  #start(epoch: Epoch): string {
    return chainStart(epoch.gateway, this.stream, epoch.id);
  }

  /** Chain hash before the first entry of a seal. */
  #before(epoch: Epoch, first: number): string {
    return this.sealsBack(epoch, first - 1, 1)[0]?.hash ?? this.#start(epoch);
  }

  /** Chain hash after `seq`, which lies under the seal or just before it. */
  #hashAt(epoch: Epoch, seal: Seal, before: string, seq: number): string | undefined {
    if (seq === seal.last) return seal.hash;
    return seq < seal.first ? before : this.#hashes(epoch, seal, before, seq)?.at(-1);
  }

  #hashes(epoch: Epoch, seal: Seal, before: string, upTo: number): string[] | undefined {
    const hashes: string[] = [];
    let hash = before;
    for (const row of this.#entries.iterate(placeOf(epoch.no, seal.first), placeOf(epoch.no, upTo))) {
      const { seq, text } = readRow(row);
      if (seq !== seal.first + hashes.length) return undefined;
      hash = chainNext(hash, seq, text);
      hashes.push(hash);
    }
    return hashes.length === upTo - seal.first + 1 ? hashes : undefined;
  }

  /** Rows of `first..last` up to the first that is missing or that finds no room; at least one if it is there. */
  #rows(epoch: Epoch, first: number, last: number, room: number): { held: Row[]; lost: boolean } {
    const held: Row[] = [];
    let left = room;
    for (const found of this.#entries.iterate(placeOf(epoch.no, first), placeOf(epoch.no, last))) {
      const row = readRow(found);
      if (row.seq !== first + held.length) return { held, lost: true };
      if (held.length > 0 && row.text.length > left) return { held, lost: false };
      held.push(row);
      left -= row.text.length;
    }
    return { held, lost: held.length < last - first + 1 };
  }

  #seals(epoch: Epoch, from: number, limit: number): Seal[] {
    return this.#sealsFrom.all(placeOf(epoch.no, from), placeOf(epoch.no + 1, 0) - 1, limit).map(readSeal);
  }
}

function readSeal(row: Record<string, unknown>): Seal {
  const last = seqOf(numberOf(row.last));
  return {
    first: last - numberOf(row.entries) + 1,
    last,
    committedAt: numberOf(row.committed_at),
    site: numberOf(row.site),
    hash: hashOf(row.hash),
  };
}

function readRow(row: Record<string, unknown>): Row {
  return { seq: seqOf(numberOf(row.place)), text: textOf(row.entry) };
}
