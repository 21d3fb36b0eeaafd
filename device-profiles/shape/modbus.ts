import * as z from 'zod';
import { modbusCommandSchema } from './commands.ts';
import { auxiliaryFields, type Cadence, cadences, pointFields, profileFields, variantSchema, word } from './fields.ts';
import { slotsSchema } from './slots.ts';

/** What a profile of a Modbus instrument says. */

/**
 * Registers each type takes; whether it is a whole number; what kind of thing it is. `u8-high` and `u8-low` are halves of
 * one register; `u24` is the lower three bytes of two; `bcd…` holds one decimal digit in four bits. Times, packed:
 * `time-bcd` and `time-bytes` are three registers of year, month, day, hour, minute, second, as BCD or binary, the year
 * counted from 2000, in the instrument's own local time; `time-registers` is six registers of the same; `time-bcd-minutes`
 * is three registers of year (four digits), month, day, hour, minute as BCD; `time-seven` is the year in two bytes and
 * month, day, hour, minute, second in one each, from the high byte of the first of four registers, `time-seven-low` from
 * its low byte; `time-unix` is seconds since 1970 (UTC).
 */
export const modbusTypes = {
  bit: { registers: 1, kind: 'whole' },
  'u8-high': { registers: 1, kind: 'whole' },
  'u8-low': { registers: 1, kind: 'whole' },
  's8-high': { registers: 1, kind: 'whole' },
  's8-low': { registers: 1, kind: 'whole' },
  u16: { registers: 1, kind: 'whole' },
  s16: { registers: 1, kind: 'whole' },
  bcd16: { registers: 1, kind: 'whole' },
  u24: { registers: 2, kind: 'whole' },
  s24: { registers: 2, kind: 'whole' },
  u32: { registers: 2, kind: 'whole' },
  s32: { registers: 2, kind: 'whole' },
  bcd32: { registers: 2, kind: 'whole' },
  float32: { registers: 2, kind: 'real' },
  bcd48: { registers: 3, kind: 'whole' },
  u64: { registers: 4, kind: 'whole' },
  s64: { registers: 4, kind: 'whole' },
  bcd64: { registers: 4, kind: 'whole' },
  float64: { registers: 4, kind: 'real' },
  text: { registers: 1, kind: 'text' },
  'time-bcd': { registers: 3, kind: 'time' },
  'time-bytes': { registers: 3, kind: 'time' },
  'time-registers': { registers: 6, kind: 'time' },
  'time-bcd-minutes': { registers: 3, kind: 'time' },
  'time-seven': { registers: 4, kind: 'time' },
  'time-seven-low': { registers: 4, kind: 'time' },
  'time-unix': { registers: 2, kind: 'time' },
} as const;

export type ModbusType = keyof typeof modbusTypes;

const allTypes = Object.keys(modbusTypes) as ModbusType[];
const numericTypes = allTypes.filter(
  (type): type is NumericType => modbusTypes[type].kind === 'whole' || modbusTypes[type].kind === 'real',
);
type NumericType = Exclude<ModbusType, 'text' | `time-${string}`>;

const functionCode = z
  .literal([1, 2, 3, 4])
  .describe('Modbus function code: 1 coils, 2 discrete inputs, 3 holding registers, 4 input registers');

const register = z.int().min(0).max(65535);

/** Where a value stands. */
const placement = {
  functionCode,
  register: register.describe(
    'First register (or bit, for function codes 1 and 2), 0-based as it stands in the request',
  ),
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
  bits: z
    .tuple([z.int().min(0).max(63), z.int().min(0).max(63)])
    .optional()
    .describe('Only these bits of a whole number, [lowest, highest], 0 = lowest; they are read without sign'),
  signBit: z.boolean().default(false).describe('For BCD: the highest bit is the sign, not part of the first digit'),
  frame: word
    .optional()
    .describe('Points of one frame name are only true together: they are read by one request and never apart'),
};

export const modbusPointSchema = z.strictObject({
  ...pointFields,
  ...placement,
  type: z.enum(numericTypes).describe('How the registers are read'),
  cadence: z
    .enum(cadences)
    .default('fast')
    .describe(
      'How often it is worth reading: fast with every poll of the site, slow seldom, once when the line is connected, daily once a day',
    ),
});

const modbusAuxiliarySchema = z.strictObject({
  ...auxiliaryFields,
  ...placement,
  type: z.enum(allTypes).describe('How the registers are read'),
  registers: z.int().min(1).max(60).optional().describe('For type text: how many registers it takes'),
});

/** Something that is read: a point or an auxiliary value. */
export interface ModbusRead {
  readonly id: string;
  readonly functionCode: ModbusPoint['functionCode'];
  readonly register: number;
  readonly type: ModbusType;
  readonly order: WordOrder;
  readonly bit?: number | undefined;
  readonly bits?: readonly [number, number] | undefined;
  readonly signBit?: boolean | undefined;
  readonly registers?: number | undefined;
  readonly frame?: string | undefined;
  readonly cadence: Cadence;
}

/** How to tell a variant at a connected instrument. */
const probeSchema = z.strictObject({
  functionCode: functionCode.optional(),
  register: register.optional().describe('First register that is read, 0-based'),
  type: z.enum(numericTypes).optional().describe('How the registers are read'),
  order: placement.order,
  range: z.tuple([z.number(), z.number()]).optional().describe('It is this variant if the raw value is within'),
  addresses: z
    .tuple([z.int().min(1).max(255), z.int().min(1).max(255)])
    .optional()
    .describe('In place of a register: it is this variant if the slave address is within'),
});
export type Probe = z.output<typeof probeSchema>;

/** A read that is sent for its effect, as some instruments are started and stopped; nothing is made of the answer. */
const actionSchema = z.strictObject({
  functionCode,
  register,
  count: z.int().min(0).max(125).describe('How many registers are asked for; some instruments want 0'),
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

const frameSchema = z.strictObject({
  functionCode: z.literal([3, 4]).describe('Modbus function code: 3 holding registers, 4 input registers'),
  register: register.describe('First register of the request, 0-based'),
  count: z.int().min(1).max(125).describe('How many registers are asked for'),
});

export const modbusProfileSchema = z.strictObject({
  ...profileFields,
  protocol: z.literal('modbus').describe('Modbus RTU, TCP or RTU over TCP: the link decides the framing'),
  address: z
    .strictObject({
      default: z
        .int()
        .min(1)
        .max(255)
        .optional()
        .describe('Slave address as delivered; left out where no source states it: the site always does'),
      range: z
        .tuple([z.int().min(1).max(255), z.int().min(1).max(255)])
        .default([1, 247])
        .describe('Addresses that can be set, [lowest, highest]'),
      general: z
        .array(z.int().min(0).max(255))
        .default([])
        .describe('Addresses that it answers besides its own; of use only while it is alone on the line'),
    })
    .prefault({})
    .describe('Slave address'),
  limits: limitsSchema.prefault({}).describe('How the instrument wants to be asked'),
  quirks: quirksSchema.prefault({}).describe('Where it departs from the Modbus standard'),
  holes: z
    .array(holeSchema)
    .default([])
    .describe('Registers that a request must not touch; one up to 65535 says: do not read past'),
  frames: z
    .record(word, frameSchema)
    .default({})
    .describe('Frames by name that are always asked exactly so, for an instrument that answers no other request'),
  start: z
    .array(actionSchema)
    .default([])
    .describe('Sent in order when the line is connected, before anything is read'),
  stop: z.array(actionSchema).default([]).describe('Sent in order when the gateway lets go of the instrument'),
  points: z.array(modbusPointSchema).default([]).describe('What can be read'),
  auxiliaries: z.array(modbusAuxiliarySchema).default([]).describe('What is read to understand the points'),
  identity: z
    .array(word)
    .min(1)
    .optional()
    .describe('Auxiliaries that say which unit it is (serial number, firmware): read when connected, and recorded'),
  slots: z.array(slotsSchema).default([]).describe('Lists in which the instrument itself says what each value is'),
  commands: z.array(modbusCommandSchema).default([]).describe('What can be written; off until the site switches it on'),
  variants: z
    .array(variantSchema.extend({ probe: probeSchema.optional().describe('How to tell it at the instrument') }))
    .optional()
    .describe('Kinds of the same model that answer differently'),
});

export type ModbusProfile = z.output<typeof modbusProfileSchema>;
export type ModbusPoint = z.output<typeof modbusPointSchema>;
export type ModbusAuxiliary = z.output<typeof modbusAuxiliarySchema>;
export type WordOrder = ModbusPoint['order'];
