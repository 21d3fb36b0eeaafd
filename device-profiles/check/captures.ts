import * as z from 'zod';
import { type Decoded, decodeModbus, registersOf, unpackModbusData } from '../decode.ts';
import { modbusCrc, modbusCrcHolds } from '../modbus-crc.ts';
import { decodePlantowerFrame, plantowerChecksumHolds, plantowerFrameLength } from '../plantower.ts';
import type { ModbusProfile, PlantowerProfile, Profile } from '../profile.ts';
import { decodeDlt645Capture } from './dlt645-capture.ts';
import { fieldName, type ProfileFault, schemaFaults } from './faults.ts';
import { decodeHj212Capture } from './hj212-capture.ts';
import type { ProfileFile } from './profile-file.ts';
import type { FieldPath } from './yaml-document.ts';

/** Recorded bytes and the readings they mean: the proof of a profile. They stand in `<model>.captures.yaml` beside it. */

const hexBytes = z
  .string()
  .regex(/^[0-9A-Fa-f]{2}(\s+[0-9A-Fa-f]{2})*$/, 'must be bytes in hexadecimal with blanks between: 01 04 00 00')
  .transform((text) => Uint8Array.from(text.split(/\s+/), (byte) => Number.parseInt(byte, 16)));

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
  request: hexBytes.optional().describe('Modbus RTU request, address to CRC; DL/T 645 request, FE or 68 to 16'),
  reply: hexBytes.optional().describe('The reply to it, likewise whole'),
  frame: hexBytes.optional().describe('The whole frame of an instrument that talks unasked'),
  packet: z.string().optional().describe('A packet of HJ 212 as text, ## to CRC, without its line end'),
  expect: z
    .record(
      z.string(),
      z.union([z.number(), z.enum(['sentinel', 'not-a-number', 'warm-up', 'beyond-precision', 'instrument-status'])]),
    )
    .refine((expected) => Object.keys(expected).length > 0, 'must say what at least one point means')
    .describe('Point id: its value in the unit of the factor, or the reason why it has none'),
});

const capturesSchema = z.strictObject({
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

export type Complain = (path: FieldPath, fault: string, remedy: string) => void;
/** What the bytes of a capture mean; `undefined` after a complaint. */
export type Values = ReadonlyMap<string, Decoded> | undefined;

const hex = (bytes: Uint8Array) =>
  Buffer.from(bytes)
    .toString('hex')
    .toUpperCase()
    .replace(/(..)(?=.)/g, '$1 ');

function decodeCapture(profile: Profile, capture: Capture, complain: Complain): Values {
  switch (profile.protocol) {
    case 'modbus':
      return decodeModbusCapture(profile, capture, complain);
    case 'plantower':
      return decodeFrameCapture(profile, capture, complain);
    case 'dlt645':
      return decodeDlt645Capture(profile, capture, complain);
    case 'hj212':
      return decodeHj212Capture(profile, capture, complain);
  }
}

function decodeModbusCapture(profile: ModbusProfile, capture: Capture, complain: Complain): Values {
  const { request, reply } = capture;
  if (!request || !reply || capture.frame || capture.packet) {
    complain([], 'a Modbus capture is a request and its reply', 'give request and reply, and no frame');
    return undefined;
  }
  let sound = true;
  for (const [field, bytes] of [
    ['request', request],
    ['reply', reply],
  ] as const) {
    if (modbusCrcHolds(bytes)) continue;
    sound = false;
    const crc = modbusCrc(bytes, 0, bytes.length - 2);
    const right = hex(Uint8Array.of(crc & 0xff, crc >> 8));
    complain([field], 'the CRC is wrong', `copy the bytes again; the CRC of these bytes would be ${right}`);
  }
  if (!sound) return undefined;
  return decodeReply(profile, request, reply, complain);
}

/*
 * request: address, function code, start (2), count (2), CRC (2)
 * reply:   address, function code, byte count, data …, CRC (2)
 */
function decodeReply(profile: ModbusProfile, request: Uint8Array, reply: Uint8Array, complain: Complain): Values {
  const functionCode = request[1];
  if (request.length !== 8 || (functionCode !== 1 && functionCode !== 2 && functionCode !== 3 && functionCode !== 4)) {
    complain(['request'], 'is not a read request of function code 1 to 4', 'give the eight bytes of the request');
    return undefined;
  }
  const view = new DataView(request.buffer);
  const start = view.getUint16(2);
  const count = view.getUint16(4);
  const data = reply.subarray(3, -2);
  const block = unpackModbusData(functionCode, data, count);
  if (reply[0] !== request[0] || reply[1] !== functionCode || reply[2] !== data.length || !block) {
    complain(['reply'], 'does not answer the request', 'give the reply to this very request');
    return undefined;
  }
  const held = profile.points.filter(
    (point) =>
      point.functionCode === functionCode &&
      point.register >= start &&
      point.register + registersOf(point) <= start + count,
  );
  return new Map(held.map((point) => [point.id, decodeModbus(profile, point, block, start)]));
}

function decodeFrameCapture(profile: PlantowerProfile, capture: Capture, complain: Complain): Values {
  const { frame } = capture;
  if (!frame || capture.request || capture.reply || capture.packet) {
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
    const meaning = decoded.value === null ? decoded.reason : decoded.value;
    if (meaning === expected) continue;
    const fault = `the bytes decode to ${meaning}, not to ${expected}`;
    complain(['expect', id], fault, 'correct the expectation, or the type, order or scale of the point');
  }
}
