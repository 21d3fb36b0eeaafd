import type { Kept } from '../core.ts';
import { readAt } from '../files/reading.ts';

/*
 * Rows in flash, for as long as nobody has taken them. A block is a file `r1`, `r2`, … that begins with its head,
 * `=17,esp-7f3a12,"pm1","pm25"` (boot, node and columns), and grows by a segment at a time, to 72 rows; a new boot begins a
 * new block. They are read, and thrown away, from the oldest on, a block when all of it was had. Nothing in a block is ever
 * written over.
 *
 * A segment that power cut short, or that the flash no longer gives as it was written, is left out and counted, and the
 * next one is looked for behind it. When there are as many blocks as may be, or the flash is full, the oldest is dropped
 * and its rows are counted.
 */

/** Longer than any segment, and than the head of one. */
export const WINDOW = 1024;
export const HEAD = 64;

/** The first line of a block; undefined if it is damaged or missing. */
export function headOf(number: number): string | undefined {
  const [head] = string.match(readAt(`r${number}`, 0, WINDOW) || '', '^=%d+,[^\n]*\n');
  return head;
}

export function bootOf(head: string): number {
  const [digits] = string.match(head, '%d+');
  return tonumber(digits) as number;
}

/** The oldest block goes, whatever is in it. */
export function removeOldest(kept: Kept): void {
  file.remove(`r${kept.oldest}`);
  if (kept.oldest === kept.newest) kept.added = 0;
  kept.oldest += 1;
  kept.offset = 0;
  if (kept.oldest > kept.newest) kept.held = 0;
}

export function isHad(kept: Kept, boot: number, seq: number): boolean {
  return boot < kept.hadBoot || (boot === kept.hadBoot && seq <= kept.hadSeq);
}
