import { contains, type Span } from '../../../device-profiles/plan/span.ts';
import type { Clock } from '../../clock.ts';

/** Milliseconds between two attempts at a unit that is refused alone. */
const unitPause = 600_000;
/** Milliseconds between two attempts at several units together: no value is missing meanwhile, only a request more made. */
const severalPause = 3_600_000;

/** A span that the instrument refuses, and when it is tried again. */
export interface Refusal extends Span {
  /** Milliseconds between two attempts at present. */
  pause: number;
  /** Monotonic moment from which on it is tried again. */
  due: number;
}

interface RefusalsOptions {
  readonly clock: Clock;
  /** First pause for what was answered before, milliseconds: it may just be out of order. Each attempt in vain doubles it. */
  readonly shortest: number;
  /** True for the span of one unit, which is never read in parts. */
  readonly isUnit: (span: Span) => boolean;
  /** What is known from earlier. */
  readonly known: readonly Span[];
}

/**
 * Which spans one instrument refuses, and which it has answered. What holds a refused span is refused as well, so only
 * the shortest are kept: at most one for each register at which a unit begins.
 */
export class Refusals {
  readonly #clock: Clock;
  readonly #shortest: number;
  readonly #isUnit: (span: Span) => boolean;
  #refused: readonly Refusal[];
  /** The longest spans that were answered, since the instrument is known to be the same. */
  #answered: readonly Span[] = [];

  constructor({ clock, shortest, isUnit, known }: RefusalsOptions) {
    this.#clock = clock;
    this.#shortest = shortest;
    this.#isUnit = isUnit;
    this.#refused = [];
    for (const { functionCode, start, count } of known) this.refuse({ functionCode, start, count });
    this.retryUnits();
  }

  get spans(): readonly Refusal[] {
    return this.#refused;
  }

  /** True if a request for this span is known to be refused. */
  isRefused(span: Span): boolean {
    return this.#refused.some((one) => contains(span, one));
  }

  /** True if a request for this span, or for more, was answered. */
  wasAnswered(span: Span): boolean {
    return this.#answered.some((one) => contains(one, span));
  }

  /** The span was refused; true if that is news. */
  refuse({ functionCode, start, count }: Span): boolean {
    const span = { functionCode, start, count };
    if (this.isRefused(span)) return false;
    const longest = this.#longestPause(span);
    const pause = this.wasAnswered(span) ? Math.min(this.#shortest, longest) : longest;
    const refusal = { ...span, pause, due: this.#clock.monotonic() + pause };
    this.#refused = [...this.#refused.filter((one) => !contains(one, span)), refusal];
    return true;
  }

  /** It was tried again and is still refused. */
  triedInVain(refusal: Refusal): void {
    refusal.due = this.#clock.monotonic() + refusal.pause;
    refusal.pause = Math.min(refusal.pause * 2, this.#longestPause(refusal));
  }

  /** The span was answered; true if it was known as refused. Then the others may be answered as well: they are due. */
  answer(span: Span): boolean {
    if (!this.wasAnswered(span)) {
      this.#answered = [...this.#answered.filter((one) => !contains(span, one)), span];
    }
    const left = this.#refused.filter((one) => !contains(span, one));
    if (left.length === this.#refused.length) return false;
    this.#refused = left;
    for (const refusal of left) refusal.due = this.#clock.monotonic();
    return true;
  }

  /** The span, answered before, is so no more. */
  doubt(span: Span): void {
    this.#answered = this.#answered.filter((one) => !contains(one, span));
  }

  /** It may be another instrument, or the same one set up anew: units that it refused are due. */
  retryUnits(): void {
    this.#answered = [];
    for (const refusal of this.#refused) if (this.#isUnit(refusal)) refusal.due = this.#clock.monotonic();
  }

  #longestPause(span: Span): number {
    return this.#isUnit(span) ? unitPause : severalPause;
  }
}
