import * as z from 'zod';
import { referenceStates, unitNames } from '../value/units.ts';
import { codeMap, word } from './words.ts';

/** How the number on the wire becomes a value: what points, auxiliaries and computed points share. */

/** How far a value may be scaled by powers of ten that an instrument sends: more is a wrong register. */
export const largestExponent = 18;

const scaleFromSchema = z.strictObject({
  auxiliary: word.describe('The auxiliary value that holds the scale'),
  as: z
    .enum(['decimals', 'exponent', 'factor'])
    .optional()
    .describe('decimals n: value / 10^n; exponent n: value x 10^n; factor: value x factor'),
  minus: z.int().min(-32).max(32).default(0).describe('Taken off the decimals or the exponent first'),
  codes: codeMap(z.number()).optional().describe('In place of as: the factor that each number stands for'),
});

const unit = z.enum(unitNames);

const unitFromSchema = z.strictObject({
  auxiliary: word.describe('The auxiliary value that holds the code of the unit'),
  codes: codeMap(unit).describe('The unit that each code stands for; with another code there is no value'),
});

const number = z.number();

const curveSchema = z.strictObject({
  from: z.tuple([number, number]).optional().describe('Straight line: two signals, such as [4, 20] mA'),
  to: z
    .tuple([z.union([number, word]), z.union([number, word])])
    .optional()
    .describe('Straight line: the values at those signals; a word is a parameter that the site states'),
  table: z
    .array(z.tuple([number, number]))
    .min(2)
    .optional()
    .describe('Pairs [signal, value] by rising signal, straight between them; outside there is no value'),
  power: z
    .strictObject({ a: number, b: number })
    .optional()
    .describe('value = a x signal^b, such as for semiconductor gas sensors (signal = Rs/R0)'),
  under: number.optional().describe('Below this signal the loop is broken: no value'),
  over: number.optional().describe('Above this signal it is no measurement: no value'),
});
export type Curve = z.output<typeof curveSchema>;

export const scalingFields = {
  scale: z
    .number()
    .refine((scale) => scale !== 0, 'must not be 0')
    .default(1)
    .describe('value = raw x scale + offset, in `unit`; negative turns the sign'),
  offset: z.number().default(0).describe('Added after scaling, in `unit`'),
  sentinels: z
    .array(z.number())
    .min(1)
    .optional()
    .describe('Raw values (before scale, after the sign is applied) that mean "no value"'),
  times: z
    .array(word)
    .min(1)
    .optional()
    .describe('Multiplied by these: parameters that the site states (CT ratio) or auxiliaries that are read'),
};

export const unitFields = {
  unit: unit.optional().describe("Unit of raw x scale + offset; without it, the factor's"),
  reference: z
    .enum(referenceStates)
    .optional()
    .describe('For ppm and mg/m³: the state of the gas that mg/m³ is stated for, 0C (22.4 L/mol) or 25C (24.45 L/mol)'),
  scaleFrom: scaleFromSchema.optional().describe('A scale that the instrument sends'),
  unitFrom: unitFromSchema.optional().describe('A unit that the instrument sends'),
  curve: curveSchema.optional().describe('From raw x scale + offset, the signal, to the value in `unit`'),
};
