import * as z from 'zod';
import { dlt645Editions } from '../dlt645.ts';
import { cadences, pointFields, profileFields } from './fields.ts';
import { askingLimits } from './limits.ts';

/** What a profile of an electricity meter says that speaks DL/T 645. */

const identifier = z
  .string()
  .regex(
    /^([0-9A-F]{8}|[0-9A-F]{4})$/,
    'must be eight hexadecimal digits in quotes, such as "02010100"; four in the 1997 edition, such as "9010"',
  );

export const dlt645PointSchema = z.strictObject({
  ...pointFields,
  identifier: identifier.describe('Data identifier as the standard writes it, highest byte first'),
  format: z
    .string()
    .regex(/^X{1,9}(\.X{1,6})?$/, 'must be written as in the standard, one X a digit: XXX.X')
    .describe('Digits before and after the point, one X each; two digits make a byte. Scale and offset come after it'),
  signed: z.boolean().default(false).describe('True: the top bit of the highest byte is the sign'),
  cadence: z
    .enum(cadences)
    .default('fast')
    .describe('How often it is worth reading: fast, slow, once, daily; points of one block have the same'),
});

export const dlt645ProfileSchema = z.strictObject({
  ...profileFields,
  protocol: z.literal('dlt645').describe('DL/T 645, asked one identifier at a time'),
  edition: z.literal(dlt645Editions).describe('Edition that the meter follows: 2007 or 1997'),
  wakeBytes: z.int().min(0).max(16).default(4).describe('How many bytes FE go before a request'),
  besideModbus: z
    .boolean()
    .default(false)
    .describe('True: it was seen to work on a line that Modbus instruments share; others may take frames for theirs'),
  limits: askingLimits(30).prefault({}).describe('How the meter wants to be asked'),
  blocks: z
    .array(
      z.strictObject({
        identifier: identifier.describe('Identifier that asks for several values at once, such as "0201FF00"'),
        holds: z.array(identifier).min(2).describe('The identifiers whose values it brings, in their order'),
      }),
    )
    .default([])
    .describe('Values that one request brings; a meter that refuses the block is asked for each by itself'),
  points: z.array(dlt645PointSchema).min(1).describe('What can be read'),
});

export type Dlt645Profile = z.output<typeof dlt645ProfileSchema>;
export type Dlt645Point = z.output<typeof dlt645PointSchema>;
