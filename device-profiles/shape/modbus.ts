import * as z from 'zod';
import { cadences, pointFields, profileFields, word } from './fields.ts';

/** What a profile of a Modbus instrument says. */

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

export const modbusProfileSchema = z.strictObject({
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

export type ModbusProfile = z.output<typeof modbusProfileSchema>;
export type ModbusPoint = z.output<typeof modbusPointSchema>;
export type WordOrder = ModbusPoint['order'];
