import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dlt645Frame } from '../test-rigs/instruments/dlt645-frame.ts';
import { publishedFrames as published, wrongFrames as wrong } from '../test-rigs/instruments/published-dlt645.ts';
import {
  anyDlt645Address,
  type Dlt645Question,
  encodeDlt645,
  findDlt645Frame,
  judgeDlt645,
  longestDlt645Frame,
  wakeBytesBefore,
} from './dlt645.ts';

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
const hex = (data: Uint8Array): string => Buffer.from(data).toString('hex').toUpperCase();
const joined = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));

describe('a published DL/T 645 frame', () => {
  it.each(published)('%s is understood', (_, text, wakeBytes, address, control, data) => {
    const stream = bytes(text);
    const found = findDlt645Frame(stream);
    expect(found).toMatchObject({ kind: 'frame', start: wakeBytes, end: stream.length });
    expect(wakeBytesBefore(stream, wakeBytes)).toBe(wakeBytes);
    if (found.kind !== 'frame') throw new Error('not reached');
    expect([found.frame.address, found.frame.control, hex(found.frame.data)]).toEqual([address, control, data]);
  });

  it.each(published)(
    '%s is what the encoder of the rigs makes of its parts',
    (_, text, wakeBytes, address, control, data) => {
      expect(hex(dlt645Frame({ address, control: control.toString(16), data, wakeBytes }))).toBe(hex(bytes(text)));
    },
  );

  it.each(wrong)('with a wrong check sum is not believed: %s', (_, text) => {
    expect(findDlt645Frame(bytes(text)).kind).not.toBe('frame');
  });
});

describe('a question', () => {
  const meter = '000000000161';
  it.each<[string, Dlt645Question, number, string]>([
    ['D1', { ask: 'data', edition: 2007, address: meter, identifier: '00010000' }, 0, published[0]?.[1] ?? ''],
    ['D3', { ask: 'data', edition: 2007, address: meter, identifier: '02010100' }, 0, published[2]?.[1] ?? ''],
    [
      'D40, of whatever meter there is',
      { ask: 'data', edition: 2007, address: anyDlt645Address, identifier: '02010100' },
      0,
      '68 AA AA AA AA AA AA 68 11 04 33 34 34 35 B1 16',
    ],
    ['D14, for its address', { ask: 'address' }, 0, '68 AA AA AA AA AA AA 68 13 00 DF 16'],
    [
      'of the 1997 edition, public code',
      { ask: 'data', edition: 1997, address: anyDlt645Address, identifier: '9010' },
      4,
      'FE FE FE FE 68 AA AA AA AA AA AA 68 01 02 43 C3 D5 16',
    ],
    [
      'of the 1997 edition, ASDU-LS manual',
      { ask: 'data', edition: 1997, address: '000000000003', identifier: 'B611' },
      0,
      '68 03 00 00 00 00 00 68 01 02 44 E9 03 16',
    ],
  ])('%s is the bytes that were published', (_, question, wakeBytes, text) => {
    expect(hex(encodeDlt645(question, wakeBytes))).toBe(hex(bytes(text)));
  });

  it('for a further part carries its number behind the identifier', () => {
    const question = { ask: 'data', edition: 2007, address: meter, identifier: '0000FF00', sequence: 2 } as const;
    expect(hex(encodeDlt645(question, 1))).toBe(
      hex(dlt645Frame({ address: meter, control: '12', data: '00FF000002', wakeBytes: 1 })),
    );
  });

  it('is only ever one of the reading functions 11H, 12H, 13H and 01H', () => {
    const questions = fc.oneof(
      fc.constant<Dlt645Question>({ ask: 'address' }),
      fc.record({
        ask: fc.constant('data' as const),
        edition: fc.constantFrom(2007 as const, 1997 as const),
        address: fc.stringMatching(/^\d{12}$/),
        identifier: fc.stringMatching(/^[0-9A-F]{8}$/),
        sequence: fc.integer({ min: 1, max: 255 }),
      }),
    );
    fc.assert(
      fc.property(questions, fc.integer({ min: 0, max: 8 }), (question, wakeBytes) => {
        expect([0x11, 0x12, 0x13, 0x01]).toContain(encodeDlt645(question, wakeBytes)[wakeBytes + 8]);
      }),
    );
  });
});

const question = { ask: 'data', edition: 2007, address: '000000000161', identifier: '02010100' } as const;
const answerTo = (parts: Partial<Parameters<typeof dlt645Frame>[0]>): Uint8Array =>
  dlt645Frame({ address: question.address, control: '91', data: '000101020323', ...parts });

function judged(stream: Uint8Array, asked: Dlt645Question = question): unknown {
  const found = findDlt645Frame(stream);
  if (found.kind !== 'frame') return found.kind;
  const answer = judgeDlt645(found.frame, asked);
  return answer.kind === 'data' ? hex(answer.data) : answer.kind;
}

describe('what comes after a question', () => {
  it.each<[string, Uint8Array, unknown]>([
    ['its answer', answerTo({}), '0323'],
    ['its answer behind wake bytes', answerTo({ wakeBytes: 7 }), '0323'],
    ['its answer behind noise that begins like a frame', joined(bytes('00 68 FF 68 01 02'), answerTo({})), '0323'],
    [
      'its answer behind a head that never ends',
      joined(bytes('68 00 00 00 00 00 00 68 91 FF 33'), answerTo({})),
      '0323',
    ],
    ['its own echo', encodeDlt645(question, 0), 'foreign-function'],
    ['an answer of another meter', answerTo({ address: '000000000162' }), 'foreign-meter'],
    ['an answer of another function', answerTo({ control: '93' }), 'foreign-function'],
    ['an answer of another identifier', answerTo({ data: '000201020323' }), 'foreign-function'],
    ['an answer without an identifier', answerTo({ data: '0001' }), 'foreign-length'],
    ['a refusal', answerTo({ control: 'D1', data: '02' }), 'refusal'],
    ['a refusal that does not say why', answerTo({ control: 'D1', data: '' }), 'foreign-length'],
    ['a wrong check sum', answerTo({ wrongBy: 1 }), 'damaged'],
    ['an answer that lacks its end', answerTo({}).subarray(0, -1), 'incomplete'],
    ['an answer whose last byte is not 16H', Uint8Array.from([...answerTo({}).subarray(0, -1), 0x17]), 'damaged'],
    ['noise', bytes('00 FF FE FE 12'), 'nothing'],
    ['nothing', bytes(''), 'nothing'],
  ])('%s is told apart', (_, stream, expected) => {
    expect(judged(stream)).toBe(expected);
  });

  it('a further part counts only with the sequence number that was asked for', () => {
    const asked = { ...question, identifier: '0000FF00', sequence: 2 };
    const part = (sequence: string): Uint8Array => answerTo({ control: 'B2', data: `00FF0000112233${sequence}` });
    expect(judged(part('02'), asked)).toBe('112233');
    expect(judged(part('01'), asked)).toBe('foreign-function');
  });

  it('every meter answers to wildcards, each to its own digits', () => {
    expect(judged(answerTo({}), { ...question, address: anyDlt645Address })).toBe('0323');
    expect(judged(answerTo({}), { ...question, address: 'AAAAAAAA0161' })).toBe('0323');
    expect(judged(answerTo({}), { ...question, address: 'AAAAAAAA0162' })).toBe('foreign-meter');
  });

  it('an address that is not decimal is none', () => {
    const asked = { ask: 'address' } as const;
    expect(judged(answerTo({ control: '93', data: '610100000000' }), asked)).toBe('address');
    expect(judged(answerTo({ control: '93', data: '6E0100000000' }), asked)).toBe('foreign-function');
    expect(judged(answerTo({ control: '93', data: '61010000' }), asked)).toBe('foreign-length');
  });
});

describe('any bytes at all', () => {
  const noise = fc.uint8Array({ maxLength: 300 });

  it('never throw, and what is found lies within them', () => {
    fc.assert(
      fc.property(noise, (stream) => {
        const found = findDlt645Frame(stream);
        if (!('start' in found)) return;
        expect(stream[found.start]).toBe(0x68);
        if ('end' in found) expect(found.end).toBeLessThanOrEqual(stream.length);
        if (found.kind === 'frame') judgeDlt645(found.frame, question);
      }),
    );
  });

  it('around an answer do not hide it', () => {
    const quiet = fc.uint8Array({ maxLength: 60 }).map((some) => some.filter((byte) => byte !== 0x68));
    fc.assert(
      fc.property(quiet, quiet, (before, after) => {
        expect(judged(joined(before, answerTo({}), after))).toBe('0323');
      }),
    );
  });

  it('in whatever pieces give the same frame, at its last byte and not before', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 7 }), fc.integer({ min: 1, max: 40 }), (wakeBytes, cut) => {
        const stream = answerTo({ wakeBytes });
        const piece = stream.subarray(0, Math.min(cut, stream.length - 1));
        expect(findDlt645Frame(piece).kind).not.toBe('frame');
        expect(judged(stream)).toBe('0323');
      }),
    );
  });

  it('put in place of any byte of a published frame never make another value of it', () => {
    fc.assert(
      fc.property(fc.constantFrom(...published), fc.nat(), fc.integer({ min: 1, max: 255 }), (frame, place, by) => {
        const [, text, wakeBytes, address] = frame;
        const stream = bytes(text);
        const at = wakeBytes + (place % (stream.length - wakeBytes));
        stream[at] = (stream[at] ?? 0) ^ by;
        const found = findDlt645Frame(stream);
        // One changed byte always changes the sum, so no whole frame of that meter is left.
        expect(found.kind === 'frame' && found.frame.address === address).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });

  it('make frames of at most 267 bytes', () => {
    expect(longestDlt645Frame).toBe(267);
    const oversized = dlt645Frame({ address: '000000000001', control: '91', data: '00'.repeat(255) });
    expect(findDlt645Frame(oversized)).toMatchObject({ kind: 'frame', end: 267 });
  });
});
