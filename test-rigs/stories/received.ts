import { readStamp, type WallTime } from '../../gateway/clock.ts';
import type { DecodedBatch } from '../../gateway/contract/decode.ts';
import { decodeBatch } from '../../gateway/contract/decode.ts';
import { isFault } from '../../gateway/contract/fields.ts';
import type { Entry, PeriodRecord } from '../../gateway/record/record.ts';
import type { Platform } from '../platform/platform.ts';
import type { MemoryBroker } from '../surroundings/memory-broker.ts';

type OfKind<Kind, One = Entry> = One extends { readonly kind: infer Kinds }
  ? Kind extends Kinds
    ? One
    : never
  : never;

/** What the platform holds of one kind, in the order of the sequence, each with how it came. */
export function received<Kind extends Entry['kind']>(
  platform: Platform,
  kind: Kind,
): { readonly entry: OfKind<Kind>; readonly isLate: boolean; readonly at: number }[] {
  return platform.table
    .rows()
    .filter((row) => row.kind === kind)
    .map((row) => ({ entry: JSON.parse(row.entry ?? ''), isLate: row.late === 1, at: row.received_at }));
}

/** The minutes that the platform holds of one point and factor, in the order of time of the sequence. */
export function minutesOf(platform: Platform, point: string, factor: string): PeriodRecord[] {
  const minutes = received(platform, 'minute').map(({ entry }) => entry);
  return minutes.filter((one) => one.point === point && one.factor === factor);
}

/** One value of a sample block. */
export interface Sample {
  readonly factor: string;
  /** Wall time. */
  readonly at: WallTime;
  readonly value: number | null;
  readonly flag: string;
}

/** The single readings that the platform holds of one instrument. */
export function samplesOf(platform: Platform, instrument: string): Sample[] {
  const blocks = received(platform, 'samples').map(({ entry }) => entry);
  return blocks
    .filter((block) => block.instrument === instrument)
    .flatMap((block) =>
      block.series.flatMap(({ factor }, series) =>
        block.times.map((after, index) => ({
          factor,
          at: ((readStamp(block.from) ?? Number.NaN) + after) as WallTime,
          value: block.values[series]?.[index] ?? null,
          flag: block.flags[series]?.[index] ?? '?',
        })),
      ),
    );
}

/** Batches of the records stream as the broker took them, in order; `from` on: the index in what it accepted. */
export function batches(broker: MemoryBroker, from = 0): DecodedBatch[] {
  return broker.accepted.slice(from).flatMap(({ topic, payload }) => {
    const batch = topic.endsWith('/data') ? decodeBatch(payload) : null;
    return batch === null || isFault(batch) ? [] : [batch];
  });
}

/** Starts of minutes from one moment up to another, as stamps are written at a site east of UTC by 8 hours. */
export function minutesBetween(from: string, to: string): string[] {
  const starts: string[] = [];
  const east = 8 * 3_600_000;
  for (let at = Date.parse(from); at < Date.parse(to); at += 60_000) {
    starts.push(`${new Date(at + east).toISOString().slice(0, -1)}+08:00`);
  }
  return starts;
}
