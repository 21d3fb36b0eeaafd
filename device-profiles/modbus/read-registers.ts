import type { ModbusRead, WordOrder } from '../profile.ts';
import { modbusTypes } from '../shape/modbus.ts';
import type { Raw } from '../value/decoded.ts';

/** Registers as numbers, in the order they were sent; for function codes 1 and 2, one entry of 0 or 1 a bit. */
export type ModbusBlock = Uint16Array;

/** How many registers (or bits, for function codes 1 and 2) it takes. */
export function registersOf({
  functionCode,
  type,
  registers,
}: Pick<ModbusRead, 'functionCode' | 'type' | 'registers'>): number {
  if (functionCode <= 2) return 1;
  return type === 'text' ? (registers ?? 1) : modbusTypes[type].registers;
}

/** The longest value: a text of 60 registers. */
const scratch = new DataView(new ArrayBuffer(120));

/**
 * The raw value at a place in a block of registers whose first one is `base` (0-based); digits that are none, and a time
 * that is none, are NaN. Throws a RangeError if the block does not hold it: the caller asked for the wrong registers.
 */
export function readModbus(read: ModbusRead, block: ModbusBlock, base: number): Raw {
  const first = read.register - base;
  const count = registersOf(read);
  if (first < 0 || first + count > block.length) {
    throw new RangeError(
      `${read.id}: registers ${read.register}..${read.register + count - 1} are not in the block ${base}..${base + block.length - 1}`,
    );
  }
  if (read.functionCode <= 2) return block[first] ?? 0;
  arrange(block, first, count, read.order);
  const raw = rawOf(read, count);
  return read.bits === undefined || typeof raw === 'string' ? raw : bitsOf(raw, read.bits);
}

/** Puts the words into `scratch` in big-endian order, whatever order they were sent in. */
function arrange(block: ModbusBlock, first: number, words: number, order: WordOrder): void {
  const lastWordFirst = order === 'CDAB' || order === 'DCBA';
  const bytesSwapped = order === 'BADC' || order === 'DCBA';
  for (let index = 0; index < words; index += 1) {
    const word = block[first + (lastWordFirst ? words - 1 - index : index)] ?? 0;
    scratch.setUint16(index * 2, word, bytesSwapped);
  }
}

function rawOf(read: ModbusRead, words: number): Raw {
  switch (read.type) {
    case 'bit':
      return (scratch.getUint16(0) >> (read.bit ?? 0)) & 1;
    case 'u8-high':
      return scratch.getUint8(0);
    case 'u8-low':
      return scratch.getUint8(1);
    case 's8-high':
      return scratch.getInt8(0);
    case 's8-low':
      return scratch.getInt8(1);
    case 'u16':
      return scratch.getUint16(0);
    case 's16':
      return scratch.getInt16(0);
    case 'u24':
      return scratch.getUint32(0) & 0xff_ffff;
    case 's24':
      return (scratch.getInt32(0) << 8) >> 8;
    case 'u32':
      return scratch.getUint32(0);
    case 's32':
      return scratch.getInt32(0);
    case 'float32':
      return scratch.getFloat32(0);
    case 'u64':
      return scratch.getBigUint64(0);
    case 's64':
      return scratch.getBigInt64(0);
    case 'float64':
      return scratch.getFloat64(0);
    case 'text':
      return text(words * 2);
    default:
      return read.type.startsWith('bcd') ? digits(words * 2, read.signBit === true) : time(read.type, words);
  }
}

function bitsOf(raw: number | bigint, [lowest, highest]: readonly [number, number]): number | bigint {
  if (typeof raw === 'number' && !Number.isInteger(raw)) return Number.NaN;
  const bits = BigInt.asUintN(highest - lowest + 1, BigInt(raw) >> BigInt(lowest));
  return bits <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(bits) : bits;
}

/** Binary coded decimal: one digit in four bits, the highest first. */
function digits(bytes: number, signed: boolean): number | bigint {
  let written = '';
  for (let index = 0; index < bytes; index += 1) {
    const byte = scratch.getUint8(index) & (signed && index === 0 ? 0x7f : 0xff);
    written += byte.toString(16).padStart(2, '0');
  }
  if (!/^\d+$/.test(written)) return Number.NaN;
  const whole = BigInt(written) * (signed && scratch.getUint8(0) >= 0x80 ? -1n : 1n);
  return Number.isSafeInteger(Number(whole)) ? Number(whole) : whole;
}

/** Printable ASCII, up to the first 0; anything else in it shows as a question mark. */
function text(bytes: number): string {
  let written = '';
  for (let index = 0; index < bytes; index += 1) {
    const byte = scratch.getUint8(index);
    if (byte === 0) break;
    written += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '?';
  }
  return written.trim();
}

/** A moment as ISO 8601 text: local time without a zone, or UTC with Z; NaN if there is no such moment. */
function time(type: string, words: number): string | number {
  if (type === 'time-unix') return new Date(scratch.getUint32(0) * 1000).toISOString().replace('.000', '');
  const parts = partsOfTime(type);
  if (words < 3 || parts.some((part) => !Number.isInteger(part))) return Number.NaN;
  const [year = 0, ...rest] = parts;
  const [month, day, hour, minute, second] = rest.map((part) => String(part).padStart(2, '0'));
  const written = `${year < 100 ? 2000 + year : year}-${month}-${day}T${hour}:${minute}:${second}`;
  const moment = new Date(`${written}Z`);
  return Number.isNaN(moment.getTime()) || !moment.toISOString().startsWith(written) ? Number.NaN : written;
}

/** Year, month, day, hour, minute and second as they stand in `scratch`; NaN for a digit that is none. */
function partsOfTime(type: string): number[] {
  const at = (index: number): number => scratch.getUint8(index);
  const bcdAt = (index: number): number => Number(at(index).toString(16));
  const six = Array.from({ length: 6 }, (_, index) => index);
  switch (type) {
    case 'time-registers':
      return six.map((index) => scratch.getUint16(index * 2));
    case 'time-bcd':
      return six.map(bcdAt);
    case 'time-bcd-minutes':
      return [bcdAt(0) * 100 + bcdAt(1), bcdAt(2), bcdAt(3), bcdAt(4), bcdAt(5), 0];
    case 'time-seven':
      return [scratch.getUint16(0), at(2), at(3), at(4), at(5), at(6)];
    case 'time-seven-low':
      return [scratch.getUint16(1), at(3), at(4), at(5), at(6), at(7)];
    default:
      return six.map(at);
  }
}
