import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Decoded, decodeRaw, type ModbusBlock, readModbus, unpackModbusData } from './decode.ts';
import { type ModbusPoint, profileSchema, type WordOrder } from './profile.ts';

const base = {
  profile: 'test/meter',
  name: { zh: '表', en: 'meter' },
  sources: ['made up'],
  confidence: 'C',
  protocol: 'modbus',
  serial: { default: '9600-8N1' },
  address: { default: 1 },
};

function onePoint(fields: Record<string, unknown>): ModbusPoint {
  const points = [{ id: 'p', factor: 'temperature', functionCode: 3, register: 100, ...fields }];
  const profile = profileSchema.parse({ ...base, points });
  if (profile.protocol !== 'modbus' || !profile.points[0]) throw new Error('the test profile is not Modbus');
  return profile.points[0];
}

const decodeIn = (point: ModbusPoint, block: ModbusBlock, base: number): Decoded =>
  decodeRaw(point, readModbus(point, block, base));

function decode(fields: Record<string, unknown>, ...registers: number[]) {
  const point = onePoint(fields);
  return decodeIn(point, Uint16Array.from(registers), 100);
}

/*
 * The encoder of these tests works on texts of hexadecimal digits, so that it shares neither code nor idea with the decoder:
 * ABCD EFGH are the bytes of a value from the highest down; words are four digits.
 */
function registersOf(hex: string, order: WordOrder): number[] {
  let words: string[] = hex.match(/.{4}/g) ?? [];
  if (order === 'CDAB' || order === 'DCBA') words = words.reverse();
  if (order === 'BADC' || order === 'DCBA') words = words.map((word) => word.slice(2) + word.slice(0, 2));
  return words.map((word) => Number.parseInt(word, 16));
}

const wholeHex = (value: bigint, digits: number) =>
  (value < 0n ? value + 16n ** BigInt(digits) : value).toString(16).padStart(digits, '0');

const orders = ['ABCD', 'CDAB', 'BADC', 'DCBA'] as const;

describe('word orders', () => {
  it.each([
    ['ABCD', [0x0001, 0x0203]],
    ['CDAB', [0x0203, 0x0001]],
    ['BADC', [0x0100, 0x0302]],
    ['DCBA', [0x0302, 0x0100]],
  ] as const)('the four bytes of 66051 are found in the order %s', (order, registers) => {
    expect(decode({ type: 'u32', order }, ...registers)).toEqual({ raw: 66051, value: 66051 });
  });

  it('a PZEM energy with the low word first is 38', () => {
    expect(decode({ type: 'u32', order: 'CDAB' }, 0x0026, 0x0000)).toEqual({ raw: 38, value: 38 });
  });

  it.each([
    ['ABCD', [0x0123, 0x4567, 0x89ab, 0xcdef]],
    ['CDAB', [0xcdef, 0x89ab, 0x4567, 0x0123]],
    ['BADC', [0x2301, 0x6745, 0xab89, 0xefcd]],
    ['DCBA', [0xefcd, 0xab89, 0x6745, 0x2301]],
  ] as const)('eight bytes are found in the order %s', (order, registers) => {
    const value = Buffer.from('0123456789abcdef', 'hex').readDoubleBE();
    expect(decode({ type: 'float64', order }, ...registers)).toEqual({ raw: value, value });
  });

  it('every whole number comes back, whatever its type and order', () => {
    const types = [
      ['u16', 0n, 0xffffn, 4],
      ['s16', -0x8000n, 0x7fffn, 4],
      ['u32', 0n, 0xffff_ffffn, 8],
      ['s32', -0x8000_0000n, 0x7fff_ffffn, 8],
      ['u64', 0n, BigInt(Number.MAX_SAFE_INTEGER), 16],
      ['s64', BigInt(Number.MIN_SAFE_INTEGER), BigInt(Number.MAX_SAFE_INTEGER), 16],
    ] as const;
    fc.assert(
      fc.property(
        fc
          .constantFrom(...types)
          .chain(([type, min, max, digits]) => fc.tuple(fc.constant(type), fc.bigInt(min, max), fc.constant(digits))),
        fc.constantFrom(...orders),
        ([type, value, digits], order) => {
          const decoded = decode({ type, order }, ...registersOf(wholeHex(value, digits), order));
          expect(decoded).toEqual({ raw: Number(value), value: Number(value) });
        },
      ),
    );
  });

  it('every float32 comes back as a decimal that is that float32 again', () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), fc.constantFrom(...orders), (value, order) => {
        const bytes = Buffer.alloc(4);
        bytes.writeFloatBE(value);
        const decoded = decode({ type: 'float32', order }, ...registersOf(bytes.toString('hex'), order));
        expect(Math.fround(decoded.value ?? Number.NaN)).toBe(value + 0);
      }),
      { numRuns: 500 },
    );
  });
});

describe('what a raw value becomes', () => {
  it('a negative temperature keeps its sign', () => {
    expect(decode({ type: 's16', scale: 0.1 }, 0xff9b)).toEqual({ raw: -101, value: -10.1 });
  });

  it.each([
    ['u16', 0.1, 0, [2301], 230.1],
    ['u16', 0.001, 0, [1003], 1.003],
    ['u16', 0.01, -40, [7035], 30.35],
    ['s16', 0.1, 0.3, [0xffff], 0.2],
    ['u16', 0.53, 0, [100], 53],
    ['u16', 1e-7, 0, [3], 3e-7],
    ['u32', 1000, 0, [0x0001, 0x0000], 65_536_000],
  ] as const)('%s x %s + %s is calculated as a decimal', (type, scale, offset, registers, value) => {
    expect(decode({ type, scale, offset }, ...registers).value).toBe(value);
  });

  it('scaling gives the number nearest to the exact decimal, for every register and usual scale', () => {
    fc.assert(
      fc.property(fc.integer({ min: -0x8000, max: 0x7fff }), fc.integer({ min: 0, max: 6 }), (raw, places) => {
        const { value } = decode({ type: 's16', scale: Number(`1e-${places}`) }, raw & 0xffff);
        expect(value).toBe(Number(`${raw}e-${places}`));
      }),
    );
  });

  it('a float32 of 230.2 V is 230.2, not 230.1999969482422', () => {
    expect(decode({ type: 'float32' }, 0x4366, 0x3333)).toEqual({ raw: 230.2, value: 230.2 });
  });

  it('a scaled float32 gains no digits: 2301.5 tenths of a volt are 230.15', () => {
    expect(decode({ type: 'float32', scale: 0.1 }, 0x450f, 0xd800)).toEqual({ raw: 2301.5, value: 230.15 });
  });

  it('the smallest float32 is told with the one digit it has', () => {
    expect(decode({ type: 'float32' }, 0x0000, 0x0001).value).toBe(1e-45);
  });

  it.each([
    ['NaN', 'float32', [0x7fc0, 0x0000]],
    ['infinity', 'float32', [0x7f80, 0x0000]],
    ['minus infinity', 'float32', [0xff80, 0x0000]],
    ['NaN', 'float64', [0x7ff8, 0x0000, 0x0000, 0x0000]],
  ])('%s in a %s is no value', (_, type, registers) => {
    expect(decode({ type }, ...registers)).toEqual({ raw: null, value: null, reason: 'not-a-number' });
  });

  it('a number that grows too large on its way is no value, whatever comes behind', () => {
    const huge = [0x7fe1, 0xccf3, 0x85eb, 0xc8a0];
    const none = { raw: 1e308, value: null, reason: 'not-a-number' };
    const beyond = [
      { scale: 1000 },
      { scale: 1000, unit: '°F' },
      { factor: 'active-power', unit: 'MW' },
      { scale: 1000, factor: 'active-power', unit: 'MW' },
      { scale: 1000, curve: { from: [4, 20], to: [0, 100] } },
      { curve: { power: { a: 2, b: 3 } }, factor: 'active-power', unit: 'kW' },
    ];
    for (const fields of beyond) {
      expect([fields, decode({ type: 'float64', ...fields }, ...huge)]).toEqual([fields, none]);
    }
  });

  it('a sentinel is no value, and what was read is kept', () => {
    expect(decode({ type: 's16', scale: 0.1, sentinels: [0x7fff, -32768] }, 0x8000)).toEqual({
      raw: -32768,
      value: null,
      reason: 'sentinel',
    });
  });

  it('a sentinel is compared before scale and offset', () => {
    expect(decode({ type: 'u16', scale: 0.1, sentinels: [300] }, 3000)).toEqual({ raw: 3000, value: 300 });
  });

  it('a 64-bit number that cannot be held exactly is no value', () => {
    expect(decode({ type: 'u64' }, 0xffff, 0xffff, 0xffff, 0xfffe)).toEqual({
      raw: null,
      value: null,
      reason: 'beyond-precision',
    });
  });

  it('a zero that was measured stays a zero', () => {
    expect(decode({ type: 'u16' }, 0)).toEqual({ raw: 0, value: 0 });
  });

  it('a minus zero is a zero', () => {
    expect(decode({ type: 'float32' }, 0x8000, 0x0000)).toEqual({ raw: 0, value: 0 });
    expect(decode({ type: 'u16', scale: -0.1 }, 0)).toEqual({ raw: 0, value: 0 });
  });

  it('a meter that is wired the other way round can be turned by a negative scale', () => {
    expect(decode({ type: 's16', scale: -0.1 }, 2301).value).toBe(-230.1);
  });

  it('one bit of a status register is read alone', () => {
    expect(decode({ type: 'bit', bit: 15 }, 0x8000).value).toBe(1);
    expect(decode({ type: 'bit', bit: 14 }, 0x8000).value).toBe(0);
  });

  it('asking for registers that are not in the block is our own mistake and says which', () => {
    const point = onePoint({ type: 'u32' });
    expect(() => decodeIn(point, Uint16Array.of(1), 100)).toThrow('p: registers 100..101');
    expect(() => decodeIn(point, Uint16Array.of(1, 2, 3), 101)).toThrow(RangeError);
  });
});

describe('the data of a reply', () => {
  it('is one number a register, high byte first', () => {
    expect(unpackModbusData(4, Uint8Array.of(0x43, 0x66, 0x33, 0x34), 2)).toEqual(Uint16Array.of(0x4366, 0x3334));
  });

  it('is one number a bit, from the lowest bit of the first byte', () => {
    const bits = unpackModbusData(2, Uint8Array.of(0b1010_1100, 0b1101_1011), 10);
    expect(bits).toEqual(Uint16Array.of(0, 0, 1, 1, 0, 1, 0, 1, 1, 1));
  });

  it('is refused when it is shorter or longer than what was asked for', () => {
    expect(unpackModbusData(3, Uint8Array.of(0, 1, 0), 2)).toBeUndefined();
    expect(unpackModbusData(3, Uint8Array.of(0, 1, 0, 2, 0, 3), 2)).toBeUndefined();
    expect(unpackModbusData(1, Uint8Array.of(0, 0), 8)).toBeUndefined();
  });

  it('holds a discrete input that a point of function code 2 reads', () => {
    const point = onePoint({ functionCode: 2, register: 103, type: 'bit' });
    const block = unpackModbusData(2, Uint8Array.of(0b0000_1000), 5) ?? new Uint16Array();
    expect(decodeIn(point, block, 100)).toEqual({ raw: 1, value: 1 });
  });
});
