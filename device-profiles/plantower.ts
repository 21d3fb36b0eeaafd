import { type Decoded, decodeRaw } from './decode.ts';
import type { ParticlePoint, PlantowerProfile } from './profile.ts';

/*
 * A Plantower frame (PMS3003, 5003, 7003, A003 data sheets):
 *
 *    0    1    2    3    4 …                     n-2   n-1
 *   42   4D   length    16-bit words, high first  checksum
 *
 * length counts the bytes after itself: 0x14 in a 24-byte frame, 0x1C in 32 bytes, 0x24 in 40 bytes.
 * checksum is the 16-bit sum of every byte before it, header included.
 */

const headerBytes = 4;

/** Bytes to have in hand before {@link plantowerFrameLength} can answer. */
export const plantowerHeaderLength = headerBytes;

/**
 * The length in bytes of the whole frame that begins with these four bytes, or `undefined` if no data frame begins so.
 * Only the lengths that the family is known to send count, so that a damaged length cannot swallow the stream.
 */
export function plantowerFrameLength(header: Uint8Array, from = 0): 24 | 32 | 40 | undefined {
  if (header.length - from < headerBytes || header[from] !== 0x42 || header[from + 1] !== 0x4d) return undefined;
  if (header[from + 2] !== 0) return undefined;
  switch (header[from + 3]) {
    case 0x14:
      return 24;
    case 0x1c:
      return 32;
    case 0x24:
      return 40;
    default:
      return undefined;
  }
}

/** True if the last two bytes are the sum of all the others. */
export function plantowerChecksumHolds(frame: Uint8Array): boolean {
  const end = frame.length - 2;
  if (end < headerBytes) return false;
  let sum = 0;
  for (let index = 0; index < end; index += 1) sum += frame[index] ?? 0;
  return (sum & 0xffff) === (((frame[end] ?? 0) << 8) | (frame[end + 1] ?? 0));
}

function readBytes(frame: Uint8Array, { byteOffset, type }: ParticlePoint): number {
  const high = frame[byteOffset] ?? 0;
  if (type === 'u8') return high;
  const word = (high << 8) | (frame[byteOffset + 1] ?? 0);
  return type === 's16' ? (word << 16) >> 16 : word;
}

/**
 * Decodes every point of a frame whose header and checksum the caller has checked, by point id.
 * A frame that is zero from end to end of the profile's `allZero` span is a sensor that warms up: no point has a value.
 * Throws a RangeError if the frame is not as long as the profile says; compare with `profile.frame.length` first.
 */
export function decodePlantowerFrame(profile: PlantowerProfile, frame: Uint8Array): Map<string, Decoded> {
  if (frame.length !== profile.frame.length) {
    throw new RangeError(`${profile.profile}: a frame has ${profile.frame.length} bytes, this one has ${frame.length}`);
  }
  const zero = profile.frame.allZero;
  const warmingUp = zero !== undefined && frame.subarray(zero[0], zero[1] + 1).every((byte) => byte === 0);
  return new Map(
    profile.points.map((point): [string, Decoded] => [
      point.id,
      warmingUp ? { raw: 0, value: null, reason: 'warm-up' } : decodeRaw(point, readBytes(frame, point)),
    ]),
  );
}
