import type { Clock, Monotonic } from '../clock.ts';

/** How long an instrument that keeps silent is left alone. */
export interface Silence {
  /** It is not asked before. */
  readonly until: Monotonic;
  /** Milliseconds between two attempts at present. */
  readonly pause: number;
}

interface BackOffOptions {
  readonly clock: Clock;
  /** First and longest pause, milliseconds; each attempt in vain doubles it. */
  readonly shortest: number;
  readonly longest: number;
  /** 0 up to 1; keeps the attempts at several silent instruments apart. */
  readonly random: () => number;
}

/** The growing pauses between the attempts at one silent instrument; they end with its first answer. */
export class BackOff {
  readonly #clock: Clock;
  readonly #shortest: number;
  readonly #longest: number;
  readonly #random: () => number;
  #pause = 0;
  #until = 0;

  constructor({ clock, shortest, longest, random }: BackOffOptions) {
    this.#clock = clock;
    this.#shortest = shortest;
    this.#longest = Math.max(shortest, longest);
    this.#random = random;
  }

  /** Null while the instrument answers, or was not tried yet. */
  get silence(): Silence | null {
    return this.#pause === 0 ? null : { until: this.#until as Monotonic, pause: this.#pause };
  }

  /** It was asked in vain. */
  grow(): void {
    this.#pause = this.#pause === 0 ? this.#shortest : Math.min(this.#longest, this.#pause * 2);
    this.#until = this.#clock.monotonic() + this.#pause * (0.75 + this.#random() / 4);
  }

  /** It may be tried at once, as on a line that has just been opened; in vain, the pauses go on where they were. */
  tryNow(): void {
    this.#until = 0;
  }

  /** It answered. */
  end(): void {
    this.#pause = 0;
  }
}
