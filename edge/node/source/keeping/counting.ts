import type { Kept } from '../core.ts';
import { readAt } from '../files/reading.ts';
import { bootOf, HEAD, headOf, isHad } from './block.ts';
import { segmentHead } from './segment-head.ts';

/** Rows of a block, from an offset on (0: all), that were not had. */
export function countRows(kept: Kept, number: number, from: number): number {
  const head = headOf(number);
  if (head === undefined) return 0;
  const boot = bootOf(head);
  let offset = from === 0 ? head.length : from;
  let rows = 0;
  let segment = segmentHead(readAt(`r${number}`, offset, HEAD) || '');
  while (segment !== undefined) {
    let seq = segment.last;
    while (seq > segment.last - segment.rows && !isHad(kept, boot, seq)) {
      rows += 1;
      seq -= 1;
    }
    offset += segment.size + segment.length;
    segment = segmentHead(readAt(`r${number}`, offset, HEAD) || '');
  }
  return rows;
}
