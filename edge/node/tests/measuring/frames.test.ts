import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { loadCatalogue } from '../../../../device-profiles/catalogue.ts';
import { findFrame } from '../../../../device-profiles/framed/find-frame.ts';
import type { FramedProfile } from '../../../../device-profiles/profile.ts';
import { plantowerFrame } from '../../../../test-rigs/instruments/framed/simulated-plantower.ts';
import { firmwareLanguages } from '../../../../test-rigs/surroundings/lua-machine/firmware-part.ts';
import {
  type FrameReader,
  openFrameReader,
  type Values,
} from '../../../../test-rigs/surroundings/lua-machine/measuring/frame-reader.ts';

const seed = Number(process.env.SEED ?? 20_261_126);

type Sensor = 'plantower' | 'nova';
type Make = () => FrameReader;

/** Readers of one sensor, one for each language. */
async function readersOf(sensor: Sensor): Promise<Make[]> {
  return Promise.all(firmwareLanguages.map((language) => openFrameReader(sensor, language)));
}

/** What these pieces say, the same in every language; with the frames that were sound and those that were not. */
function heard(makes: readonly Make[], pieces: readonly Uint8Array[]): { told: Values[]; good: number; bad: number } {
  const [first, ...others] = makes.map((make) => {
    const reader = make();
    for (const piece of pieces) reader.feed(piece);
    return { told: reader.told(), good: reader.good(), bad: reader.bad() };
  });
  for (const other of others) expect(other).toEqual(first);
  return first as NonNullable<typeof first>;
}

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));
const joined = (parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts));

function novaFrame(kind: 0xc0 | 0xcf, first: number, second: number, id = 0x60a1): Uint8Array {
  const data = [first, second, id].flatMap((word) => [word & 255, word >> 8]);
  return Uint8Array.from([0xaa, kind, ...data, data.reduce((sum, byte) => sum + byte, 0) & 255, 0xab]);
}

const plantowerReaders = await readersOf('plantower');
const novaReaders = await readersOf('nova');

describe("the gateway's own captures of the same sensors", () => {
  interface Capture {
    id: string;
    frame: string;
    expect: Record<string, number | 'warm-up'>;
  }
  const columns = { plantower: ['pm1', 'pm2.5', 'pm10'], nova: ['pm2.5', 'pm10', 'tsp'] };
  const files = ['plantower/pms5003', 'plantower/pms3003', 'plantower/pms5003t', 'nova/sds011', 'nova/sds198'];
  const captures = files.flatMap((file) => {
    const path = join(import.meta.dirname, `../../../../device-profiles/${file}.captures.yaml`);
    return (parse(readFileSync(path, 'utf8')).captures as Capture[]).map((capture) => [file, capture] as const);
  });

  test.each(captures.map(([file, capture]) => [file, capture.id, capture] as const))(
    '%s, %s: the node reads what the profile reads',
    (file, _, { frame, expect: expected }) => {
      const sensor = file.split('/')[0] as Sensor;
      const tenths = columns[sensor].map((point) => {
        const value = expected[point];
        return typeof value === 'number' ? Math.round(value * 10) : undefined;
      });
      const made = sensor === 'nova' ? novaReaders : plantowerReaders;
      expect(heard(made, [bytes(frame)])).toEqual({ told: [tenths], good: 1, bad: 0 });
    },
  );

  test('are seven', () => expect(captures).toHaveLength(7));
});

const dusty = plantowerFrame([85, 132, 150, 61, 97, 118, 12_345, 3602, 701, 66, 9, 2]);
const clean = plantowerFrame([0, 8, 8, 0, 8, 8, 210, 70, 45, 30, 0, 0]);
const dustyTenths = [610, 970, 1180];
const cleanTenths = [0, 80, 80];

describe('a Plantower', () => {
  test('is read byte by byte as it is read whole', () => {
    const single = Array.from(dusty, (byte) => Uint8Array.of(byte));
    expect(heard(plantowerReaders, single)).toEqual({ told: [dustyTenths], good: 1, bad: 0 });
  });

  test('two frames in one piece are two', () => {
    expect(heard(plantowerReaders, [joined([dusty, clean])]).told).toEqual([dustyTenths, cleanTenths]);
  });

  test('a frame behind half a one is read, and the half is one bad', () => {
    const pieces = [dusty.slice(0, 16), clean, clean, clean];
    expect(heard(plantowerReaders, pieces)).toEqual({ told: [cleanTenths, cleanTenths, cleanTenths], good: 3, bad: 0 });
    expect(heard(plantowerReaders, [...pieces, dusty.slice(16)]).bad).toBe(1);
  });

  test('its head within its data is data', () => {
    const tricky = plantowerFrame([0x424d, 28, 0x424d, 0x424d, 28, 0x424d, 0x1c42, 0x4d00, 0x1c42, 1, 2, 3]);
    const told = [[0x424d * 10, 280, 0x424d * 10]];
    expect(heard(plantowerReaders, [tricky])).toEqual({ told, good: 1, bad: 0 });
    // Entered in the middle, where such a head comes first, the frame after it is still found.
    expect(heard(plantowerReaders, [tricky.slice(9), clean, dusty]).told).toEqual([cleanTenths, dustyTenths]);
  });

  test('a frame beside an error code is sound and says no value', () => {
    const faulty = Uint8Array.from(dusty);
    faulty[29] = 1;
    faulty[31] = (dusty[31] ?? 0) + 1;
    expect(heard(plantowerReaders, [faulty])).toEqual({ told: [[undefined, undefined, undefined]], good: 1, bad: 0 });
  });

  test('no dust at all counts as a measurement while particles are counted', () => {
    expect(heard(plantowerReaders, [plantowerFrame([0, 0, 0, 0, 0, 0, 3, 1, 0, 0, 0, 0])]).told).toEqual([[0, 0, 0]]);
  });

  test('any byte that is changed takes the whole frame away', () => {
    fc.assert(
      fc.property(fc.nat(31), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const changed = Uint8Array.from(dusty, (byte, index) => (index === at ? byte ^ flip : byte));
        expect(heard(plantowerReaders, [changed, clean]).told).toEqual([cleanTenths]);
      }),
      { seed, numRuns: 100 },
    );
  });
});

describe('a Nova', () => {
  test('two kinds of sensor have columns of their own', () => {
    const told = [
      [1236, 2618, undefined],
      [undefined, undefined, 160],
    ];
    expect(heard(novaReaders, [novaFrame(0xc0, 1236, 2618), novaFrame(0xcf, 14, 16, 0x05e9)]).told).toEqual(told);
  });

  test('the answer to a command is no reading', () => {
    const answer = bytes('AA C5 07 01 01 10 01 A1 60 1A AB');
    expect(heard(novaReaders, [answer, novaFrame(0xc0, 5, 7)]).told).toEqual([[5, 7, undefined]]);
  });

  test('any byte that is changed takes the whole frame away, but for those of its number', () => {
    fc.assert(
      fc.property(fc.nat(9), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const frame = novaFrame(0xc0, 1236, 2618);
        const changed = Uint8Array.from(frame, (byte, index) => (index === at ? byte ^ flip : byte));
        // The kind stands outside the sum: C0 turned into CF is an SDS198's frame.
        fc.pre(!(at === 1 && changed[1] === 0xcf));
        expect(heard(novaReaders, [changed, novaFrame(0xc0, 5, 7)]).told).toEqual([[5, 7, undefined]]);
      }),
      { seed, numRuns: 100 },
    );
  });
});

/** Frames of all lengths, some of them damaged, and junk between them. */
function streams(frame: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array[]> {
  const damaged = fc
    .tuple(frame, fc.nat(39), fc.nat(255), fc.constantFrom('change', 'lose', 'double', 'cut'))
    .map(([whole, place, byte, how]) => {
      const at = place % whole.length;
      if (how === 'change') return Uint8Array.from(whole, (old, index) => (index === at ? byte : old));
      if (how === 'cut') return whole.slice(0, at);
      const middle = how === 'lose' ? [] : [whole[at] ?? 0, byte];
      return Uint8Array.from([...whole.slice(0, at), ...middle, ...whole.slice(at + 1)]);
    });
  const junk = fc.oneof(fc.uint8Array({ maxLength: 50 }), fc.constantFrom(bytes('42 4D 00 1C'), bytes('AA C0 AA')));
  return fc.array(
    fc.oneof({ weight: 4, arbitrary: frame }, { weight: 2, arbitrary: damaged }, { weight: 1, arbitrary: junk }),
    {
      maxLength: 12,
    },
  );
}

/** The bytes in pieces of any size. */
function cut(stream: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0, index = 0; at < stream.length; index += 1) {
    const size = sizes[index % sizes.length] ?? 1;
    pieces.push(stream.slice(at, at + size));
    at += size;
  }
  return pieces;
}

const catalogue = loadCatalogue({ directories: [] });

/** The sound frames that the gateway's own reader finds in the bytes, in order. */
function gatewayFinds(profile: string, stream: Uint8Array): Uint8Array[] {
  const known = catalogue.find(profile);
  if (known === undefined) throw new RangeError(`there is no profile ${profile}`);
  const { framing } = known.profile as FramedProfile;
  const frames: Uint8Array[] = [];
  for (let rest = stream; ; ) {
    const finding = findFrame(framing, rest);
    if (finding.kind === 'nothing' || finding.kind === 'incomplete') return frames;
    if (finding.kind === 'frame') frames.push(finding.frame);
    rest = rest.subarray(finding.end);
  }
}

/** By its own bytes alone, reckoned apart from the firmware. */
function isSoundNova(window: Uint8Array): boolean {
  const sum = window.slice(2, 8).reduce((total, byte) => total + byte, 0) & 255;
  return window[0] === 0xaa && (window[1] === 0xc0 || window[1] === 0xcf) && window[8] === sum && window[9] === 0xab;
}

/** Enough of nothing to show that what stands before it is no frame. */
const silence = new Uint8Array(48);

describe('whatever comes over the line', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 70 }), { minLength: 1, maxLength: 6 });

  test('a Plantower says what the gateway finds in the same bytes, however they are cut', () => {
    const word = fc.oneof(fc.nat(65_535), fc.constantFrom(0, 0x424d, 0x001c));
    const frame = fc.array(word, { minLength: 12, maxLength: 12 }).map((numbers) => plantowerFrame(numbers));
    let sound = 0;
    fc.assert(
      fc.property(streams(frame), sizes, (parts, pieces) => {
        const stream = joined([...parts, silence]);
        const found = gatewayFinds('plantower/pms5003', stream).filter(({ length }) => [24, 32, 40].includes(length));
        const { told, good } = heard(plantowerReaders, cut(stream, pieces));
        sound += good;
        const view = (one: Uint8Array) => new DataView(one.buffer, one.byteOffset);
        expect(told).toEqual(
          found.map((one) => {
            const isZero = one.slice(10, one.length > 24 ? 24 : 16).every((byte) => byte === 0);
            const hasNone = isZero || (one.length === 32 && one[29] !== 0);
            return [10, 12, 14].map((at) => (hasNone ? undefined : view(one).getUint16(at) * 10));
          }),
        );
      }),
      { seed, numRuns: 150 },
    );
    expect(sound).toBeGreaterThan(300);
  });

  test('a Nova says what the gateway finds in the same bytes, however they are cut', () => {
    const word = fc.oneof(fc.nat(65_535), fc.constantFrom(0xc0aa, 0xabab, 0xaaaa));
    const frame = fc.tuple(word, word, word).map(([a, b, id]) => novaFrame(0xc0, a, b, id));
    let sound = 0;
    fc.assert(
      fc.property(streams(frame), sizes, (parts, pieces) => {
        const stream = joined([...parts, silence]);
        // The framing of both Novas is one; what kind a frame is stands in its second byte, its end in its last.
        const { told, good } = heard(novaReaders, cut(stream, pieces));
        sound += good;
        const values = gatewayFinds('nova/sds011', stream)
          .filter((one) => one[1] === 0xc0 && one[9] === 0xab)
          .map((one) => [2, 4].map((at) => new DataView(one.buffer, one.byteOffset).getUint16(at, true)));
        const fine = told.filter(([first]) => first !== undefined).map((one) => one.slice(0, 2));
        // The gateway steps over ten bytes that sum up but do not end; the node looks on within them.
        expect(fine.length).toBeGreaterThanOrEqual(values.length);
        for (const value of values) expect(fine).toContainEqual(value);
        const sounds = Array.from(stream, (_, at) => stream.slice(at, at + 10)).filter(isSoundNova);
        for (const [pm25, pm10, pm100] of told) {
          expect(sounds).toContainEqual(
            expect.objectContaining(pm100 === undefined ? { 2: (pm25 ?? 0) & 255, 4: (pm10 ?? 0) & 255 } : { 1: 0xcf }),
          );
        }
      }),
      { seed, numRuns: 150 },
    );
    expect(sound).toBeGreaterThan(300);
  });

  test('hours of noise take no more memory than one frame, and no reading comes of it', async () => {
    const random = fc.sample(fc.uint8Array({ minLength: 4000, maxLength: 4000 }), { seed, numRuns: 5 });
    const noise = random.map((one) => one.map((byte) => (byte === 0x4d ? 0x4e : byte)));
    const { told, bad } = heard(plantowerReaders, noise);
    expect(told).toEqual([]);
    expect(bad).toBe(625);
  });
});
