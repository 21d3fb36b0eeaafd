import type { Cancel, Clock, Monotonic, WallTime } from '../../gateway/clock.ts';

/** The machine's own time, so many times as fast: for stories whose network is real and whose minutes are not. */
export class SpedClock implements Clock {
  readonly #factor: number;
  readonly #began = performance.now();
  readonly #wallAtStart: number;

  constructor(factor: number, start: number = Date.now()) {
    this.#factor = factor;
    this.#wallAtStart = start;
  }

  monotonic(): Monotonic {
    return ((performance.now() - this.#began) * this.#factor) as Monotonic;
  }

  wall(): WallTime {
    return Math.round(this.#wallAtStart + this.monotonic()) as WallTime;
  }

  after(delay: number, action: () => void): Cancel {
    const timer = setTimeout(action, Math.max(0, Math.ceil(delay / this.#factor)));
    return () => clearTimeout(timer);
  }
}
