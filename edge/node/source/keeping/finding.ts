import type { Kept } from '../core.ts';
import { bootOf, headOf } from './block.ts';

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
