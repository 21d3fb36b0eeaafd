import type { SimulatedClock } from '../../surroundings/simulated-clock.ts';

type Act = () => void | Promise<void>;

interface Deed {
  readonly at: number;
  readonly act: Act;
}

const step = 60_000;

/** What is going to happen on a simulated clock, in the order of time. */
export class Deeds {
  readonly #clock: SimulatedClock;
  readonly #deeds: Deed[] = [];

  constructor(clock: SimulatedClock) {
    this.#clock = clock;
  }

  /** Puts it where it belongs in time, behind what is of the same moment. */
  plan(at: number, act: Act): void {
    const place = this.#deeds.findIndex((deed) => deed.at > at);
    this.#deeds.splice(place < 0 ? this.#deeds.length : place, 0, { at, act });
  }

  /** So many milliseconds from now. */
  later(delay: number, act: Act): void {
    this.plan(this.#clock.monotonic() + delay, act);
  }

  /** Lets time pass until all is done that is planned, and what comes of it, and until that moment at least. */
  async done(until: number): Promise<void> {
    for (let next = this.#deeds[0]; next !== undefined; next = this.#deeds[0]) {
      // By steps: something may be planned meanwhile that comes before it.
      if (next.at > this.#clock.monotonic()) await this.#advanceTo(Math.min(next.at, this.#clock.monotonic() + step));
      else await this.#deeds.shift()?.act();
    }
    await this.#advanceTo(until);
  }

  async #advanceTo(at: number): Promise<void> {
    const left = at - this.#clock.monotonic();
    if (left > 0) await this.#clock.advance(left);
  }
}
