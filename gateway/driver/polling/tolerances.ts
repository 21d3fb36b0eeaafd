import type { Span } from '../../../device-profiles/plan/span.ts';

/**
 * What is remembered of instruments over a restart: which read requests each of them refused. Whoever keeps it knows
 * when an instrument is another one (exchanged, readdressed, another profile), and then remembers nothing.
 */
export interface Tolerances {
  /** Spans that this instrument is known to refuse; none for one that is not known. Asked once, at the start. */
  of(instrument: string): readonly Span[];
  /** From here on these are all the spans that it is known to refuse. Returns at once and never throws. */
  note(instrument: string, refused: readonly Span[]): void;
}

/** Remembers nothing: every start learns anew. */
export const noMemory: Tolerances = { of: () => [], note: () => undefined };
