import type { Monotonic, WallTime } from '../clock.ts';

/**
 * How one transaction on the line ended (the classes a fault-finding page tells apart).
 * `late`, `foreign-slave` and `foreign-function` answers are counted, never used.
 */
export const outcomes = [
  'ok',
  'no-bytes', // silence
  'short', // began like an answer, ended too early
  'crc', // right length, wrong check sum
  'foreign-slave', // a valid frame of another slave address (or another transaction on Modbus TCP)
  'foreign-function', // a valid frame of another function code
  'foreign-length', // a valid frame that carries another number of registers than asked for
  'exception', // the slave refused
  'junk', // bytes that hold no frame at all
  'line-lost', // the link failed before the end
] as const;
export type Outcome = (typeof outcomes)[number];

/** One request and what came back: what a diagnosis is made from. Bytes are cut at 64 a side. */
export interface Transaction {
  readonly kind: 'transaction';
  readonly link: string;
  readonly instrument: string;
  /** Slave address; null for an instrument that talks unasked. */
  readonly address: number | null;
  readonly at: WallTime;
  readonly monotonic: Monotonic;
  readonly sent: Uint8Array;
  readonly received: Uint8Array;
  /** How many bytes went out and came in, junk and late ones included: the line's counters. */
  readonly bytesSent: number;
  readonly bytesReceived: number;
  /** Milliseconds from the end of the request to the first byte; null when none came. */
  readonly firstByte: number | null;
  /** Milliseconds from the start of the request to the end. */
  readonly duration: number;
  readonly outcome: Outcome;
  /** Modbus exception code, where the outcome is `exception`. */
  readonly exception: number | null;
  /** Bytes stepped over before or after a good frame. */
  readonly junk: number;
  /** Bytes or whole answers that came before the request was sent and were thrown away: an earlier answer, late. */
  readonly late: number;
}

/** The line's schedule falls behind: what is asked for needs more time than there is. */
export interface Overload {
  readonly kind: 'overload';
  readonly link: string;
  /** Share of the line's time that the site asks for; above 1 it cannot be carried. */
  readonly needed: number;
}

/** An instrument starts or stops answering. */
export interface InstrumentCondition {
  readonly kind: 'instrument-condition';
  readonly instrument: string;
  readonly condition: 'answering' | 'not-answering';
  readonly outcome: Outcome;
  readonly at: WallTime;
}

export type DriverEvent = Transaction | Overload | InstrumentCondition;
