import * as z from 'zod';
import { word } from './words.ts';

/**
 * Values that are made of other values of the same instrument. The operators are a closed list; there are no expressions.
 * Inputs are ids of points or auxiliaries; a point counts in the unit of its factor, an auxiliary as it is scaled.
 */

const two = z.tuple([word, word]);
const some = z.array(word).min(2);

const operators = {
  join: some
    .optional()
    .describe(
      'Parts in which the instrument sends one value, such as whole and fraction: added up, still a measured value',
    ),
  sum: some.optional().describe('All added up'),
  difference: two.optional().describe('The first less the second'),
  product: some.optional().describe('All multiplied'),
  ratio: two.optional().describe('The first divided by the second; no value while the second is 0'),
  efficiency: two
    .optional()
    .describe('[before, after] treatment: (before - after) / before in %; no value while before is 0'),
  noxAsNo2: two
    .optional()
    .describe(
      '[nitric oxide, nitrogen dioxide], in the same unit of mass: NO x 46.01 / 30.01 + NO2 (HJ 212-2017 annex D)',
    ),
  dryStandard: z
    .strictObject({
      concentration: word.describe('Concentration in wet gas at the stack, mg/m³'),
      temperature: word.describe('Gas temperature, °C'),
      staticPressure: word.describe('Static pressure against the air outside, kPa; negative in suction'),
      airPressure: word.optional().describe('Air pressure, kPa; without it 101.325'),
      humidity: word.describe('Share of water vapour, % by volume'),
    })
    .optional()
    .describe('Concentration in dry gas at 0 °C and 101.325 kPa (HJ 212-2017 annex D, formula 18)'),
} as const;

export type Operator = keyof typeof operators;
export const operatorNames = Object.keys(operators) as Operator[];

const conditionSchema = z.strictObject({
  value: word.describe('Point or auxiliary that decides'),
  atLeast: z.number().optional().describe('It must be this or more'),
  atMost: z.number().optional().describe('It must be this or less'),
});

export const computedFields = {
  ...operators,
  when: z
    .array(conditionSchema)
    .min(1)
    .optional()
    .describe('All must hold for the value to mean anything, such as the least volume of a fill; else there is none'),
};
