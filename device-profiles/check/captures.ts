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
import { everyRead } from '../modbus/reads.ts';
import { modbusCrc, modbusCrcHolds } from '../modbus-crc.ts';
import { type ModbusProfile, type Profile, pointsOf } from '../profile.ts';
import { instrumentFlags } from '../shape/status.ts';
import { decodeDlt645Capture } from './dlt645-capture.ts';
import { fieldName, type ProfileFault, schemaFaults } from './faults.ts';
import { decodeFirmataCapture } from './firmata-capture.ts';
import { decodeFramedCapture } from './framed-capture.ts';
import { decodeHj212Capture } from './hj212-capture.ts';
import { decodeNodeCapture } from './node-capture.ts';
import type { ProfileFile } from './profile-file.ts';
import { both, type Complain } from './rules/complain.ts';
import { spoken } from './said.ts';
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
  request: hexBytes
    .optional()
    .describe('Modbus RTU request, address to CRC; DL/T 645 request, FE or 68 to 16; what gets a frame'),
  reply: hexBytes.optional().describe('The reply to it, likewise whole'),
  also: z
    .array(z.strictObject({ request: hexBytes, reply: hexBytes }))
    .optional()
    .describe('Further exchanges of the same reading: scales, units, states, other messages'),
  frame: hexBytes
    .optional()
    .describe('The whole frame of an instrument that talks unasked, as it stands on the wire; messages of a board'),
  packet: z.string().optional().describe('A packet of HJ 212 as text, ## to CRC, without its line end'),
  rows: z.string().optional().describe('A message of a sensor node as JSON text, with one row'),
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
type PickVariant = (variant: string | undefined) => Profile | undefined;

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
    const fault = both(
      `these captures are of ${parsed.data.profile}, not of ${id}`,
      `这些实录属于 ${parsed.data.profile}，不是 ${id}`,
    );
    const remedy = both(`write profile: ${id}, or move the file`, `写 profile: ${id}，或移动文件`);
    replay.faults.push({ ...locate(['profile']), ...spoken(fault, remedy) });
  }
  parsed.data.captures.forEach((capture, index) => {
    const before = replay.faults.length;
    const complain: Complain = (path, fault, remedy) =>
      replay.faults.push({ ...locate(['captures', index, ...path]), ...spoken(fault, remedy) });
    const profile = pick(capture.variant);
    if (profile) compare(capture, decodeCapture(profile, capture, complain), leftOut, complain);
    else if (capture.variant !== undefined) {
      complain(
        ['variant'],
        both(`${id} has no sound variant ${capture.variant}`, `${id} 没有可用的变体 ${capture.variant}`),
        both('name a variant of the profile', '写本型号的变体'),
      );
    }
    if (!profile || replay.faults.length > before) return;
    replay.proven.push(capture);
    replay.values += Object.keys(capture.expect).length;
  });
  return replay;
}

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
    case 'framed':
      return decodeFramedCapture(profile, capture, complain);
    case 'dlt645':
      return decodeDlt645Capture(profile, capture, complain);
    case 'hj212':
      return decodeHj212Capture(profile, capture, complain);
    case 'node':
      return decodeNodeCapture(profile, capture, complain);
    case 'firmata':
      return decodeFirmataCapture(profile, capture, complain);
  }
}

function decodeModbusCapture(profile: ModbusProfile, capture: Capture, complain: Complain): Values {
  const { request, reply, also = [], parameters } = capture;
  if (!request || !reply || capture.frame || capture.packet || capture.rows) {
    complain(
      [],
      both('a Modbus capture is a request and its reply', 'Modbus 实录由请求和应答组成'),
      both('give request and reply, and no frame', '写 request 和 reply，不写 frame'),
    );
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
    const remedy = both(
      `copy the bytes again; the CRC of these bytes would be ${right}`,
      `重新抄录字节；这些字节的 CRC 应为 ${right}`,
    );
    complain([...path, field], both('the CRC is wrong', 'CRC 错误'), remedy);
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
    const remedy = both('give the eight bytes of the request', '写请求的八个字节');
    complain(
      [...path, 'request'],
      both('is not a read request of function code 1 to 4', '不是功能码 1 到 4 的读取请求'),
      remedy,
    );
    return false;
  }
  const view = new DataView(request.buffer);
  const start = view.getUint16(2);
  const count = view.getUint16(4);
  const data = reply.subarray(3, -2);
  const block = unpackModbusData(functionCode, data, count);
  if (reply[0] !== request[0] || reply[1] !== functionCode || reply[2] !== data.length || !block) {
    complain(
      [...path, 'reply'],
      both('does not answer the request', '不是对该请求的应答'),
      both('give the reply to this very request', '写对这一请求的应答'),
    );
    return false;
  }
  for (const read of everyRead(profile)) {
    const end = read.register + registersOf(read);
    if (read.functionCode !== functionCode || read.register < start || end > start + count) continue;
    raws.set(read.id, readModbus(read, block, start));
  }
  return true;
}

function compare(capture: Capture, values: Values, leftOut: ReadonlySet<string>, complain: Complain): void {
  if (!values) return;
  for (const [id, expected] of Object.entries(capture.expect)) {
    if (leftOut.has(id)) continue;
    const decoded = values.get(id);
    if (!decoded) {
      complain(
        ['expect', id],
        both('these bytes hold no such point', '这些字节中没有此测点'),
        both(`name one of: ${[...values.keys()].join(', ')}`, `可写：${[...values.keys()].join('、')}`),
      );
      continue;
    }
    const found = {
      value: decoded.value ?? ('reason' in decoded ? decoded.reason : null),
      flag: decoded.state?.flag ?? 'N',
    };
    const wanted = typeof expected === 'object' ? expected : { value: expected, flag: 'N' };
    if (found.value === wanted.value && found.flag === wanted.flag) continue;
    const fault = both(
      `the bytes decode to ${inWords(found)}, not to ${inWords(wanted)}`,
      `字节解得 ${inWords(found)}，不是 ${inWords(wanted)}`,
    );
    complain(
      ['expect', id],
      fault,
      both(
        'correct the expectation, or the type, order or scale of the point',
        '改正期望值，或测点的 type、order、scale',
      ),
    );
  }
}

const inWords = ({ value, flag }: { value: number | string | null; flag: string }): string =>
  flag === 'N' ? String(value) : `${value} with flag ${flag}`;
