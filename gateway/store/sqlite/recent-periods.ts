import type { Committed } from '../../record/record.ts';
import type { Epoch } from './epochs.ts';
import type { StreamTable } from './stream-table.ts';

/** Entries that one look for recent periods reads at most: the page would rather have fewer than wait. */
const recentDepth = 20_000;

/** A period record as it stands in the store. */
export interface RecentPeriod {
  readonly key: Committed;
  readonly text: string;
}

/** Newest period records of a table, newest first; of one point or of all. `epochs`: oldest first. */
export function recentPeriods(
  epochs: readonly Epoch[],
  table: StreamTable,
  limit: number,
  point: string | null,
): RecentPeriod[] {
  const found: RecentPeriod[] = [];
  let left = recentDepth;
  for (const epoch of epochs.toReversed()) {
    let [seal] = table.blocksBack(epoch, Number.POSITIVE_INFINITY, 1);
    while (seal !== undefined && left > 0) {
      const { first } = seal;
      const block = table.open(epoch, seal);
      for (let index = (block?.texts.length ?? 0) - 1; index >= 0; index--) {
        const [text, hash] = [block?.texts[index] ?? '', block?.hashes[index] ?? ''];
        if (!isPeriod(text, point)) continue;
        found.push({ key: { stream: 'records', epoch: epoch.id, seq: first + index, hash }, text });
        if (found.length >= limit) return found;
      }
      left -= seal.last - first + 1;
      [seal] = table.blocksBack(epoch, first - 1, 1);
    }
  }
  return found;
}

function isPeriod(text: string, point: string | null): boolean {
  // Cheap before exact: most of what this passes over is never parsed.
  if (point !== null && !text.includes(`"point":${JSON.stringify(point)}`)) return false;
  const entry: { kind?: unknown; point?: unknown } = JSON.parse(text);
  if (entry.kind !== 'minute' && entry.kind !== 'hour' && entry.kind !== 'day') return false;
  return point === null || entry.point === point;
}
