import { type LocalTime, readStamp, type WallTime } from '../clock.ts';
import { canonicalJson } from '../record/canonical.ts';
import type { Entry, EventRecord, Json } from '../record/record.ts';
import type { Again } from './holding-port.ts';
import type { ClosedGroup, Dropped } from './open-group.ts';
import type { Span } from './port.ts';
import { type SampleBlocks, sampleBlocks } from './sample-block.ts';
import type { CommitPart, CommittedPart, Covered } from './worker-messages.ts';

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

/**
 * What the records say about how far the record reaches; null when they say nothing. An audit `clock-jumped` that says
 * where minutes go on (`continues`) puts it back there, and names the labels that are said again.
 */
export function coveredBy(closed: ClosedGroup): Covered | null {
  let [since, until, again]: [number, number, Covered['again']] = [Number.POSITIVE_INFINITY, 0, null];
  for (const { record } of closed.records) {
    if (record.kind === 'audit' && record.action === 'clock-jumped') {
      const set = setBack(record.details);
      if (set !== undefined) [until, again] = [set.continues, set.again];
    }
    if (record.kind !== 'gap' && record.kind !== 'minute') continue;
    const from = readStamp(record.from);
    const to = record.kind === 'gap' ? readStamp(record.to) : from !== undefined ? from + 60_000 : undefined;
    if (from === undefined || to === undefined) continue;
    since = Math.min(since, from);
    until = Math.max(until, to);
  }
  if (until === 0) return null;
  return { since: Math.min(since, until), until, again };
}

function setBack(details: Json): { continues: number; again: Again } | undefined {
  const { continues, again } = details as {
    continues?: string;
    again?: { revision: number; from: string; to: string };
  };
  const at = readStamp(continues ?? '');
  const [from, to] = [readStamp(again?.from ?? ''), readStamp(again?.to ?? '')];
  if (at === undefined) return undefined;
  const revision = again?.revision ?? 1;
  return { continues: at, again: { revision, from: from ?? 0, to: to ?? 0 } };
}

/** What stands in the records stream for readings that the bound took. */
export function droppedRecord(dropped: Dropped, now: WallTime, localTime: LocalTime): EventRecord {
  const [from, to] = [localTime.stamp(dropped.from as WallTime), localTime.stamp(dropped.to as WallTime)];
  const details = { readings: dropped.readings, from, to };
  return { kind: 'event', at: localTime.stamp(now), event: 'samples-dropped', details, revision: 1 };
}
