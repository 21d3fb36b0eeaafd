import { adlerOf } from '../adler.ts';
import type { Core } from '../core.ts';
import { readAt } from '../files/reading.ts';
import { renameOver } from '../files/renaming.ts';
import { sizeOf } from '../files/size.ts';
import { write } from '../files/writing.ts';
import { type FileEntry, type Offer, removeNew } from './offer.ts';

const CHUNK = 512;
/** Milliseconds between two pieces of a file that are summed. */
const PAUSE = 10;

/** Takes a chunk; undefined ends the fetching, for another offer. */
export type Fetching = (chunk: string | undefined) => void;

type AskFor = (want: string | undefined) => void;
type Refuse = (what: string, why: string) => void;

/**
 * A new firmware, fetched from the gateway a chunk at a time. What was offered stands in `update.want`, so that the
 * fetching goes on after any cut where it stood; each file grows as `NAME.new`. When all have the size and the sum they
 * were offered with, `update.want` becomes `update.go` and the node restarts: from there on it is init.lua's, which checks
 * the syntax, tries the new files, and goes back after three boots in which the gateway was not heard. Once it is heard,
 * `update.go` becomes `update.done`, and init.lua puts the new files in the place of the old ones at the next start.
 *
 * @param askFor asks the gateway for this in the place of what was asked before; undefined for nothing more
 * @param refuse tells it what is not taken, and why
 */
export function openFetching(core: Core, offer: Offer, askFor: AskFor, refuse: Refuse): Fetching {
  /** Index of the file that is being fetched, and how much of it is there. */
  let index = 0;
  let length = 0;
  let isSumming = false;
  let isOver = false;

  const drop = (why: string): void => {
    isOver = true;
    removeNew(offer);
    file.remove('update.want');
    askFor(undefined);
    refuse('update', why);
  };

  const nextFile = (): void => {
    const entry = offer.files[index];
    if (entry === undefined) {
      renameOver('update.want', 'update.go');
      file.remove('update.boots');
      core.restart('update');
      return;
    }
    length = sizeOf(`${entry[0]}.new`);
    if (length > entry[1]) length = 0;
    goOn(entry);
  };

  const goOn = (entry: FileEntry): void => {
    if (length === entry[1]) sum(entry);
    else askFor(`["${offer.version}","${entry[0]}",${length}]`);
  };

  /** Sums what stands in flash, not what came over the air, in pieces that do not hold the chip up. */
  const sum = (entry: FileEntry): void => {
    let current = '0.1';
    let offset = 0;
    const step = (): void => {
      if (isOver) return;
      const bytes = readAt(`${entry[0]}.new`, offset, CHUNK);
      if (bytes !== undefined) {
        current = adlerOf(bytes, current);
        offset += bytes.length;
        core.hardware.after(PAUSE, step);
      } else if (current !== entry[2]) drop('sum');
      else {
        isSumming = false;
        index += 1;
        nextFile();
      }
    };
    isSumming = true;
    askFor(undefined);
    core.hardware.after(PAUSE, step);
  };

  nextFile();
  return (chunk) => {
    if (chunk === undefined) isOver = true;
    if (isOver || isSumming) return;
    const entry = offer.files[index] as FileEntry;
    const head = `${entry[0]}:${length}:`;
    if (string.sub(chunk as string, 1, head.length) !== head) return;
    const bytes = string.sub(chunk as string, head.length + 1);
    length += bytes.length;
    if (bytes === '' || length > entry[1]) drop('size');
    else if (!write(`${entry[0]}.new`, length === bytes.length ? 'w' : 'a', bytes)) drop('flash');
    else goOn(entry);
  };
}
