import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CrcKind, hj212PacketText } from '../test-rigs/instruments/hj212-packet.ts';
import { publishedPackets, wrongPackets } from '../test-rigs/instruments/published-hj212.ts';
import { encodeHj212, findHj212Packet, type Hj212Finding, hj212Crc, longestHj212Packet } from './hj212.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text, 'utf8');
const joined = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));
const segment = 'QN=20160801085857223;ST=32;CN=2011;PW=100000;MN=M1;Flag=5;CP=&&a34004-Rtd=25,a34004-Flag=N&&';

/** Everything that a stream holds, in its order, as a driver takes it. */
function found(stream: Uint8Array): string[] {
  const all: string[] = [];
  for (let rest = stream; ; ) {
    const finding = findHj212Packet(rest);
    if (!('end' in finding)) return all;
    if (finding.kind === 'packet' && finding.before !== 'nothing') all.push(finding.before);
    all.push(finding.kind === 'packet' ? Buffer.from(finding.packet.segment).toString('utf8') : 'crc');
    rest = rest.subarray(finding.end);
  }
}

const packetOf = (finding: Hj212Finding) => {
  if (finding.kind !== 'packet') throw new Error(`no packet but ${finding.kind}`);
  return finding.packet;
};

describe('the CRC of annex A', () => {
  it.each([
    ['123456789', 0x2f80],
    ['', 0xffff],
    ['\0', 0x4040],
  ])('of %j is the known one', (text, crc) => {
    expect(hj212Crc(bytes(text))).toBe(crc);
  });
});

describe('a published HJ 212 packet', () => {
  it.each(publishedPackets)('$id is understood', ({ text, oddities = [] }) => {
    const stream = bytes(`${text}\r\n`);
    const finding = findHj212Packet(stream);
    expect(finding).toMatchObject({ kind: 'packet', start: 0, end: stream.length, before: 'nothing' });
    expect(packetOf(finding)).toMatchObject({ dialect: 'hj212', oddities });
    expect(Buffer.from(packetOf(finding).segment).toString()).toBe(text.slice(6, -4));
  });

  it.each(publishedPackets)('$id is what the encoder of the rigs makes of its segment', ({ text }) => {
    const made = hj212PacketText(text.slice(6, -4), { length: Number(text.slice(2, 6)) });
    expect(Buffer.from(made).toString().toUpperCase()).toBe(`${text}\r\n`.toUpperCase());
  });

  it.each(wrongPackets)('$id has a wrong CRC and is not believed', ({ text }) => {
    expect(found(bytes(`${text}\r\n`))).toEqual(['crc']);
  });

  it('with the CRC of Modbus is understood, and its kind is told (A1b, a Python demonstration)', () => {
    const text = publishedPackets[0]?.text.replace(/....$/, '0759') ?? '';
    expect(packetOf(findHj212Packet(bytes(`${text}\r\n`)))).toMatchObject({ dialect: 'modbus', oddities: [] });
  });
});

describe('a packet', () => {
  it.each<[CrcKind, string[]]>([
    ['hj212', [segment]],
    ['modbus', [segment]],
    ['modbus-swapped', [segment]],
    ['wrong', ['crc']],
  ])('with a CRC of kind %s', (crc, expected) => {
    const stream = hj212PacketText(segment, { crc });
    expect(found(stream)).toEqual(expected);
    if (crc !== 'wrong') expect(packetOf(findHj212Packet(stream)).dialect).toBe(crc);
  });

  it.each([
    ['a CRC in lower case', { crc: 'modbus', lowerCase: true }, ['lower-case-crc']],
    ['a length of 0', { length: 0 }, ['wrong-length']],
    ['a length that is too small', { length: 40 }, ['wrong-length']],
    ['a length beyond all packets', { length: 9999 }, ['wrong-length']],
    ['a written line end', { lineEnd: '\\r\\n' }, ['written-line-end']],
  ] as const)('with %s is understood, and that is told', (_, options, oddities) => {
    const stream = hj212PacketText(segment, options);
    const finding = findHj212Packet(stream);
    expect(finding).toMatchObject({ kind: 'packet', end: stream.length });
    expect(packetOf(finding).oddities).toEqual(oddities);
  });

  it('counts the bytes of Chinese text, not its characters', () => {
    const text = 'QN=1;CN=3020;MN=M1;CP=&&i11001-Info=//仪器维护//&&';
    expect(found(hj212PacketText(text))).toEqual([text]);
    expect(Buffer.from(encodeHj212(text)).toString()).toMatch(new RegExp(`^##00${bytes(text).length}`));
  });

  it('of more than 1024 bytes is understood up to 4096, and beyond that is none', () => {
    const long = (length: number) => segment.padEnd(length, '.');
    expect(packetOf(findHj212Packet(hj212PacketText(long(1623)))).oddities).toEqual(['oversized']);
    expect(found(hj212PacketText(long(4096)))).toEqual([long(4096)]);
    expect(findHj212Packet(hj212PacketText(long(5000))).kind).toBe('nothing');
  });

  it('without its line end is whole, and the line end that comes later is no noise', () => {
    const stream = hj212PacketText(segment);
    const finding = findHj212Packet(stream.subarray(0, -2));
    expect(finding).toMatchObject({ kind: 'packet', end: stream.length - 2 });
    expect(found(joined(bytes('\r\n'), stream))).toEqual([segment]);
    expect(found(joined(bytes('\n'), stream))).toEqual([segment]);
  });

  it('is sent as the standard says', () => {
    const [sample] = publishedPackets;
    expect(Buffer.from(encodeHj212(sample?.text.slice(6, -4) ?? '')).toString()).toBe(`${sample?.text}\r\n`);
    expect(() => encodeHj212('.'.repeat(1025))).toThrow(RangeError);
  });
});

describe('a stream', () => {
  const whole = hj212PacketText(segment);

  it.each<[string, Uint8Array, string[]]>([
    ['packets without a gap', joined(whole, whole), [segment, segment]],
    ['noise before a packet', joined(bytes('\0#abc##12'), whole), ['junk', segment]],
    ['a packet that was cut off', joined(whole.subarray(0, 50), whole), ['short', segment]],
    ['a packet cut off in its head', joined(whole.subarray(0, 4), whole), ['junk', segment]],
    ['a damaged packet', joined(hj212PacketText(segment, { crc: 'wrong' }), whole), ['crc', segment]],
    ['a cut packet whose length is nonsense', joined(bytes('##0000QN=1;'), whole), ['short', segment]],
  ])('with %s gives all that is whole and says what else there was', (_, stream, expected) => {
    expect(found(stream)).toEqual(expected);
  });

  it('in whatever pieces gives the same packets', () => {
    const stream = joined(bytes('noise'), whole, hj212PacketText(`${segment} `, { length: 0 }), whole);
    const pieces = fc.uniqueArray(fc.integer({ min: 1, max: stream.length - 1 }), { maxLength: 8 });
    fc.assert(
      fc.property(pieces, (cuts) => {
        const segments: string[] = [];
        let buffer: Uint8Array = new Uint8Array(0);
        let from = 0;
        for (const to of [...cuts.sort((a, b) => a - b), stream.length]) {
          buffer = joined(buffer, stream.subarray(from, to));
          from = to;
          for (;;) {
            const finding = findHj212Packet(buffer);
            if (!('end' in finding)) break;
            if (finding.kind === 'packet') segments.push(Buffer.from(finding.packet.segment).toString());
            buffer = buffer.subarray(finding.end);
          }
        }
        expect(segments).toEqual([segment, `${segment} `, segment]);
      }),
    );
  });

  it('of any bytes never throws, and never waits for more than a packet can have', () => {
    const parts = fc.array(
      fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.constantFrom('##', '##01', '##0101', '\r\n', '\\r\\n').map(bytes)),
      {
        maxLength: 30,
      },
    );
    fc.assert(
      fc.property(parts, (some) => {
        const stream = joined(...some);
        const finding = findHj212Packet(stream);
        if ('end' in finding) expect(finding.end).toBeLessThanOrEqual(stream.length);
        if (finding.kind === 'incomplete') expect(stream.length - finding.start).toBeLessThan(longestHj212Packet);
      }),
    );
  });

  it('with any one byte of a published packet changed brings no packet of another text, but for what the CRC cannot see', () => {
    let passed = 0;
    let tried = 0;
    for (const { text } of publishedPackets) {
      const stream = bytes(`${text}\r\n`);
      for (let place = 6; place < stream.length - 6; place += 3) {
        const changed = Uint8Array.from(stream);
        changed[place] = (changed[place] ?? 0) ^ 0x01;
        tried += 1;
        if (found(changed).some((one) => one !== 'crc' && one !== 'short' && one !== 'junk')) passed += 1;
      }
    }
    expect(tried).toBeGreaterThan(700);
    expect(passed).toBe(0);
  });
});
