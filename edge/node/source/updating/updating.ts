import { adlerOf } from '../adler.ts';
import type { Core } from '../core.ts';
import { decoded } from '../decoded.ts';
import { readAt } from '../files/reading.ts';
import { renameOver } from '../files/renaming.ts';
import { sizeOf } from '../files/size.ts';
import { freeBytes } from '../files/space.ts';
import { write } from '../files/writing.ts';

/**
 * A new firmware, fetched from the gateway a chunk at a time. What was offered stands in `update.want`, so that the
 * fetching goes on after any cut where it stood; each file grows as `NAME.new`. When all have the size and the sum they
 * were offered with, `update.want` becomes `update.go` and the node restarts: from there on it is init.lua's, which checks
 * the syntax, tries the new files, and goes back after three boots in which the gateway was not heard. Once it is heard,
 * `update.go` becomes `update.done`, and init.lua puts the new files in the place of the old ones at the next start.
 *
 * @noSelf
 */
export interface Updating {
  /** What the gateway sent, `update` or `chunk`. */
  (kind: string, payload: string): void;
}

const MOST_FILES = 2;
/** Bytes of one file; node.lua is the longest, with its sections. */
const MOST_SIZE = 98304;
/** Bytes that stay free beside a new firmware. */
const SPARE = 32768;
const CHUNK = 512;
/** Milliseconds between two pieces of a file that are summed. */
const PAUSE = 10;

/** Name, size and sum. */
type FileEntry = [string, number, string];

interface Offered {
  version: string;
  files: FileEntry[];
}

type AskFor = (want: string | undefined) => void;
type Refuse = (what: string, why: string) => void;

/**
 * @param askFor asks the gateway for this in the place of what was asked before; undefined for nothing more
 * @param refuse tells it what is not taken, and why
 */
export function openUpdating(core: Core, askFor: AskFor, refuse: Refuse): Updating {
  const { hardware } = core;
  let offer: Offered | undefined;
  /** Index of the file that is being fetched, and how much of it is there. */
  let index = 0;
  let length = 0;
  let isSumming = false;

  const want = (): void => {
    const entry = (offer as Offered).files[index] as FileEntry;
    askFor(`["${(offer as Offered).version}","${entry[0]}",${length}]`);
  };

  const drop = (why: string): void => {
    if (offer !== undefined) removeNew(offer);
    file.remove('update.want');
    offer = undefined;
    askFor(undefined);
    refuse('update', why);
  };

  const nextFile = (): void => {
    const fetched = offer as Offered;
    const entry = fetched.files[index];
    if (entry === undefined) {
      offer = undefined;
      renameOver('update.want', 'update.go');
      file.remove('update.boots');
      core.restart('update');
      return;
    }
    length = sizeOf(`${entry[0]}.new`);
    if (length > entry[1]) length = 0;
    if (length === entry[1]) sum(entry);
    else want();
  };

  /** Sums what stands in flash, not what came over the air, in pieces that do not hold the chip up. */
  const sum = (entry: FileEntry): void => {
    let current = '0.1';
    const fetched = offer;
    let offset = 0;
    const step = (): void => {
      if (!isSumming || offer !== fetched) return;
      const bytes = readAt(`${entry[0]}.new`, offset, CHUNK);
      if (bytes !== undefined) {
        current = adlerOf(bytes, current);
        offset += bytes.length;
        hardware.after(PAUSE, step);
      } else if (current !== entry[2]) drop('sum');
      else {
        isSumming = false;
        index += 1;
        nextFile();
      }
    };
    isSumming = true;
    askFor(undefined);
    hardware.after(PAUSE, step);
  };

  const take = (payload: string): string | undefined => {
    const given = decoded(payload);
    if (given === undefined) return 'syntax';
    const fault = faultOf(given, hardware.chip);
    if (fault !== undefined) return fault;
    if (given.version === FIRMWARE_VERSION) return undefined;
    const offered = given as unknown as Offered;
    if (offer !== undefined && offer.version === offered.version) return undefined;
    const bad = decoded(readAt('update.bad', 0, 1024) || '');
    if (bad !== undefined && bad.version === offered.version) return 'rolled-back';
    if (readAt('update.want', 0, 1024) !== payload) {
      removeNew(offered);
      if (freeBytes() < SPARE + totalOf(offered) || !write('update.want', 'w', payload)) return 'flash';
    }
    offer = offered;
    index = 0;
    isSumming = false;
    nextFile();
    return undefined;
  };

  const takeChunk = (payload: string): void => {
    if (offer === undefined || isSumming) return;
    const entry = offer.files[index] as FileEntry;
    const head = `${entry[0]}:${length}:`;
    if (string.sub(payload, 1, head.length) !== head) return;
    const bytes = string.sub(payload, head.length + 1);
    length += bytes.length;
    if (bytes === '' || length > entry[1]) drop('size');
    else if (!write(`${entry[0]}.new`, length === bytes.length ? 'w' : 'a', bytes)) drop('flash');
    else if (length === entry[1]) sum(entry);
    else want();
  };

  return (kind, payload) => {
    if (kind === 'chunk') takeChunk(payload);
    else {
      const why = take(payload);
      if (why !== undefined) refuse('update', why);
    }
  };
}

function faultOf(given: { [field: string]: unknown }, chip: string): string | undefined {
  const { version, files } = given;
  if (typeof version !== 'string' || typeof files !== 'object') return 'syntax';
  const list = files as unknown[][];
  if (list.length < 1 || list.length > MOST_FILES) return 'syntax';
  let index = 0;
  while (index < list.length) {
    const entry = list[index] as unknown[];
    if (typeof entry !== 'object' || typeof entry[2] !== 'string') return 'syntax';
    // init.lua is what brings a node back: it is replaced by cable only.
    if (entry[0] !== 'node.lua' && entry[0] !== `${chip}.lua`) return 'name';
    const size = entry[1];
    if (typeof size !== 'number' || size < 1 || size > MOST_SIZE) return 'size';
    index += 1;
  }
  return undefined;
}

function totalOf(offer: Offered): number {
  let total = 0;
  let index = 0;
  while (index < offer.files.length) {
    total += (offer.files[index] as FileEntry)[1];
    index += 1;
  }
  return total;
}

function removeNew(offer: Offered): void {
  let index = 0;
  while (index < offer.files.length) {
    file.remove(`${(offer.files[index] as FileEntry)[0]}.new`);
    index += 1;
  }
}
