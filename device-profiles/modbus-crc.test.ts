import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { modbusCrc, modbusCrcHolds } from './modbus-crc.ts';

/** Bit by bit, as the standard describes it: shares nothing with the table. */
function crcBitByBit(bytes: Uint8Array): number {
  let remainder = 0xffff;
  for (const byte of bytes) {
    remainder ^= byte;
    for (let bit = 0; bit < 8; bit += 1) {
      const carry = remainder % 2;
      remainder = (remainder - carry) / 2;
      if (carry === 1) remainder ^= 0xa001;
    }
  }
  return remainder;
}

const withCrc = (bytes: Uint8Array) => {
  const crc = crcBitByBit(bytes);
  return Uint8Array.of(...bytes, crc % 256, Math.floor(crc / 256));
};

const message = fc.uint8Array({ minLength: 2, maxLength: 254 });

describe('the Modbus CRC', () => {
  it.each([
    ['Eastron, three voltages', '01 04 00 00 00 06 70 08'],
    ['Renke, sixteen registers', '01 03 01 F4 00 10 04 08'],
    ['JXCT, wind speed', '01 03 00 16 00 01 65 CE'],
    ['PZEM-016 reply', '01 04 14 08 D1 00 6C 00 00 00 F4 00 00 00 26 00 00 01 F4 00 64 00 00 51 34'],
  ])('holds for a published frame: %s', (_, frame) => {
    expect(modbusCrcHolds(Buffer.from(frame.replaceAll(' ', ''), 'hex'))).toBe(true);
  });

  it('stands low byte first: the same two bytes the other way round are refused', () => {
    expect(modbusCrcHolds(Uint8Array.of(0x01, 0x04, 0x00, 0x00, 0x00, 0x06, 0x08, 0x70))).toBe(false);
  });

  it('agrees with the calculation bit by bit', () => {
    fc.assert(fc.property(message, (bytes) => modbusCrc(bytes) === crcBitByBit(bytes)));
  });

  it('can be taken over a part of a buffer', () => {
    fc.assert(
      fc.property(message, fc.uint8Array({ maxLength: 8 }), fc.uint8Array({ maxLength: 8 }), (bytes, before, after) => {
        const buffer = Uint8Array.of(...before, ...withCrc(bytes), ...after);
        return modbusCrcHolds(buffer, before.length, before.length + bytes.length + 2);
      }),
    );
  });

  it('notices every single flipped bit', () => {
    fc.assert(
      fc.property(message, fc.nat(), (bytes, at) => {
        const frame = withCrc(bytes);
        const bit = at % (frame.length * 8);
        frame[bit >> 3] = (frame[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        return !modbusCrcHolds(frame);
      }),
    );
  });

  it('does not hold for fewer than three bytes', () => {
    expect(modbusCrcHolds(Uint8Array.of(0xff, 0xff))).toBe(false);
  });
});
