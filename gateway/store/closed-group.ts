import { type LocalTime, readStamp, type WallTime } from '../clock.ts';
import { canonicalJson } from '../record/canonical.ts';
import type { LabelsStep } from '../record/labels.ts';
import type { Committed, Entry, EventRecord, GapRecord } from '../record/record.ts';
import type { ClosedGroup, Dropped, DroppedSpan, WaitingRecord } from './open-group.ts';
import type { Span } from './port.ts';
import { type SampleBlocks, sampleBlocks } from './sample-block.ts';
import type { CommitPart, CommittedPart } from './worker-messages.ts';

/** A closed group as the thread takes it, and the blocks that its readings became. */
interface PreparedGroup extends SampleBlocks {
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

/** Gives everybody who waits the key of what is durable now: of a record its own, of readings that of their block. */
export function resolveAll(closed: ClosedGroup, blockOf: readonly number[], parts: readonly CommittedPart[]): void {
  for (const { stream, epoch, first, hashes } of parts) {
    const key = (index: number): Committed => ({ stream, epoch, seq: first + index, hash: hashes[index] ?? '' });
    if (stream === 'records') for (const [index, { resolve }] of closed.records.entries()) resolve(key(index));
    else for (const [call, { resolve }] of closed.readings.entries()) resolve(key(blockOf[call] ?? 0));
  }
  for (const { resolve } of closed.marks) resolve(true);
}

/** What a part made durable, with the entries as they were given. */
export function spanOf(part: CommittedPart, entries: readonly Entry[], site: string, committedAt: number): Span {
  const { stream, epoch, first, before, hashes } = part;
  const numbered = entries.map((entry, index) => ({ seq: first + index, entry }));
  const place = { stream, epoch, from: first, to: first + entries.length - 1 };
  return { ...place, before, after: hashes.at(-1) ?? before, site, committedAt, entries: numbered, absent: [] };
}

/**
 * Which labels the records speak of, in order. An audit `clock-jumped` that says where minutes go on (`continues`) puts
 * them back there.
 */
export function labelsBy(closed: { readonly records: readonly Pick<WaitingRecord, 'record'>[] }): LabelsStep[] {
  const steps: LabelsStep[] = [];
  for (const { record } of closed.records) {
    if (record.kind === 'audit' && record.action === 'clock-jumped') {
      const back = readStamp((record.details as { continues?: string }).continues ?? '');
      if (back !== undefined) steps.push({ back });
    }
    if (record.kind !== 'gap' && record.kind !== 'minute') continue;
    const from = readStamp(record.from);
    const to = record.kind === 'gap' ? readStamp(record.to) : from !== undefined ? from + 60_000 : undefined;
    if (from === undefined || to === undefined) continue;
    const { revision } = record;
    const last = steps.at(-1);
    // The same minute of many series, and minutes in a row, are one step.
    if (last !== undefined && 'say' in last && last.say[0] <= from && from <= last.say[1]) {
      const highest = Math.max(last.revision ?? 1, revision);
      steps[steps.length - 1] = { say: [last.say[0], Math.max(last.say[1], to)], revision: highest };
    } else steps.push({ say: [from, to], revision });
  }
  return steps;
}

/** Texts of the minutes that are said anew, after the clock was set back: they stand elsewhere than their first word. */
export function saidAgain(closed: { readonly records: readonly WaitingRecord[] }): string[] {
  const again = closed.records.filter(({ record }) => record.kind === 'minute' && record.revision > 1);
  return again.map(({ text }) => text);
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
