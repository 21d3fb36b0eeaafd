import type { Clock, Monotonic, WallTime } from '../../gateway/clock.ts';

interface Timer {
  readonly due: number;
  readonly order: number;
  readonly action: () => void;
  readonly isQuiet: boolean;
}

/**
 * A clock that stands still until it is told to advance. `advance()` steps timer by timer and lets everything that
 * waits on promises come to rest in between, so a simulated day passes in a second or two.
 */
export class SimulatedClock implements Clock {
  #now = 0;
  #wallAtZero: number;
  #asleep = 0;
  #order = 0;
  #timers: Timer[] = [];
  #isStirred = false;
  /** Asked between steps: resolves when stations outside the event loop's microtasks (a worker) are idle. */
  readonly #idle: (() => Promise<void>)[] = [];

  constructor(start: string | number = '2026-11-24T00:00:00.000+08:00') {
    this.#wallAtZero = typeof start === 'number' ? start : Date.parse(start);
  }

  /** Timers that are set and have neither fired nor been taken back. */
  get pending(): number {
    return this.#timers.length;
  }

  monotonic(): Monotonic {
    return this.#now as Monotonic;
  }

  wall(): WallTime {
    return Math.round(this.#wallAtZero + this.#now) as WallTime;
  }

  after(delay: number, action: () => void): () => void {
    return this.#add(delay, action, false);
  }

  /**
   * The same clock for what waits on no promise, such as a chip: after its timers nothing has to come to rest, unless it
   * says by `stir` that it reached something that does. Days of a chip pass many times as fast.
   */
  readonly quiet = {
    monotonic: (): Monotonic => this.monotonic(),
    after: (delay: number, action: () => void): (() => void) => this.#add(delay, action, true),
  };

  /** What a timer of `quiet` did has to come to rest. */
  stir(): void {
    this.#isStirred = true;
  }

  #add(delay: number, action: () => void, isQuiet: boolean): () => void {
    const timer: Timer = { due: this.#now + Math.max(0, delay), order: this.#order++, action, isQuiet };
    let low = 0;
    let high = this.#timers.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#timers[middle] as Timer).due <= timer.due) low = middle + 1;
      else high = middle;
    }
    this.#timers.splice(low, 0, timer);
    return () => {
      const place = this.#timers.indexOf(timer);
      if (place >= 0) this.#timers.splice(place, 1);
    };
  }

  /** Wall time jumps by so many milliseconds, as when somebody sets the clock; monotonic time does not. */
  jumpWall(milliseconds: number): void {
    this.#wallAtZero += milliseconds;
  }

  /** The machine sleeps: wall time passes, monotonic time and timers stand still. */
  suspend(milliseconds: number): void {
    this.#asleep += milliseconds;
    this.#wallAtZero += milliseconds;
  }

  /** Time asleep since the beginning, milliseconds. */
  get asleep(): number {
    return this.#asleep;
  }

  /** Adds something to wait for before each step, such as a store's worker. */
  settleWith(idle: () => Promise<void>): void {
    this.#idle.push(idle);
  }

  /** Lets so many milliseconds pass. */
  async advance(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds;
    await this.#settle();
    for (let next = this.#timers[0]; next !== undefined && next.due <= end; next = this.#timers[0]) {
      this.#timers.shift();
      this.#now = Math.max(this.#now, next.due);
      next.action();
      if (!next.isQuiet || this.#isStirred) await this.#settle();
    }
    this.#now = end;
  }

  /** Lets time pass until the promise is settled, at most an hour of it. */
  async during<Result>(promise: Promise<Result>): Promise<Result> {
    let settled = false;
    const note = (): void => {
      settled = true;
    };
    promise.then(note, note);
    for (const end = this.#now + 3_600_000; !settled && this.#now < end; ) await this.advance(1);
    if (!settled) throw new Error('nothing came of it within an hour of simulated time');
    return promise;
  }

  async #settle(): Promise<void> {
    this.#isStirred = false;
    // A macrotask turn drains every microtask that the last action queued, however long the chain.
    await new Promise<void>((resolve) => setImmediate(resolve));
    for (const idle of this.#idle) await idle();
  }
}
