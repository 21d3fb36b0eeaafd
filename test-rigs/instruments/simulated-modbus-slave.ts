import { type Cancel, type Clock, systemClock } from '../../gateway/clock.ts';
import type { ByteEnd } from '../links/byte-end.ts';

/*
 * In three lines:
 *   const slave = new SimulatedModbusSlave({ address: 1, registers: counting() });
 *   slave.serveRtu(line.connect());
 *   slave.on = false;                                  // switched off at the mains
 *
 * The frames here are written from the standard (Modbus over Serial Line V1.02 and Messaging on TCP/IP V1.0b) and share
 * no code with the gateway, so that an error in one is not hidden by the same error in the other.
 */

/** The four tables: function codes 1 coils, 2 discrete inputs, 3 holding registers, 4 input registers. */
export type Table = 1 | 2 | 3 | 4;

/** What a register (0..65535) or bit (0, 1) holds now; undefined where the instrument has none. */
export interface Registers {
  (table: Table, register: number): number | undefined;
  /** Called before the registers of each request are looked at. */
  onRequest?: () => void;
}

/**
 * Every register holds a number of its own that changes with each request: the high byte names the register and
 * table, the low byte counts requests. A value that belongs to another request or register shows.
 */
export function counting(): Registers & { requests: number } {
  const image = (table: Table, register: number): number =>
    table <= 2 ? (register + image.requests) & 1 : ((register * 7 + table * 64) & 0xff) * 256 + (image.requests & 0xff);
  image.requests = 0;
  image.onRequest = (): void => {
    image.requests += 1;
  };
  return image;
}

interface SlaveOptions {
  readonly address: number;
  readonly registers: Registers;
  readonly clock?: Clock;
  /** Milliseconds between a request's last byte and the answer's first. */
  readonly turnAround?: number;
  /** Answers a read of no registers with no registers, as some probes do that are started by it. */
  readonly answersNone?: boolean;
  /** Sends the two bytes of its check sums high byte first. */
  readonly swapsCheckSums?: boolean;
  /** Keeps silent where others answer with an exception. */
  readonly refusesSilently?: boolean;
  /** Called for each request that is answered, before its registers are looked at. */
  readonly onRequest?: (table: Table, start: number, count: number) => void;
}

const illegalFunction = 1;
const illegalAddress = 2;
const illegalValue = 3;

export class SimulatedModbusSlave {
  readonly address: number;
  readonly registers: Registers;
  /** Switched off, it hears nothing and says nothing. */
  on = true;
  /** Milliseconds before it answers. */
  turnAround: number;
  /** Asked for each request: the exception that it is refused with, `silence` for none, null where it is answered. */
  refuses: (table: Table, start: number, count: number) => number | 'silence' | null = () => null;
  /** Requests answered. */
  answered = 0;
  readonly #clock: Clock;
  readonly #fewest: number;
  readonly #swaps: boolean;
  readonly #isShy: boolean;
  readonly #onRequest: (table: Table, start: number, count: number) => void;

  constructor(options: SlaveOptions) {
    this.address = options.address;
    this.registers = options.registers;
    this.#clock = options.clock ?? systemClock;
    this.turnAround = options.turnAround ?? 0;
    this.#fewest = options.answersNone ? 0 : 1;
    this.#swaps = options.swapsCheckSums ?? false;
    this.#isShy = options.refusesSilently ?? false;
    this.#onRequest = options.onRequest ?? (() => undefined);
  }

  /** Serves Modbus RTU on an end that others may share. */
  serveRtu(end: ByteEnd): Cancel {
    // Reads take 8 bytes, so whenever the last 8 heard are a request to us by their check sum, they are one.
    let last: number[] = [];
    return end.onBytes((bytes) => {
      for (const byte of bytes) {
        last = [...last.slice(-7), byte];
        if (last.length < 8 || last[0] !== this.address || crcBitwise(last) !== 0) continue;
        const answer = this.#answer(Uint8Array.from(last.slice(1, 6)));
        last = [];
        if (answer)
          this.#send(end, this.#swaps ? swapped(rtuFrame(this.address, answer)) : rtuFrame(this.address, answer));
      }
    });
  }

  /** Serves Modbus TCP on one connection; any unit but its own gets no answer. */
  serveModbusTcp(end: ByteEnd): Cancel {
    let pending: number[] = [];
    return end.onBytes((bytes) => {
      pending.push(...bytes);
      while (pending.length >= 6) {
        const length = 6 + (pending[4] ?? 0) * 256 + (pending[5] ?? 0);
        if (pending.length < length) return;
        const request = pending.slice(0, length);
        pending = pending.slice(length);
        if (request[6] !== this.address) continue;
        const answer = this.#answer(Uint8Array.from(request.slice(7)));
        if (answer) this.#send(end, modbusTcpFrame(request[0] ?? 0, request[1] ?? 0, this.address, answer));
      }
    });
  }

  #refusal(functionCode: number, code: number): Uint8Array | undefined {
    return this.#isShy ? undefined : Uint8Array.of(functionCode | 0x80, code);
  }

  #send(end: ByteEnd, frame: Uint8Array): void {
    this.#clock.after(this.turnAround, () => {
      if (this.on) end.send(frame);
    });
  }

  /** The answer to a request without its envelope; undefined when switched off. */
  #answer(request: Uint8Array): Uint8Array | undefined {
    if (!this.on) return undefined;
    const [functionCode = 0, startHigh = 0, startLow = 0, countHigh = 0, countLow = 0] = request;
    if (functionCode < 1 || functionCode > 4) return this.#refusal(functionCode, illegalFunction);
    const table = functionCode as Table;
    const start = startHigh * 256 + startLow;
    const count = countHigh * 256 + countLow;
    if (count < this.#fewest || count > (table <= 2 ? 2000 : 125)) return this.#refusal(functionCode, illegalValue);
    const refusal = this.refuses(table, start, count);
    if (refusal === 'silence') return undefined;
    if (refusal !== null) return this.#refusal(functionCode, refusal);
    this.#onRequest(table, start, count);
    this.registers.onRequest?.();
    const values = Array.from({ length: count }, (_, index) => this.registers(table, start + index));
    if (values.some((value) => value === undefined)) return this.#refusal(functionCode, illegalAddress);
    this.answered += 1;
    const data = table <= 2 ? packBits(values) : values.flatMap((value = 0) => [(value >> 8) & 0xff, value & 0xff]);
    return Uint8Array.of(functionCode, data.length, ...data);
  }
}

function packBits(values: readonly (number | undefined)[]): number[] {
  const bytes: number[] = new Array(Math.ceil(values.length / 8)).fill(0);
  values.forEach((value, index) => {
    if (value) bytes[index >> 3] = (bytes[index >> 3] ?? 0) + 2 ** (index % 8);
  });
  return bytes;
}

/** An RTU frame with its check sum: `[address, …body, crc low, crc high]`. */
export function rtuFrame(address: number, body: Iterable<number>): Uint8Array {
  const bytes = [address, ...body];
  const crc = crcBitwise(bytes);
  return Uint8Array.of(...bytes, crc % 256, crc >> 8);
}

/** The same frame with the bytes of its check sum the wrong way round. */
function swapped(frame: Uint8Array): Uint8Array {
  const last = frame.length - 1;
  return Uint8Array.of(...frame.subarray(0, last - 1), frame[last] ?? 0, frame[last - 1] ?? 0);
}

/** A Modbus TCP frame: transaction id, protocol 0, length, unit, body. */
export function modbusTcpFrame(idHigh: number, idLow: number, unit: number, body: Uint8Array): Uint8Array {
  const length = body.length + 1;
  return Uint8Array.of(idHigh, idLow, 0, 0, length >> 8, length % 256, unit, ...body);
}

/** CRC-16/MODBUS bit by bit; 0 over a frame whose own check sum is right. */
function crcBitwise(bytes: readonly number[]): number {
  let crc = 0xffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc % 2 === 1 ? ((crc - 1) / 2) ^ 0xa001 : crc / 2;
  }
  return crc;
}
