import { type LocalTime, readStamp, type WallTime } from '../clock.ts';
import { canonicalJson } from '../record/canonical.ts';
import type { Entry, EventRecord, GapRecord } from '../record/record.ts';
import type { ClosedGroup, Dropped, DroppedSpan } from './open-group.ts';
import type { Span } from './port.ts';
import { type SampleBlocks, sampleBlocks } from './sample-block.ts';
import type { CommitPart, CommittedPart } from './worker-messages.ts';

/** A closed group as the thread takes it, and the blocks that its readings became. */
export interface PreparedGroup extends SampleBlocks {
  readonly parts: readonly CommitPart[];
}

/** Turns what waited into texts; a stream with nothing to commit has no part. */
export function prepared(closed: ClosedGroup, localTime: LocalTime): PreparedGroup {
  const { blocks, blockOf } = sampleBlocks(
    closed.readings.map(({ readings }) => readings),
    localTime,
  );
  const parts: CommitPart[] = [
    { stream: 'records', texts: closed.records.map(({ text }) => text) },
    { stream: 'samples', texts: blocks.map(canonicalJson) },
  ];
  return { parts: parts.filter(({ texts }) => texts.length > 0), blocks, blockOf };
}

/** What a part made durable, with the entries as they were given. */
export function spanOf(part: CommittedPart, entries: readonly Entry[], site: string, committedAt: number): Span {
  const { stream, epoch, first, before, hashes } = part;
  const numbered = entries.map((entry, index) => ({ seq: first + index, entry }));
  const place = { stream, epoch, from: first, to: first + entries.length - 1 };
  return { ...place, before, after: hashes.at(-1) ?? before, site, committedAt, entries: numbered, absent: [] };
}

/** End of the latest minute or gap among the records, wall time; null when there is none. */
export function coveredBy(closed: ClosedGroup): number | null {
  let covered: number | null = null;
  for (const { record } of closed.records) {
    let end: number | undefined;
    if (record.kind === 'gap') end = readStamp(record.to);
    const from = record.kind === 'minute' ? readStamp(record.from) : undefined;
    if (from !== undefined) end = from + 60_000;
    if (end !== undefined && (covered === null || end > covered)) covered = end;
  }
  return covered;
}

/** What stands in the records stream for what the bound took: an event that counts it, and for records a gap. */
export function droppedRecords(dropped: Dropped, now: WallTime, localTime: LocalTime): (EventRecord | GapRecord)[] {
  const stamps = ({ from, to }: DroppedSpan): { from: string; to: string } => ({
    from: localTime.stamp(from as WallTime),
    to: localTime.stamp(to as WallTime),
  });
  const at = localTime.stamp(now);
  const records: (EventRecord | GapRecord)[] = [];
  const { readings, readingsSpan, records: count, recordsSpan } = dropped;
  if (readingsSpan !== null) {
    const details = { readings, ...stamps(readingsSpan) };
    records.push({ kind: 'event', at, event: 'samples-dropped', details, revision: 1 });
  }
  if (recordsSpan !== null) {
    const span = stamps(recordsSpan);
    records.push({ kind: 'event', at, event: 'records-dropped', details: { records: count, ...span }, revision: 1 });
    records.push({ kind: 'gap', ...span, reason: 'store-lost', basis: 'observed', revision: 1 });
  }
  return records;
}
