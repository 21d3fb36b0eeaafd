import { modbusCrc, modbusCrcHolds, swappedModbusCrcHolds } from '../../../device-profiles/modbus-crc.ts';

/** One read request: function code 1 coils, 2 discrete inputs, 3 holding registers, 4 input registers. */
export interface ModbusRead {
  /** Slave address, or unit identifier on Modbus TCP. */
  readonly address: number;
  readonly functionCode: 1 | 2 | 3 | 4;
  /** First register or bit, 0-based, as it stands in the request. */
  readonly start: number;
  /** How many registers or bits. */
  readonly count: number;
  /** True if this slave was seen to send its check sum high byte first; both orders are taken then. */
  readonly crcSwapped?: boolean;
}

/** What was found in the bytes received. `start` is where it begins, what stands before is junk; `end` is behind it. */
export type Finding =
  | { readonly kind: 'answer'; readonly start: number; readonly end: number; readonly data: Uint8Array }
  | { readonly kind: 'exception'; readonly start: number; readonly end: number; readonly code: number }
  | {
      readonly kind: 'foreign-slave' | 'foreign-function' | 'foreign-length' | 'echo';
      readonly start: number;
      readonly end: number;
    }
  /** An answer by its head and length, whose check sum is wrong; a true one may still follow. */
  | { readonly kind: 'damaged'; readonly start: number; readonly end: number }
  /** Nothing whole yet. */
  | { readonly kind: 'incomplete' };

/** Bytes of register or bit data in the answer (Modbus Application Protocol V1.1b3, 6.1 to 6.4). */
export function dataLength(read: ModbusRead): number {
  return read.functionCode <= 2 ? Math.ceil(read.count / 8) : read.count * 2;
}

function requestPdu({ functionCode, start, count }: ModbusRead): number[] {
  return [functionCode, start >> 8, start & 0xff, count >> 8, count & 0xff];
}

/*
 * RTU (Modbus over Serial Line V1.02, 2.5.1):
 *
 *   request    address  function  start hi  start lo  count hi  count lo  crc lo  crc hi
 *   answer     address  function  n         n data bytes …                crc lo  crc hi
 *   exception  address  function+128  code                                crc lo  crc hi
 */

/** The request's bytes. */
export function encodeRtu(read: ModbusRead): Uint8Array {
  const bytes = [read.address, ...requestPdu(read)];
  const crc = modbusCrc(Uint8Array.from(bytes));
  return Uint8Array.of(...bytes, crc & 0xff, crc >> 8);
}

/** Bytes of the whole answer, address to check sum. */
export function rtuAnswerLength(read: ModbusRead): number {
  return 5 + dataLength(read);
}

/** The first thing to be found in the bytes that arrived since `request` was sent. */
export function findRtu(received: Uint8Array, read: ModbusRead, request: Uint8Array): Finding {
  const length = rtuAnswerLength(read);
  let damaged: Finding | undefined;
  for (let at = 0; at < received.length; at += 1) {
    if (holds(received, at, request)) return { kind: 'echo', start: at, end: at + request.length };
    if (beginsWithHead(received, at, read)) {
      // The true answer, wherever it begins, is not whole before this candidate is: waiting loses nothing.
      if (received.length - at < length) break;
      if (!crcHolds(received, at, at + length, read)) {
        damaged ??= { kind: 'damaged', start: at, end: at + length };
        continue;
      }
      return { kind: 'answer', start: at, end: at + length, data: received.slice(at + 3, at + length - 2) };
    }
    const frame = wholeFrame(received, at, read);
    if (frame > 0) return classify(received, at, at + frame, read);
  }
  return damaged ?? { kind: 'incomplete' };
}

/** True if the bytes end in the middle of what may be the answer. */
export function beginsAnswer(received: Uint8Array, read: ModbusRead): boolean {
  const answer = [read.address, read.functionCode, dataLength(read)];
  const refusal = [read.address, read.functionCode | 0x80];
  return received.some((_, at) => {
    const left = received.subarray(at, at + 3);
    if (left.length < 2 && at > 0) return false;
    return [answer, refusal].some((head) => left.every((byte, index) => index >= head.length || byte === head[index]));
  });
}

/** True if the bytes begin with the whole head of the answer: slave, function and length. */
export function holdsHead(received: Uint8Array, read: ModbusRead): boolean {
  return beginsWithHead(received, 0, read);
}

function crcHolds(bytes: Uint8Array, from: number, to: number, { crcSwapped }: ModbusRead): boolean {
  return modbusCrcHolds(bytes, from, to) || (crcSwapped === true && swappedModbusCrcHolds(bytes, from, to));
}

/** True if the bytes of `part` stand at that place. */
function holds(bytes: Uint8Array, at: number, part: Uint8Array): boolean {
  if (bytes.length - at < part.length) return false;
  for (let index = 0; index < part.length; index += 1) if (bytes[at + index] !== part[index]) return false;
  return true;
}

function beginsWithHead(bytes: Uint8Array, at: number, read: ModbusRead): boolean {
  return bytes[at] === read.address && bytes[at + 1] === read.functionCode && bytes[at + 2] === dataLength(read);
}

/** Length of the valid frame of any slave that begins there; 0 when none does. */
function wholeFrame(bytes: Uint8Array, at: number, read: ModbusRead): number {
  const left = bytes.length - at;
  if (left < 5) return 0;
  const functionCode = bytes[at + 1] ?? 0;
  const lengths =
    functionCode >= 0x81
      ? [5]
      : functionCode >= 1 && functionCode <= 4
        ? [5 + (bytes[at + 2] ?? 0), 8] // an answer, or another master's request
        : [8, left]; // a write and its answer; anything else only if it fills what is there
  return lengths.find((length) => length <= left && crcHolds(bytes, at, at + length, read)) ?? 0;
}

/** What a valid frame that is not the answer means to the one who asked. */
function classify(bytes: Uint8Array, start: number, end: number, read: ModbusRead): Finding {
  const functionCode = bytes[start + 1] ?? 0;
  if (bytes[start] !== read.address) return { kind: 'foreign-slave', start, end };
  if (functionCode === (read.functionCode | 0x80)) {
    return { kind: 'exception', start, end, code: bytes[start + 2] ?? 0 };
  }
  return { kind: functionCode === read.functionCode ? 'foreign-length' : 'foreign-function', start, end };
}

/** Above 19200 bit/s the silence between frames is fixed (Modbus over Serial Line V1.02, 2.5.1.1), milliseconds. */
const fixedSilence = 1.75;

/** Milliseconds of silence that set two RTU frames apart on this line: t3.5. */
export function silenceOf(characterTime: number): number {
  return characterTime === 0 ? 0 : Math.max(3.5 * characterTime, fixedSilence);
}

/*
 * Modbus TCP (Messaging on TCP/IP Implementation Guide V1.0b, 3.1.3):
 *
 *   0        2         4       6     7 …
 *   number   protocol  length  unit  PDU         length counts unit and PDU
 *            0 0       3…254
 */
const head = 7;

/** The request's bytes under a transaction number, 0 to 65535. */
export function encodeTcp(read: ModbusRead, number: number): Uint8Array {
  const pdu = requestPdu(read);
  return Uint8Array.of(number >> 8, number & 0xff, 0, 0, 0, pdu.length + 1, read.address, ...pdu);
}

/** Bytes of the whole answer, transaction number to the last register. */
export function tcpAnswerLength(read: ModbusRead): number {
  return head + 2 + dataLength(read);
}

/**
 * What stands at the beginning of a stream. `desynchronised`: it has lost its boundaries, and without check sums only a
 * new connection helps.
 */
type TcpFrame =
  | { readonly kind: 'frame'; readonly number: number; readonly bytes: Uint8Array }
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'desynchronised' };

/** Cuts the first frame off a stream. */
export function firstTcpFrame(received: Uint8Array): TcpFrame {
  if (received.length < 6) return { kind: 'incomplete' };
  const length = word(received, 4);
  if (word(received, 2) !== 0 || length < 3 || length > 254) return { kind: 'desynchronised' };
  const end = 6 + length;
  if (received.length < end) return { kind: 'incomplete' };
  return { kind: 'frame', number: word(received, 0), bytes: received.subarray(0, end) };
}

/** What a frame that carries the right number means to the one who asked: the number alone is not believed. */
type TcpVerdict =
  | { readonly kind: 'answer'; readonly data: Uint8Array }
  | { readonly kind: 'exception'; readonly code: number }
  | { readonly kind: 'foreign-slave' | 'foreign-function' | 'foreign-length' };

/** Judges the frame that carries the number asked for; its content is checked all the same. */
export function judgeTcpFrame(frame: Uint8Array, read: ModbusRead): TcpVerdict {
  const end = frame.length;
  const functionCode = frame[head];
  if (frame[6] !== read.address) return { kind: 'foreign-slave' };
  if (functionCode === (read.functionCode | 0x80)) {
    return end === head + 2 ? { kind: 'exception', code: frame[head + 1] ?? 0 } : { kind: 'foreign-length' };
  }
  if (functionCode !== read.functionCode) return { kind: 'foreign-function' };
  const length = dataLength(read);
  if (frame[head + 1] !== length || end !== head + 2 + length) return { kind: 'foreign-length' };
  return { kind: 'answer', data: frame.slice(head + 2) };
}

function word(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}
