import { adlerOf } from '../adler.ts';
import type { Kept } from '../core.ts';
import { write } from '../files/writing.ts';

const ZEROS = 8;

/** Writes what `boots.ts` reads. If the flash does not take it, what was before stays in force. */
export function writeBoots(kept: Kept): void {
  // A writing that fails is not counted: the next one goes to the same file, and the other one stays as it is.
  const written = kept.written + 1;
  const line = `${written},${kept.boot},${kept.shift},${kept.dropped},${kept.reasons},${kept.zeros},${kept.why},`;
  if (write(`boot.${(written % 2) + 1}`, 'w', `${line}${adlerOf(line)}\n`)) kept.written = written;
}

/** The zero of this boot became known, or another, while rows are in flash. Eight are kept: a gateway that tells the time takes rows. */
export function keepZero(kept: Kept): void {
  let [zeros] = string.gsub(kept.zeros, `;${kept.boot}:%d+`, '');
  const [, many] = string.gsub(zeros, ';', '');
  if (many >= ZEROS) [zeros] = string.gsub(zeros, '^;[^;]*', '');
  kept.zeros = `${zeros};${kept.boot}:${kept.zero}`;
  writeBoots(kept);
}

/**
 * The gateway's `have` speaks of a boot that this node has not come to, or of rows that it has not sent: its counter was
 * lost. Everything it holds gets higher boots than that, in the same order; boots in flash begin at 1.
 */
export function shiftBoots(kept: Kept, boot: number): void {
  kept.shift = boot;
  kept.hadBoot = 0;
  writeBoots(kept);
}
