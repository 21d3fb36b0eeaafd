import type { Kept } from '../core.ts';
import { removeOldest } from './block.ts';
import { countRows } from './counting.ts';

/** The oldest block goes though not all of it was had; its rows are counted. */
export function dropOldest(kept: Kept): void {
  const lost = countRows(kept, kept.oldest, kept.offset);
  kept.dropped += lost;
  kept.held -= lost;
  removeOldest(kept);
}
