import type { FactorCode } from '../../device-profiles/factors.ts';
import type { Basis, Flag, Origin, Reason } from '../reading/reading.ts';

/** Local time with offset and milliseconds, `2026-11-24T11:45:00.000+08:00`. */
type Stamp = string;

/** Any value that JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

interface Marked {
  readonly flag: Flag;
  readonly reason: Reason | null;
  readonly basis: Basis | null;
}

/**
 * What a period became, for one point and factor. One exists for every expected period, also when nothing came.
 * Identity: (kind, point, factor, from); the highest revision holds. A revision above 1 stands for a period that was said
 * before, and what says why stands before it: an audit record `clock-jumped` (the clock was set back), or an event
 * `late-readings` (an instrument that keeps its own readings could not hand them over in time; where a gap stood for the
 * period, it is the first word on that series).
 */
export interface PeriodRecord extends Marked {
  readonly kind: 'minute' | 'hour' | 'day';
  readonly point: string;
  readonly factor: FactorCode;
  /** Start of the period. */
  readonly from: Stamp;
  /** In the factor's unit, by the factor's way of averaging; null when no value counted. A counter's last reading. */
  readonly average: number | null;
  readonly minimum: number | null;
  readonly maximum: number | null;
  /** A counter's increase since the last reading of an earlier period; absent for other factors, null when not known. */
  readonly total?: number | null;
  /** Values that counted. */
  readonly count: number;
  /** Values that the site expects in the period. */
  readonly expected: number;
  readonly revision: number;
  readonly origin: Origin;
}

/** Something that happened and matters to a reader of the data. */
export interface EventRecord {
  readonly kind: 'event';
  readonly at: Stamp;
  /** Plain name, `minute-rule-changed`. */
  readonly event: string;
  readonly point?: string;
  readonly factor?: FactorCode;
  readonly instrument?: string;
  readonly details: Json;
  readonly revision: number;
}

/**
 * Time for which no period record exists: no gateway ran, the machine slept, the store lost it, it was never known what
 * time it was, or the clock was set forward and that time never was on it.
 */
export interface GapRecord {
  readonly kind: 'gap';
  readonly from: Stamp;
  readonly to: Stamp;
  readonly reason: 'gateway-not-running' | 'store-lost' | 'clock-unknown' | 'clock-jumped' | 'suspended';
  readonly basis: Basis;
  readonly revision: number;
}

/** An instrument's condition when it changed, with the parameters it told. */
export interface StateRecord {
  readonly kind: 'state';
  readonly at: Stamp;
  readonly instrument: string;
  readonly state: 'answering' | 'not-answering' | 'at-fault';
  readonly reason: Reason | null;
  readonly parameters: { readonly [name: string]: Json };
  readonly revision: number;
}

/** The site's document whole, as it held from this moment on. */
export interface SiteRecord {
  readonly kind: 'site';
  readonly at: Stamp;
  /** SHA-256 of the canonical document, first 16 hexadecimal digits: the `site` of a batch. */
  readonly version: string;
  readonly document: Json;
  /** Profile id to SHA-256 of its files. */
  readonly profiles: { readonly [profile: string]: string };
  /** What is expected: cadence in seconds per series. */
  readonly expected: readonly { readonly point: string; readonly factor: FactorCode; readonly every: number }[];
  readonly revision: number;
}

/** Who did what to the gateway. Also the first record of every epoch (`action: 'epoch-begun'`). */
export interface AuditRecord {
  readonly kind: 'audit';
  readonly at: Stamp;
  readonly who: string;
  readonly action: string;
  readonly details: Json;
  readonly revision: number;
}

/** A signing key that holds from now on; signed by the key before it, where there was one. */
export interface KeyRecord {
  readonly kind: 'key';
  readonly at: Stamp;
  /** Raw Ed25519 public key, base64. */
  readonly publicKey: string;
  readonly previous: string | null;
  readonly signature: string | null;
  readonly revision: number;
}

/**
 * One instrument's readings up to a commit, in columns. Not a fact of its own but the raw material of minutes.
 * `values[series][time]`, `flags[series]` one letter a time, `reasons` only where a flag is not N.
 */
export interface SampleBlock {
  readonly kind: 'samples';
  readonly instrument: string;
  /** Stamp of the first time. */
  readonly from: Stamp;
  /** Milliseconds after `from`, ascending or equal. */
  readonly times: readonly number[];
  readonly series: readonly { readonly point: string; readonly factor: FactorCode; readonly origin: Origin }[];
  readonly values: readonly (readonly (number | null)[])[];
  readonly flags: readonly string[];
  /** [series index, time index, reason, basis] */
  readonly reasons: readonly (readonly [number, number, Reason, Basis])[];
}

/** What stands in the `records` stream. */
export type StreamRecord = PeriodRecord | EventRecord | GapRecord | StateRecord | SiteRecord | AuditRecord | KeyRecord;

/** Anything that carries a sequence number. The `samples` stream holds sample blocks and epoch audits. */
export type Entry = StreamRecord | SampleBlock;

export const streams = ['records', 'samples'] as const;
export type Stream = (typeof streams)[number];

/** The key of an entry; with the gateway's id it is unique in the world. Sequence numbers start at 1 in every epoch. */
export interface EntryKey {
  readonly stream: Stream;
  readonly epoch: string;
  readonly seq: number;
}

/** An entry that is durable, with its place in the chain. */
export interface Committed extends EntryKey {
  /** SHA-256 chain hash, 64 hexadecimal digits. */
  readonly hash: string;
}
