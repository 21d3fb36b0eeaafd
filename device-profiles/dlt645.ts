/*
 * A DL/T 645 frame, 2007 and 1997 alike. The text of the standard was not at hand; this is what four implementations
 * agree on: glx-technologies/meter-dlt645, chinawrj/esphome-component-dlt645, WKJay/DLT645, 600888/dlt645.
 *
 *            0     1 …… 6     7    8     9     10 …        9+L   10+L   11+L
 *   FE … FE  68   A0 …… A5   68    C     L     D1 … DL           CS     16
 *
 * FE … FE  wake bytes, none up to seven seen; they belong to no frame
 * A0…A5    address, twelve BCD digits, lowest byte first; AA matches any two digits
 * C        control code: bit 7 from the meter, bit 6 refused, bit 5 more follows, bits 4-0 function
 * D        data, each byte sent with 33H added modulo 256, so that 00H and 68H are rare on the wire
 * CS       sum modulo 256 of every byte from the first 68 to the last of the data
 *
 * Only what reads can be asked for: there is no code here that writes, sets a clock or switches a relay.
 */

export const dlt645Editions = [2007, 1997] as const;
export type Dlt645Edition = (typeof dlt645Editions)[number];

export interface Dlt645Frame {
  /** Twelve digits, highest first, as they stand on the meter; `A` where a wildcard was sent. */
  readonly address: string;
  readonly control: number;
  /** Without the 33H. */
  readonly data: Uint8Array;
}

/** The first thing to be found in a stream. `start` is the first 68; what stands before it is junk or wake bytes. */
export type Dlt645Finding =
  | { readonly kind: 'frame'; readonly start: number; readonly end: number; readonly frame: Dlt645Frame }
  /** A frame by its head and length whose check sum or last byte is wrong; a true one may still follow. */
  | { readonly kind: 'damaged'; readonly start: number; readonly end: number }
  /** What may become a frame begins there. */
  | { readonly kind: 'incomplete'; readonly start: number }
  | { readonly kind: 'nothing' };

const startByte = 0x68;
const endByte = 0x16;
const wakeByte = 0xfe;
const offset = 0x33;
const headLength = 10;
/** Bytes of a frame besides its data. */
const envelope = 12;

/** Bytes on the wire of a frame with so many bytes of data, wake bytes left out. */
export function dlt645FrameLength(data: number): number {
  return envelope + data;
}

/** Most bytes that a frame can have: its length is one byte. */
export const longestDlt645Frame = dlt645FrameLength(0xff);

/**
 * Looks for the first whole frame with a right check sum; failing that for a damaged one; failing that for the beginning
 * of one. A head may be false, so a whole frame behind an unfinished head counts. Never throws.
 */
export function findDlt645Frame(bytes: Uint8Array): Dlt645Finding {
  let second: Dlt645Finding = { kind: 'nothing' };
  for (let start = bytes.indexOf(startByte); start >= 0; start = bytes.indexOf(startByte, start + 1)) {
    const length = lengthAt(bytes, start);
    if (length === 'no-head') continue;
    if (length === 'unfinished' || bytes.length - start < length) {
      if (second.kind === 'nothing') second = { kind: 'incomplete', start };
      continue;
    }
    const end = start + length;
    if (bytes[end - 1] === endByte && bytes[end - 2] === sumOf(bytes, start, end - 2)) {
      return { kind: 'frame', start, end, frame: frameAt(bytes, start, end) };
    }
    if (second.kind !== 'damaged') second = { kind: 'damaged', start, end };
  }
  return second;
}

/** How many wake bytes stand directly before that place. */
export function wakeBytesBefore(bytes: Uint8Array, place: number): number {
  let count = 0;
  while (bytes[place - 1 - count] === wakeByte) count += 1;
  return count;
}

function lengthAt(bytes: Uint8Array, start: number): number | 'no-head' | 'unfinished' {
  const second = bytes[start + 7];
  if (second === undefined) return 'unfinished';
  if (second !== startByte) return 'no-head';
  const length = bytes[start + 9];
  return length === undefined ? 'unfinished' : dlt645FrameLength(length);
}

function sumOf(bytes: Uint8Array, from: number, to: number): number {
  let sum = 0;
  for (let place = from; place < to; place += 1) sum += bytes[place] ?? 0;
  return sum & 0xff;
}

function frameAt(bytes: Uint8Array, start: number, end: number): Dlt645Frame {
  const address = digitsOf(bytes.subarray(start + 1, start + 7));
  const data = Uint8Array.from(bytes.subarray(start + headLength, end - 2), (byte) => (byte - offset) & 0xff);
  return { address, control: bytes[start + 8] ?? 0, data };
}

/** The hexadecimal digits of bytes that came lowest first. */
function digitsOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).reverse().toString('hex').toUpperCase();
}

/** Bytes, lowest first, of digits written highest first. */
function bytesOf(digits: string): number[] {
  return [...Buffer.from(digits, 'hex')].reverse();
}

/** True if a meter of this address is meant by an asked one, in which AA stands for any two digits. */
function isAddressedBy(address: string, asked: string): boolean {
  for (let place = 0; place < asked.length; place += 2) {
    const pair = asked.slice(place, place + 2);
    if (pair !== 'AA' && pair !== address.slice(place, place + 2)) return false;
  }
  return true;
}

/** Any meter: only where a single one is on the line, or they would answer all at once. */
export const anyDlt645Address = 'AAAAAAAAAAAA';

/**
 * What can be asked. `identifier` has eight hexadecimal digits in the 2007 edition and four in that of 1997, as the
 * standard writes them. `sequence`: the next part of an answer that did not fit in one frame, 1 up to 255 (2007).
 */
export type Dlt645Question =
  | {
      readonly ask: 'data';
      readonly edition: Dlt645Edition;
      readonly address: string;
      readonly identifier: string;
      readonly sequence?: number;
    }
  | { readonly ask: 'address' };

/** Function in bits 4 to 0 of the control code. */
function functionOf(question: Dlt645Question): number {
  if (question.ask === 'address') return 0x13;
  if (question.edition === 1997) return 0x01;
  return question.sequence === undefined ? 0x11 : 0x12;
}

/** The bytes of a question, with `wakeBytes` times FE before it. */
export function encodeDlt645(question: Dlt645Question, wakeBytes: number): Uint8Array {
  const address = question.ask === 'address' ? anyDlt645Address : question.address;
  const data = question.ask === 'address' ? [] : bytesOf(question.identifier);
  if (question.ask === 'data' && question.sequence !== undefined) data.push(question.sequence);
  const sent = data.map((byte) => (byte + offset) & 0xff);
  const frame = Uint8Array.of(startByte, ...bytesOf(address), startByte, functionOf(question), sent.length, ...sent);
  return Uint8Array.of(...new Array(wakeBytes).fill(wakeByte), ...frame, sumOf(frame, 0, frame.length), endByte);
}

/** What a valid frame means to the one who asked. */
export type Dlt645Answer =
  /** `more`: the rest is to be asked for with the next sequence number. */
  | { readonly kind: 'data'; readonly data: Uint8Array; readonly more: boolean }
  | { readonly kind: 'address'; readonly address: string }
  /** The meter refused; see {@link dlt645Refusals}. */
  | { readonly kind: 'refusal'; readonly code: number }
  /** Another meter's. */
  | { readonly kind: 'foreign-meter' }
  /** Not from a meter, of another function, of another identifier, or another part than asked for. */
  | { readonly kind: 'foreign-function' }
  /** Too short to say what it is. */
  | { readonly kind: 'foreign-length' };

/**
 * Judges a frame that came after a question. A late answer of an earlier question shows by its address, function,
 * identifier or sequence number. Never throws.
 */
export function judgeDlt645(frame: Dlt645Frame, question: Dlt645Question): Dlt645Answer {
  const { address, control, data } = frame;
  const asked = question.ask === 'address' ? anyDlt645Address : question.address;
  if (!isAddressedBy(address, asked)) return { kind: 'foreign-meter' };
  if ((control & 0x80) === 0 || (control & 0x1f) !== functionOf(question)) return { kind: 'foreign-function' };
  if ((control & 0x40) !== 0) {
    const code = data[0];
    return code === undefined ? { kind: 'foreign-length' } : { kind: 'refusal', code };
  }
  if (question.ask === 'address') return judgeAddress(data);
  return judgeData(data, (control & 0x20) !== 0, question);
}

function judgeAddress(data: Uint8Array): Dlt645Answer {
  if (data.length !== 6) return { kind: 'foreign-length' };
  const address = digitsOf(data);
  // A meter whose own address is not decimal could not be asked for it: only the digits go on a line.
  return /^\d{12}$/.test(address) ? { kind: 'address', address } : { kind: 'foreign-function' };
}

/*
 * Data of an answer:   identifier (4, in 1997 2)   values …
 * of a further part:   identifier (4)   values …   sequence (1)
 */
function judgeData(data: Uint8Array, more: boolean, { identifier, sequence }: AskedData): Dlt645Answer {
  const from = identifier.length / 2;
  const to = data.length - (sequence === undefined ? 0 : 1);
  if (to < from) return { kind: 'foreign-length' };
  if (digitsOf(data.subarray(0, from)) !== identifier) return { kind: 'foreign-function' };
  if (sequence !== undefined && data[to] !== sequence) return { kind: 'foreign-function' };
  return { kind: 'data', data: data.subarray(from, to), more };
}

type AskedData = Extract<Dlt645Question, { ask: 'data' }>;

/** Bits of the byte with which a meter of the 2007 edition refuses. */
export const dlt645Refusals = {
  other: 0x01,
  /** The meter has no such data: to ask again is in vain. */
  noSuchData: 0x02,
  /** Wrong password, or not allowed. */
  notAllowed: 0x04,
  speedCannotChange: 0x08,
  tooManyYearZones: 0x10,
  tooManyDayPeriods: 0x20,
  tooManyRates: 0x40,
} as const;
