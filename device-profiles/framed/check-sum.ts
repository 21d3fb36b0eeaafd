import { modbusCrc } from '../modbus-crc.ts';
import type { CheckSum } from '../shape/framed.ts';

/** The index that a place means in a frame of this length: negative places count from behind the last byte. */
export function indexOfPlace(place: number, length: number): number {
  return place < 0 ? length + place : place;
}

/** CRC-CCITT as Davis stations use it: polynomial 0x1021, from 0, highest bit first (weewx, vantage.py). */
function crcCcitt(bytes: Uint8Array): number {
  let remainder = 0;
  for (const byte of bytes) {
    remainder ^= byte << 8;
    for (let bit = 0; bit < 8; bit += 1) {
      remainder = remainder & 0x8000 ? ((remainder << 1) ^ 0x1021) & 0xffff : (remainder << 1) & 0xffff;
    }
  }
  return remainder;
}

function plainSum(kind: CheckSum['kind'], bytes: Uint8Array): number {
  switch (kind) {
    case 'sum':
      return bytes.reduce((sum, byte) => sum + byte, 0);
    case 'xor':
      return bytes.reduce((sum, byte) => sum ^ byte, 0);
    case 'crc16-modbus':
      return modbusCrc(bytes);
    case 'crc16-ccitt':
      return crcCcitt(bytes);
  }
}

/** The check sum that these bytes should have. */
function checkSumOf({ kind, bits, turned }: Pick<CheckSum, 'kind' | 'bits' | 'turned'>, bytes: Uint8Array): number {
  const sum = plainSum(kind, bytes);
  const mask = bits === 8 ? 0xff : 0xffff;
  if (turned === 'negated') return -sum & mask;
  return (turned === 'inverted' ? ~sum : sum) & mask;
}

/** How many bytes a check sum takes on the wire. */
export function checkSumLength({ bits, written }: CheckSum): number {
  return written === 'hex' ? bits / 4 : bits / 8;
}

/** The check sum that stands in the frame; undefined where none can stand. */
function writtenIn({ at, written, ...rest }: CheckSum, frame: Uint8Array): number | undefined {
  const from = indexOfPlace(at, frame.length);
  const bytes = frame.subarray(from, from + checkSumLength({ at, written, ...rest }));
  if (from < 0 || bytes.length < checkSumLength({ at, written, ...rest })) return undefined;
  if (written === 'hex') {
    const digits = Buffer.from(bytes).toString('latin1');
    return /^[0-9A-Fa-f]+$/.test(digits) ? Number.parseInt(digits, 16) : undefined;
  }
  const ordered = written === 'low-first' ? Uint8Array.from(bytes).reverse() : bytes;
  return ordered.reduce((sum, byte) => sum * 256 + byte, 0);
}

/** True if the frame's check sum is that of the bytes which it covers. */
export function checkSumHolds(checkSum: CheckSum, frame: Uint8Array): boolean {
  const from = indexOfPlace(checkSum.from, frame.length);
  const to = indexOfPlace(checkSum.to, frame.length);
  if (from < 0 || to < from || to >= frame.length) return false;
  return writtenIn(checkSum, frame) === checkSumOf(checkSum, frame.subarray(from, to + 1));
}
