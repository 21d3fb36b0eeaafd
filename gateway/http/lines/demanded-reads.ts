import { type Clock, pause } from '../../clock.ts';
import type { ReadPicture } from './read-picture.ts';

/** What became of asking for an instrument to be read now. */
export type ReadAnswer =
  | { readonly kind: 'read'; readonly read: ReadPicture }
  /** The line had no time for it, or its own loop waits for something else. */
  | { readonly kind: 'no-time' }
  /** As many people wait as may; nothing was asked of the line. */
  | { readonly kind: 'too-many' }
  /** The gateway stops, or the instrument's line does not run. */
  | { readonly kind: 'not-running' };

/** Milliseconds that one who asks waits at most. */
export const longestWait = 30_000;
/** People and programs that wait at once, over all instruments. */
export const mostWaiting = 16;
/** Milliseconds that a line is left to its schedule after a read at least, and at most; as long as the read took. */
const shortestRest = 500;
const longestRest = 5000;

interface UnderWay {
  readonly answer: Promise<ReadAnswer>;
  waiting: number;
}

interface DemandedReadsOptions {
  /** Reads one instrument; rejects with a RangeError where its line does not run. */
  readonly read: (instrument: string) => Promise<ReadPicture>;
  readonly clock: Clock;
}

/**
 * Reads that people ask for, whichever door they come through. A line does such a read before everything that is due,
 * so they are kept from taking it over: a line has one at a time and a rest after each, and whoever asks for an
 * instrument that is being read, or waits to be, is given the same answer.
 */
export class DemandedReads {
  readonly #read: DemandedReadsOptions['read'];
  readonly #clock: Clock;
  readonly #underWay = new Map<string, UnderWay>();
  /** By link: when it may be asked again, once everything before is done. */
  readonly #lines = new Map<string, Promise<number>>();
  readonly #closing = new AbortController();
  readonly #leave = new Set<() => void>();

  constructor({ read, clock }: DemandedReadsOptions) {
    this.#read = read;
    this.#clock = clock;
  }

  /** Reads an instrument of the site, which is on that link. Never rejects but for a mistake of our own. */
  async ask(instrument: string, link: string): Promise<ReadAnswer> {
    if (this.#closing.signal.aborted) return { kind: 'not-running' };
    if (this.#leave.size >= mostWaiting) return { kind: 'too-many' };
    const underWay = this.#underWay.get(instrument) ?? this.#begin(instrument, link);
    underWay.waiting++;
    try {
      return await this.#within(underWay.answer);
    } finally {
      underWay.waiting--;
    }
  }

  /** Nobody is made to wait any longer. */
  close(): void {
    this.#closing.abort();
    for (const leave of this.#leave) leave();
  }

  #begin(instrument: string, link: string): UnderWay {
    const before = this.#lines.get(link) ?? Promise.resolve(0);
    const answer = before.then(async (freeAt): Promise<ReadAnswer> => {
      const rest = freeAt - this.#clock.monotonic();
      if (rest > 0) await pause(this.#clock, rest, this.#closing.signal);
      if (this.#closing.signal.aborted) return { kind: 'not-running' };
      // Whoever asked has gone; the line is spared.
      return underWay.waiting > 0 ? this.#readNow(instrument) : { kind: 'no-time' };
    });
    const underWay: UnderWay = { answer, waiting: 0 };
    this.#underWay.set(instrument, underWay);
    const done = answer.catch(() => undefined);
    void done.then(() => this.#underWay.delete(instrument));
    this.#lines.set(
      link,
      done.then((ended) => this.#clock.monotonic() + restAfter(ended)),
    );
    return underWay;
  }

  async #readNow(instrument: string): Promise<ReadAnswer> {
    try {
      return { kind: 'read', read: await this.#read(instrument) };
    } catch (error) {
      if (error instanceof RangeError) return { kind: 'not-running' };
      throw error;
    }
  }

  #within(answer: Promise<ReadAnswer>): Promise<ReadAnswer> {
    return new Promise((resolve) => {
      const leaveWith = (given: ReadAnswer | Promise<never>): void => {
        cancel();
        this.#leave.delete(leave);
        resolve(given);
      };
      const leave = (): void => leaveWith({ kind: 'not-running' });
      const cancel = this.#clock.after(longestWait, () => leaveWith({ kind: 'no-time' }));
      this.#leave.add(leave);
      answer.then(leaveWith, (error) => leaveWith(Promise.reject(error)));
    });
  }
}

function restAfter(ended: ReadAnswer | undefined): number {
  if (ended?.kind !== 'read') return 0;
  return Math.min(longestRest, Math.max(shortestRest, ended.read.took));
}
