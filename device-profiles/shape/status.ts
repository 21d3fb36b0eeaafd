import * as z from 'zod';
import { codeMap, word } from './words.ts';

/** What an instrument says of itself, and which HJ 212 flag that is. */

/** The data flags of HJ 212-2017, table 8, in the gateway's sense (gateway/reading). */
export const instrumentFlags = ['N', 'F', 'M', 'S', 'D', 'C', 'T', 'B'] as const;
export type InstrumentFlag = (typeof instrumentFlags)[number];

export const stateSchema = z.strictObject({
  flag: z
    .enum(instrumentFlags)
    .describe(
      'N normal, F out of service, M maintenance, S set by hand, D fault, C calibration, T above range, B no link',
    ),
  zh: z.string().min(1).optional().describe('What the state is, in Chinese; not needed for N'),
  en: z.string().min(1).optional().describe('What the state is, in English; not needed for N'),
  noValue: z.boolean().default(false).describe('True: the number sent in this state is no measurement'),
});
export type InstrumentState = z.output<typeof stateSchema>;

export const statusSchema = z.strictObject({
  auxiliary: word.describe('The auxiliary value that holds the state'),
  points: z.array(word).min(1).optional().describe('Points that the state is about; without it, all'),
  values: codeMap(stateSchema)
    .optional()
    .describe('For a state that is one number: what each number means, the normal ones too'),
  otherwise: stateSchema
    .optional()
    .describe('With values: what every other number means; without it, a fault that names the number'),
  bits: codeMap(stateSchema)
    .optional()
    .describe(
      'For a word of bits: what it means that the bit (0 = lowest) is set; other bits mean nothing, of several the gravest holds',
    ),
  activeLow: z.boolean().default(false).describe('With bits: true where a bit that is not set raises its state'),
});
export type Status = z.output<typeof statusSchema>;
