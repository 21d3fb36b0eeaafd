/** Limits of a 4-20 mA signal, milliamperes. */
export interface LoopLimits {
  /** Below: the loop is broken, or the transmitter says that it failed. */
  readonly broken: number;
  /** Signals are from `low` to `high`; between them and the limits outside the transmitter is at its end stop. */
  readonly low: number;
  readonly high: number;
  /** Above: too much current; a short circuit, or the transmitter says that it failed. */
  readonly over: number;
}

/** As NAMUR NE 43 has it: 3.8 to 20.5 mA is a signal, below 3.6 and above 21 mA a failure. */
export const namur: LoopLimits = { broken: 3.6, low: 3.8, high: 20.5, over: 21 };

/** What a loop carried in a window. */
export interface LoopReading {
  /**
   * `broken` and `over-range`: no value, `milliamperes` is null. `below` and `above`: the transmitter is at its end stop,
   * the true value lies beyond.
   */
  readonly state: 'signal' | 'below' | 'above' | 'broken' | 'over-range';
  /** Mean of the sound samples; null where there is no value. */
  readonly milliamperes: number | null;
  readonly samples: number;
  /** Samples that were broken or over range, and are in no mean. */
  readonly failed: number;
}

/** With more failed samples than this share, a window has no value: what is left says nothing about the rest of it. */
const mostFailed = 0.1;

/** A 4-20 mA signal through a shunt, from the counts of its channel. */
export class CurrentLoop {
  readonly #milliamperes: (counts: number) => number;
  readonly #limits: LoopLimits;
  #sum = 0;
  #sound = 0;
  #broken = 0;
  #over = 0;

  /** `milliamperes` knows the shunt and the reference; the limits are those of NE 43 unless the site has others. */
  constructor(milliamperes: (counts: number) => number, limits: LoopLimits = namur) {
    this.#milliamperes = milliamperes;
    this.#limits = limits;
  }

  /** One sample. Each is judged by itself: the mean of a loop that is broken half of the time looks like a signal. */
  add(counts: number): void {
    const current = this.#milliamperes(counts);
    if (current < this.#limits.broken) this.#broken += 1;
    else if (current > this.#limits.over) this.#over += 1;
    else {
      this.#sum += current;
      this.#sound += 1;
    }
  }

  /** What it carried since it was last taken; null when no sample came. */
  says(): LoopReading | null {
    const failed = this.#broken + this.#over;
    const samples = this.#sound + failed;
    if (samples === 0) return null;
    const isBroken = this.#broken >= this.#over;
    const mean = this.#sum / this.#sound;
    const hasValue = failed <= mostFailed * samples;
    if (!hasValue) return { state: isBroken ? 'broken' : 'over-range', milliamperes: null, samples, failed };
    const { low, high } = this.#limits;
    const state = mean < low ? 'below' : mean > high ? 'above' : 'signal';
    return { state, milliamperes: mean, samples, failed };
  }

  /** The same, and a new window begins. */
  take(): LoopReading | null {
    const reading = this.says();
    [this.#sum, this.#sound, this.#broken, this.#over] = [0, 0, 0, 0];
    return reading;
  }
}
