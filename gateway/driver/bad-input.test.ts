import { describe, expect, test } from 'vitest';
import { type Envelope, envelopeOf, modbusTcpEnvelope } from '../../test-rigs/damage/envelopes.ts';
import { faults } from '../../test-rigs/links/faulty-end.ts';
import { InstrumentScene } from '../../test-rigs/links/instrument-scene.ts';
import type { Reason } from '../reading/reading.ts';
import type { Outcome } from './events.ts';
import { Line } from './line/line.ts';

/*
 * Every decoder against every kind of bad input, through the product's loop: each has an outcome with its name, none has
 * a value, and the readings say why. A new protocol is a new entry here; what single protocols add stands with them.
 */

type Change = (answer: Uint8Array, envelope: Envelope) => Uint8Array;
/** Names of the outcomes, and of the reasons, one or several. */
type Case = readonly [outcomes: Named<Outcome>, reasons: Named<Reason>, change: Change];
type Named<Name extends string> = Name | readonly Name[];

interface Decoder {
  readonly id: string;
  readonly framing?: 'modbus-tcp';
  readonly settings?: { readonly mn?: string; readonly mayStart?: boolean };
  readonly cases: Readonly<Record<string, Case>>;
}

const bytesOf = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));
/** The same with another content, and a right check sum. */
const saying =
  (change: (content: Uint8Array) => Iterable<number>): Change =>
  (answer, { find, open, close }) =>
    close(Uint8Array.from(change(open(find(answer) ?? answer))));
/** The same with one byte of the content turned, and a right check sum. */
const turned = (place: number, by: number): Change =>
  saying((content) => content.map((byte, at) => (at === place ? byte ^ by : byte)));
/** The same with all of the content from a place on one byte, and a right check sum. */
const filled = (from: number, byte: number, behind = 0): Change =>
  saying((content) => content.map((one, at) => (at < from || at >= content.length - behind ? one : byte)));
const saidText = (from: string | RegExp, to: string): Change =>
  saying((content) => bytesOf(Buffer.from(content).toString('latin1').replace(from, to)));

const flood: Change = () => new Uint8Array(6000).fill(0x55);
const silent: Case = ['no-bytes', 'no-answer', () => new Uint8Array(0)];
const noise: Case = ['junk', 'garbled', () => Uint8Array.of(0, 0x13, 0x55)];
const cut: Case = ['short', 'garbled', (answer) => answer.subarray(0, answer.length - 4)];
const corrupted = (place: number): Case => [
  'crc',
  'garbled',
  (answer) => answer.map((byte, at) => (at === place ? byte ^ 4 : byte)),
];

const rtu: Decoder['cases'] = {
  silence: silent,
  noise,
  truncated: cut,
  corrupted: corrupted(5),
  'too long by two registers': [
    'foreign-length',
    'foreign-answer',
    saying((content) => [content[0] ?? 0, content[1] ?? 0, (content[2] ?? 0) + 4, ...content.subarray(3), 0, 0, 0, 0]),
  ],
  'too long by all that a line can bring': ['junk', 'garbled', flood],
  'of another address': ['foreign-slave', 'foreign-answer', turned(0, 0x40)],
  'of another function': ['foreign-function', 'foreign-answer', turned(1, 7)],
  'nonsense in earnest': ['ok', 'not-a-number', filled(3, 0xff)],
};

const meter: Decoder['cases'] = {
  silence: silent,
  noise,
  truncated: cut,
  corrupted: corrupted(12),
  'longer than was asked for': [
    'foreign-length',
    'foreign-answer',
    saying((content) => [...content, 0x33, 0x33, 0x33, 0x33]),
  ],
  'too long by all that a line can bring': ['junk', 'garbled', flood],
  'with a length beyond its end': [
    'short',
    'garbled',
    (answer) => answer.map((byte, at) => (at === answer.indexOf(0x68) + 9 ? 0xff : byte)),
  ],
  'digits that are none': ['ok', 'not-a-number', filled(14, 0x33 + 0x1a)],
  'of another address': ['foreign-slave', 'foreign-answer', turned(1, 3)],
  'of another identifier': ['foreign-function', 'foreign-answer', turned(10, 0x44)],
  'of another function': ['foreign-function', 'foreign-answer', turned(8, 3)],
};

const decoders: Readonly<Record<string, Decoder>> = {
  'Modbus RTU': { id: 'eastron/sdm120', cases: rtu },
  'Modbus TCP': {
    id: 'eastron/sdm120',
    framing: 'modbus-tcp',
    cases: {
      silence: silent,
      truncated: [['short', 'junk'], ['garbled', 'line-lost'], (answer) => answer.subarray(0, -4)],
      'a stream without boundaries': ['junk', ['garbled', 'line-lost'], flood],
      'a length of its own': [
        'foreign-length',
        'foreign-answer',
        saying((content) => [...content.subarray(0, 8), (content[8] ?? 0) + 2, ...content.subarray(9), 0, 0]),
      ],
      'of another number': ['foreign-slave', 'foreign-answer', turned(0, 0x40)],
      'of another unit': ['foreign-slave', 'foreign-answer', turned(6, 0x40)],
      'of another function': ['foreign-function', 'foreign-answer', turned(7, 7)],
      'nonsense in earnest': ['ok', 'not-a-number', filled(9, 0xff)],
    },
  },
  'DL/T 645-2007': { id: 'dlt645/meter-2007', cases: meter },
  'DL/T 645-1997': {
    id: 'dlt645/meter-1997@current-2-bytes',
    cases: { ...meter, 'digits that are none': ['ok', 'not-a-number', filled(12, 0x33 + 0x1a)] },
  },
  'HJ 212': {
    id: 'hj212/dust-station',
    settings: { mn: '010000A8900016F000169DC0' },
    cases: {
      silence: ['no-bytes', 'listening', () => new Uint8Array(0)],
      noise,
      truncated: ['short', 'garbled', (answer) => answer.subarray(0, 90)],
      corrupted: corrupted(60),
      oversized: ['junk', 'garbled', saidText('CP=&&', `CP=&&x=${'y'.repeat(5000)};`)],
      'too long by all that a line can bring': ['junk', 'garbled', flood],
      'of another sender': ['foreign-slave', 'foreign-answer', saidText(/MN=[^;]*/, 'MN=ANOTHER')],
      'of another command': ['ok', 'foreign-answer', saidText('CN=2011', 'CN=9021')],
      'no packet in earnest': ['junk', 'garbled', saying(() => bytesOf('hello'))],
      'no numbers in earnest': ['ok', 'not-a-number', saidText(/Rtd=[^,;&]*/g, 'Rtd=1e5')],
      'of no moment': ['wrong-time', 'wrong-time', saidText(/DataTime=\d{4}/, 'DataTime=20Z6')],
      'of another day': ['wrong-time', 'wrong-time', saidText(/DataTime=\d{8}/, 'DataTime=20190101')],
    },
  },
  'frames that are asked for': {
    id: 'sensirion/sps30',
    settings: { mayStart: false },
    cases: {
      silence: silent,
      noise,
      truncated: cut,
      corrupted: corrupted(12),
      'too long': [
        'foreign-length',
        'foreign-answer',
        saying((content) => [...content.subarray(0, -2), 0, 0, 0, 0x7e]),
      ],
      'too long by all that a line can bring': ['junk', 'garbled', flood],
      'of another command': ['foreign-function', 'foreign-answer', turned(2, 0x20)],
      'nonsense in earnest': ['ok', 'not-a-number', filled(5, 0xff, 2)],
    },
  },
  'frames that are heard': {
    id: 'plantower/pms5003',
    cases: {
      silence: ['no-bytes', 'listening', () => new Uint8Array(0)],
      noise,
      truncated: cut,
      corrupted: corrupted(12),
      'too long': ['foreign-length', 'foreign-answer', saying((content) => [...content, 0, 0])],
      'too long by all that a line can bring': ['junk', 'garbled', flood],
      'zeros in earnest': ['ok', 'warm-up', filled(4, 0)],
    },
  },
};

describe.each(Object.entries(decoders))('%s', (_, { id, framing, settings, cases }) => {
  test('is read where nothing is wrong', async () => {
    const scene = new InstrumentScene((options) => new Line(options), id, { framing, settings });
    await scene.clock.advance(20_000);
    expect(scene.readings.filter(({ value }) => value !== null).length).toBeGreaterThan(5);
    await scene.stop();
  });

  test.each(Object.entries(cases))('%s has its name and no value', async (_name, [outcomes, reasons, change]) => {
    const scene = new InstrumentScene((options) => new Line(options), id, { framing, settings });
    const envelope = framing ? modbusTcpEnvelope : envelopeOf(scene.instrument.profile);
    scene.end.choose = () => faults.replaced((answer) => change(answer, envelope));
    await scene.clock.advance(60_000);
    expect(scene.readings.length).toBeGreaterThan(3);
    expect(scene.readings.filter(({ value }) => value !== null)).toEqual([]);
    expect(new Set(scene.readings.map(({ mark }) => mark.reason))).toEqual(new Set([reasons].flat()));
    expect(new Set(scene.outcomes)).toEqual(new Set([outcomes].flat()));
    await scene.stop();
  });
});
