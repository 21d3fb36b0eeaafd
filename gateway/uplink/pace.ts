/** Milliseconds that late batches may keep a fresh one waiting. */
const patience = 1000;
const smallest = 1024;
const largest = 4 * 1024 * 1024;

/**
 * How much of the backlog may be on its way to the broker at once, so that a fresh batch never stands behind more than
 * about a second of it. Learned from how long PUBACKs take beyond the quickest one seen on this connection.
 */
export class Pace {
  #allowance = 16 * 1024;
  #quickest = Number.POSITIVE_INFINITY;
  #bytesPerEntry: Record<string, number> = {};

  /** Bytes that late batches may have without their PUBACK. */
  get allowance(): number {
    return this.#allowance;
  }

  /** Entries that make a batch of so many bytes, by what such entries took so far. */
  entriesIn(stream: string, bytes: number): number {
    return Math.max(1, Math.floor(bytes / (this.#bytesPerEntry[stream] ?? 100)));
  }

  encoded(stream: string, entries: number, bytes: number): void {
    if (entries === 0) return;
    const now = bytes / entries;
    const before = this.#bytesPerEntry[stream] ?? now;
    this.#bytesPerEntry[stream] = before + (now - before) / 4;
  }

  /** A late batch's PUBACK came after so many milliseconds. */
  answered(milliseconds: number): void {
    const isQuickest = milliseconds < this.#quickest;
    if (isQuickest) this.#quickest = milliseconds;
    // The quickest of all still says too little about the line when it was slow itself: then only a smaller batch can tell.
    const waited = isQuickest && milliseconds > patience ? milliseconds : milliseconds - this.#quickest;
    if (waited > patience) this.#allowance = Math.max(smallest, this.#allowance * Math.min(0.5, patience / waited));
    else if (waited < patience / 2) this.#allowance = Math.min(largest, this.#allowance * 2);
  }
}
