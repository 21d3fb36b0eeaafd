import { chainNext, chainStart } from '../record/chain.ts';
import type { Stream } from '../record/record.ts';
import type { ChainReport, Findings } from './finding.ts';

/** A stretch as it is held somewhere: what the store calls a span, what an export writes, what a batch carries. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  /** Chain hash before `from`; null where it is not told, and only what stands before can tell. */
  readonly before: string | null;
  readonly after: string;
  /** Milliseconds since the epoch; null when it is not told. */
  readonly committedAt: number | null;
  /** Canonical texts. */
  readonly entries: readonly { readonly seq: number; readonly text: string }[];
  /** [first, last, reason, chain hash after last] */
  readonly absent: readonly (readonly [number, number, string, string])[];
}

/** What an altered stretch would mean if the next one says so: the hash alone was changed. */
interface Doubt {
  readonly stretch: Stretch;
  readonly computed: string;
  readonly heldUntil: number | null;
}

/**
 * Follows the chain of one stream in one epoch, stretch by stretch in the order of seq, and says where it does not hold.
 * After a fault it goes on from the hash that is claimed, so that one change is one finding and what follows it is
 * judged by itself.
 */
export class ChainWalk {
  readonly stream: Stream;
  readonly epoch: string;
  readonly #gateway: string;
  readonly #findings: Findings;
  /** Reasons that stand in a store's absent stretches without anything that accounts for them. */
  readonly #unaccounted: ReadonlySet<string>;
  readonly #absent: [number, number, string][] = [];
  #next: number | undefined;
  #hash: string | undefined;
  #first: number | undefined;
  #from: number | null = null;
  #to: number | null = null;
  #proven = 0;
  #faults = 0;
  #heldUntil: number | null = null;
  #doubt: Doubt | undefined;

  /** `unaccounted`: reasons for which an absent stretch is a finding. */
  constructor(
    place: { readonly stream: Stream; readonly epoch: string; readonly gateway: string },
    findings: Findings,
    unaccounted: readonly string[] = [],
  ) {
    this.stream = place.stream;
    this.epoch = place.epoch;
    this.#gateway = place.gateway;
    this.#findings = findings;
    this.#unaccounted = new Set(unaccounted);
  }

  /** The seq that has to come next; undefined before the first stretch. */
  get next(): number | undefined {
    return this.#next;
  }

  take(stretch: Stretch): void {
    this.#begin(stretch);
    const isNext = this.#isNext(stretch);
    const computed = hashAfter(stretch, stretch.before ?? this.#hash ?? '');
    const isReal = this.#settle(isNext ? stretch : undefined, computed);
    if (isReal || this.#follows(stretch, isNext, computed)) this.#holds(stretch);
    else this.#doubt = { stretch, computed, heldUntil: this.#heldUntil };
    this.#noteAbsent(stretch);
    this.#next = stretch.to + 1;
    this.#hash = stretch.after;
    this.#to = stretch.committedAt ?? this.#to;
  }

  /** The report, when there are no more stretches. */
  finish(): ChainReport {
    this.#settle(undefined, '');
    return {
      stream: this.stream,
      epoch: this.epoch,
      gateway: this.#gateway,
      first: this.#first ?? 1,
      last: (this.#next ?? 1) - 1,
      from: this.#from,
      to: this.#to,
      proven: this.#proven,
      absent: this.#absent,
      holds: this.#faults === 0,
    };
  }

  /** Enters a fault that somebody else found in this chain. */
  fault(
    kind: Parameters<Findings['add']>[0],
    where: { first?: number; last?: number; at?: number | null },
    detail: string,
  ) {
    this.#faults++;
    const { stream, epoch } = this;
    this.#findings.add(kind, { stream, epoch, heldUntil: this.#heldUntil, ...where }, detail);
  }

  #begin({ from, committedAt }: Stretch): void {
    if (this.#first !== undefined) return;
    this.#first = from;
    this.#from = committedAt;
    if (from !== 1) return;
    this.#hash = chainStart(this.#gateway, this.stream, this.epoch);
    this.#next = 1;
  }

  /** Whether it begins with the seq that has to come next; a finding where it does not. */
  #isNext({ from, committedAt }: Stretch): boolean {
    if (this.#next === undefined || from === this.#next) return true;
    const where = { first: Math.min(from, this.#next), last: Math.max(from, this.#next) - 1, at: committedAt };
    if (from > this.#next) this.fault('missing', where, `after seq ${this.#next - 1} comes seq ${from}`);
    else this.fault('does-not-follow', where, `seq ${from} comes again`);
    this.#hash = undefined;
    return false;
  }

  /**
   * Decides what the doubtful stretch before was: where the next one goes on from what its entries lead to, only the hash
   * was changed. True when the next one holds from there.
   */
  #settle(next: Stretch | undefined, computed: string): boolean {
    const doubt = this.#doubt;
    this.#doubt = undefined;
    if (doubt === undefined) return false;
    const isReal = next !== undefined && hashAfter(next, doubt.computed) === next.after;
    const isHash = isReal || (next?.before === doubt.computed && computed === next.after);
    const { from, to, after, committedAt, entries } = doubt.stretch;
    this.#faults++;
    const { stream, epoch } = this;
    const place = { stream, epoch, first: from, last: to, heldUntil: doubt.heldUntil, at: committedAt };
    const detail = `entries ${from} to ${to} lead to ${doubt.computed}; kept as the hash after them is ${after}`;
    this.#findings.add(isHash ? 'hash-changed' : 'altered', place, detail);
    if (isHash) this.#proven += entries.length;
    if (isHash) this.#hash = next?.before ?? undefined;
    return isReal;
  }

  /** Whether it leads from the stretch before to its own end; a finding where it begins elsewhere. */
  #follows(stretch: Stretch, isNext: boolean, computed: string): boolean {
    const { from, before, after, committedAt } = stretch;
    if (from === 1 && (before !== this.#hash || computed !== after) && this.#isRenamed(stretch)) return true;
    if (isNext && before !== null && this.#hash !== undefined && before !== this.#hash) {
      const detail = `the hash before seq ${from} is ${before}, the chain stands at ${this.#hash}`;
      this.fault('does-not-follow', { first: from, last: stretch.to, at: committedAt }, detail);
    }
    return computed === after;
  }

  #holds(stretch: Stretch): void {
    this.#proven += stretch.entries.length;
    this.#heldUntil = stretch.committedAt ?? this.#heldUntil;
  }

  /** Whether the chain began under another name, by what its first record says. */
  #isRenamed(stretch: Stretch): boolean {
    const name = beginningOf(stretch.entries[0]?.text)?.epoch;
    if (name === undefined || name === this.epoch) return false;
    if (hashAfter(stretch, chainStart(this.#gateway, this.stream, name)) !== stretch.after) return false;
    this.fault('epoch-renamed', { first: 1, at: stretch.committedAt }, `it began as ${name}`);
    return true;
  }

  #noteAbsent({ absent, committedAt }: Stretch): void {
    for (const [first, last, reason] of absent) {
      if (this.#unaccounted.has(reason)) {
        this.fault('lost', { first, last, at: committedAt }, 'the entries are gone, and nothing says why');
      } else if (this.#absent.at(-1)?.[1] === first - 1 && this.#absent.at(-1)?.[2] === reason) {
        const before = this.#absent.pop();
        this.#absent.push([before?.[0] ?? first, last, reason]);
      } else this.#absent.push([first, last, reason]);
    }
  }
}

/** The hash that a stretch leads to from `before`, stepping over what is absent by the hash that is given for it. */
function hashAfter({ entries, absent }: Pick<Stretch, 'entries' | 'absent'>, before: string): string {
  let hash = before;
  let stepped = 0;
  const stepOver = (until: number): void => {
    for (let gone = absent[stepped]; gone !== undefined && gone[0] < until; gone = absent[stepped]) {
      hash = gone[3];
      stepped++;
    }
  };
  for (const { seq, text } of entries) {
    stepOver(seq);
    hash = chainNext(hash, seq, text);
  }
  stepOver(Number.POSITIVE_INFINITY);
  return hash;
}

/** What the first record of an epoch says; undefined when it is no such record. */
export function beginningOf(
  text: string | undefined,
):
  | { readonly epoch: string; readonly previousEpoch: string | null; readonly previousLastSeq: number | null }
  | undefined {
  try {
    const { action, details } = JSON.parse(text ?? '') as { action?: unknown; details?: Record<string, unknown> };
    const { epoch, previousEpoch, previousLastSeq } = details ?? {};
    if (action !== 'epoch-begun' || typeof epoch !== 'string') return undefined;
    return {
      epoch,
      previousEpoch: typeof previousEpoch === 'string' ? previousEpoch : null,
      previousLastSeq: typeof previousLastSeq === 'number' ? previousLastSeq : null,
    };
  } catch {
    return undefined;
  }
}
