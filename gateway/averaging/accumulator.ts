import type { Factor } from '../../device-profiles/factors.ts';

/** A period's numbers, or null where the values do not make one. */
interface Average {
  readonly average: number | null;
  readonly minimum: number | null;
  readonly maximum: number | null;
}

/**
 * Gathers the values of one series in one period by the factor's way of averaging:
 * - `arithmetic`: the mean;
 * - `direction`: the direction of the mean unit vector, degrees 0 to below 360; null when the vectors cancel out.
 *   A direction has no smallest and largest;
 * - `energy-level`: the level of the mean energy, 10·lg(mean(10^(L/10))), which is what Leq means for equal intervals;
 * - `counter`: the last reading; minimum and maximum are the lowest and highest seen.
 */
export class Accumulator {
  readonly #way: Factor['average'];
  #count = 0;
  #sum = 0;
  #sine = 0;
  #cosine = 0;
  #last = 0;
  #minimum = Number.POSITIVE_INFINITY;
  #maximum = Number.NEGATIVE_INFINITY;

  constructor(way: Factor['average']) {
    this.#way = way;
  }

  get count(): number {
    return this.#count;
  }

  get last(): number | null {
    return this.#count === 0 ? null : this.#last;
  }

  /**
   * Goes on from the numbers of a period that was closed, as far as they were written. False where they do not tell
   * enough: which way the vectors of a direction pointed, or which of two counter readings is the later one.
   */
  goOn({ average, minimum, maximum }: Average, count: number): boolean {
    if (count === 0 || average === null) return count === 0;
    if (this.#way === 'direction' || this.#way === 'counter') return false;
    this.#count += count;
    this.#sum += count * (this.#way === 'energy-level' ? 10 ** (average / 10) : average);
    this.#minimum = Math.min(this.#minimum, minimum ?? average);
    this.#maximum = Math.max(this.#maximum, maximum ?? average);
    return true;
  }

  add(value: number): void {
    this.#count++;
    this.#last = value;
    this.#minimum = Math.min(this.#minimum, value);
    this.#maximum = Math.max(this.#maximum, value);
    if (this.#way === 'direction') {
      this.#sine += Math.sin((value * Math.PI) / 180);
      this.#cosine += Math.cos((value * Math.PI) / 180);
    } else if (this.#way === 'energy-level') {
      this.#sum += 10 ** (value / 10);
    } else {
      this.#sum += value;
    }
  }

  /** `decimals`: digits kept after the point, of all three: an average that alone is rounded could lie above the maximum. */
  result(decimals: number): Average {
    if (this.#count === 0) return { average: null, minimum: null, maximum: null };
    const average = this.#average();
    const bounded = this.#way !== 'direction';
    return {
      average: average === null ? null : round(average, decimals),
      minimum: bounded ? round(this.#minimum, decimals) : null,
      maximum: bounded ? round(this.#maximum, decimals) : null,
    };
  }

  #average(): number | null {
    switch (this.#way) {
      case 'arithmetic':
        return this.#sum / this.#count;
      case 'counter':
        return this.#last;
      case 'energy-level':
        return 10 * Math.log10(this.#sum / this.#count);
      case 'direction': {
        // Below this the direction of the mean vector is only rounding noise.
        if (Math.hypot(this.#sine, this.#cosine) / this.#count < 1e-9) return null;
        return ((Math.atan2(this.#sine, this.#cosine) * 180) / Math.PI + 360) % 360;
      }
    }
  }
}

/** Rounds half away from zero in decimal, so that 0.145 with two digits gives 0.15. */
export function round(value: number, decimals: number): number {
  const rounded = Number(`${Math.round(Number(`${Math.abs(value)}e${decimals}`))}e-${decimals}`);
  // Numbers so small or large that they carry an exponent of their own cannot be shifted as text; they need no rounding.
  if (Number.isNaN(rounded)) return value;
  return value < 0 ? -rounded : rounded;
}
