import type { LocalTime, WallTime } from '../clock.ts';
import type { ExportEntry, ExportStretch } from '../contract/export/lines.ts';
import { chainNext } from '../record/chain.ts';
import type { Entry, Stream } from '../record/record.ts';
import type { KeptEpoch, StoredSpan, StoreReader } from '../store/reader.ts';
import type { Choice } from './choice.ts';

/** An entry that goes out, with what tables show of it. */
interface ChosenEntry extends ExportEntry {
  readonly entry: Entry | undefined;
}

/** A stretch of the store as it goes out. */
export interface ChosenStretch extends ExportStretch {
  readonly entries: readonly ChosenEntry[];
}

/** One chain that an export goes over: a stream in an epoch, up to where it stood when the export began. */
export interface ChainToWalk {
  readonly stream: Stream;
  readonly epoch: KeptEpoch;
  readonly end: number;
}

/** Where to go on in a chain. */
export interface WalkPlace {
  readonly next: number;
  /** Chain hash before `next`; null where nothing of the chain went out yet. */
  readonly hash: string | null;
}

/**
 * Goes over one chain and gives what is chosen, in stretches that follow each other without a hole from the first that
 * is chosen to the last: what lies between and is not chosen is told as left out, with the hash behind it.
 */
export class ChainWalker {
  readonly #reader: StoreReader;
  readonly #choice: Choice;
  readonly #localTime: LocalTime;
  /** Whether entries must be looked into at all. */
  readonly #looks: boolean;

  constructor(reader: StoreReader, choice: Choice, localTime: LocalTime, looks: boolean) {
    this.#reader = reader;
    this.#choice = choice;
    this.#localTime = localTime;
    this.#looks = looks;
  }

  /**
   * First seq that can matter: everything is committed after the time that it is about. An hour is allowed for clocks
   * that were set back in between.
   */
  start({ stream, epoch, end }: ChainToWalk): number {
    const { from } = this.#choice;
    if (end === 0 || !Number.isFinite(from)) return 1;
    return this.#reader.seqAt(stream, epoch, from - 3_600_000);
  }

  /** Gives undefined for a stretch of the store in which nothing is chosen, so that the caller can see it go on. */
  *stretches({ stream, epoch, end }: ChainToWalk, place: WalkPlace): Generator<ChosenStretch | number> {
    let { next, hash } = place;
    let left: ExportStretch | undefined;
    for (const span of this.#reader.spans(stream, epoch, next, end)) {
      const stretch = this.#chosen(clipped(span, next, hash));
      next = stretch.to + 1;
      if (stretch.entries.length === 0 && stretch.absent.length === 0) {
        if (hash !== null) left = joined(left, stretch);
        yield stretch.to;
        continue;
      }
      if (left !== undefined) yield { ...left, entries: [] };
      left = undefined;
      hash = stretch.after;
      yield stretch;
    }
  }

  #chosen(span: StoredSpan): ChosenStretch {
    const { stream, epoch, from, to, before, site } = span;
    const entries: ChosenEntry[] = [];
    const left: [number, number, string][] = [];
    let hash = before;
    let holes = 0;
    const stepOver = (seq: number): void => {
      for (let hole = span.absent[holes]; hole !== undefined && hole[0] < seq; hole = span.absent[++holes]) {
        hash = hole[3];
      }
    };
    for (const { seq, text } of span.entries) {
      stepOver(seq);
      hash = chainNext(hash, seq, text);
      const entry = this.#looks ? (JSON.parse(text) as Entry) : undefined;
      const last = left.at(-1);
      if (entry === undefined || this.#choice.takes(entry)) entries.push({ seq, hash, text, entry });
      else if (last?.[1] === seq - 1) left.splice(-1, 1, [last[0], seq, hash]);
      else left.push([seq, seq, hash]);
    }
    stepOver(Number.POSITIVE_INFINITY);
    const committed = this.#localTime.stamp(span.committedAt as WallTime);
    return { stream, epoch, from, to, before, after: hash, site, committed, absent: span.absent, left, entries };
  }
}

/** What retention let go meanwhile may have grown together with what went out before: that part is not told again. */
function clipped(span: StoredSpan, next: number, hash: string | null): StoredSpan {
  if (span.from >= next || hash === null) return span;
  const absent = span.absent.flatMap(([first, last, reason, after]) =>
    last < next ? [] : [[Math.max(first, next), last, reason, after] as const],
  );
  return { ...span, from: next, before: hash, absent, entries: span.entries.filter(({ seq }) => seq >= next) };
}

/** One stretch for everything that was left out in a row. */
function joined(left: ExportStretch | undefined, { entries: _, ...stretch }: ChosenStretch): ExportStretch {
  const { from, before } = left ?? stretch;
  return { ...stretch, from, before, left: [[from, stretch.to, stretch.after]] };
}
