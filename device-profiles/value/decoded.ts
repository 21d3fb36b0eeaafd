import type { InstrumentFlag } from '../shape/status.ts';

/**
 * What a codec reads from the wire before anything is made of it: a number, a whole number of 64 bits, or a text (which
 * is also how a moment is written: `2026-11-24T08:00:00`, with a Z behind it where the instrument means UTC).
 */
export type Raw = number | bigint | string;

/** Why a point that was read has no value. The site and the quality station turn it into a flag. */
export const noValueReasons = [
  'sentinel', // the raw value is one that the instrument uses to say "none"
  'not-a-number', // a float that is NaN or infinite, or digits that are none
  'warm-up', // the sensor is still warming up
  'beyond-precision', // a 64-bit whole number too large to be held exactly (beyond 2^53)
  'scale-unknown', // the scale or unit that the instrument sends is not known, or is none that it can be
  'broken-loop', // the signal is below what an unbroken loop can carry
  'over-range', // the signal is above what a measurement can give
  'outside-curve', // the signal is outside the curve, or the curve has no value there
  'not-listed', // the instrument's own list of what it measures does not hold this, or holds it twice
  'instrument-status', // the instrument says that the number it sends is no measurement
  'not-applicable', // what has to hold for the value to mean something does not: nothing is wrong, there is just no value
] as const;
export type NoValueReason = (typeof noValueReasons)[number];

/** What the instrument says of itself beside a value; `unknown` where it could not be read. */
export interface StatedState {
  readonly flag: InstrumentFlag;
  readonly zh?: string;
  readonly en?: string;
  readonly unknown?: boolean;
}

/**
 * One decoded point. `raw` is what the instrument said before scale and offset, `value` is in the unit of the factor.
 * Nothing is clamped and nothing is judged here; a missing value is null and says why.
 */
export type Decoded = { readonly state?: StatedState } & (
  | { readonly raw: number; readonly value: number }
  | { readonly raw: number | null; readonly value: null; readonly reason: NoValueReason }
);

/** What is known besides what was read just now. */
export interface Known {
  /** What the site states, by the name of the parameter. */
  readonly parameters: Readonly<Record<string, number>>;
  /** Auxiliary values that were read when the line was connected, and hold since. */
  readonly auxiliaries: ReadonlyMap<string, Raw>;
}

export const nothingKnown: Known = { parameters: {}, auxiliaries: new Map() };

/** The number behind the name of a parameter or an auxiliary value; `undefined` when it is not known. */
export type LookUp = (name: string) => number | undefined;
