import type { LabelsState, LabelsStep } from '../record/labels.ts';
import type { Committed, EntryKey, Stream } from '../record/record.ts';
import type { SeqRanges } from '../record/seq-set.ts';
import type { MinuteOfSeries, SourceMark } from './delivery-port.ts';
import type { HeldBoot, HeldRow, Release } from './holding-port.ts';
import type { Backlog, Proof, Span, StoreEvent, StoreRefusal, StreamHead, Vouched } from './port.ts';
import type { SentSpan } from './sent-span.ts';

/** How long entries are kept once every uplink has let them go, milliseconds; most bytes of the database, null for no limit. */
export interface RetentionBounds {
  readonly records: number;
  readonly samples: number;
  readonly limit: number | null;
}

/** What the thread is started with. */
export interface ThreadOptions {
  /** Path of the database file. */
  readonly file: string;
  readonly gateway: string;
  /** Site version for what the opening itself commits. */
  readonly site: string;
  /** Uplinks that have a claim on every entry. */
  readonly uplinks: readonly string[];
  /** How long a statement waits for another connection's lock, milliseconds. */
  readonly busyTimeout: number;
  /** Wall time of the opening; only a time that it cannot be before where it `isGuess`. */
  readonly now: number;
  readonly isGuess: boolean;
  /** IANA name: the opening writes stamps. */
  readonly timezone: string;
  readonly retention: RetentionBounds;
  /** Tells this machine from others; null where nothing does. */
  readonly machine: string | null;
}

/** What a commit lets go of in the holding table. */
export type HeldRelease = Omit<Release, 'records' | 'samples'>;

/** Last seq of the current epoch, per stream. */
export type LastSeqs = { readonly [stream in Stream]: number };

/** One stream's share of a commit: canonical texts in order. They take the next sequence numbers. */
export interface CommitPart {
  readonly stream: Stream;
  readonly texts: readonly string[];
}

/** Where a part of a commit came to stand. */
export interface CommittedPart {
  readonly stream: Stream;
  readonly epoch: string;
  /** Seq of the first entry. */
  readonly first: number;
  /** Chain hash before the first entry. */
  readonly before: string;
  /** Chain hash after each entry. */
  readonly hashes: readonly string[];
}

/** What the thread committed by itself, to be announced like any other commit. */
export interface OwnCommit {
  readonly part: CommittedPart;
  readonly texts: readonly string[];
  readonly at: number;
  readonly site: string;
}

/** A {@link Span} whose entries are still canonical text. */
export type StoredSpan = Omit<Span, 'entries'> & {
  readonly entries: readonly { readonly seq: number; readonly text: string }[];
};

/** A {@link Said} whose record is still canonical text. */
export type SaidText = { readonly text: string } | { readonly gap: number } | 'unknown';

/** What can be asked of the thread, and what it answers. */
export interface Questions {
  commit: {
    ask: {
      at: number;
      site: string;
      /** What the records speak of, in order. */
      labels: readonly LabelsStep[];
      parts: readonly CommitPart[];
      release?: HeldRelease;
      /** How far sources are heard with it. */
      marks?: readonly SourceMark[];
      /** Minutes among the records that are said anew, or for the first time where a gap stands. */
      revised?: readonly string[];
    };
    /** `at`: the commit time, never before that of an earlier commit. */
    answer: { at: number; parts: readonly CommittedPart[]; milliseconds: number };
  };
  pending: {
    ask: {
      uplink: string;
      limit: number;
      exceptFor: readonly { stream: Stream; epoch: string; ranges: SeqRanges }[];
      border: number;
      /** What has been announced to listeners; anything newer is not pending yet. */
      announced: LastSeqs;
    };
    answer: SentSpan | null;
  };
  acknowledge: { ask: { uplink: string; stream: Stream; epoch: string; have: SeqRanges }; answer: null };
  vouch: { ask: { stream: Stream; epoch: string; proofs: readonly Proof[] }; answer: readonly Vouched[] };
  claimAgain: { ask: { uplink: string; stream: Stream; epoch: string; ranges: SeqRanges }; answer: number };
  refuse: { ask: { uplink: string; key: EntryKey; reason: string; at: number }; answer: null };
  backlog: { ask: { uplink: string }; answer: Backlog };
  heads: { ask: Record<string, never>; answer: readonly StreamHead[] };
  labels: { ask: Record<string, never>; answer: LabelsState };
  hold: {
    ask: { boot: string; rows: readonly HeldRow[]; bound: { bytes: number; rows: number } };
    /** Readings that the bound took. */
    answer: { readings: number };
  };
  held: {
    ask: { boot: string; after: number; limit: number };
    answer: readonly (HeldRow & { readonly id: number })[];
  };
  heldBoots: { ask: Record<string, never>; answer: readonly HeldBoot[] };
  marks: { ask: Record<string, never>; answer: readonly SourceMark[] };
  said: { ask: { minutes: readonly MinuteOfSeries[] }; answer: readonly SaidText[] };
  recent: {
    ask: { limit: number; point: string | null };
    answer: readonly { readonly key: Committed; readonly text: string }[];
  };
  close: { ask: Record<string, never>; answer: null };
}
export type Question = keyof Questions;

/** To the thread. */
export type ToThread = {
  [Q in Question]: { readonly id: number; readonly question: Q; readonly ask: Questions[Q]['ask'] };
}[Question];

/** From the thread. */
export type FromThread =
  | {
      readonly kind: 'opened';
      readonly last: LastSeqs;
      readonly begun: readonly CommittedPart[];
    }
  /** A new epoch has begun while the store was used: in a new file, or after a history that is not this store's alone. */
  | { readonly kind: 'moved'; readonly last: LastSeqs; readonly begun: readonly CommittedPart[] }
  | { readonly kind: 'committed'; readonly commit: OwnCommit }
  | { readonly kind: 'refused'; readonly refusal: StoreRefusal }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: Questions[Question]['answer'] }
  | { readonly kind: 'fault'; readonly id: number; readonly message: string }
  | { readonly kind: 'event'; readonly event: StoreEvent };
