import { scaled, shortestFloat32 } from './decimal.ts';
import { type ModbusPoint, type ModbusProfile, modbusTypes, type ProfilePoint, type WordOrder } from './profile.ts';

/** Why a point that was read has no value. The site and the quality station turn it into a flag. */
export type NoValueReason =
  /** The raw value is one that the instrument uses to say "none". */
  | 'sentinel'
  /** A float that is NaN or infinite. */
  | 'not-a-number'
  /** The sensor is still warming up. */
  | 'warm-up'
  /** A 64-bit whole number too large to be held exactly (beyond 2^53). */
  | 'beyond-precision';

/**
 * One decoded point. `raw` is what the instrument said before scale and offset, `value` is in the unit of the factor.
 * Nothing is clamped and nothing is judged here; a missing value is null and says why.
 */
export type Decoded = { raw: number; value: number } | { raw: number | null; value: null; reason: NoValueReason };

/** Registers as numbers, in the order they were sent; for function codes 1 and 2, one entry of 0 or 1 a bit. */
export type ModbusBlock = Uint16Array;

/**
 * Unpacks the data part of a Modbus reply: big-endian registers for function codes 3 and 4 (Modbus Application Protocol
 * V1.1b3, 6.3 and 6.4), bits packed from the lowest of the first byte for 1 and 2 (6.1 and 6.2).
 * `undefined` if the bytes are not exactly as many as `count` needs.
 */
export function unpackModbusData(
  functionCode: ModbusPoint['functionCode'],
  data: Uint8Array,
  count: number,
): ModbusBlock | undefined {
  const bits = functionCode <= 2;
  if (data.length !== (bits ? Math.ceil(count / 8) : count * 2)) return undefined;
  const block = new Uint16Array(count);
  for (let index = 0; index < count; index += 1) {
    block[index] = bits
      ? ((data[index >> 3] ?? 0) >> (index & 7)) & 1
      : ((data[index * 2] ?? 0) << 8) | (data[index * 2 + 1] ?? 0);
  }
  return block;
}

/** How many registers (or bits, for function codes 1 and 2) the point takes. */
export function registersOf(point: ModbusPoint): number {
  return point.functionCode <= 2 ? 1 : modbusTypes[point.type].registers;
}

const scratch = new DataView(new ArrayBuffer(8));

/** Puts the point's words into `scratch` in big-endian order, whatever order they were sent in. */
function arrange(block: ModbusBlock, first: number, words: number, order: WordOrder): void {
  const lastWordFirst = order === 'CDAB' || order === 'DCBA';
  const bytesSwapped = order === 'BADC' || order === 'DCBA';
  for (let index = 0; index < words; index += 1) {
    const word = block[first + (lastWordFirst ? words - 1 - index : index)] ?? 0;
    scratch.setUint16(index * 2, word, bytesSwapped);
  }
}

function rawOf(point: ModbusPoint): number | bigint {
  switch (point.type) {
    case 'bit':
      return (scratch.getUint16(0) >> (point.bit ?? 0)) & 1;
    case 'u16':
      return scratch.getUint16(0);
    case 's16':
      return scratch.getInt16(0);
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
  }
}

/**
 * Sentinel check, then scale and offset: the last step for every protocol.
 * A whole number is scaled as a decimal; a float32 is first rounded to the shortest decimal that is still that float32.
 */
export function decodeRaw(point: ProfilePoint, read: number | bigint): Decoded {
  const raw = Number(read);
  if (!Number.isFinite(raw)) return { raw: null, value: null, reason: 'not-a-number' };
  // Adding 0 turns a minus zero, which some meters send for "nothing", into the zero it means.
  const exact = (point.type === 'float32' ? shortestFloat32(raw) : raw) + 0;
  if (point.sentinels?.includes(exact)) return { raw: exact, value: null, reason: 'sentinel' };
  if (typeof read === 'bigint' && !Number.isSafeInteger(raw)) {
    return { raw: null, value: null, reason: 'beyond-precision' };
  }
  return { raw: exact, value: scaled(exact, point.scale, point.offset) + 0 };
}

/**
 * Decodes one point out of a block of registers whose first one is `base` (0-based).
 * Throws a RangeError if the block does not hold the point: the caller asked for the wrong registers.
 */
export function decodeModbus(profile: ModbusProfile, point: ModbusPoint, block: ModbusBlock, base: number): Decoded {
  const first = point.register - base;
  const count = registersOf(point);
  if (first < 0 || first + count > block.length) {
    throw new RangeError(
      `${profile.profile}: ${point.id}: registers ${point.register}..${point.register + count - 1} are not in the block ${base}..${base + block.length - 1}`,
    );
  }
  if (point.functionCode <= 2) return decodeRaw(point, block[first] ?? 0);
  arrange(block, first, count, point.order);
  return decodeRaw(point, rawOf(point));
}
