/*
 * HJ 212 packets made by table, and shared with nobody: an error in the gateway's own codec is not hidden by the same
 * error here. The table is that of the reflected polynomial A001; annex A of HJ 212-2017 differs from Modbus in what it
 * keeps of the register from one byte to the next.
 */

/** How the CRC is made; `wrong` is of no kind that is known. */
export type CrcKind = 'hj212' | 'modbus' | 'modbus-swapped' | 'wrong';

const table = Array.from({ length: 256 }, (_, index) => {
  let entry = index;
  for (let bit = 0; bit < 8; bit += 1) entry = entry % 2 === 1 ? Math.floor(entry / 2) ^ 0xa001 : entry / 2;
  return entry;
});

/** Annex A: the register's high byte and the data byte alone make the next register. */
function annexA(bytes: Uint8Array): number {
  return bytes.reduce((register, byte) => table[Math.floor(register / 256) ^ byte] ?? 0, 0xffff);
}

function modbus(bytes: Uint8Array): number {
  return bytes.reduce((register, byte) => (table[(register % 256) ^ byte] ?? 0) ^ Math.floor(register / 256), 0xffff);
}

/** The check sum of a data segment. */
export function hj212CrcOf(bytes: Uint8Array, kind: CrcKind): number {
  switch (kind) {
    case 'hj212':
      return annexA(bytes);
    case 'modbus':
      return modbus(bytes);
    case 'modbus-swapped':
      return (modbus(bytes) % 256) * 256 + Math.floor(modbus(bytes) / 256);
    case 'wrong':
      // Annex A gives only 256 values; their last byte is never this one.
      return Math.floor(annexA(bytes) / 256) * 256 + 0x33;
  }
}

interface PacketOptions {
  readonly crc?: CrcKind;
  readonly lowerCase?: boolean;
  /** What the length field says, where that is not the truth. */
  readonly length?: number;
  readonly lineEnd?: string;
}

/** `##`, length, data segment, CRC, line end. */
export function hj212PacketText(segment: string, options: PacketOptions = {}): Uint8Array {
  const { crc = 'hj212', lowerCase = false, lineEnd = '\r\n' } = options;
  const bytes = new TextEncoder().encode(segment);
  const digits = hj212CrcOf(bytes, crc).toString(16).padStart(4, '0');
  const length = `${options.length ?? bytes.length}`.padStart(4, '0');
  const text = `##${length}${segment}${lowerCase ? digits : digits.toUpperCase()}${lineEnd}`;
  return new TextEncoder().encode(text);
}
