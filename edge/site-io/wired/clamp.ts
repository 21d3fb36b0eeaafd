/** Milliseconds of one period of the mains, 50 Hz. */
const period = 20;

/** Counts at the ends of the converter: a signal that touches them is cut off. */
const ends = { lowest: 0, highest: 1023 };

/** The clamp is biased to half the supply; a mid-point outside of this part of the scale is a bias that is not there. */
const midRange = { from: 0.35 * 1024, to: 0.65 * 1024 };

export interface ClampSettings {
  /** Milliseconds from sample to sample, as the board was told. */
  readonly sampling: number;
  /** Whole seconds over which one value is made. */
  readonly windowSeconds: number;
}

/** What a clamp measured in a window, in counts of the converter. */
export interface ClampReading {
  /**
   * Root mean square about the mid-point; null where it would be wrong: `no-bias` when the mid-point is not near half the
   * scale (bias or clamp disconnected), `clipped` when the signal runs into the ends of the converter.
   */
  readonly rms: number | null;
  readonly fault: 'no-bias' | 'clipped' | null;
  /** Measured mid-point. */
  readonly middle: number;
  readonly samples: number;
}

/**
 * Why a sampling interval is no good for a clamp; null when it is. Samples at n ms see a wave of 20 ms at
 * 20 / gcd(20, n) phases only, over and over: at 20 ms at one, at 10 ms at two, opposite ones, whose sum of squares is
 * anything between nothing and twice the truth, as chance has set the first.
 */
export function whyNotSample(sampling: number): string | null {
  if (!Number.isInteger(sampling) || sampling < 10) {
    return `${sampling} ms is no sampling interval of the board; use 11, 13, 17 or 19 ms`;
  }
  const phases = period / greatestCommonDivisor(period, sampling);
  if (phases === period) return null;
  const seen = phases === 1 ? 'always the same point' : `only ${phases} points`;
  return `every ${sampling} ms the converter sees ${seen} of a wave of 50 Hz (aliasing); use 11, 13, 17 or 19 ms`;
}

/**
 * The current in a conductor by a clamp, from the samples of its channel. A value is made of whole sets of twenty samples,
 * which see every phase of the mains once, about as many as fill the window; nothing is known before the window is full.
 */
export class Clamp {
  readonly #setsOfWindow: number;
  readonly #onReading: (reading: ClampReading) => void;
  #set: number[] = [];
  #sets: { readonly sum: number; readonly squares: number }[] = [];
  #isClipped = false;

  /** Throws a RangeError on a sampling interval that {@link whyNotSample} refuses. */
  constructor({ sampling, windowSeconds }: ClampSettings, onReading: (reading: ClampReading) => void) {
    const why = whyNotSample(sampling);
    if (why) throw new RangeError(why);
    this.#setsOfWindow = Math.max(2, Math.round((windowSeconds * 1000) / (sampling * period)));
    this.#onReading = onReading;
  }

  add(counts: number): void {
    this.#isClipped ||= counts <= ends.lowest || counts >= ends.highest;
    this.#set.push(counts);
    if (this.#set.length < period) return;
    const sum = this.#set.reduce((total, one) => total + one, 0);
    const squares = this.#set.reduce((total, one) => total + one * one, 0);
    this.#set = [];
    this.#sets.push({ sum, squares });
    if (this.#sets.length === this.#setsOfWindow) this.#onReading(this.#take());
  }

  #take(): ClampReading {
    const samples = this.#sets.length * period;
    const middle = this.#sets.reduce((total, { sum }) => total + sum, 0) / samples;
    const squares = this.#sets.reduce((total, set) => total + set.squares, 0) / samples;
    const rms = Math.sqrt(Math.max(0, squares - middle * middle));
    const hasBias = middle >= midRange.from && middle <= midRange.to;
    // A channel that lies at an end of the scale is clipped as well, but it is its wiring that has to be looked at.
    const fault = !hasBias ? 'no-bias' : this.#isClipped ? 'clipped' : null;
    this.#sets = [];
    this.#isClipped = false;
    return { rms: fault === null ? rms : null, fault, middle, samples };
  }
}

function greatestCommonDivisor(one: number, other: number): number {
  return other === 0 ? one : greatestCommonDivisor(other, one % other);
}
