import * as z from 'zod';
import { bothLanguages, word } from './words.ts';

/**
 * What can be written to an instrument. A list of its own beside the points: nothing in it is ever sent by reading, and
 * every command is off until the site switches it on.
 */

const registerValue = z.int().min(0).max(65535);

const commandFields = {
  id: word.describe('Name of the command'),
  name: bothLanguages.describe('What it does'),
  confirm: bothLanguages.describe('What the person is asked before it is sent'),
  role: z.enum(['technician', 'administrator']).describe('Who may send it'),
  coolDownSeconds: z.number().min(0).default(0).describe('Least time before it may be sent again, in s'),
};

export const modbusCommandSchema = z.strictObject({
  ...commandFields,
  write: z
    .strictObject({
      functionCode: z.literal([5, 6, 15, 16]).describe('5 one coil, 6 one register, 15 coils, 16 registers'),
      register: registerValue.describe('First coil or register, 0-based'),
      values: z
        .array(registerValue)
        .min(1)
        .max(120)
        .optional()
        .describe('What is written, always the same; for a coil 0 or 1'),
      range: z
        .tuple([registerValue, registerValue])
        .optional()
        .describe('In place of values: the person gives one number within [lowest, highest]'),
    })
    .optional()
    .describe('A write by a function code of the standard'),
  request: z
    .string()
    .regex(/^[0-9A-Fa-f]{2}(\s+[0-9A-Fa-f]{2})*$/, 'must be bytes in hexadecimal with blanks between: 42')
    .optional()
    .describe('In place of write: function code and data of a request of its own, without address and check sum'),
  readBack: z
    .strictObject({
      functionCode: z.literal([1, 2, 3, 4]),
      register: registerValue,
      count: z.int().min(1).max(125).default(1),
    })
    .optional()
    .describe('What is read before and after, to see what it did'),
});

export type ModbusCommand = z.output<typeof modbusCommandSchema>;
