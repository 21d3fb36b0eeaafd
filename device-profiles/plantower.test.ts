import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadCatalogue } from './catalogue.ts';
import { decodePlantowerFrame, plantowerChecksumHolds, plantowerFrameLength } from './plantower.ts';
import { type PlantowerProfile, profileSchema } from './profile.ts';

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));

const published = bytes(
  '42 4D 00 1C 00 00 00 08 00 08 00 00 00 08 00 08 00 D2 00 46 00 2D 00 1E 00 00 00 00 97 00 02 C5',
);
const publishedWithWrongSum = bytes(
  '42 4D 00 1C 00 0E 00 13 00 14 00 0E 00 13 00 14 01 5A 00 EB 00 5B 00 2E 00 0E 00 04 00 02 01 AB',
);

function pms5003(): PlantowerProfile {
  const profile = loadCatalogue({ directories: [] }).find('plantower/pms5003')?.profile;
  if (profile?.protocol !== 'plantower') throw new Error('plantower/pms5003 is not in the catalogue');
  return profile;
}

/** A frame built from its words, with the sum taken over the text of the bytes: no code shared with the decoder. */
function frameOf(words: readonly number[]): Uint8Array {
  const hex = `424d001c${words.map((word) => word.toString(16).padStart(4, '0')).join('')}`;
  const sum = (hex.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16)).reduce((a, b) => a + b, 0) % 65536;
  return bytes(hex + sum.toString(16).padStart(4, '0'));
}

describe('a Plantower frame', () => {
  it('tells its length in its first four bytes', () => {
    expect(plantowerFrameLength(bytes('42 4D 00 14'))).toBe(24);
    expect(plantowerFrameLength(published)).toBe(32);
    expect(plantowerFrameLength(bytes('FF 42 4D 00 24'), 1)).toBe(40);
  });

  it.each(['42 4D 00', '42 4D 00 1D', '42 4D 01 1C', '42 4D FF FF', '4D 42 00 1C', '42 4D 00 04'])(
    'does not begin with %s',
    (header) => expect(plantowerFrameLength(bytes(header))).toBeUndefined(),
  );

  it('is believed only with the right sum', () => {
    expect(plantowerChecksumHolds(published)).toBe(true);
    expect(plantowerChecksumHolds(publishedWithWrongSum)).toBe(false);
    expect(plantowerChecksumHolds(bytes('42 4D 00 8F'))).toBe(false);
  });

  it('of a PMS3003 with 24 bytes has its sum at the end too', () => {
    expect(plantowerChecksumHolds(bytes(`42 4D 00 14 ${'00 '.repeat(16)}00 51 00 F4`))).toBe(true);
  });

  it('gives the masses for the open air, and the counts per litre', () => {
    const decoded = decodePlantowerFrame(pms5003(), published);
    expect(decoded.get('pm2.5')).toEqual({ raw: 8, value: 8 });
    expect(decoded.get('pm1')).toEqual({ raw: 0, value: 0 });
    expect(decoded.get('particles-0.3')).toEqual({ raw: 210, value: 2100 });
  });

  it('with nothing but zeros comes from a sensor that warms up: no point has a value', () => {
    const decoded = decodePlantowerFrame(pms5003(), frameOf([...Array(12).fill(0), 0x9700]));
    expect([...decoded.values()]).toEqual(Array(9).fill({ raw: 0, value: null, reason: 'warm-up' }));
  });

  it('with a single particle, be it the last one counted, is a measurement, zeros and all', () => {
    const decoded = decodePlantowerFrame(pms5003(), frameOf([...Array(11).fill(0), 1, 0x9700]));
    expect(decoded.get('pm10')).toEqual({ raw: 0, value: 0 });
    expect(decoded.get('particles-10')).toEqual({ raw: 1, value: 10 });
  });

  it('gives back every value that was put in', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 0xffff }), { minLength: 13, maxLength: 13 }), (words) => {
        const frame = frameOf(words);
        expect(plantowerChecksumHolds(frame)).toBe(true);
        const values = [...decodePlantowerFrame(pms5003(), frame).values()].map(({ raw }) => raw);
        expect(values).toEqual(words.slice(3, 12));
      }),
      { numRuns: 50 },
    );
  });

  it('reads signed words and single bytes where the profile says so', () => {
    const pms = pms5003();
    const profile = profileSchema.parse({
      ...pms,
      serial: { default: '9600-8N1' },
      points: [
        { id: 'temperature', factor: 'temperature', byteOffset: 24, type: 's16', scale: 0.1 },
        { id: 'pm1', factor: 'pm1', byteOffset: 28, type: 'u8' },
      ],
    });
    if (profile.protocol !== 'plantower') throw new Error('the test profile is no particle sensor');
    const decoded = decodePlantowerFrame(profile, frameOf([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff9b, 0, 0x9700]));
    expect(decoded.get('temperature')).toEqual({ raw: -101, value: -10.1 });
    expect(decoded.get('pm1')).toEqual({ raw: 0x97, value: 0x97 });
  });

  it('of another length than the profile states is our own mistake', () => {
    expect(() => decodePlantowerFrame(pms5003(), published.subarray(0, 24))).toThrow('this one has 24');
  });
});
