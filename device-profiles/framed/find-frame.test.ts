import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loopPacket } from '../../test-rigs/instruments/framed/davis-vantage.ts';
import { shdlcAnswer, winsenAnswer } from '../../test-rigs/instruments/framed/particle-sensors.ts';
import { plantowerFrame } from '../../test-rigs/instruments/framed/simulated-plantower.ts';
import { consoleReply } from '../../test-rigs/instruments/framed/veeder-root.ts';
import { loadCatalogue } from '../catalogue.ts';
import type { FramedProfile } from '../profile.ts';
import { type FrameFinding, findFrame } from './find-frame.ts';

const catalogue = loadCatalogue({ directories: [] });

function framingOf(id: string): FramedProfile['framing'] {
  const profile = catalogue.find(id)?.profile;
  if (profile?.protocol !== 'framed') throw new RangeError(`${id} has no frames of its own`);
  return profile.framing;
}

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));

/** Frames of every way to end and to sum, each by an encoder of its own. */
const kinds: [string, FramedProfile['framing'], Uint8Array][] = [
  [
    'a length field and a 16-bit sum',
    framingOf('plantower/pms5003'),
    plantowerFrame([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]),
  ],
  ['a fixed length and a negated sum', framingOf('winsen/mh-z19b'), winsenAnswer([2, 0x7c, 0x42])],
  [
    'end bytes, stuffing and an inverted sum',
    framingOf('sensirion/sps30'),
    shdlcAnswer(3, 0, [0x7e, 0x7d, 0x11, 0x13, 5]),
  ],
  [
    'a CRC-CCITT',
    framingOf('davis/vantage-pro2'),
    loopPacket({ barometer: 29.9, temperature: 68, humidity: 50, wind: 3, direction: 90, tips: 7 }),
  ],
  ['a sum in hexadecimal digits', framingOf('veeder-root/tls-us'), consoleReply('i201002611250830')],
];

/** What a stream holds when it is taken bit by bit, as a driver does. */
function walk(framing: FramedProfile['framing'], stream: Uint8Array): FrameFinding[] {
  const all: FrameFinding[] = [];
  for (let rest = stream; ; ) {
    const finding = findFrame(framing, rest);
    all.push(finding);
    if (finding.kind === 'nothing' || finding.kind === 'incomplete') return all;
    rest = rest.subarray(finding.end);
  }
}

describe.each(kinds)('a frame with %s', (_, framing, frame) => {
  test('is found whole', () => {
    expect(findFrame(framing, frame)).toMatchObject({ kind: 'frame', start: 0, end: frame.length });
  });

  test('is incomplete wherever it is cut, and never taken for one', () => {
    for (let length = 1; length < frame.length; length += 1) {
      expect([length, findFrame(framing, frame.subarray(0, length)).kind]).toEqual([length, 'incomplete']);
    }
  });

  test('is found behind junk of any kind, and behind a piece of itself', () => {
    const junk = fc.oneof(
      fc.uint8Array({ maxLength: 12 }),
      fc.nat(frame.length - 1).map((length) => frame.slice(length)),
    );
    fc.assert(
      fc.property(junk, (before) => {
        // The bytes before may begin a longer frame; then it takes a second frame to show that they do not.
        const stream = Uint8Array.from([...before, ...frame, ...frame, ...new Array(framing.longest).fill(0)]);
        const frames = walk(framing, stream).filter(({ kind }) => kind === 'frame');
        expect(frames.length).toBeGreaterThanOrEqual(1);
      }),
      { numRuns: 200 },
    );
  });

  test('is damaged by any byte that is changed', () => {
    fc.assert(
      fc.property(fc.nat(frame.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const changed = Uint8Array.from(frame, (byte, index) => (index === at ? byte ^ flip : byte));
        const found = walk(framing, changed).find((finding) => finding.kind === 'frame');
        // A head that is cut off by an escape or an end byte in the middle leaves pieces, none of which holds.
        // A digit of the sum in small letters is the same digit.
        const inCapitals = found?.kind === 'frame' ? Buffer.from(found.frame).toString('latin1').toUpperCase() : '';
        if (framing.checkSum?.written === 'hex' && inCapitals === Buffer.from(frame).toString('latin1').toUpperCase())
          return;
        expect(found).toBeUndefined();
      }),
      { numRuns: 500 },
    );
  });

  test('never makes the search fail or stand still, whatever comes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (stream) => {
        expect(walk(framing, stream).length).toBeLessThanOrEqual(stream.length + 1);
      }),
      { numRuns: 300 },
    );
  });
});

describe('the published commands', () => {
  test.each([
    ['sensirion/sps30', '7E 00 00 02 01 03 F9 7E'],
    ['sensirion/sps30', '7E 00 01 00 FE 7E'],
    ['sensirion/sps30', '7E 00 03 00 FC 7E'],
    ['sensirion/sps30', '7E 00 10 00 EF 7E'],
    ['sensirion/sps30', '7E 00 7D 31 00 EE 7E'],
    ['sensirion/sps30', '7E 00 56 00 A9 7E'],
    ['sensirion/sps30', '7E 00 D0 01 03 2B 7E'],
    ['winsen/mh-z19b', 'FF 01 86 00 00 00 00 00 79'],
    ['winsen/mh-z19b', 'FF 01 78 41 00 00 00 00 46'],
    ['winsen/mh-z19b', 'FF 01 A7 01 00 00 00 00 57'],
    ['veeder-root/tls-us', '01 39 39 39 39 46 46 31 42 03'],
  ])('of %s have the check sum that its framing says: %s', (id, command) => {
    // What is sent to an SPS30 has no state, so its length stands elsewhere.
    const { length, ...rest } = framingOf(id);
    const framing = rest.end ? rest : { ...rest, length };
    expect(findFrame(framing, bytes(command))).toMatchObject({ kind: 'frame', end: bytes(command).length });
  });

  test('of a published frame with a wrong sum nothing is believed', () => {
    const wrong = '42 4D 00 1C 00 0E 00 13 00 14 00 0E 00 13 00 14 01 5A 00 EB 00 5B 00 2E 00 0E 00 04 00 02 01 AB';
    expect(findFrame(framingOf('plantower/pms5003'), bytes(wrong))).toMatchObject({ kind: 'damaged', as: 'crc' });
  });
});

test('a byte that was sent as two is one again, and a stuffed end does not end the frame', () => {
  const finding = findFrame(framingOf('sensirion/sps30'), shdlcAnswer(3, 0, [0x7e, 0x7d, 0x11, 0x13]));
  expect(finding.kind === 'frame' && [...finding.frame.subarray(5, 9)]).toEqual([0x7e, 0x7d, 0x11, 0x13]);
});

test('an escape that means nothing is no frame', () => {
  expect(findFrame(framingOf('sensirion/sps30'), bytes('7E 00 7D 32 00 EE 7E'))).toMatchObject({ as: 'junk' });
});

test('a length field that no frame has is not waited for', () => {
  const plantower = framingOf('plantower/pms5003');
  expect(findFrame(plantower, bytes('42 4D FF FF'))).toMatchObject({ kind: 'damaged', as: 'junk', end: 1 });
});

test('an empty line moves nothing: the next one begins at its own first byte', () => {
  const lines = { end: Uint8Array.of(0x0d, 0x0a), longest: 32, idleMs: 500 };
  expect(findFrame(lines, Buffer.from('\r\n1234\r\n'))).toMatchObject({ kind: 'damaged', start: 0, end: 2 });
});

test('the tail of a line that is too long is no line', () => {
  const lines = { end: Uint8Array.of(0x0d, 0x0a), longest: 12, idleMs: 500 };
  const whole = Buffer.from('noise-noise-77777\r\n1234\r\n');
  expect(findFrame(lines, whole)).toMatchObject({ kind: 'damaged', end: 19, isUnended: false });
  const first = findFrame(lines, whole.subarray(0, 14));
  expect(first).toMatchObject({ kind: 'damaged', end: 14, isUnended: true });
});

test('bytes of the end within the data do not end a frame whose length is known', () => {
  const ended = { start: Uint8Array.of(0xaa), end: Uint8Array.of(0xab), length: 6, longest: 20, idleMs: 500 };
  expect(findFrame(ended, Uint8Array.of(0xaa, 1, 0xab, 2, 3, 0xab))).toMatchObject({ kind: 'frame', end: 6 });
  expect(findFrame(ended, Uint8Array.of(0xaa, 1, 0xab, 2, 3, 0xac))).toMatchObject({ kind: 'damaged', as: 'junk' });
  const stated = { ...ended, length: { byte: 1, type: 'u8', plus: 2 } } as const;
  expect(findFrame(stated, Uint8Array.of(0xaa, 4, 0xab, 2, 3, 0xab))).toMatchObject({ kind: 'frame', end: 6 });
});

test('lines without a head end where their end bytes stand, and a damaged one is stepped over whole', () => {
  const lines = { end: Uint8Array.of(0x0d, 0x0a), longest: 32, idleMs: 500 };
  const stream = Buffer.from('12.5\r\n13.5\r\n');
  expect(findFrame(lines, stream)).toMatchObject({ kind: 'frame', start: 0, end: 6 });
  const summed = {
    ...lines,
    checkSum: { kind: 'xor', bits: 8, turned: 'as-is', from: 0, to: -5, at: -4, written: 'hex' },
  } as const;
  expect(findFrame(summed, Buffer.from('AB03\r\n'))).toMatchObject({ kind: 'frame' });
  expect(findFrame(summed, Buffer.from('AB04\r\nnext'))).toMatchObject({ kind: 'damaged', as: 'crc', end: 6 });
});
