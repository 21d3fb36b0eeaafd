import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { chainStart } from '../../record/chain.ts';
import type { Stream } from '../../record/record.ts';
import type { StoredSpan } from '../worker-messages.ts';
import { blockLength, hashesOver, type OpenBlock, openBlock, pack, textsOf } from './block.ts';
import { hashOf, numberOf, placeOf, seqOf } from './database.ts';
import type { Epoch } from './epochs.ts';
import { Gone, type GoneReason } from './gone.ts';
import { OlderLayout } from './older-layout.ts';

/** What the entries of one commit share, or of one stretch that is gone; `first` and `last` are sequence numbers. */
export interface Seal {
  readonly first: number;
  readonly last: number;
  readonly committedAt: number;
  /** Number of the site version. */
  readonly site: number;
  /** Chain hash before `first`; null where only what stands before can tell. */
  readonly before: string | null;
  /** Chain hash after `last`. */
  readonly hash: string;
  /** Why the entries are not held; null when they are. */
  readonly gone: string | null;
}

/** The last entry of a stream in an epoch: seq 0 and the chain's start before the first. */
export interface Tail {
  readonly seq: number;
  readonly hash: string;
  /** Commit time of the last entry, 0 before the first. */
  readonly committedAt: number;
}

/** Most text that one span carries, in UTF-16 units: it is held in memory several times on its way out. */
const spanBytes = 262_144;
/** Blocks kept open: a drain reads one block in many spans, and the page asks for the newest again and again. */
const keptOpen = 6;

/** One stream's blocks and what is gone of it. Sequence numbers in, sequence numbers out; places stay inside. */
export class StreamTable {
  readonly stream: Stream;
  readonly gone: Gone;
  /** Rows of layout 1 that are not blocks yet; undefined when there are none. */
  older: OlderLayout | undefined;
  readonly #insert: StatementSync;
  readonly #from: StatementSync;
  readonly #back: StatementSync;
  readonly #body: StatementSync;
  readonly #delete: StatementSync;
  readonly #open = new Map<number, OpenBlock | undefined>();

  constructor(database: DatabaseSync, stream: Stream) {
    this.stream = stream;
    this.gone = new Gone(database, stream);
    const row = `SELECT last, entries, committed_at, site, before, after FROM ${stream}_blocks WHERE last BETWEEN ? AND ?`;
    this.#from = database.prepare(`${row} ORDER BY last LIMIT 1`);
    this.#back = database.prepare(`${row} ORDER BY last DESC LIMIT ?`);
    this.#body = database.prepare(`SELECT body FROM ${stream}_blocks WHERE last = ?`);
    this.#delete = database.prepare(`DELETE FROM ${stream}_blocks WHERE last = ?`);
    this.#insert = database.prepare(
      `INSERT INTO ${stream}_blocks (last, entries, committed_at, site, before, after, body) VALUES (?, ?, ?, ?, ?, ?, ?)`,
    );
    this.older = OlderLayout.of(database, stream, this.gone, (place, { entries, committedAt, site, ...rest }) =>
      this.#write(place, entries, committedAt, site, rest),
    );
  }

  /** Adds entries after the tail, within the caller's transaction; returns the hash after each. */
  add(epoch: Epoch, tail: Tail, texts: readonly string[], committedAt: number, site: number): string[] {
    const hashes: string[] = [];
    for (let start = 0; start < texts.length; ) {
      const length = blockLength(texts, start);
      const block = texts.slice(start, start + length);
      const before = hashes.at(-1) ?? tail.hash;
      hashes.push(...hashesOver(block, before, tail.seq + start + 1));
      const place = placeOf(epoch.no, tail.seq + start + length);
      this.#write(place, length, committedAt, site, { before, after: hashes.at(-1) ?? before, body: pack(block) });
      start += length;
    }
    return hashes;
  }

  /** Takes a proven block over as it is, within the caller's transaction. */
  take(epoch: Epoch, seal: Seal & { readonly before: string }, body: string | Uint8Array): void {
    const { first, last, committedAt, site, before, hash } = seal;
    this.#write(placeOf(epoch.no, last), last - first + 1, committedAt, site, { before, after: hash, body });
  }

  /** Lets a whole block go, within the caller's transaction: from now on it is gone, and the chain goes on over it. */
  letGo(epoch: Epoch, seal: Seal, reason: GoneReason): void {
    const place = placeOf(epoch.no, seal.last);
    this.#delete.run(place);
    this.gone.add(epoch, { ...seal, reason });
    this.#open.delete(place);
  }

  /** Where the epoch's chain stands by its last block. */
  tail(epoch: Epoch): Tail {
    const [seal] = this.sealsBack(epoch, Number.POSITIVE_INFINITY, 1);
    if (seal === undefined) return { seq: 0, hash: this.#start(epoch), committedAt: 0 };
    return { seq: seal.last, hash: seal.hash, committedAt: seal.committedAt };
  }

  /** Oldest seq of the epoch that is still held; one past the tail when none is. */
  oldest(epoch: Epoch): number {
    return this.blockFrom(epoch, 1)?.first ?? this.tail(epoch).seq + 1;
  }

  /** Proves the last blocks of the epoch. Undefined when they hold; otherwise what does not. */
  faultInTail(epoch: Epoch, blocks: number): string | undefined {
    const last = this.sealsBack(epoch, Number.POSITIVE_INFINITY, blocks).filter(({ gone }) => gone === null);
    const [newest] = last;
    if (newest === undefined) return `${this.stream}: no entry of the epoch is left`;
    let after: string | undefined;
    for (const seal of last) {
      const place = `${this.stream}: seq ${seal.first} to ${seal.last}`;
      if (this.open(epoch, seal) === undefined) return `${place} do not match their hash`;
      if (after !== undefined && this.sealOver(epoch, seal.last + 1)?.gone === null && seal.hash !== after) {
        return `${place} do not lead to what follows them`;
      }
      after = seal.before ?? undefined;
    }
    return undefined;
  }

  /** The seal over a seq; undefined beyond the tail. A hole that nothing accounts for is lost. */
  sealOver(epoch: Epoch, seq: number): Seal | undefined {
    const block = this.blockFrom(epoch, seq);
    if (block !== undefined && block.first <= seq) return block;
    const stretch = this.gone.from(epoch, seq);
    if (stretch !== undefined && stretch.first <= seq) return { ...stretch, before: null, gone: stretch.reason };
    const next = stretch !== undefined && stretch.last < (block?.last ?? Infinity) ? undefined : block;
    if (next === undefined || next.before === null) return undefined;
    const [former] = this.sealsBack(epoch, seq - 1, 1);
    const first = (former?.last ?? 0) + 1;
    return { ...next, first, last: next.first - 1, before: null, hash: next.before, gone: 'lost' };
  }

  /** Seals that end at or before `seq`, newest first. */
  sealsBack(epoch: Epoch, seq: number, limit: number): Seal[] {
    const last = Math.min(seq, 2 ** 36 - 1);
    const blocks = this.blocksBack(epoch, last, limit);
    const stretches = this.gone.back(epoch, last, limit);
    const gone = stretches.map((stretch) => ({ ...stretch, before: null, gone: stretch.reason }));
    return [...blocks, ...gone].sort((a, b) => b.last - a.last).slice(0, limit);
  }

  /** The first block that ends at `seq` or later. */
  blockFrom(epoch: Epoch, seq: number): Seal | undefined {
    this.older?.turnFrom(epoch, seq);
    const row = this.#from.get(placeOf(epoch.no, seq), placeOf(epoch.no + 1, 0) - 1);
    return row === undefined ? undefined : readSeal(row);
  }

  /** Blocks that end at or before `seq`, newest first. */
  blocksBack(epoch: Epoch, seq: number, limit: number): Seal[] {
    const last = Math.min(seq, 2 ** 36 - 1);
    this.older?.turnBack(epoch, last, limit);
    return this.#back.all(placeOf(epoch.no, 0), placeOf(epoch.no, last), limit).map(readSeal);
  }

  /** Texts and hashes of a block, proven; undefined when the block does not hold together, or is not there. */
  open(epoch: Epoch, seal: Seal): OpenBlock | undefined {
    const place = placeOf(epoch.no, seal.last);
    let open = this.#open.get(place);
    if (open === undefined) {
      const body = this.#body.get(place)?.body;
      const { first, last, before, hash } = seal;
      open = before === null ? undefined : openBlock(body, { first, entries: last - first + 1, before, after: hash });
    }
    this.#open.delete(place);
    this.#open.set(place, open);
    const [longest] = this.#open.keys();
    if (this.#open.size > keptOpen && longest !== undefined) this.#open.delete(longest);
    return open;
  }

  /** Whether a block holds together; what is kept open stays so. */
  prove(epoch: Epoch, { first, last, before, hash }: Seal): boolean {
    const body = this.#body.get(placeOf(epoch.no, last))?.body;
    return before !== null && openBlock(body, { first, entries: last - first + 1, before, after: hash }) !== undefined;
  }

  /** Texts of a block as they are kept, proven or not; undefined when they cannot be read. */
  texts(epoch: Epoch, seal: Seal): readonly string[] | undefined {
    return textsOf(this.#body.get(placeOf(epoch.no, seal.last))?.body);
  }

  /**
   * The stretch `from..to` as it is held, cut where the site version changes, where the commits cross the `border` in
   * wall time, or where the text grows large, so `to` may come nearer. What is gone is told by whole stretches, since
   * only their ends have a hash: there `from` may lie before what was asked for, and `to` behind it.
   */
  span(epoch: Epoch, from: number, to: number, border = 0): Omit<StoredSpan, 'site'> & { site: number } {
    const first = this.sealOver(epoch, from);
    if (first === undefined) throw new RangeError(`${this.stream} ${epoch.id} holds no seq ${from}`);
    const entries: { seq: number; text: string }[] = [];
    const absent: [number, number, string, string][] = [];
    const opened = first.gone === null ? this.open(epoch, first) : undefined;
    const start = opened === undefined ? first.first : from;
    const before = opened?.hashes[start - first.first - 1] ?? this.#before(epoch, first);
    let [end, after, committedAt, room] = [start - 1, before, first.committedAt, spanBytes];
    while (end < to && room > 0) {
      const seal = this.sealOver(epoch, end + 1);
      if (seal === undefined || seal.site !== first.site) break;
      if (seal.committedAt < border !== first.committedAt < border) break;
      // A block that does not follow from the one before it begins a span of its own: there the break shows.
      if (end >= start && seal.before !== null && seal.first === end + 1 && seal.before !== after) break;
      const block = seal.gone === null ? this.open(epoch, seal) : undefined;
      committedAt = Math.max(committedAt, seal.committedAt);
      if (block === undefined) {
        after = seal.gone === null ? this.#hashBehind(epoch, seal) : seal.hash;
        absent.push([seal.first, seal.last, seal.gone ?? 'lost', after]);
        end = seal.last;
        continue;
      }
      const want = Math.min(to, seal.last);
      for (let seq = end + 1; seq <= want; seq++) {
        const text = block.texts[seq - seal.first] ?? '';
        if (entries.length > 0 && text.length > room) break;
        entries.push({ seq, text });
        room -= text.length;
        end = seq;
      }
      after = block.hashes[end - seal.first] ?? after;
      if (end < seal.last) break;
    }
    const place = { stream: this.stream, epoch: epoch.id, from: start, to: end };
    return { ...place, before, after, site: first.site, committedAt, entries, absent };
  }

  #start(epoch: Epoch): string {
    return chainStart(epoch.gateway, this.stream, epoch.id);
  }

  /** Chain hash before a seal. */
  #before(epoch: Epoch, seal: Seal): string {
    return seal.before ?? this.sealsBack(epoch, seal.first - 1, 1)[0]?.hash ?? this.#start(epoch);
  }

  /** Chain hash after a block that is damaged, its own hash perhaps with it: what follows knows it too. */
  #hashBehind(epoch: Epoch, seal: Seal): string {
    const next = this.blockFrom(epoch, seal.last + 1);
    return next?.first === seal.last + 1 && next.before !== null ? next.before : seal.hash;
  }

  #write(
    place: number,
    entries: number,
    committedAt: number,
    site: number,
    { before, after, body }: { before: string; after: string; body: string | Uint8Array },
  ): void {
    this.#insert.run(place, entries, committedAt, site, Buffer.from(before, 'hex'), Buffer.from(after, 'hex'), body);
  }
}

function readSeal(row: Record<string, unknown>): Seal {
  const last = seqOf(numberOf(row.last));
  return {
    first: last - numberOf(row.entries) + 1,
    last,
    committedAt: numberOf(row.committed_at),
    site: numberOf(row.site),
    before: hashOf(row.before),
    hash: hashOf(row.after),
    gone: null,
  };
}
