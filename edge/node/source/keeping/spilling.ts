import type { Kept } from '../core.ts';
import { freeBytes } from '../files/space.ts';
import { write } from '../files/writing.ts';
import { removeOldest } from './block.ts';
import { BLOCKS } from './bounds.ts';
import { packSegment } from './segment-writing.ts';

/** Segments in a block. */
const SEGMENTS = 6;
/** Bytes of flash left for configuration, boot counter and the file system's own turning over. */
const SPARE = 16384;
const MOST_IN_RAM = 12;

/**
 * Writes the rows in RAM to flash, as one segment. Where there are as many blocks as may be, or the flash is full, the
 * oldest go, and their rows are counted; if the flash does not take them even so, they stay, and the oldest goes when they
 * are too many.
 */
export function spill(kept: Kept): void {
  const before = kept.dropped;
  if (isWritten(kept)) kept.ring = [];
  else if (kept.ring.length >= MOST_IN_RAM) {
    table.remove(kept.ring, 1);
    kept.dropped += 1;
  }
  if (kept.dropped !== before) section<typeof import('./boots-writing.ts')>('keeping/boots-writing').writeBoots(kept);
}

function isWritten(kept: Kept): boolean {
  const head = `=${kept.boot},${kept.columns}\n`;
  const segment = packSegment(head, kept.ring, kept.zero);
  while (true) {
    const begins = kept.added === 0;
    const number = begins ? kept.newest + 1 : kept.newest;
    while (kept.oldest < number && (number - kept.oldest >= BLOCKS || freeBytes() < SPARE + segment.length)) {
      dropOldest(kept);
    }
    if (write(`r${number}`, begins ? 'w' : 'a', begins ? head + segment : segment)) {
      kept.newest = number;
      kept.added = (kept.added + 1) % SEGMENTS;
      kept.held += kept.ring.length;
      return true;
    }
    // What a failed write left at the end of a block stays there, as if power had cut it.
    if (begins) file.remove(`r${number}`);
    kept.added = 0;
    if (kept.oldest > kept.newest) return false;
    dropOldest(kept);
  }
}

function dropOldest(kept: Kept): void {
  const lost = section<typeof import('./counting.ts')>('keeping/counting').countRows(kept, kept.oldest, kept.offset);
  kept.dropped += lost;
  kept.held -= lost;
  removeOldest(kept);
}
