import type { Kept } from '../core.ts';
import type { Hardware } from '../hardware.ts';
import { countRows } from './counting.ts';

/** Milliseconds between two blocks that are counted after a start. */
const PAUSE = 20;

/** Counts the rows that earlier boots left, a block at a time, so that the chip is not held up. */
export function countHeld(hardware: Hardware, kept: Kept): void {
  const last = kept.newest;
  let number = kept.oldest;
  const step = (): void => {
    if (number > last) return;
    // What went meanwhile, for whatever reason, is not held.
    if (number >= kept.oldest) kept.held += countRows(kept, number, number === kept.oldest ? kept.offset : 0);
    number += 1;
    hardware.after(PAUSE, step);
  };
  step();
}
