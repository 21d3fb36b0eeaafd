import type { Answer } from './wire.ts';

/** What a slave's holding register holds, always: it names both, so that a value of another place shows. */
export function registerValue(address: number, register: number): number {
  return (address & 0xff) * 256 + (register & 0xff);
}

/** CRC-16/MODBUS byte by byte (Modbus over Serial Line V1.02, 6.2.2); written here, so that no error is shared with us. */
const table = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1;
  return crc;
});

function crcOf(bytes: Uint8Array): number {
  let crc = 0xffff;
  for (const byte of bytes) crc = (crc >> 8) ^ (table[(crc ^ byte) & 0xff] ?? 0);
  return crc;
}

function framed(...body: readonly number[]): Uint8Array {
  const crc = crcOf(Uint8Array.from(body));
  return Uint8Array.of(...body, crc & 0xff, crc >> 8);
}

/**
 * Slaves at these addresses, each with holding registers from 0 on. An answer never changes, so each is made once: a rig
 * that reckons is late. Other function codes and registers are refused; other addresses, and what is damaged, get nothing.
 */
export function slaves(addresses: readonly number[], registers: number): (request: Uint8Array) => Answer | null {
  const known = new Map<string, Answer | null>();
  return (request) => {
    const key = request.join();
    let answer = known.get(key);
    if (answer === undefined) {
      answer = answerOf(addresses, registers, request);
      known.set(key, answer);
    }
    return answer;
  };
}

function answerOf(addresses: readonly number[], registers: number, request: Uint8Array): Answer | null {
  const [address = 0, functionCode = 0, startHigh = 0, startLow = 0, countHigh = 0, countLow = 0] = request;
  if (crcOf(request) !== 0 || !addresses.includes(address)) return null;
  const [start, count] = [startHigh * 256 + startLow, countHigh * 256 + countLow];
  const refusal = functionCode !== 3 ? 1 : count < 1 || count > 125 ? 3 : start + count > registers ? 2 : 0;
  if (refusal > 0) return { frame: framed(address, functionCode | 0x80, refusal), registers: 0 };
  const values = Array.from({ length: count }, (_, index) => registerValue(address, start + index));
  const data = values.flatMap((value) => [value >> 8, value & 0xff]);
  return { frame: framed(address, functionCode, data.length, ...data), registers: count };
}
