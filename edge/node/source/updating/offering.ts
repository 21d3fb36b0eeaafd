import { decoded } from '../decoded.ts';
import { readAt } from '../files/reading.ts';
import { freeBytes } from '../files/space.ts';
import { write } from '../files/writing.ts';
import { type FileEntry, type Offer, removeNew } from './offer.ts';

const MOST_FILES = 2;
/** Bytes of one file; node.lua is the longest, with its sections. */
const MOST_SIZE = 98304;
/** Bytes that stay free beside a new firmware. */
const SPARE = 32768;

/**
 * Looks at an offer, and writes it down (`update.want`) if it is to be fetched. A text says why it is not taken: `syntax`,
 * `name`, `size`, `flash`, `rolled-back`; empty, that it is in force.
 */
export function takeOffer(payload: string, chip: string): Offer | string {
  const given = decoded(payload);
  if (given === undefined) return 'syntax';
  const fault = faultOf(given, chip);
  if (fault !== undefined) return fault;
  if (given.version === FIRMWARE_VERSION) return '';
  const offer = given as unknown as Offer;
  const bad = decoded(readAt('update.bad', 0, 1024) || '');
  if (bad !== undefined && bad.version === offer.version) return 'rolled-back';
  if (readAt('update.want', 0, 1024) !== payload) {
    removeNew(offer);
    if (freeBytes() < SPARE + totalOf(offer) || !write('update.want', 'w', payload)) return 'flash';
  }
  return offer;
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

function totalOf(offer: Offer): number {
  let total = 0;
  let index = 0;
  while (index < offer.files.length) {
    total += (offer.files[index] as FileEntry)[1];
    index += 1;
  }
  return total;
}
