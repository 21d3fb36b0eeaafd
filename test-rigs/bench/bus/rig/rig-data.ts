import type { WireFigures } from './wire.ts';

/** The wires of one line and who is on them. */
export interface WireData {
  /** Milliseconds that one character takes. */
  readonly characterTime: number;
  /** Milliseconds from a request's end to its answer. */
  readonly turnAround: number;
  /** Addresses of the slaves that answer. */
  readonly alive: readonly number[];
  /** Holding registers that each has. */
  readonly registers: number;
  /** Characters that are handed to the master in one piece; 1 without it. */
  readonly piece?: number;
}

/** What a rig process is told at its start. */
export interface RigPlan extends WireData {
  /**
   * `exact`: characters come within a tenth of a millisecond, for a fifth of a core; `asleep`: about a tenth late, for
   * next to nothing; `at-once`: no speed at all.
   */
  readonly pacing: 'exact' | 'asleep' | 'at-once';
}

/** What a rig saw between `begin` and `figures`. */
export interface RigFigures extends WireFigures {
  /** How late characters were handed over, milliseconds; not of a line without a speed. */
  readonly lateness?: { readonly p50: number; readonly p99: number; readonly max: number };
}
