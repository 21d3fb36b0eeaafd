import type { Monotonic } from '../../gateway/clock.ts';

export interface ClampOptions {
  /** Milliseconds that a root mean square is made over. */
  readonly window: number;
  /** Milliseconds from one sample to the next. */
  readonly interval: number;
}

/** Counts at either end of the scale, at which a wave is cut off: what is beyond is not seen. */
const ends = { lowest: 2, highest: 1021 };
/** A silence of so many intervals is a hole: the samples before it are not of the same stretch. */
const longestHole = 5;

/** What a window says: the root mean square around its own mean in counts, or why there is none. */
export type ClampSays = { readonly rms: number } | 'not-yet' | 'cut-off';

/**
 * The samples of a clamp in a sliding window. Mains of 50 Hz are sampled slower than they swing, at an interval that
 * meets ever new phases: over seconds of a steady load the root mean square comes out right all the same (11, 13, 17 and
 * 19 ms do, 10 and 20 do not). The bias of half the supply is the window's own mean.
 */
export class Clamp {
  readonly #interval: number;
  readonly #samples: Uint16Array;
  #count = 0;
  #next = 0;
  #last = Number.NEGATIVE_INFINITY;

  constructor({ window, interval }: ClampOptions) {
    this.#interval = interval;
    this.#samples = new Uint16Array(Math.max(2, Math.floor(window / interval)));
  }

  /** A sample in counts, 0 to 1023. */
  sample(raw: number, at: Monotonic): void {
    if (at - this.#last > longestHole * this.#interval) this.#count = 0;
    this.#last = at;
    this.#samples[this.#next] = raw;
    this.#next = (this.#next + 1) % this.#samples.length;
    this.#count = Math.min(this.#count + 1, this.#samples.length);
  }

  /** Of the last whole window; nothing while it is not full, or once samples have ceased to come. */
  says(now: Monotonic): ClampSays {
    const size = this.#samples.length;
    if (this.#count < size || now - this.#last > longestHole * this.#interval) return 'not-yet';
    let sum = 0;
    for (const raw of this.#samples) {
      if (raw <= ends.lowest || raw >= ends.highest) return 'cut-off';
      sum += raw;
    }
    const mean = sum / size;
    let squares = 0;
    for (const raw of this.#samples) squares += (raw - mean) ** 2;
    return { rms: Math.sqrt(squares / size) };
  }
}
