import * as z from 'zod';
import type { Monotonic, WallTime } from '../clock.ts';
import type { Reading } from '../reading/reading.ts';
import type { AuditRecord, EventRecord, KeyRecord, SiteRecord, StateRecord } from '../record/record.ts';

/** A record that has only to be told when it is of. */
export type UnstampedRecord = Unstamped<StateRecord | AuditRecord | SiteRecord | KeyRecord | EventRecord>;
type Unstamped<Record> = Record extends unknown ? Omit<Record, 'at'> : never;

/** A reading without its times: `at` is added when it is known. */
type UnstampedReading = Omit<Reading, 'at' | 'monotonic'> & { readonly boot: number };

/** One thing that waits for the time, in milliseconds of its boot. */
export type HeldItem =
  /** A run of the gateway began. */
  | { readonly kind: 'run'; readonly boot: number }
  | { readonly kind: 'record'; readonly boot: number; readonly record: UnstampedRecord }
  /** One call's readings. */
  | { readonly kind: 'readings'; readonly readings: readonly UnstampedReading[] }
  /** The machine slept from one moment to the other. */
  | { readonly kind: 'slept'; readonly boot: number; readonly until: number };

// The table holds only what this file wrote; what is looked at is that the text is whole.
const text = z.array(z.looseObject({ kind: z.enum(['run', 'record', 'readings', 'slept']) }));

export function itemsText(items: readonly HeldItem[]): string {
  return JSON.stringify(items);
}

/** The items of a row; none when the row is damaged. */
export function readItems(row: string): HeldItem[] {
  try {
    return text.parse(JSON.parse(row)) as unknown as HeldItem[];
  } catch {
    return [];
  }
}

export function readingsIn(items: readonly HeldItem[]): number {
  return items.reduce((sum, item) => sum + (item.kind === 'readings' ? item.readings.length : 0), 0);
}

/** First and last millisecond of the boot among them; 0 where there is nothing. */
export function spanOf(items: readonly HeldItem[]): { readonly first: number; readonly last: number } {
  let [first, last] = [Number.POSITIVE_INFINITY, 0];
  for (const item of items) {
    const moments = item.kind === 'readings' ? item.readings.map(({ boot }) => boot) : [item.boot];
    for (const moment of moments) [first, last] = [Math.min(first, moment), Math.max(last, moment)];
  }
  return { first: Number.isFinite(first) ? first : 0, last };
}

/** A reading as it would have been stamped; `origin`: wall time at which its boot began. */
export function stamped({ boot, ...reading }: UnstampedReading, origin: number): Reading {
  return { ...reading, at: Math.round(boot + origin) as WallTime, monotonic: boot as Monotonic };
}
