import * as z from 'zod';
import { factorCodes } from '../factors.ts';

/** What every profile and every point says, whatever the protocol. */

export const bothLanguages = z.strictObject({
  zh: z.string().min(1).describe('Chinese, as the page shows it'),
  en: z.string().min(1).describe('English, as the page shows it'),
});

/** `maker/model`, plain lower-case words joined by dots, underscores or hyphens; also the file's place in the catalogue. */
export const profileIdPattern = /^[a-z0-9][a-z0-9._-]*\/[a-z0-9][a-z0-9._-]*$/;
const wordPattern = /^[a-z0-9][a-z0-9._-]*$/;

export const profileId = z
  .string()
  .regex(profileIdPattern, 'must be maker/model in lower case, such as eastron/sdm630');
export const word = z.string().regex(wordPattern, 'must be lower-case letters, digits, dots, underscores or hyphens');

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

export const pointFields = {
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

export const variantSchema = z.strictObject({
  id: word.describe('Name of the variant; chosen as maker/model@variant'),
  name: bothLanguages.describe('What sets this variant apart and how to tell'),
  without: z.array(word).optional().describe('Points that this variant does not have'),
  points: z
    .array(z.looseObject({ id: word }))
    .optional()
    .describe('Points that differ (only the fields that differ) or are new (in full)'),
});

export const profileFields = {
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

export type Variant = z.output<typeof variantSchema>;

/** How often a point is worth reading; points of different cadence are read by different requests. */
export const cadences = ['fast', 'slow', 'once', 'daily'] as const;
export type Cadence = (typeof cadences)[number];
