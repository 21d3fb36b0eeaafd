/** No answer is waited for less than this, milliseconds: USB adapters hold bytes back for up to 16 ms, twice. */
const shortestWait = 50;
/** Answers that must have been seen before they are believed to be typical. */
const enoughAnswers = 8;

/**
 * How long one slave takes until its answer begins, learned from its answers as TCP learns a round trip (RFC 6298, 2):
 * a smooth mean and a smooth deviation. The wait leaves three times the mean and four deviations, within its bounds.
 */
export class ResponseTime {
  #mean = 0;
  #deviation = 0;
  #answers = 0;
  /** Doubles with every wait that was too short, or in vain. */
  #stretch = 1;

  /** An answer began so many milliseconds after the end of its request. */
  answered(milliseconds: number): void {
    this.#stretch = 1;
    this.#answers += 1;
    if (this.#answers === 1) {
      this.#mean = milliseconds;
      this.#deviation = milliseconds / 2;
      return;
    }
    this.#deviation += (Math.abs(milliseconds - this.#mean) - this.#deviation) / 4;
    this.#mean += (milliseconds - this.#mean) / 8;
  }

  /** An answer came after it had been given up: it counts, but the wait stays stretched until one comes in time. */
  answeredLate(milliseconds: number): void {
    const stretch = this.#stretch;
    this.answered(milliseconds);
    this.#stretch = stretch;
  }

  timedOut(): void {
    this.#stretch = Math.min(1024, this.#stretch * 2);
  }

  /** How long to wait for the answer to begin, milliseconds, at most `longest`. */
  wait(longest: number): number {
    if (this.#answers < enoughAnswers) return longest;
    const learned = Math.max(shortestWait, 3 * this.#mean + 4 * this.#deviation);
    return Math.min(longest, learned * this.#stretch);
  }
}
