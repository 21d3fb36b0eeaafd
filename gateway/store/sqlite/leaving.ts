import type { SeqSet } from '../../record/seq-set.ts';
import type { ExportedRanges } from '../exported.ts';
import type { Leaving } from '../port.ts';
import type { Epoch } from './epochs.ts';
import type { Ledger } from './ledger.ts';

/** So long before the first of them goes it is told, milliseconds. */
const toldBefore = 30 * 86_400_000;
const day = 86_400_000;

/** What decides what goes when. */
interface Bounds {
  readonly uplinks: readonly string[];
  /** What an uplink has let go of the records stream. */
  readonly letGo: (uplink: string, epoch: Epoch) => SeqSet;
  /** How long records are kept by age, milliseconds. */
  readonly kept: number;
  /** For how many days there is room; null while nobody knows. */
  readonly roomDays: number | null;
  readonly exported: ExportedRanges;
}

/**
 * Which records that nobody else has will be let go next, and when; null when none will within a month. By age goes only what
 * no uplink waits for, so of a site with uplinks it is for room alone that the gateway loses what a platform does not have.
 */
export function leaving(ledger: Ledger, bounds: Bounds): Leaving | null {
  const held = oldest(ledger, () => null);
  if (held === undefined) return null;
  const unseen = oldest(ledger, (epoch) => claimed(ledger, epoch, bounds));
  if (unseen === undefined) return null;
  const since = beyondExports(unseen, bounds.exported);
  if (since >= ledger.newestAt) return null;
  const byAge = bounds.uplinks.length === 0 ? since + bounds.kept : Number.POSITIVE_INFINITY;
  // While anything is held that somebody has, that goes first.
  const isNext = since === held && bounds.roomDays !== null;
  const byRoom = isNext ? ledger.newestAt + (bounds.roomDays ?? 0) * day : Number.POSITIVE_INFINITY;
  const at = Math.max(Math.min(byAge, byRoom), ledger.newestAt);
  if (at - ledger.newestAt > toldBefore) return null;
  return { since, until: ledger.newestAt, at, by: byRoom < byAge ? 'room' : 'age' };
}

type Ranges = readonly (readonly [number, number])[];

/** Commit time of the oldest record that is held, within these ranges of each epoch; null is all of it. */
function oldest(ledger: Ledger, rangesOf: (epoch: Epoch) => Ranges | null): number | undefined {
  for (const epoch of ledger.epochs) {
    const last = ledger.lastSeq('records', epoch);
    for (const [first, end] of rangesOf(epoch) ?? [[1, last]]) {
      const block = last === 0 ? undefined : ledger.tables.records.blockFrom(epoch, first);
      if (block !== undefined && block.first <= end) return block.committedAt;
    }
  }
  return undefined;
}

/** What some uplink waits for; everything where there is no uplink: nobody has it. */
function claimed(ledger: Ledger, epoch: Epoch, { uplinks, letGo }: Bounds): Ranges {
  const last = ledger.lastSeq('records', epoch);
  if (last === 0) return [];
  if (uplinks.length === 0) return [[1, last]];
  const ranges = uplinks.flatMap((uplink) => [...letGo(uplink, epoch).missingWithin(1, last)]);
  return ranges.sort((a, b) => a[0] - b[0]);
}

/** The first moment from there on that no export covers. */
function beyondExports(from: number, exported: ExportedRanges): number {
  let since = from;
  for (const [start, end] of [...exported].sort((a, b) => a[0] - b[0])) {
    if (start <= since && end > since) since = end;
  }
  return since;
}
