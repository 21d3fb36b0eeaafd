import type { Reading } from '../reading/reading.ts';
import type { Committed, Entry, EntryKey, Stream, StreamRecord } from '../record/record.ts';
import type { SeqRanges } from '../record/seq-set.ts';

export type { SeqRanges } from '../record/seq-set.ts';

/** A stretch of one epoch as it stands in the store, ready to be sent: every seq of `from..to` is here or absent. */
export interface Span {
  readonly stream: Stream;
  readonly epoch: string;
  readonly from: number;
  readonly to: number;
  /** Chain hash before `from` and after `to`. */
  readonly before: string;
  readonly after: string;
  /** Site version in force when the last entry was committed. */
  readonly site: string;
  /** Wall time of the newest commit in the span, milliseconds since the epoch. */
  readonly committedAt: number;
  readonly entries: readonly { readonly seq: number; readonly entry: Entry }[];
  /** [first, last, reason, chain hash after last]: sequence numbers whose entry is no longer held. */
  readonly absent: readonly (readonly [number, number, string, string])[];
}

/** Where a stream stands. */
export interface StreamHead {
  readonly stream: Stream;
  readonly epoch: string;
  /** Last committed seq, 0 before the first. */
  readonly seq: number;
  /** Oldest seq of this epoch still held, or seq + 1 when none is. */
  readonly oldest: number;
}

/** What an uplink let go because the other side has it; a platform may name more than was ever sent. */
export interface Acknowledged {
  readonly uplink: string;
  readonly stream: Stream;
  readonly epoch: string;
  readonly have: SeqRanges;
}

/** How far one uplink has come. */
export interface Backlog {
  readonly uplink: string;
  /** Entries that are committed and not yet let go, per stream. */
  readonly records: number;
  readonly samples: number;
  /** Wall time of the oldest commit among them, null when there is none. */
  readonly oldestCommittedAt: number | null;
  /** Entries refused for good by the platform and set aside. */
  readonly refused: number;
}

/** A record that was never made durable: the open group was full. It is counted, and stands in a gap record. */
export class RecordDropped extends Error {
  override readonly name = 'RecordDropped';
}

/** Why a store was not opened. The message says what to do; nothing was changed on disk. */
export interface StoreRefusal {
  readonly refusal: 'in-use' | 'newer' | 'unusable';
  /** The process that holds the site, where that is known. */
  readonly pid: number | null;
  readonly message: string;
}

/** Records that neither a platform nor an export has, and that will be let go. Wall time, milliseconds. */
export interface Leaving {
  /** Commit time of the oldest of them, and of the newest record. */
  readonly since: number;
  readonly until: number;
  /** When the first of them goes. */
  readonly at: number;
  readonly by: 'age' | 'room';
}

/** First digits, 16 at least, of the chain hash after a seq, as somebody else knows it. */
export type Proof = readonly [seq: number, hash: string];
/** Whether a proof is of this store's history. `unknown`: the entries are not here any more, or never were. */
export type Vouched = 'ours' | 'foreign' | 'unknown';

/** What the store tells about itself; diagnosis shows it. A dropped sample is counted as one reading. */
export type StoreEvent =
  | {
      readonly kind: 'store-committed';
      readonly stream: Stream;
      readonly entries: number;
      readonly milliseconds: number;
    }
  | { readonly kind: 'store-dropped'; readonly stream: Stream; readonly entries: number; readonly why: string }
  | { readonly kind: 'store-fault'; readonly message: string }
  | { readonly kind: 'store-recovered'; readonly message: string }
  /**
   * A new epoch has begun since the old one may be going on elsewhere: the store was made on another machine, or a
   * platform has entries under our keys that we never committed.
   */
  | {
      readonly kind: 'store-epoch';
      readonly epoch: string;
      readonly previous: string;
      readonly reason: 'another-machine' | 'another-writer';
      readonly message: string;
    }
  /** Committed entries are no longer held: by age, or to make room, which may also take what no platform has yet. */
  | {
      readonly kind: 'store-retention';
      readonly stream: Stream;
      readonly entries: number;
      readonly reason: 'expired' | 'disk-full' | 'lost';
    }
  /** A damaged store that was set aside is being read: part of it that has been, 0 to 1, and entries taken over. */
  | {
      readonly kind: 'store-salvage';
      readonly file: string;
      readonly share: number;
      readonly entries: number;
      readonly finished: boolean;
    }
  /** Told with every look at the medium; null: none within a month. */
  | { readonly kind: 'store-leaving'; readonly leaving: Leaving | null }
  /**
   * Bytes that entries take, bytes there still are for them on the medium, the site's own limit (null for none), and
   * growth in bytes a day (null while it is not known).
   */
  | {
      readonly kind: 'store-size';
      readonly bytes: number;
      readonly free: number;
      readonly limit: number | null;
      readonly bytesPerDay: number | null;
    };

/**
 * The durable heart: two streams of entries, each with its own sequence, epoch and chain. Nothing is given to an uplink
 * before its commit. `append` is taken into the open group at once and resolves at the commit that made it durable; the
 * group closes after a window (1 s for records, 10 s for samples by default). The group is bounded: past the bound the
 * oldest samples are dropped, and much later the oldest records, counted and told as an event.
 */
export interface Store {
  /** Rejects with {@link RecordDropped} when the disk failed for so long that the group could not keep it. */
  append(record: StreamRecord): Promise<Committed>;
  /**
   * Adds one instrument's readings to its block of the open samples group. Resolves at the block's commit; with
   * `dropped` when the bound took them, or at once where the site keeps no samples.
   */
  sample(readings: readonly Reading[]): Promise<Committed | 'dropped'>;
  /** Rejects when the database does not answer. */
  heads(): Promise<readonly StreamHead[]>;
  /** The site version that is stamped on commits from now on. */
  setSite(version: string): void;
  /** Called after every commit with what it made durable; the span is ready to be sent as it is. */
  onCommitted(listener: (span: Span) => void): () => void;
  /**
   * Oldest entries that this uplink has not let go, at most `limit`, skipping `exceptFor` (in flight). null: none.
   * `border` is a wall time: entries committed before it and entries committed since do not come in one span.
   */
  pending(
    uplink: string,
    limit: number,
    exceptFor: readonly { stream: Stream; epoch: string; ranges: SeqRanges }[],
    border?: number,
  ): Promise<Span | null>;
  /**
   * The platform (or the broker) has these; the uplink's claim on them ends. With a seq beyond the head none of it does: see
   * `vouch`. False when the database would not write it, as on a full disk: the claim stands.
   */
  acknowledge(uplink: string, stream: Stream, epoch: string, have: SeqRanges): Promise<boolean>;
  /** Calls back when an uplink's claim on entries has ended because the other side has them. */
  onAcknowledged(listener: (acknowledged: Acknowledged) => void): () => void;
  /**
   * Holds what a platform says of the chain against this store. Something foreign in the current epoch means that an
   * older copy of the store was put back, or that another gateway has this one's identity: then a new epoch begins.
   */
  vouch(stream: Stream, epoch: string, proofs: readonly Proof[]): Promise<readonly Vouched[]>;
  /**
   * The platform wants these once more: the uplink's claim on them is given back, also on what was set aside. Resolves to
   * how many entries it had let go; what is no longer held is among them, and is sent as absent.
   */
  claimAgain(uplink: string, stream: Stream, epoch: string, ranges: SeqRanges): Promise<number>;
  /** The platform will never take this one: it is set aside and shown. */
  refuse(uplink: string, key: EntryKey, reason: string): Promise<void>;
  /** Rejects when the database does not answer: that is not the same as nothing held. */
  backlog(uplink: string): Promise<Backlog>;
  /** End of the last minute any period or gap record covers, as a stamp; null in a new store. */
  coveredUntil(): Promise<string | null>;
  /** Newest period records, newest first, for the page. */
  recent(limit: number, point?: string): Promise<readonly { readonly key: Committed; readonly entry: Entry }[]>;
  /** Closes the open groups with a last commit, then the database. */
  close(): Promise<void>;
}
