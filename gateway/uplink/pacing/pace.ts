import type { Monotonic } from '../../clock.ts';

/** Seconds that the backlog may keep a fresh batch waiting. */
const patience = 1;
const smallest = 1024;
const largest = 4 * 1024 * 1024;
/** Bytes of a batch besides its entries: hashes, signature, names. */
const envelope = 350;
/** Answers that the rate is taken from. */
const remembered = 8;
/** Seconds: the grain of a timer. What is faster is as fast as need be. */
const grain = 0.001;

/** A publish on its way, as the pace remembers it. */
export interface Sent {
  readonly at: Monotonic;
  readonly bytes: number;
}

/**
 * How much of the backlog may be on its way to the broker at once, so that a fresh batch never stands behind more than
 * about a second of it. A line carries one batch after the other: what one took is the time from its publish, or from the
 * answer before its own where that came later, to its own.
 */
export class Pace {
  readonly #idleDelay: number | null;
  /** The newest answers: bytes, and seconds that the line took for them. */
  #carried: { readonly bytes: number; readonly seconds: number }[] = [];
  #quickest = Number.POSITIVE_INFINITY;
  #lastAnswer = Number.NEGATIVE_INFINITY;
  #bytesPerEntry: Record<string, number> = {};

  /** `idleDelay`: seconds that an answer took on the idle line; null where nobody asked. */
  constructor(idleDelay: number | null = null) {
    this.#idleDelay = idleDelay;
  }

  /** What the line carries, bytes a second; null before the first answer. */
  get rate(): number | null {
    if (this.#carried.length === 0) return null;
    const sum = (of: 'bytes' | 'seconds'): number => this.#carried.reduce((all, one) => all + one[of], 0);
    return sum('bytes') / sum('seconds');
  }

  /** Bytes that late batches may have without their PUBACK. */
  get allowance(): number {
    const { rate } = this;
    // Before the first answer so little that also a slow line tells its rate soon.
    if (rate === null) return 4 * smallest;
    return Math.min(largest, Math.max(smallest, rate * (patience + this.#delay)));
  }

  /** Entries that make a batch of so many bytes, by what such entries took so far. */
  entriesIn(stream: string, bytes: number): number {
    return Math.max(1, Math.floor((bytes - envelope) / (this.#bytesPerEntry[stream] ?? 50)));
  }

  encoded(stream: string, entries: number, bytes: number): void {
    const now = Math.max(1, (bytes - envelope) / Math.max(1, entries));
    const before = this.#bytesPerEntry[stream] ?? now;
    // A batch of one entry says little about one of a hundred.
    this.#bytesPerEntry[stream] = before + ((now - before) * entries) / (entries + 20);
  }

  sent(bytes: number, at: Monotonic): Sent {
    return { at, bytes };
  }

  /** Its PUBACK is here. */
  answered({ at, bytes }: Sent, now: Monotonic): void {
    const seconds = (now - at) / 1000;
    const isAlone = this.#lastAnswer <= at;
    // Of an answer alone, the way there and back is no time that the line was busy; but not all of it is that either.
    const busy = isAlone ? Math.max(seconds - (this.#idleDelay ?? 0), seconds / 2) : (now - this.#lastAnswer) / 1000;
    this.#lastAnswer = now;
    this.#quickest = Math.min(this.#quickest, seconds);
    // Nothing stands so long before a batch on a line that is what it was: what it carried before says nothing now.
    if (seconds > 2 * (patience + this.#delay)) this.#carried = [];
    this.#carried.push({ bytes, seconds: Math.max(grain, busy) });
    if (this.#carried.length > remembered) this.#carried.shift();
  }

  /** Seconds that an answer takes where nothing stands before it, as far as is known. */
  get #delay(): number {
    return Math.min(this.#idleDelay ?? Number.POSITIVE_INFINITY, this.#quickest);
  }
}
