import type { WallTime } from '../clock.ts';

/** Labels that are said again: minutes of `from` up to `to` carry `revision`, all others 1. */
export interface Again {
  readonly revision: number;
  readonly from: number;
  readonly to: number;
}

/** What earlier runs accounted for, wall time. */
export interface Covered {
  /** Start of the first and end of the last label; null when there is nothing. */
  readonly since: number | null;
  readonly until: number | null;
  readonly again: Again | null;
}

export const nothingCovered: Covered = { since: null, until: null, again: null };

/**
 * Which labels were said already, so that those that come a second time, after the clock was set back, are said with a
 * higher revision: the later word is by the better clock. No label is ever said twice with the same revision.
 */
export class Labels {
  #since: number | null;
  #until: number | null;
  #again: Again | null;

  constructor({ since, until, again }: Covered) {
    this.#since = since;
    this.#until = until;
    this.#again = again;
  }

  /** End of the last label; null before the first. */
  get until(): WallTime | null {
    return this.#until as WallTime | null;
  }

  get since(): number | null {
    return this.#since;
  }

  get again(): Again | null {
    return this.#again;
  }

  revisionOf(label: number): number {
    const { revision = 1, from = 0, to = 0 } = this.#again ?? {};
    return label >= from && label < to ? revision : 1;
  }

  /** Whether something was said of this label, at whatever revision. */
  isSaid(label: number): boolean {
    const end = Math.max(this.#until ?? 0, this.#again?.to ?? 0);
    return this.#since !== null && label >= this.#since && label < end;
  }

  /** The labels of `from` up to `to` are said now. */
  say(from: number, to: number): void {
    this.#since = Math.min(this.#since ?? from, from);
    this.#until = Math.max(this.#until ?? to, to);
  }

  /** The clock was set back: labels go on at `label`, and those that were said before are said again. */
  goBackTo(label: WallTime): void {
    const to = Math.max(this.#until ?? 0, this.#again?.to ?? 0);
    const from = Math.max(label, this.#since ?? to);
    const revision = (this.#again?.revision ?? 1) + 1;
    if (from < to) this.#again = { revision, from, to };
    this.#until = label;
  }
}
