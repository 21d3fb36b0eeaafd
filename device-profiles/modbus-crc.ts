/** The CRC table for the reflected polynomial 0xA001 (Modbus over Serial Line V1.02, 6.2.2 and appendix B). */
const table = Uint16Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit += 1) {
    remainder = remainder & 1 ? (remainder >>> 1) ^ 0xa001 : remainder >>> 1;
  }
  return remainder;
});

/**
 * The Modbus RTU CRC-16 of `bytes[from..to)`. On the wire its low byte comes first.
 * HJ 212 uses another algorithm under the same name; this is not it.
 */
export function modbusCrc(bytes: Uint8Array, from = 0, to = bytes.length): number {
  let remainder = 0xffff;
  for (let index = from; index < to; index += 1) {
    remainder = (remainder >>> 8) ^ (table[(remainder ^ (bytes[index] ?? 0)) & 0xff] ?? 0);
  }
  return remainder;
}

/** True if the last two bytes of `bytes[from..to)` are the CRC of what stands before them. */
export function modbusCrcHolds(bytes: Uint8Array, from = 0, to = bytes.length): boolean {
  if (to - from < 3) return false;
  return modbusCrc(bytes, from, to - 2) === ((bytes[to - 2] ?? 0) | ((bytes[to - 1] ?? 0) << 8));
}

/** The same for an instrument that sends its CRC high byte first, against the standard. */
export function swappedModbusCrcHolds(bytes: Uint8Array, from = 0, to = bytes.length): boolean {
  if (to - from < 3) return false;
  return modbusCrc(bytes, from, to - 2) === (((bytes[to - 2] ?? 0) << 8) | (bytes[to - 1] ?? 0));
}
