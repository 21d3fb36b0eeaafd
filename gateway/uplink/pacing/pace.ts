import type { Monotonic } from '../../clock.ts';

/** Seconds that the backlog may keep a fresh batch waiting. */
const patience = 1;
const smallest = 1024;
const largest = 4 * 1024 * 1024;
/** Bytes of a batch besides its entries: hashes, signature, names. */
const envelope = 350;
/** Of so many measurements the best one is the line's rate: most are held down by how little was sent. */
const remembered = 8;

/** A publish on its way, as the pace remembers it. */
export interface Sent {
  readonly at: Monotonic;
  readonly bytes: number;
  /** Bytes that had been answered for when it was sent. */
  readonly answeredBefore: number;
}

/**
 * How much of the backlog may be on its way to the broker at once, so that a fresh batch never stands behind more than
 * about a second of it. The line's rate is what was answered for between a publish and its PUBACK, over that time; it
 * holds however much was queued before.
 */
export class Pace {
  #rates: number[] = [];
  #quickest = Number.POSITIVE_INFINITY;
  #answered = 0;
  #bytesPerEntry: Record<string, number> = {};

  /** What the line carries, bytes a second; null before the first answer. */
  get rate(): number | null {
    return this.#rates.length === 0 ? null : Math.max(...this.#rates);
  }

  /** Bytes that late batches may have without their PUBACK. */
  get allowance(): number {
    const rate = Math.max(...this.#rates);
    // Before the first answer so little that also a slow line tells its rate soon.
    if (this.#rates.length === 0) return 4 * smallest;
    return Math.min(largest, Math.max(smallest, rate * (patience + this.#quickest)));
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
    return { at, bytes, answeredBefore: this.#answered };
  }

  /** Its PUBACK is here. */
  answered({ at, bytes, answeredBefore }: Sent, now: Monotonic): void {
    this.#answered += bytes;
    // A timer's grain: faster than that is as fast as need be.
    const seconds = Math.max(0.001, (now - at) / 1000);
    this.#quickest = Math.min(this.#quickest, seconds);
    this.#rates.push((this.#answered - answeredBefore) / seconds);
    if (this.#rates.length > remembered) this.#rates.shift();
  }
}
