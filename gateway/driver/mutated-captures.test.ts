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
import { decodeDlt645, planDlt645, readDlt645 } from '../../device-profiles/dlt645-values.ts';
import { decodeFramed, readFrame } from '../../device-profiles/framed/read-frame.ts';
import { everyRead } from '../../device-profiles/modbus/reads.ts';
import {
  type Dlt645Profile,
  type FramedProfile,
  type ModbusProfile,
  type Profile,
  pointsOf,
} from '../../device-profiles/profile.ts';
import { anyDamage, anyNonsense, damage, nonsense } from '../../test-rigs/damage/damages.ts';
import { envelopeOf } from '../../test-rigs/damage/envelopes.ts';
import { impossibleIn } from '../../test-rigs/damage/representable.ts';
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
  readonly profile: Profile;
  /** The bytes as they were captured. */
  readonly bytes: Uint8Array;
  readonly hear: (bytes: Uint8Array) => Promise<Heard>;
}

/** What was asked and answered of a capture, or came unasked. */
type Exchange = Pick<Capture, 'request' | 'reply' | 'parameters'>;

const catalogue = loadCatalogue({ directories: [] });
const nothing = new Uint8Array(0);

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

function modbusSubject(name: string, profile: ModbusProfile, { request, reply, parameters }: Exchange): Subject[] {
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
  return [{ name, profile, bytes: reply, hear }];
}

function meterSubject(name: string, profile: Dlt645Profile, { reply }: Exchange): Subject[] {
  const found = reply && findDlt645Frame(reply);
  if (!reply || found?.kind !== 'frame') return [];
  const { address, data } = found.frame;
  const size = profile.edition === 2007 ? 4 : 2;
  const identifier = Buffer.from(data.subarray(0, size)).reverse().toString('hex').toUpperCase();
  const planned = planDlt645(profile).flatMap((request) => [request, ...request.apart]);
  const fields = planned.find((request) => request.identifier === identifier)?.fields ?? [];
  const question = { ask: 'data', edition: profile.edition, address, identifier } as const;
  const hear = async (bytes: Uint8Array): Promise<Heard> => {
    const wire = new Wire();
    wire.answerWith(bytes);
    const conversation = new Dlt645Conversation({ link: wire.link, clock: wire.clock, observe: wire.observe });
    const rest = { wakeBytes: 0, wanted: data.length - size, timeout: 500, hasty: false, turnAround: 0 };
    const { answer } = await wire.ask(() => conversation.ask({ instrument: 'it', address: null, question, ...rest }));
    const read = new Map<string, Raw | null>();
    if (answer?.kind === 'data') for (const field of fields) read.set(field.point.id, readDlt645(field, answer.data));
    return { outcomes: wire.outcomes, values: numbers(decodeDlt645(profile, pointsOf(profile), read)) };
  };
  return [{ name, profile, bytes: reply, hear }];
}

function askedSubject(name: string, profile: FramedProfile, { request, reply }: Exchange): Subject[] {
  const message = profile.messages.find((one) => one.request && Buffer.compare(one.request, request ?? nothing) === 0);
  if (!reply || !message) return [];
  const hear = async (bytes: Uint8Array): Promise<Heard> => {
    const wire = new Wire();
    wire.answerWith(bytes);
    const options = { link: wire.link, clock: wire.clock, observe: wire.observe, instrument: 'it', profile };
    const { frame } = await wire.ask(() => new FramedConversation(options).ask(message));
    const read = frame ? readFrame(profile, message, frame) : new Map<string, Raw>();
    return { outcomes: wire.outcomes, values: numbers(decodeFramed(profile, profile.points, read)) };
  };
  return [{ name, profile, bytes: reply, hear }];
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
        for (const { factor, value } of readings) if (value !== null || !values.has(factor)) values.set(factor, value);
      },
    });
    line.start();
    await wire.clock.advance(100);
    wire.far.send(sent);
    await wire.clock.advance(8000);
    await wire.clock.during(line.stop());
    return { outcomes: wire.outcomes, values };
  };
  return [{ name, profile, bytes, hear }];
}

function subjectsOf(id: string, capture: Capture): Subject[] {
  const profile = catalogue.find(capture.variant === undefined ? id : `${id}@${capture.variant}`)?.profile;
  const name = `${id} ${capture.id}`;
  const { parameters, also = [] } = capture;
  const exchanges: Exchange[] = [capture, ...also.map((one) => ({ ...one, parameters }))];
  const nameOf = (place: number): string => (also.length === 0 ? name : `${name}, exchange ${place + 1}`);
  switch (profile?.protocol) {
    case 'modbus':
      return exchanges.flatMap((exchange, place) => modbusSubject(nameOf(place), profile, exchange));
    case 'dlt645':
      return exchanges.flatMap((exchange, place) => meterSubject(nameOf(place), profile, exchange));
    case 'framed':
      if (capture.frame) return heardSubject(name, profile, capture.frame);
      return exchanges.flatMap((exchange, place) => askedSubject(nameOf(place), profile, exchange));
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

// What a board or a node sends has no check sum: it is proven as a whole, by its firmware.
const captures = catalogue.list().flatMap(({ id, file, protocol }) => {
  if (protocol === 'firmata' || protocol === 'node') return [];
  const read = readProfileFile(capturesFileOf(file));
  const parsed = 'faults' in read ? undefined : capturesSchema.safeParse(read.document.value);
  return parsed?.success ? parsed.data.captures.map((capture) => ({ id, capture })) : [];
});
const heardOf = captures.map(({ id, capture }) => ({ name: `${id} ${capture.id}`, subjects: subjectsOf(id, capture) }));
const subjects = heardOf.flatMap((one) => one.subjects);

const isKnown = (outcome: string): boolean => (outcomes as readonly string[]).includes(outcome);

/** True if the bytes hold no frame that is right by its check sum, or all that was captured. */
function isToldApart(damaged: Uint8Array, whole: Uint8Array, profile: Profile): boolean {
  return Buffer.from(damaged).includes(Buffer.from(whole)) || envelopeOf(profile).find(damaged) === undefined;
}

let mutations = 0;

test('every capture of the catalogue is heard', () => {
  expect(heardOf.filter((one) => one.subjects.length === 0).map(({ name }) => name)).toEqual([]);
  expect(captures.length).toBeGreaterThanOrEqual(80);
});

test.each(subjects)(
  '$name: damaged in any way, it never gives another value',
  async ({ name, bytes, profile, hear }) => {
    const clean = await hear(bytes);
    expect(clean.outcomes).toContain('ok');
    // One of several exchanges may say nothing that is a value by itself.
    if (!name.includes(', exchange ')) expect(clean.values.size).toBeGreaterThan(0);
    await fc.assert(
      fc.asyncProperty(anyDamage, async (one) => {
        const damaged = damage(bytes, one);
        fc.pre(isToldApart(damaged, bytes, profile));
        mutations += 1;
        const heard = await hear(damaged);
        expect(heard.outcomes.filter((outcome) => !isKnown(outcome))).toEqual([]);
        expect(heard.outcomes.length).toBeGreaterThan(0);
        for (const [id, value] of heard.values) {
          if (value !== null) expect([id, value]).toEqual([id, clean.values.get(id)]);
        }
      }),
      { numRuns: 150 },
    );
  },
);

test.each(subjects)(
  '$name: nonsense with a right check sum gives what the types can hold, or reasons',
  async ({ bytes, profile, hear }) => {
    const { find, open, close } = envelopeOf(profile);
    const content = open(find(bytes) ?? nothing);
    await fc.assert(
      fc.asyncProperty(anyNonsense, async (said) => {
        mutations += 1;
        const { values, outcomes: ended } = await hear(close(nonsense(content, said)));
        expect(ended.filter((outcome) => !isKnown(outcome))).toEqual([]);
        const impossible = [...values].flatMap(([id, value]) => {
          const point = pointsOf(profile).find((one) => one.id === id);
          return value === null ? [] : point ? (impossibleIn(point, value) ?? []) : Number.isFinite(value) ? [] : [id];
        });
        expect(impossible).toEqual([]);
      }),
      { numRuns: 80 },
    );
  },
);

test('as many mutations were heard as the runs say', () => {
  console.log(`${captures.length} captures, ${subjects.length} frames of them, ${mutations} mutations`);
  expect(mutations).toBeGreaterThanOrEqual(subjects.length * 230);
});
