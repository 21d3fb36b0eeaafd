import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { modbusTcpFrame, rtuFrame } from '../../../test-rigs/instruments/simulated-modbus-slave.ts';
import {
  beginsAnswer,
  encodeRtu,
  encodeTcp,
  findRtu as findAnswer,
  firstTcpFrame,
  judgeTcpFrame,
  type ModbusRead,
} from './modbus-framing.ts';

const bytes = (hex: string): Uint8Array => Uint8Array.from(hex.split(' '), (byte) => Number.parseInt(byte, 16));
const joined = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));

const holding: ModbusRead = { address: 1, functionCode: 3, start: 500, count: 2 };
const answer = rtuFrame(1, [3, 4, 0x12, 0x34, 0x56, 0x78]);
const findRtu = (received: Uint8Array, read = holding) => findAnswer(received, read, encodeRtu(read));

describe('RTU requests', () => {
  test.each<[string, ModbusRead, string]>([
    ['the three voltages of an SDM630', { address: 1, functionCode: 4, start: 0, count: 6 }, '01 04 00 00 00 06 70 08'],
    ['the total power of an SDM630', { address: 1, functionCode: 4, start: 0x34, count: 2 }, '01 04 00 34 00 02 30 05'],
    ['a Renke station', { address: 1, functionCode: 3, start: 500, count: 16 }, '01 03 01 F4 00 10 04 08'],
    ['JXCT wind speed', { address: 1, functionCode: 3, start: 0x16, count: 1 }, '01 03 00 16 00 01 65 CE'],
  ])('%s is asked for as published', (_, read, hex) => {
    expect([...encodeRtu(read)]).toEqual([...bytes(hex)]);
  });

  test.each([1, 2, 3, 4] as const)('function code %i carries start and count high byte first', (functionCode) => {
    const request = encodeRtu({ address: 17, functionCode, start: 0x1234, count: 0x0102 });
    expect([...request]).toEqual([...rtuFrame(17, [functionCode, 0x12, 0x34, 0x01, 0x02])]);
  });
});

describe('RTU answers', () => {
  test.each<[ModbusRead['functionCode'], number, number[]]>([
    [1, 10, [0b1010_1010, 0b11]],
    [2, 8, [0b0000_1111]],
    [3, 2, [0x12, 0x34, 0x56, 0x78]],
    [4, 1, [0xff, 0xfe]],
  ])('function code %i: the data comes out as sent', (functionCode, count, data) => {
    const read = { address: 9, functionCode, start: 0, count };
    const frame = rtuFrame(9, [functionCode, data.length, ...data]);
    expect(findRtu(frame, read)).toMatchObject({ kind: 'answer', start: 0, end: frame.length });
    expect([...(findRtu(frame, read) as { data: Uint8Array }).data]).toEqual(data);
  });

  test('an answer cut at any byte is not an answer yet', () => {
    for (let length = 0; length < answer.length; length += 1) {
      expect(findRtu(answer.subarray(0, length)).kind, `${length} bytes`).toBe('incomplete');
    }
  });

  test('an answer behind junk is found, and the junk is counted', () => {
    expect(findRtu(joined(bytes('00 FF 01 03'), answer))).toMatchObject({ kind: 'answer', start: 4, end: 13 });
  });

  test('junk that looks like the head of the answer does not hide the answer behind it', () => {
    expect(findRtu(joined(bytes('01 03 04'), answer))).toMatchObject({ kind: 'answer', start: 3 });
  });

  test('a flipped bit anywhere leaves no answer', () => {
    for (let at = 0; at < answer.length * 8; at += 1) {
      const damaged = answer.slice();
      damaged[at >> 3] = (damaged[at >> 3] ?? 0) ^ (1 << (at & 7));
      expect(['answer', 'exception'], `bit ${at}`).not.toContain(findRtu(damaged).kind);
    }
  });

  test('a whole answer with a wrong check sum is damaged', () => {
    const damaged = answer.slice();
    damaged[4] = 0;
    expect(findRtu(damaged)).toMatchObject({ kind: 'damaged', start: 0, end: 9 });
  });

  test('a refusal carries its exception code', () => {
    expect(findRtu(rtuFrame(1, [0x83, 2]))).toEqual({ kind: 'exception', start: 0, end: 5, code: 2 });
  });

  test.each([
    ['another slave', rtuFrame(2, [3, 4, 1, 2, 3, 4]), 'foreign-slave'],
    ['another function', rtuFrame(1, [4, 4, 1, 2, 3, 4]), 'foreign-function'],
    ['another length', rtuFrame(1, [3, 2, 1, 2]), 'foreign-length'],
    ['the refusal of another function', rtuFrame(1, [0x84, 2]), 'foreign-function'],
    ["another master's request", rtuFrame(5, [3, 0, 0, 0, 2]), 'foreign-slave'],
    ['a write to another slave', rtuFrame(5, [16, 0, 0, 0, 2]), 'foreign-slave'],
  ])('a valid frame of %s is told apart', (_, frame, kind) => {
    expect(findRtu(frame)).toEqual({ kind, start: 0, end: frame.length });
  });

  test('a foreign frame is stepped over whole, even if it contains the very answer', () => {
    const foreign = rtuFrame(2, [3, answer.length, ...answer]);
    expect(findRtu(foreign)).toEqual({ kind: 'foreign-slave', start: 0, end: foreign.length });
  });

  test('our own request coming back is known as an echo', () => {
    const request = encodeRtu(holding);
    expect(findRtu(joined(request, answer))).toEqual({ kind: 'echo', start: 0, end: 8 });
  });
});

describe('a slave that sends its check sum high byte first', () => {
  const swapped = (frame: Uint8Array): Uint8Array =>
    joined(frame.subarray(0, -2), Uint8Array.from(frame.subarray(-2)).reverse());

  test('is understood where the profile says so, refusals too', () => {
    const read = { ...holding, crcSwapped: true };
    expect(findRtu(swapped(answer), read)).toMatchObject({ kind: 'answer', start: 0, end: answer.length });
    expect(findRtu(swapped(rtuFrame(1, [0x83, 2])), read)).toMatchObject({ kind: 'exception', code: 2 });
    expect(findRtu(answer, read)).toMatchObject({ kind: 'answer' });
  });

  test('is not understood where it does not', () => {
    expect(findRtu(swapped(answer)).kind).toBe('damaged');
  });
});

describe('Modbus TCP', () => {
  const body = bytes('03 04 12 34 56 78');
  const frame = modbusTcpFrame(0x12, 0x34, 1, body);

  test('a request carries the number it is given', () => {
    expect([...encodeTcp(holding, 0x1234)]).toEqual([...bytes('12 34 00 00 00 06 01 03 01 F4 00 02')]);
  });

  test('a frame is cut off the stream once it is whole', () => {
    for (let length = 0; length < frame.length; length += 1) {
      expect(firstTcpFrame(frame.subarray(0, length)).kind).toBe('incomplete');
    }
    const found = firstTcpFrame(joined(frame, frame.subarray(0, 3)));
    expect(found).toMatchObject({ kind: 'frame', number: 0x1234 });
    expect(found.kind === 'frame' && found.bytes.length).toBe(frame.length);
  });

  test('an answer is taken when unit, function and length are right', () => {
    const verdict = judgeTcpFrame(frame, holding);
    expect(verdict.kind === 'answer' && [...verdict.data]).toEqual([0x12, 0x34, 0x56, 0x78]);
  });

  test.each([
    ['unit', 2, body, 'foreign-slave'],
    ['function', 1, bytes('04 04 12 34 56 78'), 'foreign-function'],
    ['byte count', 1, bytes('03 02 12 34'), 'foreign-length'],
    ['byte count against its own length', 1, bytes('03 04 12 34'), 'foreign-length'],
    ['refusal that is too long', 1, bytes('83 02 00'), 'foreign-length'],
  ])('an answer with another %s is not taken', (_, unit, content, kind) => {
    expect(judgeTcpFrame(modbusTcpFrame(0, 1, unit, content), holding)).toEqual({ kind });
  });

  test('a refusal carries its exception code', () => {
    expect(judgeTcpFrame(modbusTcpFrame(0, 1, 1, bytes('83 0B')), holding)).toEqual({ kind: 'exception', code: 11 });
  });

  test.each([
    ['a protocol other than 0', '00 01 00 01 00 07 01 03 04 12 34 56 78'],
    ['a length of 32767', '00 01 00 00 7F FF 01 03 04 12 34 56 78'],
    ['a length of 2', '00 01 00 00 00 02 01 03'],
  ])('%s means that the stream has lost its boundaries', (_, hex) => {
    expect(firstTcpFrame(bytes(hex)).kind).toBe('desynchronised');
  });
});

test('no bytes whatever make the RTU framing throw, loop, or find something that ends beyond them', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.boolean(), (received, crcSwapped) => {
      const read = { ...holding, crcSwapped };
      const finding = findAnswer(received, read, encodeRtu(read));
      if ('end' in finding) {
        expect(finding.end).toBeGreaterThan(finding.start);
        expect(finding.end).toBeLessThanOrEqual(received.length);
      }
      beginsAnswer(received, read);
    }),
  );
});

test('no bytes whatever make the Modbus TCP framing throw, or cut off more than there is', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (received) => {
      const found = firstTcpFrame(received);
      if (found.kind !== 'frame') return;
      expect(found.bytes.length).toBeLessThanOrEqual(received.length);
      judgeTcpFrame(found.bytes, holding);
    }),
  );
});
