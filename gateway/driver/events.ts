import type { FactorCode } from '../../device-profiles/factors.ts';
import type { Span } from '../../device-profiles/plan/span.ts';
import type { RelayUse } from '../../device-profiles/shape/firmata.ts';
import type { UnknownCode } from '../../device-profiles/value/slots.ts';
import type { Monotonic, WallTime } from '../clock.ts';
import type { Flag } from '../reading/reading.ts';
import type { RelayCause, RelayState } from './firmata/relays/relay.ts';

/**
 * How one transaction on the line ended (the classes a fault-finding page tells apart).
 * `late`, `foreign-slave` and `foreign-function` answers are counted, never used.
 */
export const outcomes = [
  'ok',
  'no-bytes', // silence
  'echo', // nothing but our own request came back, whole or cut: the adapter hears itself and no slave spoke
  'short', // began like an answer, ended too early
  'crc', // right length, wrong check sum
  'foreign-slave', // a valid frame of another slave address (or another transaction on Modbus TCP)
  'foreign-function', // a valid frame of another function code, data identifier or command
  'foreign-length', // a valid frame that carries another number of registers or bytes than asked for
  'wrong-time', // a valid frame whose stamp is no date, or too far from our time: an old value sent late, a wrong clock
  'exception', // the slave refused
  'junk', // bytes that hold no frame at all
  'line-lost', // the link failed before the end
] as const;
export type Outcome = (typeof outcomes)[number];

/** True if no instrument said anything: an echo is our own voice. */
export function isSilent(outcome: Outcome): boolean {
  return outcome === 'no-bytes' || outcome === 'echo';
}

/** One request and what came back: what a diagnosis is made from. The bytes kept are cut at 64 a side. */
export interface Transaction {
  readonly kind: 'transaction';
  readonly link: string;
  /** How often the link had been opened by then: another number is another connection, or the adapter plugged in anew. */
  readonly generation: number;
  /** The instrument of the site; null for a question of a search, which belongs to none. */
  readonly instrument: string | null;
  /** Slave address; null for an instrument that talks unasked, and for a meter with an address of twelve digits. */
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
  /** Milliseconds from the end of the request to the last byte; null when none came. */
  readonly lastByte: number | null;
  /** The longest silence between two pieces of what came, milliseconds; null when it came in one piece or not at all. */
  readonly longestGap: number | null;
  /** Bytes that the answer would have, envelope included; null where nobody asked. */
  readonly expected: number | null;
  /** Milliseconds from the start of the request to the end. */
  readonly duration: number;
  readonly outcome: Outcome;
  /** Modbus exception code, or the error byte of a DL/T 645 meter, where the outcome is `exception`. */
  readonly exception: number | null;
  /** Bytes stepped over before a good frame, or in all where there was none. */
  readonly junkBefore: number;
  /** Bytes stepped over behind a good frame. */
  readonly junkAfter: number;
  /** Bytes of our own request that came back first and were stripped. */
  readonly echoed: number;
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

/**
 * Whether the line may be spoken on. `listening`: it is listened to first; `clear`: nobody was heard, polling begins;
 * `not-understood`: something was heard that is no frame known, polling begins all the same; `other-master`: another
 * master polls here, so nothing is sent; `only-listening`: the site says never to send.
 */
export interface LineSilence {
  readonly kind: 'line-silence';
  readonly link: string;
  readonly state: 'listening' | 'clear' | 'not-understood' | 'other-master' | 'only-listening';
  /** Slave addresses that the other master was heard to ask, in order; empty when none was heard. */
  readonly asked: readonly number[];
  /** Bytes heard that make no frame known. */
  readonly junk: number;
  readonly at: WallTime;
}

/** An instrument starts or stops answering. */
export interface InstrumentCondition {
  readonly kind: 'instrument-condition';
  readonly instrument: string;
  readonly condition: 'answering' | 'not-answering';
  readonly outcome: Outcome;
  readonly at: WallTime;
}

/**
 * A Modbus instrument refused read requests that its profile allows, or answers ones that it had refused: other
 * requests are asked from here on. Told once a poll, for everything that came out in it.
 */
export interface PlanChanged {
  readonly kind: 'plan-changed';
  readonly instrument: string;
  /** What is newly known to be refused; requests that hold one of these are not asked any more. */
  readonly refused: readonly Span[];
  /** What had been refused and is answered. */
  readonly answered: readonly Span[];
  /** Everything that is asked from here on. */
  readonly requests: readonly Span[];
  readonly at: WallTime;
}

/** What an instrument says of itself, told when that changes; nothing when all is normal. */
export interface InstrumentSays {
  readonly kind: 'instrument-says';
  readonly instrument: string;
  readonly says: readonly { readonly flag: Flag; readonly zh: string; readonly en: string }[];
  readonly at: WallTime;
}

/**
 * Which variant of its profile an instrument was found to be; null where no rule fits, or more than one (`fitting` names
 * them), and it cannot be read until somebody chooses.
 */
export interface VariantFound {
  readonly kind: 'variant-found';
  readonly instrument: string;
  readonly variant: string | null;
  readonly fitting: readonly string[];
  readonly at: WallTime;
}

/** An instrument lists parameters that its profile does not know, so they are not read; told when the list changes. */
export interface UnknownParameters {
  readonly kind: 'unknown-parameters';
  readonly instrument: string;
  readonly codes: readonly UnknownCode[];
  readonly at: WallTime;
}

/** Which unit an instrument says it is, read when it was connected; told when that is news. */
export interface InstrumentIdentity {
  readonly kind: 'instrument-identity';
  readonly instrument: string;
  /** By the name of the profile: `serial-number`, `firmware`. */
  readonly identity: Readonly<Record<string, string | number>>;
  readonly at: WallTime;
}

/** A contact of a board opened or closed, or is known for the first time since the board was opened. */
export interface ContactChanged {
  readonly kind: 'contact-changed';
  readonly instrument: string;
  /** The point of the profile. */
  readonly contact: string;
  /** The monitoring point. */
  readonly point: string;
  readonly factor: FactorCode;
  /** Null where it does not stand still for long enough to say so. */
  readonly closed: boolean | null;
  /** More than one where it chattered: then only the last state is told. */
  readonly changes: number;
  readonly first: boolean;
  /** When the level began to stand. */
  readonly at: WallTime;
  readonly monotonic: Monotonic;
}

/** A relay of a board was switched, or lost. */
export interface RelayChanged {
  readonly kind: 'relay-changed';
  readonly instrument: string;
  readonly relay: string;
  readonly use: RelayUse;
  readonly state: RelayState;
  /** What it was before. */
  readonly before: RelayState;
  readonly cause: RelayCause | null;
  /** Who asked for it; null where nobody did. */
  readonly who: string | null;
  /** During a warning: when it goes on. */
  readonly next: WallTime | null;
  /** When it goes off by itself. */
  readonly until: WallTime | null;
  readonly at: WallTime;
}

export type DriverEvent =
  | Transaction
  | Overload
  | LineSilence
  | ContactChanged
  | RelayChanged
  | InstrumentCondition
  | InstrumentIdentity
  | InstrumentSays
  | PlanChanged
  | VariantFound
  | UnknownParameters;
