import type { Kept } from '../core.ts';
import { readAt } from '../files/reading.ts';
import { bootOf, HEAD, headOf, isHad, removeOldest, WINDOW } from './block.ts';
import { MOST_ROWS } from './bounds.ts';
import { type SegmentHead, segmentHead } from './segment-head.ts';
import { unpackSegment } from './segment-reading.ts';

export interface KeptRows {
  /** As in flash. */
  boot: number;
  columns: string;
  zero: number | undefined;
  rows: string[];
}

/**
 * The oldest rows in flash that were not had. Undefined: none in the oldest block, which is gone now; ask again if there
 * are more blocks.
 */
export function recall(kept: Kept): KeptRows | undefined {
  const name = `r${kept.oldest}`;
  const head = headOf(kept.oldest);
  if (head === undefined) kept.torn += 1;
  else {
    const boot = bootOf(head);
    const [node, columns] = string.match(head, ',([^,]*),(.*)\n');
    if (node !== kept.node) {
      dropForeign(kept);
      return undefined;
    }
    if (kept.offset === 0) kept.offset = head.length;
    let text = readAt(name, kept.offset, HEAD);
    while (text !== undefined) {
      const segment = segmentHead(text);
      if (segment === undefined) passDamage(kept);
      else if (isHad(kept, boot, segment.last)) {
        kept.held -= segment.rows;
        kept.offset += segment.size + segment.length;
      } else {
        const body = readAt(name, kept.offset + segment.size, segment.length) || '';
        const rows = unpackSegment(head, segment, body, boot === kept.hadBoot ? kept.hadSeq : 0);
        if (rows !== undefined) {
          addFollowing(kept, head, segment, rows);
          return { boot, columns: columns as string, zero: zeroOf(kept, boot, segment.zero), rows };
        }
        kept.held -= segment.rows;
        passDamage(kept);
      }
      text = readAt(name, kept.offset, HEAD);
    }
  }
  removeOldest(kept);
  return undefined;
}

/** What was measured under another account, perhaps in another place, is nothing that this node may say. */
function dropForeign(kept: Kept): void {
  section<typeof import('./dropping.ts')>('keeping/dropping').dropOldest(kept);
  section<typeof import('./boots-writing.ts')>('keeping/boots-writing').writeBoots(kept);
}

/** Rows of the segments behind it go with them, as many as a message takes, while the same is known of their time. */
function addFollowing(kept: Kept, head: string, first: SegmentHead, rows: string[]): void {
  const name = `r${kept.oldest}`;
  let offset = kept.offset + first.size + first.length;
  while (true) {
    const segment = segmentHead(readAt(name, offset, HEAD) || '');
    if (segment === undefined || segment.zero !== first.zero || rows.length + segment.rows > MOST_ROWS) return;
    const more = unpackSegment(head, segment, readAt(name, offset + segment.size, segment.length) || '', 0);
    if (more === undefined) return;
    let index = 0;
    while (index < more.length) {
      rows.push(more[index] as string);
      index += 1;
    }
    offset += segment.size + segment.length;
  }
}

/** Goes to where the next segment behind a damaged one may begin. */
function passDamage(kept: Kept): void {
  kept.torn += 1;
  const text = readAt(`r${kept.oldest}`, kept.offset + 1, WINDOW) || '';
  const [place] = string.find(text, '\n#', 1, true);
  kept.offset += 1 + (place === undefined ? text.length : place);
}

/** What is known now of when a boot began, before what was known when its rows were written. */
function zeroOf(kept: Kept, boot: number, written: number | undefined): number | undefined {
  if (boot === kept.boot) return kept.zero;
  const [late] = string.match(kept.zeros, `;${boot}:(%d+)`);
  return late === undefined ? written : tonumber(late);
}
