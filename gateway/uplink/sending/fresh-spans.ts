import type { Stream } from '../../record/record.ts';
import type { Span } from '../../store/port.ts';
import { isOverlap, type Stretch } from './suspects.ts';

/** Spans of one stream that may wait for room; the store has what is beyond, and it goes out with the backlog. */
const most = 64;

/** What was committed while there is a connection and has not gone out yet, oldest first in each stream. */
export class FreshSpans {
  readonly #waiting: Record<Stream, Span[]> = { records: [], samples: [] };

  add(span: Span): void {
    const waiting = this.#waiting[span.stream];
    waiting.push(span);
    if (waiting.length > most) waiting.shift();
  }

  /** Takes the oldest of a stream out. */
  take(stream: Stream): Span | undefined {
    return this.#waiting[stream].shift();
  }

  /** Puts back what did not fit. */
  putBack(rest: Span | null): void {
    if (rest !== null) this.#waiting[rest.stream].unshift(rest);
  }

  has(stream: Stream): boolean {
    return this.#waiting[stream].length > 0;
  }

  /** All of it: what the store need not offer. */
  get stretches(): readonly Stretch[] {
    return [...this.#waiting.records, ...this.#waiting.samples];
  }

  /** Another way was found for these. */
  leaveOut(stretch: Stretch): void {
    const { stream } = stretch;
    this.#waiting[stream] = this.#waiting[stream].filter((one) => !isOverlap(one, stretch));
  }

  forget(): void {
    this.#waiting.records = [];
    this.#waiting.samples = [];
  }
}
