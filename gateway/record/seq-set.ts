/** Inclusive ranges of sequence numbers, ascending, not touching each other. */
export type SeqRanges = readonly (readonly [number, number])[];

/** A set of sequence numbers, kept as ranges: what a platform has, what is in flight, what is still to be had. */
export class SeqSet {
  #ranges: [number, number][] = [];

  constructor(ranges: SeqRanges = []) {
    for (const [first, last] of ranges) this.add(first, last);
  }

  get ranges(): SeqRanges {
    return this.#ranges.map(([first, last]) => [first, last]);
  }

  get isEmpty(): boolean {
    return this.#ranges.length === 0;
  }

  /** How many sequence numbers it holds. */
  get count(): number {
    return this.#ranges.reduce((sum, [first, last]) => sum + last - first + 1, 0);
  }

  has(seq: number): boolean {
    const range = this.#ranges[this.#place(seq)];
    return range !== undefined && range[0] <= seq;
  }

  add(first: number, last: number): void {
    const start = this.#place(first - 1);
    let end = start;
    let [low, high] = [first, last];
    for (let range = this.#ranges[end]; range !== undefined && range[0] <= last + 1; range = this.#ranges[++end]) {
      low = Math.min(low, range[0]);
      high = Math.max(high, range[1]);
    }
    this.#ranges.splice(start, end - start, [low, high]);
  }

  delete(first: number, last: number): void {
    const start = this.#place(first);
    const rest: [number, number][] = [];
    let end = start;
    for (let range = this.#ranges[end]; range !== undefined && range[0] <= last; range = this.#ranges[++end]) {
      if (range[0] < first) rest.push([range[0], first - 1]);
      if (range[1] > last) rest.push([last + 1, range[1]]);
    }
    this.#ranges.splice(start, end - start, ...rest);
  }

  /** The stretches of `first..last` that the set does not hold. */
  missingWithin(first: number, last: number): SeqRanges {
    const missing: [number, number][] = [];
    let next = first;
    for (let place = this.#place(first); next <= last; place++) {
      const range = this.#ranges[place];
      if (range === undefined || range[0] > last) {
        missing.push([next, last]);
        break;
      }
      if (range[0] > next) missing.push([next, range[0] - 1]);
      next = Math.max(next, range[1] + 1);
    }
    return missing;
  }

  /** Index of the first range that ends at `seq` or later. */
  #place(seq: number): number {
    let low = 0;
    let high = this.#ranges.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#ranges[middle]?.[1] ?? 0) < seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
