import type { Monotonic } from '../clock.ts';

/** Milliseconds of looks that the rate is taken from, and that it takes at least. */
const longest = 60_000;
const shortest = 4000;

/** How fast what is held back shrinks while it can, and how long that will take. */
export class Draining {
  #looks: { readonly at: Monotonic; readonly held: number }[] = [];

  /** Entries held now. */
  look(held: number, at: Monotonic): void {
    this.#looks.push({ at, held });
    // The last look before the stretch stays: it is where the stretch begins.
    while ((this.#looks[1]?.at ?? at) <= at - longest) this.#looks.shift();
  }

  /** What was seen says nothing any more: there is no connection, or it was not tried. */
  forget(): void {
    this.#looks = [];
  }

  /** Seconds until nothing is held; null while it does not shrink, or was not watched long enough. */
  get secondsLeft(): number | null {
    const [first, last] = [this.#looks[0], this.#looks.at(-1)];
    if (first === undefined || last === undefined || last.at - first.at < shortest) return null;
    const perSecond = ((first.held - last.held) / (last.at - first.at)) * 1000;
    return perSecond > 0 && last.held > 0 ? last.held / perSecond : null;
  }
}
