import type { Kept } from '../core.ts';
import type { Hardware } from '../hardware.ts';
import { bootOf, headOf } from './block.ts';
import { countRows } from './counting.ts';

/** Milliseconds between two blocks that are counted after a start. */
const PAUSE = 20;

/** Finds the blocks in flash; gives the boot of the newest that is sound, 0 if there is none. */
export function findBlocks(kept: Kept): number {
  const files = file.list();
  let [name] = next(files);
  while (name !== undefined) {
    const [digits] = string.match(name, '^r(%d+)$');
    const number = tonumber(digits);
    if (number !== undefined) {
      if (kept.newest < 0 || number < kept.oldest) kept.oldest = number;
      if (number > kept.newest) kept.newest = number;
    }
    [name] = next(files, name);
  }
  let number = kept.newest;
  let head = headOf(number);
  while (head === undefined && number > kept.oldest) {
    number -= 1;
    head = headOf(number);
  }
  return head === undefined ? 0 : bootOf(head);
}

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
