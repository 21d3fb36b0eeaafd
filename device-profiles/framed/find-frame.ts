import type { Framing } from '../shape/framed.ts';
import { checkSumHolds } from './check-sum.ts';

/*
 * A frame in the bytes of a line:
 *
 *   junk …  start | … length … | … data … | check sum | end   next …
 *
 * It is as long as its framing says, as the frame itself says, or reaches to its end bytes. Data may hold the bytes of an
 * end, so where a length is known, the end only confirms it; behind stuffing it is the other way round. A line of text may
 * have no start: then it begins where the last one ended.
 */

/** What stands first in the bytes. Places are indexes into them; `end` is that of the byte behind. */
export type FrameFinding =
  /** A whole frame, its stuffing undone. */
  | { readonly kind: 'frame'; readonly start: number; readonly end: number; readonly frame: Uint8Array }
  /** The beginning of what may still become one; what stands before `start` never will. */
  | { readonly kind: 'incomplete'; readonly start: number }
  /**
   * What begins like a frame and is none; up to `end` it is to be stepped over. `isUnended`: a line without a head whose
   * end is still to come, so that what comes up to it is its rest and no line.
   */
  | {
      readonly kind: 'damaged';
      readonly start: number;
      readonly end: number;
      readonly as: 'crc' | 'junk';
      readonly isUnended?: boolean;
    }
  /** Nothing here begins a frame. */
  | { readonly kind: 'nothing' };

const nothing = new Uint8Array(0);

/** The first frame in the bytes, or what stands in its place. */
export function findFrame(framing: Framing, bytes: Uint8Array): FrameFinding {
  const head = framing.start ?? nothing;
  const start = head.length === 0 ? 0 : placeOf(head, bytes);
  if (start < 0) return beginningAtTheEnd(bytes, head);
  if (bytes.length === start) return { kind: 'nothing' };
  const rest = bytes.subarray(start);
  const size = sizeOf(framing, rest);
  if (size === 'unknown') return { kind: 'incomplete', start };
  if (size === 'impossible' && head.length === 0) return impossibleLine(framing, rest);
  // Behind a damaged head a true frame may begin within what was taken for this one; a line without a head ends as one.
  const past = start + (head.length > 0 || size === 'impossible' ? 1 : size);
  if (size === 'impossible') return { kind: 'damaged', start, end: past, as: 'junk' };
  if (rest.length < size) return { kind: 'incomplete', start };
  const frame = unstuffed(framing, rest.subarray(0, size));
  if (frame === undefined || !isAsLong(framing, frame)) return { kind: 'damaged', start, end: past, as: 'junk' };
  if (framing.checkSum && !checkSumHolds(framing.checkSum, frame)) {
    return { kind: 'damaged', start, end: past, as: 'crc' };
  }
  return { kind: 'frame', start, end: start + size, frame };
}

/** An empty line, or one that is too long: stepped over to its end, since its tail would look like a line. */
function impossibleLine({ end = nothing }: Framing, bytes: Uint8Array): FrameFinding {
  const at = placeOf(end, bytes);
  return { kind: 'damaged', start: 0, end: at < 0 ? bytes.length : at + end.length, as: 'junk', isUnended: at < 0 };
}

function placeOf(wanted: Uint8Array, bytes: Uint8Array, from = 0): number {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf(wanted, from);
}

/** True if length and end, as far as both are known, say the same of it. */
function isAsLong(framing: Framing, frame: Uint8Array): boolean {
  const { length, end = nothing } = framing;
  const isEnded = end.every((byte, index) => byte === frame[frame.length - end.length + index]);
  return isEnded && (length === undefined || statedLength(framing, frame) === frame.length);
}

/** A head may have been cut by the end of what has come so far. */
function beginningAtTheEnd(bytes: Uint8Array, head: Uint8Array): FrameFinding {
  for (let length = Math.min(head.length - 1, bytes.length); length > 0; length -= 1) {
    const start = bytes.length - length;
    if (head.subarray(0, length).every((byte, index) => byte === bytes[start + index])) {
      return { kind: 'incomplete', start };
    }
  }
  return { kind: 'nothing' };
}

/** Bytes of the frame that begins here, on the wire; `unknown` while too few have come to tell. */
function sizeOf(framing: Framing, bytes: Uint8Array): number | 'unknown' | 'impossible' {
  const { start = nothing, end, length, stuffing, longest } = framing;
  const isCounted = length !== undefined && stuffing === undefined && start.length > 0;
  if (end === undefined || isCounted) return statedLength(framing, bytes);
  const at = placeOf(end, bytes, start.length);
  if (at < 0) return bytes.length >= longest ? 'impossible' : 'unknown';
  // An end right behind the start belongs to the frame before, of which the beginning was missed.
  return at + end.length > longest || at === start.length ? 'impossible' : at + end.length;
}

/** The length that the framing, or the frame itself, states. */
function statedLength({ length, longest }: Framing, bytes: Uint8Array): number | 'unknown' | 'impossible' {
  if (length === undefined) return 'impossible';
  if (typeof length === 'number') return length;
  const width = length.type === 'u8' ? 1 : 2;
  if (bytes.length < length.byte + width) return 'unknown';
  const high = bytes[length.byte] ?? 0;
  const size = (width === 1 ? high : high * 256 + (bytes[length.byte + 1] ?? 0)) + length.plus;
  return size > longest || size < length.byte + width ? 'impossible' : size;
}

/** The frame with what was sent in place of other bytes put back; undefined where an escape means nothing. */
function unstuffed({ stuffing, start = nothing, end = nothing }: Framing, frame: Uint8Array): Uint8Array | undefined {
  if (!stuffing) return frame;
  const plain: number[] = [...frame.subarray(0, start.length)];
  const last = frame.length - end.length;
  for (let index = start.length; index < last; index += 1) {
    const byte = frame[index] ?? 0;
    if (byte !== stuffing.escape[0]) {
      plain.push(byte);
      continue;
    }
    index += 1;
    const code = (frame[index] ?? 0).toString(16).toUpperCase().padStart(2, '0');
    const meant = index < last ? stuffing.codes[code]?.[0] : undefined;
    if (meant === undefined) return undefined;
    plain.push(meant);
  }
  return Uint8Array.from([...plain, ...frame.subarray(last)]);
}
