import { describe, expect, test } from 'vitest';
import { rtuFrame } from '../../test-rigs/instruments/simulated-modbus-slave.ts';
import { WrittenProfiles } from '../../test-rigs/profiles/written-profile.ts';
import type { FramedProfile } from '../profile.ts';
import { findFrame } from './find-frame.ts';
import { decodeFramed, readFrame } from './read-frame.ts';

// What a profile can say of frames of its own. Tests name the requirement they meet.

const head = `profile: acme/test
name: { zh: 测试仪, en: test meter }
sources: [made up for a test]
confidence: C
protocol: framed
serial: { default: 9600-8N1 }
`;

function profileOf(body: string): FramedProfile {
  const written = WrittenProfiles.inTest();
  written.write('acme/test', head + body);
  const profile = written.load('acme/test');
  if (profile.protocol !== 'framed') throw new Error('the test profile is not framed');
  return profile;
}

function faultsOf(body: string): string[] {
  const written = WrittenProfiles.inTest();
  written.write('acme/test', head + body);
  return written.faults('acme/test').map(({ field, fault, remedy }) => `${field}: ${fault}; ${remedy}`);
}

/** Values, or why there is none, of everything in the frame. */
function valuesIn(profile: FramedProfile, frame: string | Uint8Array): Record<string, number | string> {
  const finding = findFrame(profile.framing, Buffer.from(frame));
  const [message] = profile.messages;
  if (finding.kind !== 'frame' || !message) throw new Error(`no frame but ${finding.kind}`);
  const decoded = decodeFramed(profile, profile.points, readFrame(profile, message, finding.frame));
  return Object.fromEntries(
    [...decoded].map(([id, one]) => [id, one.value ?? ('reason' in one ? one.reason : 'nothing')]),
  );
}

const line = 'framing: { end: "0D 0A", longest: 100 }\nmessages: [{ id: line, separator: "," }]\n';

describe('lines of text', () => {
  test('B6, C16: fields between separators are numbers where nothing but a number stands in them', () => {
    const profile = profileOf(`${line}points:
  - { id: noise, factor: noise, field: 1, type: decimal }
  - { id: temperature, factor: temperature, field: 2, type: decimal }
  - { id: humidity, factor: humidity, field: 3, type: decimal }
`);
    expect(valuesIn(profile, 'S, 61.5,-3,44\r\n')).toEqual({ noise: 61.5, temperature: -3, humidity: 44 });
    expect(valuesIn(profile, 'S,6l.5,,1e5\r\n')).toEqual({
      noise: 'not-a-number',
      temperature: 'not-a-number',
      humidity: 'not-a-number',
    });
    expect(valuesIn(profile, 'S,61.5\r\n')).toEqual({
      noise: 61.5,
      temperature: 'not-listed',
      humidity: 'not-listed',
    });
  });

  test('C16: a number stands behind its name, wherever that is, and only where the name stands once', () => {
    const profile = profileOf(`framing: { start: { text: "#" }, end: { text: "*" } }
messages: [{ id: line }]
points: [{ id: pm10, factor: pm10, after: "PM10=", type: decimal }]
`);
    expect(valuesIn(profile, '#PM2.5=3;PM10= 61.5ug*')).toEqual({ pm10: 61.5 });
    expect(valuesIn(profile, '#PM2.5=3*')).toEqual({ pm10: 'not-listed' });
    expect(valuesIn(profile, '#PM10=3;PM10=4*')).toEqual({ pm10: 'not-listed' });
    expect(valuesIn(profile, '#PM10=--*')).toEqual({ pm10: 'not-listed' });
  });

  test.each(['#PM10=1e5*', '#PM10=6.1E+2*', '#PM10=61,5*', '#PM10=12.3.4*'])(
    'C16: what only begins like a number is none: %s',
    (frame) => {
      const profile = profileOf(`framing: { start: { text: "#" }, end: { text: "*" } }
messages: [{ id: line }]
points: [{ id: pm10, factor: pm10, after: "PM10=", type: decimal }]
`);
      expect(valuesIn(profile, frame)).toEqual({ pm10: 'not-a-number' });
    },
  );

  test('C16: behind a number may stand its unit, a full stop, or the next field', () => {
    const profile = profileOf(`framing: { start: { text: "#" }, end: { text: "*" } }
messages: [{ id: line, separator: "," }]
points: [{ id: pm10, factor: pm10, after: "PM10=", type: decimal }]
`);
    for (const behind of ['ug/m3', '.', ',7', 'E', '']) {
      expect([behind, valuesIn(profile, `#PM10=61${behind}*`)]).toEqual([behind, { pm10: 61 }]);
    }
  });

  test('C16: a name is not found at the end of a longer one', () => {
    const profile = profileOf(`framing: { start: { text: "#" }, end: { text: "*" } }
messages: [{ id: line }]
points: [{ id: temperature, factor: temperature, after: "T=", type: decimal }]
`);
    expect(valuesIn(profile, '#DT=3;H=4*')).toEqual({ temperature: 'not-listed' });
    expect(valuesIn(profile, '#H=4;T=3*')).toEqual({ temperature: 3 });
  });

  test('C16: hexadecimal digits behind a name are taken all or not at all', () => {
    const profile = profileOf(`framing: { start: { text: "#" }, end: { text: "*" } }
messages: [{ id: line }]
points: [{ id: pm10, factor: pm10, after: "P=", type: hex }]
`);
    expect(valuesIn(profile, '#P=1A;*')).toEqual({ pm10: 26 });
    expect(valuesIn(profile, '#P=1AX;*')).toEqual({ pm10: 'not-a-number' });
  });

  test('C16: the first and the last field are without the start and the end of the frame', () => {
    const profile = profileOf(`framing: { start: { text: "$" }, end: { text: "*" } }
messages: [{ id: line, separator: "," }]
points:
  - { id: noise, factor: noise, field: 0, type: decimal }
  - { id: humidity, factor: humidity, field: 1, type: decimal }
`);
    expect(valuesIn(profile, '$61.5,44*')).toEqual({ noise: 61.5, humidity: 44 });
  });

  test('C16: hexadecimal floats and words at places of their own', () => {
    const profile = profileOf(`framing: { start: "01", end: "03" }
messages: [{ id: data }]
points:
  - { id: ph, factor: ph, byte: 1, type: hex-float32 }
  - { id: noise, factor: noise, byte: 9, type: hex, length: 4, scale: 0.1 }
  - { id: humidity, factor: humidity, byte: -4, type: decimal, length: 3 }
`);
    expect(valuesIn(profile, '\x01C2C7FAE1026A 44\x03')).toEqual({ ph: -99.99, noise: 61.8, humidity: 44 });
    expect(valuesIn(profile, '\x01C2C7FAEX026A 44\x03')).toMatchObject({ ph: 'not-a-number' });
  });
});

describe('frames of bytes', () => {
  test('C15, C16: types, orders, bits and pairs of seven bits', () => {
    const profile = profileOf(`framing: { start: FA, length: 12, checkSum: { kind: xor, to: -2, at: -1 } }
messages: [{ id: data }]
points:
  - { id: pm10, factor: pm10, byte: 1, type: u24, order: DCBA }
  - { id: temperature, factor: temperature, byte: 4, type: s8 }
  - { id: pm2.5, factor: pm2.5, byte: 5, type: u14 }
  - { id: humidity, factor: humidity, byte: 7, type: u8, bits: [0, 5] }
  - { id: noise, factor: noise, byte: 8, type: s24, scale: 0.1 }
`);
    const data = [0xfa, 0x01, 0x02, 0x03, 0xf6, 0x01, 0x02, 0xc5, 0xff, 0xff, 0xfe];
    const frame = Uint8Array.of(
      ...data,
      data.reduce((sum, byte) => sum ^ byte, 0),
    );
    expect(valuesIn(profile, frame)).toEqual({
      pm10: 0x030201,
      temperature: -10,
      'pm2.5': 130,
      humidity: 5,
      noise: -0.2,
    });
    const wrong = data.map((byte, at) => (at === 5 ? 0x81 : byte));
    const nonsense = Uint8Array.of(
      ...wrong,
      wrong.reduce((sum, byte) => sum ^ byte, 0),
    );
    expect(valuesIn(profile, nonsense)).toMatchObject({ 'pm2.5': 'not-a-number' });
  });

  test('C16: records that say how long they are, told apart by their keys', () => {
    const profile = profileOf(`framing: { start: "01", end: "03" }
messages:
  - id: list
    records: { byte: 1, length: 4, count: { byte: 2, digits: 2, each: 4 }, until: { text: "&&" }, key: { byte: 0, length: 2 } }
points:
  - { id: pm1, factor: pm1, record: "01", byte: 4, type: hex, length: 4 }
  - { id: pm10, factor: pm10, record: "02", byte: 8, type: hex, length: 4 }
`);
    expect(valuesIn(profile, '\x0101010007020200010009&&\x03')).toEqual({ pm1: 7, pm10: 9 });
    expect(valuesIn(profile, '\x01020200010009&&\x03')).toEqual({ pm1: 'not-listed', pm10: 9 });
    expect(valuesIn(profile, '\x010101000701010008&&\x03')).toEqual({ pm1: 'not-listed', pm10: 'not-listed' });
    // A list that does not end as it should holds nothing.
    expect(valuesIn(profile, '\x01010100070299&&\x03')).toEqual({ pm1: 'not-listed', pm10: 'not-listed' });
    // Nor does one that counts backwards, with which it would never end, or in half a number.
    for (const count of ['-1', '+1', ' 1', '1 ', '1G']) {
      expect(valuesIn(profile, `\x01020001${count}0007&&\x03`)).toEqual({ pm1: 'not-listed', pm10: 'not-listed' });
    }
  });

  test('C16: bits are read without sign, whatever the type', () => {
    const profile = profileOf(`framing: { start: FA, length: 4 }
messages: [{ id: data }]
points:
  - { id: pm10, factor: pm10, byte: 1, type: s16, bits: [0, 3] }
  - { id: pm1, factor: pm1, byte: 1, type: s16, bits: [12, 15] }
`);
    expect(valuesIn(profile, Uint8Array.of(0xfa, 0xff, 0xf5, 0))).toEqual({ pm10: 5, pm1: 15 });
  });

  test('E31: a state in the frame marks its values', () => {
    const profile = profileOf(`framing: { start: FA, length: 4 }
messages: [{ id: data }]
points: [{ id: pm10, factor: pm10, byte: 1, type: u16 }]
auxiliaries: [{ id: state, byte: 3, type: u8 }]
status: [{ auxiliary: state, values: { 0: { flag: N }, 1: { flag: D, zh: 故障, en: fault, noValue: true } } }]
`);
    expect(valuesIn(profile, Uint8Array.of(0xfa, 0, 7, 0))).toEqual({ pm10: 7 });
    expect(valuesIn(profile, Uint8Array.of(0xfa, 0, 7, 1))).toEqual({ pm10: 'instrument-status' });
  });
});

test('B11, B12, B13: wake, start, stop and requests are part of the profile, and bytes may be written as text', () => {
  const profile = profileOf(`framing: { start: FA, length: 4 }
messages: [{ id: data, request: { text: "READ\\r" } }]
wake: { send: { text: "\\n" }, expect: { text: "\\n\\r" }, tries: 3, withinMs: 1200 }
start: [{ send: "AA 55", expect: "06" }]
stop: [{ send: "AA 56" }]
points: [{ id: pm10, factor: pm10, byte: 1, type: u16 }]
`);
  expect(profile.messages[0]?.request).toEqual(Uint8Array.from(Buffer.from('READ\r')));
  expect(profile.wake).toMatchObject({ send: Uint8Array.of(0x0a), tries: 3 });
  expect(profile.start).toMatchObject([{ send: Uint8Array.of(0xaa, 0x55), tries: 1, withinMs: 500 }]);
});

const point = 'points: [{ id: pm10, factor: pm10, byte: 1, type: u16 }]\n';

test.each<[string, string, string]>([
  ['no end', `framing: { start: FA }\nmessages: [{ id: a }]\n${point}`, 'framing: says not where a frame ends'],
  ['neither head nor end', `framing: { length: 4 }\nmessages: [{ id: a }]\n${point}`, 'framing.start: says of no byte'],
  [
    'a message named twice',
    `framing: { start: FA, length: 4 }\nmessages: [{ id: a, request: FA }, { id: a, request: FB }]\n${point}`,
    'messages[1].id: the id a is used twice',
  ],
  [
    'one unasked beside one that is asked',
    `framing: { start: FA, length: 4 }\nmessages: [{ id: a }, { id: b, request: FA }]\n${point}`,
    'messages[0]: comes unasked beside others',
  ],
  [
    'a wake without a request',
    `framing: { start: FA, length: 4 }\nmessages: [{ id: a }]\nwake: { send: "0A" }\n${point}`,
    'wake: nothing is asked',
  ],
  [
    'a message that there is not',
    `framing: { start: FA, length: 4 }\nmessages: [{ id: a }]\n${point.replace('byte: 1', 'byte: 1, message: b')}`,
    'points[pm10].message: there is no message b; write one of: a',
  ],
  [
    'no place',
    `framing: { start: FA, length: 4 }\nmessages: [{ id: a }]\n${point.replace('byte: 1, ', '')}`,
    'points[pm10].byte: says in none or in several ways',
  ],
  [
    'a place behind the end',
    `framing: { start: FA, length: 4 }\nmessages: [{ id: a }]\n${point.replace('byte: 1', 'byte: 3')}`,
    'points[pm10].byte: u16 at byte 3 would end beyond the data; write a byte of at most 2',
  ],
  [
    'a place in the check sum',
    `framing: { start: FA, length: 4, checkSum: { kind: sum, to: -2, at: -1 } }\nmessages: [{ id: a }]\n${point.replace('byte: 1', 'byte: 2')}`,
    'points[pm10].byte: u16 at byte 2 would end beyond the data; write a byte of at most 1',
  ],
  [
    'bytes as a field',
    `${line}${point.replace('byte: 1', 'field: 1')}`,
    'points[pm10].type: u16 is bytes, and stands at a byte',
  ],
  [
    'a field without a separator',
    `framing: { end: "0A" }\nmessages: [{ id: a }]\n${point.replace('byte: 1, type: u16', 'field: 1, type: decimal')}`,
    'points[pm10].field: a has no separator',
  ],
  [
    'characters without a length',
    `framing: { end: "0A" }\nmessages: [{ id: a }]\n${point.replace('u16', 'decimal')}`,
    'points[pm10].length: how many characters',
  ],
  [
    'places that overlap',
    `framing: { start: FA, length: 6 }\nmessages: [{ id: a }]\npoints: [{ id: pm10, factor: pm10, byte: 1, type: u16 }, { id: pm1, factor: pm1, byte: 2, type: u8 }]\n`,
    'points[pm1].byte: overlaps the point pm10',
  ],
  [
    'bits that its type does not have',
    `framing: { start: FA, length: 4 }\nmessages: [{ id: a }]\n${point.replace('u16', 'u8, bits: [4, 8]')}`,
    'points[pm10].bits: are no bits of a whole number',
  ],
  [
    'stuffing that ends nowhere',
    `framing: { start: FA, length: 4, stuffing: { escape: 7D, codes: { 5E: 7E } } }\nmessages: [{ id: a }]\n${point}`,
    'framing.stuffing: says not between which bytes it holds',
  ],
  [
    'a check sum over itself',
    `framing: { start: FA, length: 6, checkSum: { kind: sum, to: -1, at: -1 } }\nmessages: [{ id: a }]\n${point}`,
    'framing.checkSum.to: is among the bytes that it covers',
  ],
  [
    'a refusal that every frame is',
    `framing: { start: FA, length: 6, refusedBy: [] }\nmessages: [{ id: a }]\n${point}`,
    'framing.refusedBy',
  ],
  ['bytes that are none', `framing: { start: FAX, length: 4 }\nmessages: [{ id: a }]\n${point}`, 'framing.start'],
])('a profile with %s is refused with place and remedy', (_, body, fault) => {
  expect(faultsOf(body).join('\n')).toContain(fault);
});

test('B14: an instrument that is read by a function code of its own is described by its bytes, with the CRC of Modbus', () => {
  const profile =
    profileOf(`framing: { start: 01 66, length: { byte: 2, type: u8, plus: 5 }, checkSum: { kind: crc16-modbus, bits: 16, to: -3, at: -2, written: low-first } }
messages: [{ id: own, request: 01 66 00 01 C1 A8 }]
points: [{ id: humidity, factor: humidity, byte: 3, type: float32, order: DCBA }]
`);
  const body = [0x01, 0x66, 0x04, 0x00, 0x00, 0x28, 0x42];
  expect(valuesIn(profile, rtuFrame(body[0] ?? 0, body.slice(1)))).toEqual({ humidity: 42 });
});
