import type { Kept } from '../core.ts';
import { freeBytes } from '../files/space.ts';
import { write } from '../files/writing.ts';
import { BLOCKS } from './bounds.ts';
import { packSegment } from './segment-writing.ts';

/** Rows after which a block is full. */
const FULL = 72;
/** Bytes of flash left for configuration, boot counter and the file system's own turning over. */
const SPARE = 16384;
const MOST_IN_RAM = 12;

/**
 * Writes the rows in RAM to flash, as one segment. Where there are as many blocks as may be, or the flash is full, the
 * oldest go, and their rows are counted. If the flash does not take them for another reason, one block goes for it and no
 * more; they stay, and the oldest of them goes when they are too many.
 */
export function spill(kept: Kept): void {
  const before = kept.dropped;
  if (isWritten(kept)) {
    kept.ring = [];
    keepLateZero(kept);
  } else if (kept.ring.length >= MOST_IN_RAM) {
    table.remove(kept.ring, 1);
    kept.dropped += 1;
  }
  if (kept.dropped !== before) section<typeof import('./boots-writing.ts')>('keeping/boots-writing').writeBoots(kept);
}

function isWritten(kept: Kept): boolean {
  const head = `=${kept.boot},${kept.node},${kept.columns}\n`;
  const segment = packSegment(head, kept.ring, kept.zero);
  while (true) {
    const begins = kept.added === 0;
    const number = begins ? kept.newest + 1 : kept.newest;
    while (kept.oldest < number && (number - kept.oldest >= BLOCKS || freeBytes() < SPARE + segment.length)) {
      dropOldest(kept);
    }
    if (write(`r${number}`, begins ? 'w' : 'a', begins ? head + segment : segment)) {
      kept.newest = number;
      kept.added += kept.ring.length;
      if (kept.added >= FULL) kept.added = 0;
      kept.held += kept.ring.length;
      kept.isStuck = false;
      return true;
    }
    // What a failed write left at the end of a block stays there, as if power had cut it.
    if (begins) file.remove(`r${number}`);
    kept.added = 0;
    if (kept.isStuck || kept.oldest > kept.newest) return false;
    kept.isStuck = true;
    dropOldest(kept);
  }
}

const dropOldest = (kept: Kept): void => section<typeof import('./dropping.ts')>('keeping/dropping').dropOldest(kept);

/**
 * A time that became known while rows of this boot were in flash stands before what is written with rows; where another is
 * known now, that has to stand there.
 */
function keepLateZero(kept: Kept): void {
  const [late] = string.match(kept.zeros, `;${kept.boot}:(%d+)`);
  if (late !== undefined && tonumber(late) !== kept.zero) {
    section<typeof import('./boots-writing.ts')>('keeping/boots-writing').keepZero(kept);
  }
}
