import * as z from 'zod';
import { factorCodes } from '../factors.ts';
import { serialSettingsSchema } from '../serial-settings.ts';
import { computedFields } from './computed.ts';
import { scalingFields, unitFields } from './decoding.ts';
import { statusSchema } from './status.ts';
import { bothLanguages, profileId, word } from './words.ts';

export { bothLanguages, profileId, profileIdPattern, word } from './words.ts';

/** What every profile and every point says, whatever the protocol. */

/** What every value of a series says, wherever it comes from; a protocol adds where it stands on the wire. */
export const pointFields = {
  id: word.describe('Name of the point, unique in the profile; usually the factor'),
  factor: z.enum(factorCodes).describe('What is measured: a key of factors.ts, which also fixes the unit'),
  ...scalingFields,
  ...unitFields,
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
    .describe('Measuring range [lowest, highest] in `unit`, before `times`, as the maker states it; above it: flag T'),
  fastestChange: z
    .number()
    .positive()
    .optional()
    .describe('Fastest change that can be real, in the unit of the factor per second; a faster one is marked'),
  stuckSeconds: z
    .number()
    .min(10)
    .optional()
    .describe('A measurement always moves a little: exactly the same value for longer than this is marked, in s'),
  rollover: z
    .number()
    .positive()
    .optional()
    .describe('For a counter: the reading, in `unit` and before `times`, at which it begins again at 0'),
  refreshSeconds: z
    .number()
    .positive()
    .optional()
    .describe('How often the instrument makes a new value, where that is slower than it can be asked, in s'),
};

/** What is read to understand the points and is no series itself; a protocol adds where it stands on the wire. */
export const auxiliaryFields = {
  id: word.describe('Name of the auxiliary value, unlike the id of any point'),
  ...scalingFields,
  once: z
    .boolean()
    .default(false)
    .describe('True: read when the line is connected, not with every reading; only for what nobody changes meanwhile'),
};

const computedSchema = z.strictObject({ ...pointFields, ...computedFields });
export type ComputedPoint = z.output<typeof computedSchema>;

const parameterSchema = z
  .strictObject({
    zh: z.string().min(1).describe('The question to the technician, in Chinese'),
    en: z.string().min(1).describe('The question to the technician, in English'),
    range: z.tuple([z.number(), z.number()]).describe('Answers that can be right, [lowest, highest]'),
    default: z.number().optional().describe('Holds where the site says nothing; without it the site must answer'),
  })
  .describe('Something that only the site knows, such as a CT ratio');
export type Parameter = z.output<typeof parameterSchema>;

const eventSchema = z.strictObject({
  id: word.describe('Name of the event, such as fill-1'),
  points: z
    .array(word)
    .min(1)
    .describe('Points that mean something once for each event and stand there until the next'),
  at: word
    .optional()
    .describe('The auxiliary value with the time of the event; without it, an event is told by a change of the values'),
});
export type ProfileEvent = z.output<typeof eventSchema>;

/** A list of parts with ids, whose fields the protocol's own schema checks once everything inherited is merged in. */
const looseParts = z.array(z.looseObject({ id: z.string() }));

const repeatSchema = z.strictObject({
  over: z
    .array(z.union([word, z.int()]))
    .min(1)
    .max(100)
    .describe('Names of the repetitions, in order: phases, nozzles, components; <each> stands for the name'),
  stride: z.int().min(1).max(10_000).optional().describe('Registers (or bytes) from one repetition to the next'),
  points: looseParts.optional().describe('Points of the first repetition, with <each> in id, factor or channel'),
  auxiliaries: looseParts.optional().describe('Auxiliary values of the first repetition'),
  computed: looseParts.optional().describe('Computed points of each repetition'),
});

export const variantSchema = z.strictObject({
  id: word.describe('Name of the variant; chosen as maker/model@variant'),
  name: bothLanguages.describe('What sets this variant apart and how to tell'),
  without: z.array(word).optional().describe('Points that this variant does not have'),
  points: looseParts.optional().describe('Points that differ (only the fields that differ) or are new (in full)'),
  auxiliaries: looseParts.optional().describe('Auxiliary values that differ or are new'),
  computed: looseParts.optional().describe('Computed points that differ or are new'),
  repeat: z.array(repeatSchema).optional().describe('Points of this variant that repeat'),
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
    .optional()
    .describe('Line settings; left out where no source states any: the technician reads them off the instrument'),
  warmUpSeconds: z.number().min(0).default(0).describe('Time after power-on before values mean anything, in s'),
  parameters: z.record(word, parameterSchema).default({}).describe('What only the site knows, by name'),
  repeat: z.array(repeatSchema).optional().describe('Groups of points that repeat: phases, nozzles, components'),
  computed: z.array(computedSchema).default([]).describe('Values made of other values of the same instrument'),
  status: z.array(statusSchema).default([]).describe('What the instrument says of itself; of two, the first holds'),
  events: z.array(eventSchema).default([]).describe('What happens now and then: one sample for each, at its own time'),
  allZero: z
    .array(word)
    .min(2)
    .optional()
    .describe('Points and auxiliaries that are all 0 together only while the instrument warms up: no value then'),
  variants: z.array(variantSchema).optional().describe('Kinds of the same model that answer differently'),
};

export type Variant = z.output<typeof variantSchema>;

/** How often a point is worth reading; points of different cadence are read by different requests. */
export const cadences = ['fast', 'slow', 'once', 'daily'] as const;
export type Cadence = (typeof cadences)[number];
