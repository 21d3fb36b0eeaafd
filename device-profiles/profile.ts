import * as z from 'zod';
import { factorCodes } from './factors.ts';

/**
 * The shape of a device profile: what one instrument says on the wire and how to understand it. Facts only: no code, no
 * expressions, nothing that could clamp or make up a value. Objects are strict: an unknown field is a fault.
 * A new protocol is one more member of the union at the end.
 */

const bothLanguages = z.strictObject({
  zh: z.string().min(1).describe('Chinese, as the page shows it'),
  en: z.string().min(1).describe('English, as the page shows it'),
});

/** `maker/model`, plain lower-case words joined by dots, underscores or hyphens; also the file's place in the catalogue. */
export const profileIdPattern = /^[a-z0-9][a-z0-9._-]*\/[a-z0-9][a-z0-9._-]*$/;
const wordPattern = /^[a-z0-9][a-z0-9._-]*$/;

const profileId = z.string().regex(profileIdPattern, 'must be maker/model in lower case, such as eastron/sdm630');
const word = z.string().regex(wordPattern, 'must be lower-case letters, digits, dots, underscores or hyphens');

const parityOf = { N: 'none', E: 'even', O: 'odd' } as const;

/** Line settings written the usual way: `9600-8N1` = bits per second, data bits, parity (N, E, O), stop bits. */
export const serialSettingsSchema = z
  .string()
  .regex(
    /^\d{3,7}-[78][NEO][12]$/,
    'must be written like 9600-8N1: bits per second, data bits, parity N, E or O, stop bits',
  )
  .transform((text): SerialSettings => {
    const [speed = '', frame = ''] = text.split('-');
    return {
      baudRate: Number(speed),
      dataBits: frame[0] === '7' ? 7 : 8,
      parity: parityOf[frame[1] as keyof typeof parityOf],
      stopBits: frame[2] === '2' ? 2 : 1,
    };
  });

export interface SerialSettings {
  /** Bits per second. */
  baudRate: number;
  dataBits: 7 | 8;
  parity: 'none' | 'even' | 'odd';
  stopBits: 1 | 2;
}

const pointFields = {
  id: word.describe('Name of the point, unique in the profile; usually the factor'),
  factor: z.enum(factorCodes).describe('What is measured: a key of factors.ts, which also fixes the unit'),
  scale: z
    .number()
    .refine((scale) => scale !== 0, 'must not be 0')
    .default(1)
    .describe('value = raw x scale + offset, in the unit of the factor; negative turns the sign'),
  offset: z.number().default(0).describe('Added after scaling, in the unit of the factor'),
  channel: word.optional().describe('Channel of an instrument that serves several places; the site maps it to a point'),
  optional: z
    .boolean()
    .default(false)
    .describe(
      'The sensor may not be fitted and then reads as a number: the site must confirm it before it is believed',
    ),
  range: z
    .tuple([z.number(), z.number()])
    .optional()
    .describe('Measuring range [lowest, highest] in the unit of the factor, as the maker states it; above it: flag T'),
  sentinels: z
    .array(z.number())
    .min(1)
    .optional()
    .describe('Raw values (before scale, after the sign is applied) that mean "no value"'),
};

/** Registers and bits each type takes, and whether it is a whole number. */
export const modbusTypes = {
  bit: { registers: 1, whole: true },
  u16: { registers: 1, whole: true },
  s16: { registers: 1, whole: true },
  u32: { registers: 2, whole: true },
  s32: { registers: 2, whole: true },
  float32: { registers: 2, whole: false },
  u64: { registers: 4, whole: true },
  s64: { registers: 4, whole: true },
  float64: { registers: 4, whole: false },
} as const;

export type ModbusType = keyof typeof modbusTypes;

/** How often a point is worth reading; points of different cadence are read by different requests. */
export const cadences = ['fast', 'slow', 'once', 'daily'] as const;
export type Cadence = (typeof cadences)[number];

const functionCode = z
  .literal([1, 2, 3, 4])
  .describe('Modbus function code: 1 coils, 2 discrete inputs, 3 holding registers, 4 input registers');

const register = z.int().min(0).max(65535);

export const modbusPointSchema = z.strictObject({
  ...pointFields,
  functionCode,
  register: register.describe(
    'First register (or bit, for function codes 1 and 2), 0-based as it stands in the request',
  ),
  type: z.enum(Object.keys(modbusTypes) as ModbusType[]).describe('How the registers are read'),
  order: z
    .enum(['ABCD', 'CDAB', 'BADC', 'DCBA'])
    .default('ABCD')
    .describe(
      'Order of the bytes as sent: ABCD big-endian, CDAB words swapped, BADC bytes swapped in each word, DCBA both',
    ),
  bit: z
    .int()
    .min(0)
    .max(15)
    .optional()
    .describe('Which bit of the register, 0 = lowest; only for type bit in a register'),
  frame: word
    .optional()
    .describe('Points of one frame name are only true together: they are read by one request and never apart'),
  cadence: z
    .enum(cadences)
    .default('fast')
    .describe(
      'How often it is worth reading: fast with every poll of the site, slow seldom, once when the line is connected, daily once a day',
    ),
});

export const particlePointSchema = z.strictObject({
  ...pointFields,
  byteOffset: z.int().min(4).describe('First byte of the value, counted from the start of the frame'),
  type: z.enum(['u8', 'u16', 's16']).describe('How the bytes are read; the high byte comes first'),
});

const limitsSchema = z.strictObject({
  maxRegisters: z.int().min(1).max(125).default(125).describe('Most registers that one request may ask for'),
  maxBits: z
    .int()
    .min(1)
    .max(2000)
    .default(2000)
    .describe('Most coils or discrete inputs that one request may ask for'),
  maxHole: z
    .int()
    .min(0)
    .max(124)
    .default(0)
    .describe('Most unlisted registers in a row that a request may read through to save another request'),
  gapMs: z.int().min(0).max(60_000).default(0).describe('Least silence between a reply and the next request, in ms'),
  turnAroundMs: z
    .int()
    .min(0)
    .max(1000)
    .default(0)
    .describe(
      'Least silence on the line before a request to it, whoever spoke last, in ms; 3.5 characters hold anyway',
    ),
  timeoutMs: z.int().min(10).max(60_000).default(1000).describe('Longest wait for the reply to begin, in ms'),
  retries: z.int().min(0).max(10).default(1).describe('How often a failed request is sent again'),
  outstanding: z
    .int()
    .min(1)
    .max(16)
    .default(1)
    .describe('Requests that may be under way at once over Modbus TCP; 1 where the maker does not say more'),
});

/** Where an instrument departs from the Modbus standard. */
const quirksSchema = z.strictObject({
  crcSwapped: z
    .boolean()
    .default(false)
    .describe('True: the two bytes of the check sum of its replies come high byte first'),
  silentRefusal: z
    .boolean()
    .default(false)
    .describe('True: it keeps silent where others answer with an exception, such as for a register it does not have'),
});

const holeSchema = z.strictObject({
  functionCode,
  from: register.describe('First register that must not be read, 0-based'),
  to: register.describe('Last register that must not be read, 0-based'),
});

const variantSchema = z.strictObject({
  id: word.describe('Name of the variant; chosen as maker/model@variant'),
  name: bothLanguages.describe('What sets this variant apart and how to tell'),
  without: z.array(word).optional().describe('Points that this variant does not have'),
  points: z
    .array(z.looseObject({ id: word }))
    .optional()
    .describe('Points that differ (only the fields that differ) or are new (in full)'),
});

const profileFields = {
  profile: profileId.describe('Identity, and place in the catalogue: maker/model'),
  name: bothLanguages.describe('Name of the instrument'),
  extends: profileId.optional().describe('Profile whose facts hold here too unless stated otherwise'),
  without: z.array(word).optional().describe('Points of the extended profile that do not hold here'),
  abstract: z.boolean().optional().describe('True: only to be extended, not an instrument'),
  sources: z
    .array(z.string().min(1))
    .min(1)
    .describe('Where the facts were read: manual and clause, repository and file'),
  confidence: z
    .enum(['A', 'B', 'C', 'X'])
    .describe('A maker manual or three independent sources; B two; C one; X sources conflict, see gotchas'),
  gotchas: z.array(bothLanguages).default([]).describe('What surprises people in the field; shown to the technician'),
  serial: z
    .strictObject({
      default: serialSettingsSchema.describe('As delivered'),
      alternatives: z.array(serialSettingsSchema).default([]).describe('Other settings met in the field'),
    })
    .describe('Line settings'),
  warmUpSeconds: z.number().min(0).default(0).describe('Time after power-on before values mean anything, in s'),
  variants: z.array(variantSchema).optional().describe('Kinds of the same model that answer differently'),
};

const modbusProfileSchema = z.strictObject({
  ...profileFields,
  protocol: z.literal('modbus').describe('Modbus RTU, TCP or RTU over TCP: the link decides the framing'),
  address: z
    .strictObject({
      default: z.int().min(1).max(255).describe('Slave address as delivered'),
      range: z
        .tuple([z.int().min(1).max(255), z.int().min(1).max(255)])
        .default([1, 247])
        .describe('Addresses that can be set, [lowest, highest]'),
    })
    .describe('Slave address'),
  limits: limitsSchema.prefault({}).describe('How the instrument wants to be asked'),
  quirks: quirksSchema.prefault({}).describe('Where it departs from the Modbus standard'),
  holes: z
    .array(holeSchema)
    .default([])
    .describe('Registers that a request must not touch; one up to 65535 says: do not read past'),
  points: z.array(modbusPointSchema).min(1).describe('What can be read'),
});

const plantowerProfileSchema = z.strictObject({
  ...profileFields,
  protocol: z.literal('plantower').describe('Plantower stream: 42 4D frames, sent unasked about once a second'),
  frame: z
    .strictObject({
      length: z.literal([24, 32, 40]).describe('Bytes of a whole frame, header to checksum'),
      allZero: z
        .tuple([z.int().min(4), z.int().min(4)])
        .optional()
        .describe('Bytes [first, last] that are all zero while the sensor warms up: such a frame holds no value'),
    })
    .describe('The frame'),
  points: z.array(particlePointSchema).min(1).describe('What can be read'),
});

/** A whole profile: one file, with what it inherits already merged in. */
export const profileSchema = z.discriminatedUnion('protocol', [modbusProfileSchema, plantowerProfileSchema]);

export type Profile = z.output<typeof profileSchema>;
export type ModbusProfile = z.output<typeof modbusProfileSchema>;
export type PlantowerProfile = z.output<typeof plantowerProfileSchema>;
export type ModbusPoint = z.output<typeof modbusPointSchema>;
export type ParticlePoint = z.output<typeof particlePointSchema>;
export type ProfilePoint = ModbusPoint | ParticlePoint;
export type WordOrder = ModbusPoint['order'];
export type Variant = z.output<typeof variantSchema>;
