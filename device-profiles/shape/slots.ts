import * as z from 'zod';
import { cadences, pointFields } from './fields.ts';
import { stateSchema } from './status.ts';
import { codeMap, word } from './words.ts';

/**
 * Slots: an instrument that lists what it measures. Each slot has a code that says what its value is; which slot holds
 * what is read, never assumed.
 */

const register = z.int().min(0).max(65535);

/** One column of the list. */
const column = {
  functionCode: z.literal([3, 4]).describe('Modbus function code: 3 holding registers, 4 input registers'),
  register: register.describe("The first slot's register, 0-based"),
  stride: z.int().min(1).max(1000).describe('Registers from one slot to the next'),
  type: z.enum(['u16', 's16', 'u32', 's32', 'float32']).describe('How the registers are read'),
  order: z.enum(['ABCD', 'CDAB', 'BADC', 'DCBA']).default('ABCD').describe('Order of the bytes as sent'),
};

const columnSchema = z.strictObject(column);

const meaningSchema = z.strictObject({
  code: z.int().describe('The code that stands for this quantity'),
  ...pointFields,
});

export const slotsSchema = z.strictObject({
  id: word.describe('Name of the list'),
  count: z.int().min(1).max(64).describe('How many slots there are'),
  code: columnSchema.extend({ end: z.int().optional().describe('The code behind which nothing follows') }),
  value: columnSchema.describe('The values'),
  unit: columnSchema
    .extend({ codes: pointFields.unitFrom.unwrap().shape.codes })
    .optional()
    .describe('The units, where the instrument says them'),
  status: columnSchema
    .extend({
      values: codeMap(stateSchema).describe('What each number means, the normal ones too'),
      otherwise: stateSchema.optional().describe('What every other number means'),
    })
    .optional()
    .describe('What the instrument says of each value'),
  cadence: z.enum(cadences).default('fast').describe('How often it is worth reading'),
  meanings: z
    .array(meaningSchema)
    .min(1)
    .describe(
      'What each code stands for; the site lists those that it has under fitted. Others are told, never guessed',
    ),
});

export type Slots = z.output<typeof slotsSchema>;
export type SlotMeaning = Slots['meanings'][number];
