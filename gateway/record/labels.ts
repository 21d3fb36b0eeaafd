import { type SeqRanges, SeqSet } from './seq-set.ts';

const minute = 60_000;

/** Which minutes of wall time the record has spoken of; a label is the number of a minute since the Unix epoch. */
export interface LabelsState {
  /** End of the last label before now, milliseconds of wall time; null when nothing was said. */
  readonly until: number | null;
  readonly said: SeqRanges;
  /** Labels that had been said when the clock was last set back; those that come again carry `revision`. */
  readonly earlier: SeqRanges;
  readonly revision: number;
  /** Highest revision that readings which came late have given to a label; absent before the first. */
  readonly late?: number;
}

export const nothingSaid: LabelsState = { until: null, said: [], earlier: [], revision: 1 };

/**
 * What a commit's records do to it: they speak of `[from, to]`, with no higher revision than `revision`; or the clock was
 * set back and they go on at `back`.
 */
export type LabelsStep =
  | { readonly say: readonly [number, number]; readonly revision?: number }
  | { readonly back: number };

/**
 * Keeps account of what was said, so that labels that come a second time, after the clock was set back, are said with a
 * higher revision: the later word is by the better clock. Nothing is ever said twice with the same revision. Times are
 * wall time in milliseconds.
 */
export class Labels {
  #until: number | null;
  readonly #said: SeqSet;
  #earlier: SeqSet;
  #revision: number;
  #late: number;

  constructor({ until, said, earlier, revision, late = 1 }: LabelsState = nothingSaid) {
    this.#until = until;
    this.#said = new SeqSet(said);
    this.#earlier = new SeqSet(earlier);
    this.#revision = revision;
    this.#late = late;
  }

  get state(): LabelsState {
    const [said, earlier] = [this.#said.ranges, this.#earlier.ranges];
    const late = this.#late > 1 ? { late: this.#late } : {};
    return { until: this.#until, said, earlier, revision: this.#revision, ...late };
  }

  get until(): number | null {
    return this.#until;
  }

  /** First and end of what may come again, with its revision; null when nothing does. */
  get again(): { readonly revision: number; readonly from: number; readonly to: number } | null {
    const { ranges } = this.#earlier;
    const [first, last] = [ranges[0]?.[0], ranges.at(-1)?.[1]];
    if (first === undefined || last === undefined) return null;
    return { revision: this.#revision, from: first * minute, to: (last + 1) * minute };
  }

  /** For what stands for `from` up to `to`: higher than whatever was said of any of it. */
  revisionOf(from: number, to: number): number {
    const [first, last] = labelsOf(from, to);
    const isNew = this.#earlier.missingWithin(first, last).reduce((sum, [a, b]) => sum + b - a + 1, 0) > last - first;
    return isNew ? 1 : this.#revision;
  }

  /** Whether something was said of the minute that begins there. */
  isSaid(from: number): boolean {
    return this.#said.has(Math.floor(from / minute));
  }

  take(step: LabelsStep): void {
    if ('say' in step) {
      const [from, to] = step.say;
      this.#said.add(...labelsOf(from, to));
      this.#until = Math.max(this.#until ?? to, to);
      if ((step.revision ?? 1) > this.#revision) this.#late = Math.max(this.#late, step.revision ?? 1);
      return;
    }
    const first = Math.floor(step.back / minute);
    const last = this.#said.ranges.at(-1)?.[1] ?? first - 1;
    this.#earlier = new SeqSet(this.#said.ranges);
    this.#earlier.delete(0, first - 1);
    if (last >= first) this.#revision = Math.max(this.#revision, this.#late) + 1;
    this.#until = step.back;
  }
}

function labelsOf(from: number, to: number): [number, number] {
  const first = Math.floor(from / minute);
  return [first, Math.max(first, Math.ceil(to / minute) - 1)];
}
