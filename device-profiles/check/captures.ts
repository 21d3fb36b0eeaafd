import * as z from 'zod';
import {
  type Decoded,
  interpret,
  noValueReasons,
  type Raw,
  readModbus,
  registersOf,
  unpackModbusData,
} from '../decode.ts';
import { modbusCrc, modbusCrcHolds } from '../modbus-crc.ts';
import { decodePlantowerFrame, plantowerChecksumHolds, plantowerFrameLength } from '../plantower.ts';
import { type ModbusProfile, type PlantowerProfile, type Profile, pointsOf } from '../profile.ts';
import { instrumentFlags } from '../shape/status.ts';
import { everyRead } from '../value/reads.ts';
import { fieldName, type ProfileFault, schemaFaults } from './faults.ts';
import type { ProfileFile } from './profile-file.ts';
import type { FieldPath } from './yaml-document.ts';

/** Recorded bytes and the readings they mean: the proof of a profile. They stand in `<model>.captures.yaml` beside it. */

const hexBytes = z
  .string()
  .regex(/^[0-9A-Fa-f]{2}(\s+[0-9A-Fa-f]{2})*$/, 'must be bytes in hexadecimal with blanks between: 01 04 00 00')
  .transform((text) => Uint8Array.from(text.split(/\s+/), (byte) => Number.parseInt(byte, 16)));

const meaning = z.union([z.number(), z.enum(noValueReasons)]);
const expectation = z.union([
  meaning,
  z.strictObject({
    value: meaning.describe('The value in the unit of the factor, or the reason why there is none'),
    flag: z.enum(instrumentFlags).describe('The flag of what the instrument says of itself beside it'),
  }),
]);

const captureSchema = z.strictObject({
  id: z.string().min(1).describe('Name of the capture'),
  kind: z
    .enum(['recorded', 'published', 'constructed'])
    .describe(
      'recorded from an instrument by us; published by somebody; constructed by hand from the documented layout',
    ),
  source: z.string().min(1).describe('Who recorded or published it and where; how it was constructed'),
  note: z.string().optional().describe('What is worth knowing about it'),
  variant: z.string().optional().describe('The variant of the profile that it belongs to'),
  request: hexBytes.optional().describe('Modbus RTU request, address to CRC'),
  reply: hexBytes.optional().describe('Modbus RTU reply, address to CRC'),
  also: z
    .array(z.strictObject({ request: hexBytes, reply: hexBytes }))
    .optional()
    .describe('Further Modbus exchanges of the same reading: scales, units, states'),
  frame: hexBytes.optional().describe('The whole frame of an instrument that talks unasked'),
  parameters: z.record(z.string(), z.number()).default({}).describe('What the site states, such as { ct: 40 }'),
  expect: z
    .record(z.string(), expectation)
    .refine((expected) => Object.keys(expected).length > 0, 'must say what at least one point means')
    .describe('Point id: its value in the unit of the factor, or the reason why it has none'),
});

/** The shape of a captures file. */
export const capturesSchema = z.strictObject({
  profile: z.string().min(1).describe('The profile that these captures prove'),
  captures: z.array(captureSchema).min(1),
});

export type Capture = z.output<typeof captureSchema>;

/** What replaying a captures file came to. */
export interface Replay {
  /** Captures that decoded to exactly what they say. */
  proven: Capture[];
  /** How many single values were compared. */
  values: number;
  faults: ProfileFault[];
}

/** The profile, or the variant of it, that a capture belongs to; `undefined` if there is none that can decode. */
export type PickVariant = (variant: string | undefined) => Profile | undefined;

/**
 * Decodes every capture with the profile and compares with what the capture says it means.
 * Points in `leftOut` are faulty already and are not compared.
 */
export function replayCaptures(
  id: string,
  pick: PickVariant,
  file: ProfileFile,
  leftOut: ReadonlySet<string> = new Set(),
): Replay {
  const locate = (path: FieldPath) => ({ file: file.file, line: file.document.lineOf(path), field: fieldName(path) });
  const parsed = capturesSchema.safeParse(file.document.value);
  if (!parsed.success) {
    return { proven: [], values: 0, faults: schemaFaults(parsed.error.issues, file.document.value, locate) };
  }
  const replay: Replay = { proven: [], values: 0, faults: [] };
  if (parsed.data.profile !== id) {
    const fault = `these captures are of ${parsed.data.profile}, not of ${id}`;
    replay.faults.push({ ...locate(['profile']), fault, remedy: `write profile: ${id}, or move the file` });
  }
  parsed.data.captures.forEach((capture, index) => {
    const before = replay.faults.length;
    const complain: Complain = (path, fault, remedy) =>
      replay.faults.push({ ...locate(['captures', index, ...path]), fault, remedy });
    const profile = pick(capture.variant);
    if (profile) compare(capture, decodeCapture(profile, capture, complain), leftOut, complain);
    else if (capture.variant !== undefined) {
      complain(['variant'], `${id} has no sound variant ${capture.variant}`, 'name a variant of the profile');
    }
    if (!profile || replay.faults.length > before) return;
    replay.proven.push(capture);
    replay.values += Object.keys(capture.expect).length;
  });
  return replay;
}

type Complain = (path: FieldPath, fault: string, remedy: string) => void;
type Values = ReadonlyMap<string, Decoded> | undefined;

const hex = (bytes: Uint8Array) =>
  Buffer.from(bytes)
    .toString('hex')
    .toUpperCase()
    .replace(/(..)(?=.)/g, '$1 ');

function decodeCapture(profile: Profile, capture: Capture, complain: Complain): Values {
  return profile.protocol === 'modbus'
    ? decodeModbusCapture(profile, capture, complain)
    : decodeFrameCapture(profile, capture, complain);
}

function decodeModbusCapture(profile: ModbusProfile, capture: Capture, complain: Complain): Values {
  const { request, reply, also = [], parameters } = capture;
  if (!request || !reply || capture.frame) {
    complain([], 'a Modbus capture is a request and its reply', 'give request and reply, and no frame');
    return undefined;
  }
  const exchanges = [{ request, reply, path: [] as FieldPath }];
  also.forEach((exchange, index) => void exchanges.push({ ...exchange, path: ['also', index] }));
  const raws = new Map<string, Raw>();
  for (const exchange of exchanges) {
    if (!takeExchange(profile, exchange, raws, complain)) return undefined;
  }
  return interpret(profile, pointsOf(profile), raws, { parameters, auxiliaries: new Map() });
}

interface Exchange {
  readonly request: Uint8Array;
  readonly reply: Uint8Array;
  readonly path: FieldPath;
}

/** Reads everything of the profile that the reply holds; false after a complaint. */
function takeExchange(profile: ModbusProfile, exchange: Exchange, raws: Map<string, Raw>, complain: Complain): boolean {
  const { path } = exchange;
  let sound = true;
  for (const field of ['request', 'reply'] as const) {
    const bytes = exchange[field];
    if (modbusCrcHolds(bytes)) continue;
    sound = false;
    const crc = modbusCrc(bytes, 0, bytes.length - 2);
    const right = hex(Uint8Array.of(crc & 0xff, crc >> 8));
    const remedy = `copy the bytes again; the CRC of these bytes would be ${right}`;
    complain([...path, field], 'the CRC is wrong', remedy);
  }
  return sound && takeReply(profile, exchange, raws, complain);
}

/*
 * request: address, function code, start (2), count (2), CRC (2)
 * reply:   address, function code, byte count, data …, CRC (2)
 */
function takeReply(
  profile: ModbusProfile,
  { request, reply, path }: Exchange,
  raws: Map<string, Raw>,
  complain: Complain,
): boolean {
  const functionCode = request[1];
  if (request.length !== 8 || (functionCode !== 1 && functionCode !== 2 && functionCode !== 3 && functionCode !== 4)) {
    const remedy = 'give the eight bytes of the request';
    complain([...path, 'request'], 'is not a read request of function code 1 to 4', remedy);
    return false;
  }
  const view = new DataView(request.buffer);
  const start = view.getUint16(2);
  const count = view.getUint16(4);
  const data = reply.subarray(3, -2);
  const block = unpackModbusData(functionCode, data, count);
  if (reply[0] !== request[0] || reply[1] !== functionCode || reply[2] !== data.length || !block) {
    complain([...path, 'reply'], 'does not answer the request', 'give the reply to this very request');
    return false;
  }
  for (const read of everyRead(profile)) {
    const end = read.register + registersOf(read);
    if (read.functionCode !== functionCode || read.register < start || end > start + count) continue;
    raws.set(read.id, readModbus(read, block, start));
  }
  return true;
}

function decodeFrameCapture(profile: PlantowerProfile, capture: Capture, complain: Complain): Values {
  const { frame } = capture;
  if (!frame || capture.request || capture.reply) {
    complain([], 'a capture of this instrument is one frame', 'give frame, and neither request nor reply');
    return undefined;
  }
  if (plantowerFrameLength(frame) !== frame.length || frame.length !== profile.frame.length) {
    complain(['frame'], `is not a frame of ${profile.frame.length} bytes`, 'give one whole frame, 42 4D to checksum');
    return undefined;
  }
  if (!plantowerChecksumHolds(frame)) {
    complain(['frame'], 'the checksum is wrong', 'copy the bytes again, or leave the capture out');
    return undefined;
  }
  return decodePlantowerFrame(profile, frame);
}

function compare(capture: Capture, values: Values, leftOut: ReadonlySet<string>, complain: Complain): void {
  if (!values) return;
  for (const [id, expected] of Object.entries(capture.expect)) {
    if (leftOut.has(id)) continue;
    const decoded = values.get(id);
    if (!decoded) {
      complain(['expect', id], 'these bytes hold no such point', `name one of: ${[...values.keys()].join(', ')}`);
      continue;
    }
    const found = {
      value: decoded.value ?? ('reason' in decoded ? decoded.reason : null),
      flag: decoded.state?.flag ?? 'N',
    };
    const wanted = typeof expected === 'object' ? expected : { value: expected, flag: 'N' };
    if (found.value === wanted.value && found.flag === wanted.flag) continue;
    const fault = `the bytes decode to ${inWords(found)}, not to ${inWords(wanted)}`;
    complain(['expect', id], fault, 'correct the expectation, or the type, order or scale of the point');
  }
}

const inWords = ({ value, flag }: { value: number | string | null; flag: string }): string =>
  flag === 'N' ? String(value) : `${value} with flag ${flag}`;
