import { freeBytes, readAt, write } from '../files.ts';
import { countDropped, lateZeroOf } from './boots.ts';
import { BLOCKS } from './bounds.ts';
import type { Kept } from './rows.ts';
import { packSegment, segmentHead, unpackSegment } from './segment.ts';

/**
 * Rows in flash, for as long as nobody has taken them. A block is a file `r1`, `r2`, … that begins with its head,
 * `=17,"pm1","pm25"` (boot and columns), and grows by a segment at a time, to six; a new boot begins a new block. They are
 * read, and thrown away, from the oldest on, a block when all of it was had. Nothing in a block is ever written over.
 *
 * A segment that power cut short, or that the flash no longer gives as it was written, is left out and counted, and the
 * next one is looked for behind it. When there are as many blocks as may be, or the flash is full, the oldest is dropped
 * and its rows are counted.
 *
 * @noSelf
 */
export interface Blocks {
  /** Writes rows of this boot that follow each other: false if the flash takes them not even with all older blocks dropped. */
  keep(rows: string[]): boolean;
  /** The oldest rows that were not had. Undefined: none in the oldest block, which is gone now; ask again if there are more. */
  oldest(): KeptRows | undefined;
}

export interface KeptRows {
  /** As in flash. */
  boot: number;
  columns: string;
  zero: number | undefined;
  rows: string[];
}

/** Segments in a block. */
const SEGMENTS = 6;

/** Bytes of flash left for configuration, boot counter and the file system's own turning over. */
const SPARE = 16384;

/** Longer than any segment, and than the head of one. */
const WINDOW = 1024;
const HEAD = 64;

const MOST_IN_RAM = 12;

export function openBlocks(kept: Kept): Blocks {
  const isHad = (boot: number, seq: number): boolean =>
    boot < kept.hadBoot || (boot === kept.hadBoot && seq <= kept.hadSeq);

  const removeOldest = (): void => {
    file.remove(`r${kept.oldest}`);
    if (kept.oldest === kept.newest) kept.added = 0;
    kept.oldest += 1;
    kept.offset = 0;
    if (kept.oldest > kept.newest) kept.held = 0;
  };

  const dropOldest = (): void => {
    const lost = rowsFrom(kept.oldest, kept.offset, isHad);
    kept.held -= lost;
    removeOldest();
    countDropped(lost);
  };

  const keep = (rows: string[]): boolean => {
    const head = `=${kept.boot},${kept.columns}\n`;
    const segment = packSegment(head, rows, kept.zero);
    while (true) {
      const begins = kept.added === 0;
      const number = begins ? kept.newest + 1 : kept.newest;
      while (
        kept.oldest <= kept.newest &&
        kept.oldest < number &&
        (number - kept.oldest >= BLOCKS || freeBytes() < SPARE + segment.length)
      ) {
        dropOldest();
      }
      if (write(`r${number}`, begins ? 'w' : 'a', begins ? head + segment : segment)) {
        kept.newest = number;
        kept.added = (kept.added + 1) % SEGMENTS;
        kept.held += rows.length;
        return true;
      }
      // What a failed write left at the end of a block stays there, as if power had cut it.
      if (begins) file.remove(`r${number}`);
      kept.added = 0;
      if (kept.oldest > kept.newest) return false;
      dropOldest();
    }
  };

  /** Goes to where the next segment behind a damaged one may begin. */
  const passDamage = (): void => {
    kept.torn += 1;
    const text = readAt(`r${kept.oldest}`, kept.offset + 1, WINDOW) || '';
    const [place] = string.find(text, '\n#', 1, true);
    kept.offset += 1 + (place === undefined ? text.length : place);
  };

  const oldest = (): KeptRows | undefined => {
    const name = `r${kept.oldest}`;
    const head = headOf(kept.oldest);
    if (head === undefined) kept.torn += 1;
    else {
      const boot = bootOf(head);
      if (kept.offset === 0) kept.offset = head.length;
      let text = readAt(name, kept.offset, HEAD);
      while (text !== undefined) {
        const segment = segmentHead(text);
        if (segment === undefined) passDamage();
        else if (isHad(boot, segment.last)) {
          kept.held -= segment.rows;
          kept.offset += segment.size + segment.length;
        } else {
          const body = readAt(name, kept.offset + segment.size, segment.length) || '';
          const rows = unpackSegment(head, segment, body, boot === kept.hadBoot ? kept.hadSeq : 0);
          if (rows !== undefined)
            return { boot, columns: columnsOf(head), zero: zeroOf(kept, boot, segment.zero), rows };
          kept.held -= segment.rows;
          passDamage();
        }
        text = readAt(name, kept.offset, HEAD);
      }
    }
    removeOldest();
    return undefined;
  };

  return { keep, oldest };
}

/** Writes these rows of this boot to flash; gives those that are still in RAM then, less one if they are too many. */
export function spill(kept: Kept, rows: string[]): string[] {
  if (openBlocks(kept).keep(rows)) return [];
  if (rows.length >= MOST_IN_RAM) {
    table.remove(rows, 1);
    countDropped(1);
  }
  return rows;
}

/** Rows of the next block that was there at the start go into `held`; false when all are counted. Short enough for a timer. */
export function countBlock(kept: Kept): boolean {
  if (kept.counted > kept.found) return false;
  if (kept.counted >= kept.oldest) kept.held += rowsFrom(kept.counted, 0, () => false);
  kept.counted += 1;
  return kept.counted <= kept.found;
}

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
  kept.counted = kept.oldest;
  kept.found = kept.newest;
  let number = kept.newest;
  let head = headOf(number);
  while (head === undefined && number > kept.oldest) {
    number -= 1;
    head = headOf(number);
  }
  return head === undefined ? 0 : bootOf(head);
}

/** What is known now of when a boot began, before what was known when its rows were written. */
function zeroOf(kept: Kept, boot: number, written: number | undefined): number | undefined {
  if (boot === kept.boot) return kept.zero;
  const late = lateZeroOf(boot);
  return late === undefined ? written : late;
}

/** The first line of a block; undefined if it is damaged or missing. */
function headOf(number: number): string | undefined {
  const [head] = string.match(readAt(`r${number}`, 0, WINDOW) || '', '^=%d+,[^\n]*\n');
  return head;
}

function bootOf(head: string): number {
  const [digits] = string.match(head, '%d+');
  return tonumber(digits) as number;
}

function columnsOf(head: string): string {
  const [columns] = string.match(head, ',(.*)\n');
  return columns as string;
}

/** @noSelf */
type IsHad = (boot: number, seq: number) => boolean;

/** Rows of a block from an offset on, without those that were had. */
function rowsFrom(number: number, from: number, isHad: IsHad): number {
  const head = headOf(number);
  if (head === undefined) return 0;
  const boot = bootOf(head);
  let offset = from === 0 ? head.length : from;
  let rows = 0;
  let segment = segmentHead(readAt(`r${number}`, offset, HEAD) || '');
  while (segment !== undefined) {
    let seq = segment.last;
    while (seq > segment.last - segment.rows && !isHad(boot, seq)) {
      rows += 1;
      seq -= 1;
    }
    offset += segment.size + segment.length;
    segment = segmentHead(readAt(`r${number}`, offset, HEAD) || '');
  }
  return rows;
}
