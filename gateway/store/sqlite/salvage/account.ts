import type { LocalTime, WallTime } from '../../../clock.ts';
import type { EventRecord, GapRecord } from '../../../record/record.ts';
import type { Losses } from './losses.ts';
import type { Salvage } from './salvage.ts';

/**
 * What stands in the records stream for a damaged file: an event with the count, a gap for every stretch of records that
 * some uplink was still owed, and one from the newest recovered commit to the setting aside. A hole has only the times
 * of the commits around it, hence `inferred`; the sequence numbers, told as absent, are exact.
 */
export function accountOf(
  salvage: Salvage,
  losses: Losses,
  time: LocalTime,
  at: WallTime,
): (EventRecord | GapRecord)[] {
  const { marker, remains, progress, unreadable } = salvage;
  const { file, entries } = progress;
  const stretches = losses.found.map(({ stream, epoch, first, last }) => ({ stream, epoch, first, last }));
  const details = { file, recovered: entries, lost: losses.entries, unreadablePages: unreadable, stretches };
  const event: EventRecord = { kind: 'event', at: time.stamp(at), event: 'store-salvaged', details, revision: 1 };
  const gap = (since: number, until: number, reason: GapRecord['reason']): GapRecord => {
    const to = Math.min(until, marker.setAsideAt);
    const from = Math.min(Math.floor(since), to);
    const stamps = { from: time.stamp(from as WallTime), to: time.stamp(to as WallTime) };
    return { kind: 'gap', ...stamps, reason, basis: 'inferred', revision: 1 };
  };
  const holes = losses.found
    .filter(({ stream, owed }) => stream === 'records' && owed)
    .map(({ after, before }) => gap(after ?? marker.madeAt, before, 'store-lost'));
  const isWhole = remains.last.records !== null && remains.last.records === losses.last.records;
  const tail = gap(
    losses.newestRecord ?? marker.madeAt,
    marker.setAsideAt,
    isWhole ? 'gateway-not-running' : 'store-lost',
  );
  return [event, ...holes, ...(isWhole && tail.from === tail.to ? [] : [tail])];
}
