import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dlt645Digits } from '../test-rigs/instruments/dlt645-frame.ts';
import type { Raw } from './decode.ts';
import { bytesOfFormat, decodeDlt645, planDlt645, readDlt645 } from './dlt645-values.ts';
import { type Dlt645Point, type Dlt645Profile, dlt645PointSchema, profileSchema } from './profile.ts';

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));

const pointOf = (format: string, more: object = {}): Dlt645Point =>
  dlt645PointSchema.parse({ id: 'p', factor: 'current', identifier: '02020100', format, ...more });
const read = (format: string, hex: string, more: object = {}) =>
  readDlt645({ point: pointOf(format, more), at: 0 }, bytes(hex));

describe('a value in packed BCD', () => {
  it.each([
    ['XXX.X', '03 23', {}, 230.3],
    ['XXX.X', '00 00', {}, 0],
    ['XXX.XXX', '99 49 00', { signed: true }, 4.999],
    ['XXX.XXX', '50 12 80', { signed: true }, -1.25],
    ['XX.XXXX', '00 60 03', { signed: true }, 3.6],
    ['XX.XXXX', '01 00 80', { signed: true }, -0.0001],
    ['X.XXX', '98 09', { signed: true }, 0.998],
    ['XXXXXX.XX', '64 02 75 00', {}, 7502.64],
    ['XXXXXX.XX', '99 99 99 99', {}, 999_999.99],
    ['XXX', '00 01', {}, 100],
  ])('%s of %s is read digit by digit', (format, hex, more, expected) => {
    expect(read(format, hex, more)).toBe(expected);
  });

  it('that is FF in every byte is a phase that is not there', () => {
    expect(read('XXX.X', 'FF FF')).toBeNull();
    expect(read('XXX.XXX', 'FF FF FF', { signed: true })).toBeNull();
  });

  it.each([
    ['a digit above 9', 'XXX.X', '0E 23', {}, '230e'],
    ['a digit above 9 in one half', 'XXX.X', 'FF 23', {}, '23ff'],
    ['a sign where none is meant', 'XXX.XXX', '00 00 A0', {}, 'a00000'],
    ['a digit above 9 beside a sign', 'XXX.XXX', '0A 00 80', { signed: true }, '00000a'],
    ['more digits than the format has', 'XXX', '00 12', {}, '1200'],
  ])('with %s is no number but the text that it is', (_, format, hex, more, text) => {
    expect(read(format, hex, more)).toBe(text);
  });

  it('of any size comes back as it was written', () => {
    const written = fc.record({
      whole: fc.integer({ min: 0, max: 999 }),
      part: fc.integer({ min: 0, max: 999 }),
      minus: fc.boolean(),
    });
    fc.assert(
      fc.property(written, ({ whole, part, minus }) => {
        // The sign takes the place of 800 and more.
        const text = `${minus ? '-' : ''}${minus ? whole % 800 : whole}.${`${part}`.padStart(3, '0')}`;
        const sent = dlt645Digits(text, 3);
        expect(Number(read('XXX.XXX', sent, { signed: minus })) + 0).toBe(Number(text) + 0);
      }),
    );
  });

  it('of any bytes is a number below what the format can hold, a text or absent, and never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 3, maxLength: 3 }), fc.boolean(), (some, signed) => {
        const raw = readDlt645({ point: pointOf('XXX.XXX', { signed }), at: 0 }, some);
        if (typeof raw === 'number') expect(Math.abs(raw)).toBeLessThan(1000);
        else expect(raw === null || /[a-f]/.test(String(raw))).toBe(true);
      }),
    );
  });
});

describe('the values and requests of a meter', () => {
  const profile = profileSchema.parse({
    profile: 'test/meter',
    name: { zh: '测试', en: 'Test' },
    sources: ['made up for a test'],
    confidence: 'C',
    protocol: 'dlt645',
    edition: 2007,
    serial: { default: '2400-8E1' },
    blocks: [
      { identifier: '0201FF00', holds: ['02010100', '02010200', '02010300'] },
      { identifier: '0202FF00', holds: ['02020100', '02020200', '02020300'] },
    ],
    points: [
      { id: 'ua', factor: 'voltage-a', identifier: '02010100', format: 'XXX.X' },
      { id: 'ub', factor: 'voltage-b', identifier: '02010200', format: 'XXX.X' },
      { id: 'uc', factor: 'voltage-c', identifier: '02010300', format: 'XXX.X' },
      { id: 'ia', factor: 'current-a', identifier: '02020100', format: 'XXX.XXX', signed: true },
      { id: 'e', factor: 'energy-import', identifier: '00010000', format: 'XXXXXX.XX', cadence: 'slow' },
    ],
  }) as Dlt645Profile;
  it('mean numbers in the unit of the factor; what is absent, or no number, has no value and says why', () => {
    const raws = new Map<string, Raw | null>([
      ['ua', 230.3],
      ['ub', null],
      ['ia', '00000a'],
    ]);
    expect([...decodeDlt645(profile, profile.points, raws)]).toEqual([
      ['ua', { raw: 230.3, value: 230.3 }],
      ['ia', { raw: null, value: null, reason: 'not-a-number' }],
      ['ub', { raw: null, value: null, reason: 'sentinel' }],
    ]);
  });

  const plan = (...ids: string[]) =>
    planDlt645(
      profile,
      profile.points.filter(({ id }) => ids.includes(id)),
    ).map(({ identifier, fields, length, cadence }) => [
      identifier,
      cadence,
      length,
      ...fields.map(({ point, at }) => `${point.id}@${at}`),
    ]);

  it('are a block where two of its values are wanted, and one by one where the block is not all known', () => {
    expect(plan('ua', 'ub', 'uc', 'ia', 'e')).toEqual([
      ['0201FF00', 'fast', 6, 'ua@0', 'ub@2', 'uc@4'],
      ['02020100', 'fast', 3, 'ia@0'],
      ['00010000', 'slow', 4, 'e@0'],
    ]);
  });

  it('leave out of a block what is not wanted, at its right place', () => {
    expect(plan('ua', 'uc')).toEqual([['0201FF00', 'fast', 6, 'ua@0', 'uc@4']]);
  });

  it('of a single wanted value of a block are that value', () => {
    expect(plan('uc')).toEqual([['02010300', 'fast', 2, 'uc@0']]);
  });

  it('know what to ask one by one when the block is refused', () => {
    expect(planDlt645(profile)[0]?.apart.map(({ identifier }) => identifier)).toEqual([
      '02010100',
      '02010200',
      '02010300',
    ]);
  });

  it.each([
    ['XXX.X', 2],
    ['XXX', 2],
    ['XX.XXXX', 3],
    ['XXXXXX.XX', 4],
  ])('a value %s takes %i bytes', (format, count) => {
    expect(bytesOfFormat({ format })).toBe(count);
  });
});
