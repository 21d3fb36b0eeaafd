import { modbusCrc, modbusCrcHolds } from '../../device-profiles/modbus-crc.ts';

/** One read request: function code 1 coils, 2 discrete inputs, 3 holding registers, 4 input registers. */
export interface ModbusRead {
  /** Slave address, or unit identifier on Modbus TCP. */
  readonly address: number;
  readonly functionCode: 1 | 2 | 3 | 4;
  /** First register or bit, 0-based, as it stands in the request. */
  readonly start: number;
  /** How many registers or bits. */
  readonly count: number;
}

/** What was found in the bytes received. `start` is where it begins, what stands before is junk; `end` is behind it. */
export type Finding =
  | { readonly kind: 'answer'; readonly start: number; readonly end: number; readonly data: Uint8Array }
  | { readonly kind: 'exception'; readonly start: number; readonly end: number; readonly code: number }
  | {
      readonly kind: 'foreign-slave' | 'foreign-function' | 'foreign-length' | 'foreign-transaction' | 'echo';
      readonly start: number;
      readonly end: number;
    }
  /** An answer by its head and length, whose check sum is wrong; a true one may still follow. */
  | { readonly kind: 'damaged'; readonly start: number; readonly end: number }
  /** Nothing whole yet. */
  | { readonly kind: 'incomplete' }
  /** A stream without check sums has lost its frame boundaries; only a new connection helps. */
  | { readonly kind: 'desynchronised' };

/** How a Modbus PDU travels on one kind of line. */
export interface Framing {
  /** True where each answer names its request, so that a late one is known by its number and harmless. */
  readonly numbersTransactions: boolean;
  /** The request's bytes; a numbered framing takes the next number. */
  encode(read: ModbusRead): Uint8Array;
  /** Bytes of the whole answer to it, envelope included. */
  answerLength(read: ModbusRead): number;
  /** The first thing to be found in the bytes that arrived since `request` was sent. */
  find(received: Uint8Array, read: ModbusRead, request: Uint8Array): Finding;
  /** True if the bytes end in the middle of what may be the answer. */
  beginsAnswer(received: Uint8Array, read: ModbusRead, request: Uint8Array): boolean;
}

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
export const rtuFraming: Framing = {
  numbersTransactions: false,

  encode(read) {
    const bytes = [read.address, ...requestPdu(read)];
    const crc = modbusCrc(Uint8Array.from(bytes));
    return Uint8Array.of(...bytes, crc & 0xff, crc >> 8);
  },

  answerLength: (read) => 5 + dataLength(read),

  find(received, read, request) {
    const length = 5 + dataLength(read);
    let damaged: Finding | undefined;
    for (let at = 0; at < received.length; at += 1) {
      if (holds(received, at, request)) return { kind: 'echo', start: at, end: at + request.length };
      if (beginsAnswer(received, at, read)) {
        // The true answer, wherever it begins, is not whole before this candidate is: waiting loses nothing.
        if (received.length - at < length) break;
        if (!modbusCrcHolds(received, at, at + length)) {
          damaged ??= { kind: 'damaged', start: at, end: at + length };
          continue;
        }
        return { kind: 'answer', start: at, end: at + length, data: received.slice(at + 3, at + length - 2) };
      }
      const frame = wholeFrame(received, at);
      if (frame > 0) return classify(received, at, at + frame, read);
    }
    return damaged ?? { kind: 'incomplete' };
  },

  beginsAnswer(received, read) {
    const answer = [read.address, read.functionCode, dataLength(read)];
    const refusal = [read.address, read.functionCode | 0x80];
    return received.some((_, at) => {
      const left = received.subarray(at, at + 3);
      if (left.length < 2 && at > 0) return false;
      return [answer, refusal].some((head) =>
        left.every((byte, index) => index >= head.length || byte === head[index]),
      );
    });
  },
};

/** True if the bytes of `part` stand at that place. */
function holds(bytes: Uint8Array, at: number, part: Uint8Array): boolean {
  if (bytes.length - at < part.length) return false;
  for (let index = 0; index < part.length; index += 1) if (bytes[at + index] !== part[index]) return false;
  return true;
}

function beginsAnswer(bytes: Uint8Array, at: number, read: ModbusRead): boolean {
  return bytes[at] === read.address && bytes[at + 1] === read.functionCode && bytes[at + 2] === dataLength(read);
}

/** Length of the valid frame of any slave that begins there; 0 when none does. */
function wholeFrame(bytes: Uint8Array, at: number): number {
  const left = bytes.length - at;
  if (left < 5) return 0;
  const functionCode = bytes[at + 1] ?? 0;
  const lengths =
    functionCode >= 0x81
      ? [5]
      : functionCode >= 1 && functionCode <= 4
        ? [5 + (bytes[at + 2] ?? 0), 8] // an answer, or another master's request
        : [8, left]; // a write and its answer; anything else only if it fills what is there
  return lengths.find((length) => length <= left && modbusCrcHolds(bytes, at, at + length)) ?? 0;
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

/*
 * Modbus TCP (Messaging on TCP/IP Implementation Guide V1.0b, 3.1.3):
 *
 *   0        2         4       6     7 …
 *   number   protocol  length  unit  PDU         length counts unit and PDU
 *            0 0       3…254
 */
const head = 7;

/** A Modbus TCP framing with its own count of transactions; one for each connection. */
export function modbusTcpFraming(): Framing {
  let number = 0;
  return {
    numbersTransactions: true,

    encode(read) {
      number = (number + 1) & 0xffff;
      const pdu = requestPdu(read);
      return Uint8Array.of(number >> 8, number & 0xff, 0, 0, 0, pdu.length + 1, read.address, ...pdu);
    },

    answerLength: (read) => head + 2 + dataLength(read),

    find(received, read, request) {
      if (received.length < 6) return { kind: 'incomplete' };
      const length = word(received, 4);
      if (word(received, 2) !== 0 || length < 3 || length > 254) return { kind: 'desynchronised' };
      const end = 6 + length;
      if (received.length < end) return { kind: 'incomplete' };
      if (holds(received, 0, request)) return { kind: 'echo', start: 0, end };
      if (received[0] !== request[0] || received[1] !== request[1])
        return { kind: 'foreign-transaction', start: 0, end };
      return numbered(received.subarray(0, end), read);
    },

    beginsAnswer: (received, _, request) => received[0] === request[0] && received[1] === request[1],
  };
}

/** The frame that carries the number asked for; its content is checked all the same. */
function numbered(frame: Uint8Array, read: ModbusRead): Finding {
  const end = frame.length;
  const functionCode = frame[head];
  if (frame[6] !== read.address) return { kind: 'foreign-slave', start: 0, end };
  if (functionCode === (read.functionCode | 0x80)) {
    if (end !== head + 2) return { kind: 'foreign-length', start: 0, end };
    return { kind: 'exception', start: 0, end, code: frame[head + 1] ?? 0 };
  }
  if (functionCode !== read.functionCode) return { kind: 'foreign-function', start: 0, end };
  const length = dataLength(read);
  if (frame[head + 1] !== length || end !== head + 2 + length) return { kind: 'foreign-length', start: 0, end };
  return { kind: 'answer', start: 0, end, data: frame.slice(head + 2) };
}

function word(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}
