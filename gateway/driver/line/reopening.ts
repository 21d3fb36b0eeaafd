import type { Clock } from '../../clock.ts';
import type { Link, LinkFault } from '../../link/link.ts';

const firstPause = 250;
const longestPause = 10_000;

/** Opens a link again and again, after growing pauses, until it is open and something was done on it. */
export class Reopening {
  readonly #link: Link;
  readonly #clock: Clock;
  readonly #random: () => number;
  #attempts = 0;
  #next = 0;

  constructor(link: Link, clock: Clock, random: () => number) {
    this.#link = link;
    this.#clock = clock;
    this.#random = random;
  }

  /** The moment of the next attempt. */
  get next(): number {
    return this.#next;
  }

  /** Tries if it is time to. */
  async attempt(): Promise<'opened' | 'not-yet' | LinkFault> {
    if (this.#clock.monotonic() < this.#next) return 'not-yet';
    const fault = await this.#link.open();
    // A connection that opens and is lost at once must not be tried at full speed, so success resets nothing here.
    const pause = Math.min(longestPause, firstPause * 2 ** Math.min(this.#attempts, 10));
    this.#next = this.#clock.monotonic() + pause * (0.75 + this.#random() / 2);
    this.#attempts += 1;
    return fault ?? 'opened';
  }

  /** The link has carried something: when it is lost now, it is tried at once. */
  settle(): void {
    this.#attempts = 0;
  }
}
