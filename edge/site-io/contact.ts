import type { Cancel, Clock, Monotonic } from '../../gateway/clock.ts';

export interface ContactOptions {
  readonly clock: Clock;
  /** The level at which it is closed. */
  readonly closed: 'low' | 'high';
  /** A level counts once it has stood so long, milliseconds. */
  readonly debounce: number;
  /** A change, or the first state that is known. `at`: when the level began to stand. */
  readonly onState: (closed: boolean, at: Monotonic) => void;
}

/**
 * A dry contact behind a pin: bounces are one change, and it is known in which part of the time it was closed. What is
 * not known yet, before the first level has stood, is no state and no share.
 */
export class Contact {
  readonly #options: ContactOptions;
  /** The level that counts; undefined before the first. */
  #closed: boolean | undefined;
  #since = 0;
  /** A level that has not stood long enough yet. */
  #candidate: { readonly closed: boolean; readonly at: Monotonic } | undefined;
  #cancel: Cancel = () => undefined;
  /** From when on the share is counted; closed milliseconds up to `#countedTo`. */
  #from = 0;
  #countedTo = 0;
  #closedFor = 0;

  constructor(options: ContactOptions) {
    this.#options = options;
  }

  /** Whether it is closed, and since when; null while that is not known. */
  get state(): { readonly closed: boolean; readonly since: Monotonic } | null {
    return this.#closed === undefined ? null : { closed: this.#closed, since: this.#since as Monotonic };
  }

  /** The pin is at that level from now on. */
  level(high: boolean, at: Monotonic): void {
    const closed = high === (this.#options.closed === 'high');
    this.#cancel();
    this.#candidate = undefined;
    if (closed === this.#closed) return;
    this.#candidate = { closed, at };
    this.#cancel = this.#options.clock.after(this.#options.debounce, () => this.#accept());
  }

  /** Share of the time since the last `restart` in which it was closed, 0 to 1; null while nothing of it is known. */
  share(now: Monotonic): number | null {
    if (this.#closed === undefined) return null;
    const closedFor = this.#closedFor + (this.#closed ? now - this.#countedTo : 0);
    const length = now - this.#from;
    if (length <= 0) return this.#closed ? 1 : 0;
    return closedFor / length;
  }

  /** A new stretch of time begins. */
  restart(now: Monotonic): void {
    this.#from = now;
    this.#countedTo = now;
    this.#closedFor = 0;
  }

  /** Nothing more is told. */
  stop(): void {
    this.#cancel();
    this.#candidate = undefined;
  }

  #accept(): void {
    const candidate = this.#candidate;
    if (candidate === undefined) return;
    this.#candidate = undefined;
    const { closed, at } = candidate;
    // A change that began before this stretch of time was told of too late for the last one.
    const from = Math.max(at, this.#countedTo);
    if (this.#closed === undefined) {
      this.#from = from;
      this.#closedFor = 0;
    } else if (this.#closed) this.#closedFor += from - this.#countedTo;
    this.#countedTo = from;
    this.#closed = closed;
    this.#since = at;
    this.#options.onState(closed, at);
  }
}
