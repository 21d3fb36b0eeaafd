import fc from 'fast-check';
import { expect, test } from 'vitest';
import { loadCatalogue } from '../../device-profiles/catalogue.ts';
import { type Capture, capturesSchema } from '../../device-profiles/check/captures.ts';
import { capturesFileOf } from '../../device-profiles/check/profile-check.ts';
import { readProfileFile } from '../../device-profiles/check/profile-file.ts';
import {
  interpret,
  nothingKnown,
  type Raw,
  readModbus,
  registersOf,
  unpackModbusData,
} from '../../device-profiles/decode.ts';
import { findDlt645Frame } from '../../device-profiles/dlt645.ts';
import { decodeFramed, readFrame } from '../../device-profiles/framed/read-frame.ts';
import { everyRead } from '../../device-profiles/modbus/reads.ts';
import {
  type Dlt645Profile,
  type FramedProfile,
  type ModbusProfile,
  type Profile,
  pointsOf,
} from '../../device-profiles/profile.ts';
import { rtuFrame } from '../../test-rigs/instruments/simulated-modbus-slave.ts';
import type { ByteEnd } from '../../test-rigs/links/byte-end.ts';
import { MemoryLink } from '../../test-rigs/links/memory-link.ts';
import { PacedLine } from '../../test-rigs/links/paced-line.ts';
import { SimulatedClock } from '../../test-rigs/surroundings/simulated-clock.ts';
import { Dlt645Conversation } from './dlt645/dlt645-conversation.ts';
import { type DriverEvent, outcomes } from './events.ts';
import { FramedConversation } from './framed/framed-conversation.ts';
import { Line } from './line/line.ts';
import { ModbusRtuConversation } from './modbus/modbus-rtu-conversation.ts';

/*
 * Every capture of the catalogue, damaged in every way that a line damages bytes, heard by the product's own
 * conversations: what is damaged has an outcome with a name and no value; nothing throws.
 */

/** What came of bytes: how each transaction ended, and the values that were believed, by point or factor. */
interface Heard {
  readonly outcomes: readonly string[];
  readonly values: ReadonlyMap<string, number | null>;
}

interface Subject {
  readonly name: string;
  /** The bytes as they were captured. */
  readonly bytes: Uint8Array;
  readonly hear: (bytes: Uint8Array) => Promise<Heard>;
}

const catalogue = loadCatalogue({ directories: [] });

/** One wire on a simulated clock: the product at one end, at the other whatever the test sends. */
class Wire {
  readonly clock: SimulatedClock;
  readonly events: DriverEvent[] = [];
  readonly far: ByteEnd;
  readonly link: MemoryLink;

  constructor(start?: string) {
    this.clock = new SimulatedClock(start);
    const wires = new PacedLine({ clock: this.clock, baudRate: 9600 });
    this.far = wires.connect();
    this.link = new MemoryLink({
      id: 'wire',
      clock: this.clock,
      end: wires.connect(),
      characterTime: wires.characterTime,
    });
  }

  readonly observe = (event: DriverEvent): void => void this.events.push(event);

  get outcomes(): string[] {
    return this.events.flatMap((event) => (event.kind === 'transaction' ? [event.outcome] : []));
  }

  /** Sends the bytes once, as soon as something is asked. */
  answerWith(bytes: Uint8Array): void {
    const stop = this.far.onBytes(() => {
      stop();
      this.clock.after(20, () => this.far.send(bytes));
    });
  }

  /** What a question comes to. */
  async ask<Result>(ask: () => Promise<Result>): Promise<Result> {
    await this.link.open();
    const asked = ask();
    await this.clock.advance(6000);
    return asked;
  }
}

type Values = ReadonlyMap<string, { readonly value: number | null }>;
const numbers = (values: Values): Map<string, number | null> =>
  new Map([...values].map(([id, { value }]) => [id, value]));

function modbusSubject(name: string, profile: ModbusProfile, { request, reply, parameters }: Capture): Subject[] {
  if (!request || !reply) return [];
  const view = new DataView(request.buffer);
  const [address, functionCode] = [view.getUint8(0), view.getUint8(1) as 1 | 2 | 3 | 4];
  const [start, count] = [view.getUint16(2), view.getUint16(4)];
  const hear = async (bytes: Uint8Array): Promise<Heard> => {
    const wire = new Wire();
    wire.answerWith(bytes);
    const conversation = new ModbusRtuConversation({ link: wire.link, clock: wire.clock, observe: wire.observe });
    const question = { instrument: 'it', address, functionCode, start, count, timeout: 500, gap: 0 };
    const { data } = await wire.ask(() => conversation.ask(question));
    const block = data && unpackModbusData(functionCode, data, count);
    const raws = new Map<string, Raw>();
    for (const read of block ? everyRead(profile) : []) {
      const isHeld = read.register >= start && read.register + registersOf(read) <= start + count;
      if (block && isHeld && read.functionCode === functionCode) raws.set(read.id, readModbus(read, block, start));
    }
    const known = { ...nothingKnown, parameters };
    return { outcomes: wire.outcomes, values: numbers(interpret(profile, pointsOf(profile), raws, known)) };
  };
  return [{ name, bytes: reply, hear }];
}

function meterSubject(name: string, profile: Dlt645Profile, { reply }: Capture): Subject[] {
  const found = reply && findDlt645Frame(reply);
  if (!reply || found?.kind !== 'frame') return [];
  const { address, data } = found.frame;
  const size = profile.edition === 2007 ? 4 : 2;
  const identifier = Buffer.from(data.subarray(0, size)).reverse().toString('hex').toUpperCase();
  const question = { ask: 'data', edition: profile.edition, address, identifier } as const;
  const hear = async (bytes: Uint8Array): Promise<Heard> => {
    const wire = new Wire();
    wire.answerWith(bytes);
    const conversation = new Dlt645Conversation({ link: wire.link, clock: wire.clock, observe: wire.observe });
    const rest = { wakeBytes: 0, wanted: data.length - size, timeout: 500, hasty: false, turnAround: 0 };
    const { answer } = await wire.ask(() => conversation.ask({ instrument: 'it', address: null, question, ...rest }));
    const hex = answer?.kind === 'data' ? Buffer.from(answer.data).toString('hex') : undefined;
    return { outcomes: wire.outcomes, values: new Map(hex === undefined ? [] : [[hex, 1]]) };
  };
  return [{ name, bytes: reply, hear }];
}

function askedSubject(name: string, profile: FramedProfile, { reply }: Capture): Subject[] {
  const [message] = profile.messages;
  if (!reply || !message?.request) return [];
  const hear = async (bytes: Uint8Array): Promise<Heard> => {
    const wire = new Wire();
    wire.answerWith(bytes);
    const options = { link: wire.link, clock: wire.clock, observe: wire.observe, instrument: 'it', profile };
    const { frame } = await wire.ask(() => new FramedConversation(options).ask(message));
    const read = frame ? readFrame(profile, message, frame) : new Map<string, Raw>();
    return { outcomes: wire.outcomes, values: numbers(decodeFramed(profile, profile.points, read)) };
  };
  return [{ name, bytes: reply, hear }];
}

/** One that sends unasked, heard by the line; `start` is the time of its own clock, where it says one. */
function heardSubject(name: string, profile: Profile, bytes: Uint8Array | undefined, start?: string): Subject[] {
  if (!bytes) return [];
  const fitted = pointsOf(profile).flatMap(({ id, optional }) => (optional ? [id] : []));
  const hear = async (sent: Uint8Array): Promise<Heard> => {
    const wire = new Wire(start);
    const values = new Map<string, number | null>();
    const settings = { id: 'it', profile: profile.profile, link: 'wire', every: 1000, point: 'here', fitted };
    const line = new Line({
      ...{ link: wire.link, framing: 'modbus-rtu', clock: wire.clock, observe: wire.observe },
      instruments: [{ settings, profile, origin: 'measured' }],
      onReadings: (readings) => {
        for (const { factor, value } of readings) if (value !== null) values.set(factor, value);
      },
    });
    line.start();
    await wire.clock.advance(100);
    wire.far.send(sent);
    await wire.clock.advance(8000);
    await wire.clock.during(line.stop());
    return { outcomes: wire.outcomes, values };
  };
  return [{ name, bytes, hear }];
}

function subjectOf(id: string, capture: Capture): Subject[] {
  const profile = catalogue.find(capture.variant === undefined ? id : `${id}@${capture.variant}`)?.profile;
  const name = `${id} ${capture.id}`;
  switch (profile?.protocol) {
    case 'modbus':
      return modbusSubject(name, profile, capture);
    case 'dlt645':
      return meterSubject(name, profile, capture);
    case 'framed':
      return capture.frame ? heardSubject(name, profile, capture.frame) : askedSubject(name, profile, capture);
    case 'hj212': {
      // Old data makes no reading, so it is heard at the time that it bears.
      const { packet = '' } = capture;
      const [, year, month, day, hour, minute, second] =
        /DataTime=(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)/.exec(packet) ?? [];
      const start = year && `${year}-${month}-${day}T${hour}:${minute}:${second}+08:00`;
      return heardSubject(name, profile, Uint8Array.from(Buffer.from(`${packet}\r\n`, 'utf8')), start);
    }
    default:
      return [];
  }
}

const subjects = catalogue.list().flatMap(({ id, file }) => {
  const read = readProfileFile(capturesFileOf(file));
  const parsed = 'faults' in read ? undefined : capturesSchema.safeParse(read.document.value);
  return parsed?.success ? parsed.data.captures.flatMap((capture) => subjectOf(id, capture)) : [];
});

const isKnown = (outcome: string): boolean => (outcomes as readonly string[]).includes(outcome);
const flipped = (bytes: Uint8Array, bit: number): Uint8Array =>
  Uint8Array.from(bytes, (byte, at) => (at === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));

/** The values that damaged bytes give are none that the whole ones do not. */
function expectNothingNew(heard: Heard, clean: Heard): void {
  for (const outcome of heard.outcomes) expect(isKnown(outcome)).toBe(true);
  for (const [id, value] of heard.values) if (value !== null) expect([id, value]).toEqual([id, clean.values.get(id)]);
}

let mutations = 0;

test('every capture of the catalogue that a conversation can hear is taken', () => {
  expect(subjects.length).toBeGreaterThanOrEqual(80);
});

test.each(subjects)(
  '$name: a flipped bit, a cut, junk around it or a piece of itself never gives another value',
  async ({ bytes, hear }) => {
    const clean = await hear(bytes);
    expect(clean.outcomes).toContain('ok');
    const bits = fc.nat(bytes.length * 8 - 1).map((bit) => flipped(bytes, bit));
    const cuts = fc.nat(bytes.length - 1).map((length) => bytes.slice(0, length));
    const tails = fc.integer({ min: 1, max: bytes.length - 1 }).map((from) => bytes.slice(from));
    const junk = fc.uint8Array({ minLength: 1, maxLength: 8 }).map((before) => Uint8Array.of(...before, ...bytes));
    const twice = fc.nat(bytes.length - 1).map((length) => Uint8Array.of(...bytes.slice(0, length), ...bytes));
    await fc.assert(
      fc.asyncProperty(fc.oneof(bits, bits, cuts, tails, junk, twice), async (damaged) => {
        mutations += 1;
        expectNothingNew(await hear(damaged), clean);
      }),
      { numRuns: 60 },
    );
  },
);

const modbusOnes = subjects.filter(
  ({ bytes }) => Buffer.compare(rtuFrame(bytes[0] ?? 0, bytes.slice(1, -2)), bytes) === 0,
);

test.each(modbusOnes)(
  '$name: nonsense with a right check sum gives numbers or reasons, and never throws',
  async ({ bytes, hear }) => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: bytes.length - 5, maxLength: bytes.length - 5 }), async (data) => {
        mutations += 1;
        const head = [bytes[1] ?? 0, bytes[2] ?? 0];
        const { values, outcomes: ended } = await hear(rtuFrame(bytes[0] ?? 0, [...head, ...data]));
        expect(ended.every(isKnown)).toBe(true);
        for (const value of values.values()) expect(value === null || Number.isFinite(value)).toBe(true);
      }),
      { numRuns: 30 },
    );
  },
);

test('as many mutations were heard as the runs say', () => {
  expect(modbusOnes.length).toBeGreaterThanOrEqual(20);
  expect(mutations).toBeGreaterThanOrEqual(subjects.length * 60 + modbusOnes.length * 30);
});
