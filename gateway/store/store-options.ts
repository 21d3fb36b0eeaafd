import type { Clock, LocalTime } from '../clock.ts';
import type { Committed, Stream } from '../record/record.ts';
import type { GroupBound } from './open-group.ts';
import type { StoreEvent } from './port.ts';
import type { RetentionBounds } from './worker-messages.ts';

/** What a store is opened with. */
export interface StoreOptions {
  /** The site directory: the database lives in `store/` under it, the lock in it. */
  readonly directory: string;
  readonly gateway: string;
  /** The clock's time is only one that it cannot be before: see `ClockTrust`. */
  readonly isGuess?: boolean;
  /** Site version in force at the start. */
  readonly site: string;
  readonly clock: Clock;
  readonly localTime: LocalTime;
  readonly observe: (event: StoreEvent) => void;
  /** Uplinks that claim every entry until they let it go. */
  readonly uplinks: readonly string[];
  /** Whether readings are kept at all; without, the samples stream holds nothing but the beginning of its epochs. */
  readonly keepSamples: boolean;
  /** How long a group stays open, milliseconds. */
  readonly windows?: { readonly [stream in Stream]: number };
  readonly bound?: GroupBound;
  /** What may wait for the time. */
  readonly heldBound?: { readonly bytes: number; readonly rows: number };
  /**
   * Tells the machine from others, whatever that is. A store that was made on another one begins a new epoch: the card
   * was copied, or put into another box. Without it nobody can tell.
   */
  readonly machine?: string;
  readonly retention?: RetentionBounds;
  /** How long a commit waits for another connection's lock on the file, milliseconds. */
  readonly busyTimeout?: number;
  /** Told of every committed entry before anybody else, in order: an account that a test can hold against the store. */
  readonly ledger?: (committed: Committed) => void;
}

/** Milliseconds. */
export const defaultWindows = { records: 1000, samples: 10_000 };
/** A few minutes of a large site's readings and half a day of its records: what a stalled disk may cost in memory. */
export const defaultBound: GroupBound = { entries: 20_000, readings: 50_000, records: 40_000 };
const day = 86_400_000;
export const defaultRetention: RetentionBounds = { records: 5 * 365.25 * day, samples: 14 * day, limit: null };
