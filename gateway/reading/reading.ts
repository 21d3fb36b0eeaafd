import type { FactorCode } from '../../device-profiles/factors.ts';
import type { Monotonic, WallTime } from '../clock.ts';

/**
 * The data flag, in HJ 212-2017's sense (table 8): N normal, F instrument out of service, M maintenance, S entered by
 * hand, D instrument fault, C calibration, T above the instrument's measuring range, B no communication between
 * instrument and gateway. A limit that is exceeded makes an event, never a flag.
 */
const flags = ['N', 'F', 'M', 'S', 'D', 'C', 'T', 'B'] as const;
export type Flag = (typeof flags)[number];

/** Why a flag is not N. One list for readings and records; the page holds its words in Chinese and English. */
export const reasons = [
  'no-answer', // nothing came back within the timeout
  'garbled', // bytes came back, but no valid frame
  'foreign-answer', // a valid frame came back, but of another slave, function or length
  'refused', // the instrument answered that it will not, such as with a Modbus exception
  'line-lost', // the port or connection is gone
  'listening', // another master owns the line, or an unasked stream has gone quiet
  'not-sent', // an unasked stream goes on, but without this value
  'wrong-time', // what came bears a stamp too far from our time: an old value, or a wrong clock
  'configuration', // the instrument could not be run as the site file describes it
  'sentinel', // the instrument sent its own mark for "no value"
  'not-a-number', // the bytes decode to no finite number
  'instrument-status', // the instrument itself says so, by its state or by the flag it sends
  'warm-up', // the instrument is not ready yet
  'above-range', // above the measuring range of the profile
  'below-range', // below the measuring range of the profile
  'status-unknown', // the instrument has a state to tell, and it could not be read
  'scale-unknown', // the scale or unit that the instrument sends is not known, so the number means nothing
  'broken-loop', // the signal is lower than an unbroken loop carries
  'over-range', // the signal is higher than a measurement can give
  'outside-curve', // the signal is where the curve of the profile has no value
  'not-listed', // the instrument's own list of what it measures does not hold this
  'too-fast', // it changed faster than can be real
  'stuck', // it has not moved for longer than a measurement stays the same
  'too-few-samples', // the period holds fewer valid samples than the rule asks for
  'gateway-not-running', // the gateway did not run during the whole period
  'clock-jumped', // the clock was set, and this time, or a part of it, was jumped over
] as const;
export type Reason = (typeof reasons)[number];

/** How a reason is known. */
const bases = ['observed', 'inferred', 'stated'] as const;
export type Basis = (typeof bases)[number];

/** Where a number comes from. Only measured, and computed from measured, count for completeness and duties. */
const origins = ['measured', 'computed', 'entered', 'foreign', 'simulated'] as const;
export type Origin = (typeof origins)[number];

/** What is said about a value: nothing when it is normal, else why and how that is known. */
export type Mark =
  | { readonly flag: 'N'; readonly reason: null; readonly basis: null }
  | { readonly flag: Exclude<Flag, 'N'>; readonly reason: Reason; readonly basis: Basis };

export const normal: Mark = { flag: 'N', reason: null, basis: null };

/** One value of one factor at one point at one moment, or the fact that there was none. */
export interface Reading {
  readonly instrument: string;
  /** The monitoring point: a series is (point, factor), whichever instrument serves it. */
  readonly point: string;
  readonly factor: FactorCode;
  /** When the last byte of the answer came, or when it was given up. */
  readonly at: WallTime;
  readonly monotonic: Monotonic;
  /** In the factor's unit; null when there is no value. Never 0 for "missing". */
  readonly value: number | null;
  readonly mark: Mark;
  readonly origin: Origin;
}
