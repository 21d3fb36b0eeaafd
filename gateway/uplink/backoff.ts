/** Pauses that double from `first` to `longest` milliseconds, each shortened by up to half so that a fleet does not keep step. */
export class Backoff {
  readonly #first: number;
  readonly #longest: number;
  readonly #random: () => number;
  #tries = 0;

  /** `random` gives numbers from 0 to 1. */
  constructor(first: number, longest: number, random: () => number) {
    this.#first = first;
    this.#longest = longest;
    this.#random = random;
  }

  /** Milliseconds to wait before the next try. */
  next(): number {
    const whole = Math.min(this.#longest, this.#first * 2 ** Math.min(this.#tries++, 30));
    return whole * (0.5 + 0.5 * this.#random());
  }

  reset(): void {
    this.#tries = 0;
  }
}
