/*
 * A packet of HJ 212-2017 (6.3, table 2); HJ/T 212-2005 and HJ 212-2025 send the same:
 *
 *    0    2      6 …           6+n   10+n
 *   "##"  nnnn   data segment  CRC   CR LF
 *
 * nnnn  decimal: bytes of the data segment alone; Chinese text is UTF-8, counted by the byte (6.3)
 * CRC   four hexadecimal digits over the data segment, high byte first (annex A)
 *
 * Packets of the field differ from that: a length that is 0 or wrong, a CRC in lower case or of another kind, the four
 * letters \r\n in place of the two bytes, data segments of more than 1024 bytes. They are understood, and what was odd
 * about one is told with it. What is sent from here follows the standard.
 */

/**
 * How the sender reckons its CRC: by annex A; as the CRC of Modbus; or that with its two bytes swapped. The latter two
 * were met in frames of real instruments and are faults of their makers.
 */
export const hj212Dialects = ['hj212', 'modbus', 'modbus-swapped'] as const;
type Hj212Dialect = (typeof hj212Dialects)[number];

/** In what a packet departs from the standard and was understood all the same. */
type Hj212Oddity =
  /** The length does not count the data segment: its end was found by the line end, and its CRC holds. */
  | 'wrong-length'
  /** More than 1024 bytes of data segment. */
  | 'oversized'
  | 'lower-case-crc'
  /** The letters \r\n where the bytes CR LF belong. */
  | 'written-line-end';

export interface Hj212Packet {
  /** The data segment. */
  readonly segment: Uint8Array;
  readonly dialect: Hj212Dialect;
  readonly oddities: readonly Hj212Oddity[];
}

/** What stood before a packet: nothing, noise, the beginning of another packet, or one whose CRC was wrong. */
type Hj212Before = 'nothing' | 'junk' | 'short' | 'crc';

/** The first thing to be found in a stream; `end` is behind it. */
export type Hj212Finding =
  | {
      readonly kind: 'packet';
      readonly start: number;
      readonly end: number;
      readonly packet: Hj212Packet;
      readonly before: Hj212Before;
    }
  /** A packet by its head and its line end, whose CRC is of no known kind. */
  | { readonly kind: 'damaged'; readonly start: number; readonly end: number }
  /** What may become a packet begins there. */
  | { readonly kind: 'incomplete'; readonly start: number }
  | { readonly kind: 'nothing' };

/** The standard's limit is 1024; senders with 1623 were met. Beyond this nothing is believed to be a packet. */
const mostSegment = 4096;
const largestByStandard = 1024;
const headLength = 6;
const crcLength = 4;
/** A data segment may hold line ends of its own; so many are tried as the end of a packet with a wrong length. */
const mostLineEnds = 4;

/** Bytes that a packet can have at most; a stream that holds more without a packet holds none. */
export const longestHj212Packet = headLength + mostSegment + crcLength + 4;

/**
 * Looks for the first whole packet whose CRC holds; before it, for a damaged one; failing both, for the beginning of one.
 * A head may be false or its packet cut off, so a whole packet behind an unfinished head counts. Never throws.
 */
export function findHj212Packet(bytes: Uint8Array): Hj212Finding {
  let begun: number | undefined;
  for (let start = bytes.indexOf(hash); start >= 0; start = bytes.indexOf(hash, start + 1)) {
    const found = packetAt(bytes, start);
    if (found.kind === 'packet') {
      const before = begun !== undefined ? 'short' : isLineEnd(bytes.subarray(0, start)) ? 'nothing' : 'junk';
      return { ...found, before };
    }
    if (found.kind === 'damaged') {
      const inside = wholePacketIn(bytes, start + 1, found.end);
      return inside ? { ...inside, before: 'short' } : found;
    }
    if (found.kind === 'incomplete') begun ??= start;
  }
  return begun === undefined ? { kind: 'nothing' } : { kind: 'incomplete', start: begun };
}

const hash = 0x23;
const carriageReturn = 0x0d;
const lineFeed = 0x0a;
const backslash = 0x5c;

type Candidate = Exclude<Hj212Finding, { kind: 'packet' }> | Omit<Extract<Hj212Finding, { kind: 'packet' }>, 'before'>;
type Whole = Extract<Candidate, { kind: 'packet' }>;

/** What remains of the line end of the packet before. */
function isLineEnd(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === carriageReturn || byte === lineFeed);
}

function wholePacketIn(bytes: Uint8Array, from: number, to: number): Whole | undefined {
  for (let start = bytes.indexOf(hash, from); start >= 0 && start < to; start = bytes.indexOf(hash, start + 1)) {
    const found = packetAt(bytes, start);
    if (found.kind === 'packet') return found;
  }
  return undefined;
}

function packetAt(bytes: Uint8Array, start: number): Candidate {
  const head = Buffer.from(bytes.subarray(start, start + headLength)).toString('latin1');
  if (!/^##?$|^##\d{1,4}$/.test(head)) return { kind: 'nothing' };
  if (head.length < headLength) return { kind: 'incomplete', start };
  const declared = Number(head.slice(2));
  const byLength = declared > 0 && declared <= mostSegment ? closedAt(bytes, start, declared) : undefined;
  if (byLength) return byLength;
  const byLineEnd = closedByLineEnd(bytes, start, declared);
  if (byLineEnd) return byLineEnd;
  return bytes.length - start < longestHj212Packet ? { kind: 'incomplete', start } : { kind: 'nothing' };
}

/** The packet whose data segment has that many bytes, if its CRC stands there and holds. */
function closedAt(bytes: Uint8Array, start: number, length: number, ...odd: Hj212Oddity[]): Whole | undefined {
  const from = start + headLength;
  const to = from + length;
  const crc = Buffer.from(bytes.subarray(to, to + crcLength)).toString('latin1');
  const dialect = /^[0-9A-Fa-f]{4}$/.test(crc) ? dialectOf(bytes.subarray(from, to), Number.parseInt(crc, 16)) : null;
  if (dialect === null) return undefined;
  const oddities = [...odd];
  if (length > largestByStandard) oddities.push('oversized');
  if (/[a-f]/.test(crc)) oddities.push('lower-case-crc');
  const tail = lineEndAt(bytes, to + crcLength);
  if (tail === writtenLineEnd.length) oddities.push('written-line-end');
  const packet = { segment: bytes.slice(from, to), dialect, oddities };
  return { kind: 'packet', start, end: to + crcLength + tail, packet };
}

/** A packet whose length is wrong ends at a line end; one that ends there and whose CRC does not hold is damaged. */
function closedByLineEnd(bytes: Uint8Array, start: number, declared: number): Candidate | undefined {
  const least = start + headLength + crcLength;
  const most = Math.min(bytes.length, start + longestHj212Packet);
  let end: number | undefined;
  let place = nextLineEnd(bytes, least);
  for (let tried = 0; place < most && tried < mostLineEnds; tried += 1) {
    const whole = closedAt(bytes, start, place - least, 'wrong-length');
    if (whole) return whole;
    const behind = place + lineEndAt(bytes, place);
    end ??= behind;
    place = nextLineEnd(bytes, behind);
  }
  if (end === undefined) return undefined;
  // What is declared longer may go on behind a line end of its own text.
  const mayGoOn = declared <= mostSegment && bytes.length < start + headLength + declared + crcLength;
  return mayGoOn ? undefined : { kind: 'damaged', start, end };
}

/** The place of the next whole line end; beyond the bytes when there is none. */
function nextLineEnd(bytes: Uint8Array, from: number): number {
  const first = [carriageReturn, backslash].map((byte) => {
    let place = bytes.indexOf(byte, from);
    while (place >= 0 && lineEndAt(bytes, place) < 2) place = bytes.indexOf(byte, place + 1);
    return place < 0 ? bytes.length : place;
  });
  return Math.min(...first);
}

const writtenLineEnd = [backslash, 0x72, backslash, 0x6e];

/** Bytes of the line end that stands there; 1 for a CR whose LF has not come. */
function lineEndAt(bytes: Uint8Array, place: number): number {
  if (bytes[place] === carriageReturn) return bytes[place + 1] === lineFeed ? 2 : 1;
  return writtenLineEnd.every((byte, index) => bytes[place + index] === byte) ? writtenLineEnd.length : 0;
}

function dialectOf(segment: Uint8Array, crc: number): Hj212Dialect | null {
  if (crc === hj212Crc(segment)) return 'hj212';
  const modbus = registerOf(segment, (register) => register);
  if (crc === modbus) return 'modbus';
  return crc === (((modbus & 0xff) << 8) | (modbus >> 8)) ? 'modbus-swapped' : null;
}

/**
 * CRC16 of HJ 212-2017 annex A. Unlike that of Modbus it throws the low byte of the register away before each byte, so
 * that only 256 values can occur and about one damaged packet in 40 passes: it is no proof that nothing was changed.
 */
export function hj212Crc(segment: Uint8Array): number {
  return registerOf(segment, (register) => register >> 8);
}

function registerOf(bytes: Uint8Array, before: (register: number) => number): number {
  let register = 0xffff;
  for (const byte of bytes) {
    register = before(register) ^ byte;
    for (let bit = 0; bit < 8; bit += 1) register = (register >> 1) ^ ((register & 1) * 0xa001);
  }
  return register;
}

/** The packet of a data segment. Throws a RangeError beyond 1024 bytes: more must be split (6.3). */
export function encodeHj212(segment: string): Uint8Array {
  const bytes = Buffer.from(segment, 'utf8');
  if (bytes.length > largestByStandard) throw new RangeError(`a data segment of ${bytes.length} bytes must be split`);
  const crc = hj212Crc(bytes).toString(16).toUpperCase().padStart(4, '0');
  const length = String(bytes.length).padStart(4, '0');
  return Buffer.concat([Buffer.from(`##${length}`), bytes, Buffer.from(`${crc}\r\n`)]);
}
