import type { ModbusBlock } from './modbus/read-registers.ts';
import type { ModbusPoint } from './profile.ts';

export { type ModbusBlock, readModbus, registersOf } from './modbus/read-registers.ts';
export { type Decodable, decodeRaw } from './value/decode-raw.ts';
export {
  type Decoded,
  type Known,
  type NoValueReason,
  nothingKnown,
  noValueReasons,
  type Raw,
} from './value/decoded.ts';
export { interpret } from './value/interpret.ts';

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
