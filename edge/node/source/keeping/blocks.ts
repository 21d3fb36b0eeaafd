import { freeBytes, readAt, sizeOf, write } from '../files.ts';
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
  /** Counts what one more block of before this boot holds; false when all are counted. A step is short enough for a timer. */
  count(): boolean;
  /** The boot of the newest block; 0 if there are none. */
  newestBoot(): number;
  /** Writes rows that follow each other: false if the flash takes them not even with all older blocks dropped. */
  keep(boot: number, columns: string, rows: string[], zero: number | undefined): boolean;
  /** The oldest rows that were not had; undefined if there are none. */
  oldest(): KeptRows | undefined;
  /** Everything up to this seq of this boot, and every earlier boot, was had. */
  had(boot: number, seq: number): void;
  /** Rows not had, blocks, blocks allowed, rows dropped since this boot, pieces found damaged since this boot. */
  held(): number;
  used(): number;
  allowed: number;
  dropped(): number;
  torn(): number;
}

export interface KeptRows {
  boot: number;
  columns: string;
  zero: number | undefined;
  rows: string[];
  last: number;
}

/** Segments in a block. */
const SEGMENTS = 6;

/** Bytes of flash left for configuration, boot counter and the file system's own turning over. */
const SPARE = 16384;

/** Longer than any segment, and than the head of one. */
const WINDOW = 1024;
const HEAD = 64;

export function openBlocks(allowed: number): Blocks {
  const found = numbersOfBlocks();
  let oldest = found.oldest;
  let newest = found.newest;
  /** Segments in the newest block that this boot may still add to; 0: the next one begins a block. */
  let added = 0;
  /** Where the oldest block is read on from; 0: at its head. */
  let offset = 0;
  let hadBoot = 0;
  let hadSeq = 0;
  let held = 0;
  let dropped = 0;
  let torn = 0;
  let counted = oldest;

  const isHad = (boot: number, seq: number): boolean => boot < hadBoot || (boot === hadBoot && seq <= hadSeq);

  const removeOldest = (): void => {
    file.remove(`r${oldest}`);
    if (oldest === newest) added = 0;
    oldest += 1;
    offset = 0;
    if (oldest > newest) held = 0;
  };

  const dropOldest = (): void => {
    const lost = rowsFrom(oldest, offset, (boot, seq) => isHad(boot, seq));
    dropped += lost;
    held -= lost;
    removeOldest();
  };

  /** Drops the oldest blocks until one of this number may be there and so many bytes are free. */
  const makeRoom = (number: number, bytes: number): void => {
    while (oldest <= newest && oldest < number && (number - oldest >= allowed || freeBytes() < SPARE + bytes)) dropOldest();
  };

  const keep = (boot: number, columns: string, rows: string[], zero: number | undefined): boolean => {
    const head = `=${boot},${columns}\n`;
    const segment = packSegment(head, rows, zero);
    while (true) {
      const begins = added === 0;
      const number = begins ? newest + 1 : newest;
      makeRoom(number, segment.length);
      if (write(`r${number}`, begins ? 'w' : 'a', begins ? head + segment : segment)) {
        newest = number;
        added = (added + 1) % SEGMENTS;
        held += rows.length;
        return true;
      }
      // What a failed write left at the end of a block stays there, as if power had cut it.
      if (begins) file.remove(`r${number}`);
      added = 0;
      if (oldest > newest) return false;
      dropOldest();
    }
  };

  /** Where the next segment behind a damaged one may begin. */
  const passDamage = (): void => {
    torn += 1;
    const text = readAt(`r${oldest}`, offset + 1, WINDOW);
    const [place] = string.find(text || '', '\n#', 1, true);
    offset = place === undefined ? sizeOf(`r${oldest}`) : offset + 1 + place;
  };

  /** The first rows of the oldest block that were not had; undefined if it has no more. */
  const rowsOfOldest = (): KeptRows | undefined => {
    const name = `r${oldest}`;
    const head = headOf(oldest);
    if (head === undefined) {
      torn += 1;
      return undefined;
    }
    const boot = bootOf(head);
    if (offset === 0) offset = head.length;
    let text = readAt(name, offset, HEAD);
    while (text !== undefined) {
      const segment = segmentHead(text);
      if (segment === undefined) passDamage();
      else if (isHad(boot, segment.last)) {
        held -= segment.rows;
        offset += segment.size + segment.length;
      } else {
        const body = readAt(name, offset + segment.size, segment.length);
        const after = boot === hadBoot ? hadSeq : 0;
        const rows = body === undefined ? undefined : unpackSegment(head, segment, body, after);
        if (rows !== undefined) return { boot, columns: columnsOf(head), zero: segment.zero, rows, last: segment.last };
        held -= segment.rows;
        passDamage();
      }
      text = readAt(name, offset, HEAD);
    }
    return undefined;
  };

  return {
    keep,
    allowed,
    count: () => {
      if (counted > found.newest) return false;
      held += rowsFrom(counted, 0, () => false);
      counted += 1;
      return true;
    },
    newestBoot: () => {
      let number = newest;
      let head = headOf(number);
      while (head === undefined && number > oldest) {
        number -= 1;
        head = headOf(number);
      }
      return head === undefined ? 0 : bootOf(head);
    },
    oldest: () => {
      if (oldest > newest) return undefined;
      const rows = rowsOfOldest();
      if (rows === undefined) removeOldest();
      return rows;
    },
    had: (boot, seq) => {
      hadBoot = boot;
      hadSeq = seq;
    },
    held: () => held,
    used: () => newest - oldest + 1,
    dropped: () => dropped,
    torn: () => torn,
  };
}

/** The lowest and highest number of the blocks in flash; 0 and -1 if there are none. */
function numbersOfBlocks(): { oldest: number; newest: number } {
  let oldest = 0;
  let newest = -1;
  const files = file.list();
  let [name] = next(files);
  while (name !== undefined) {
    const [digits] = string.match(name, '^r(%d+)$');
    const number = tonumber(digits);
    if (number !== undefined) {
      if (newest < 0 || number < oldest) oldest = number;
      if (number > newest) newest = number;
    }
    [name] = next(files, name);
  }
  return { oldest, newest };
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
interface IsHad {
  (boot: number, seq: number): boolean;
}

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
