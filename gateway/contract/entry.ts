import * as z from 'zod';
import { faultOf, publicKey, reason, stamp } from './fields.ts';

// The kinds of an entry, as a receiver must be able to take them: every word list is open, and fields may come that are
// not named here. `record.ts` says what each one means.

const word = z.string().min(1).max(100);
const revision = z.int().min(0).describe('The highest revision of a fact holds');

const period = {
  point: word,
  factor: word,
  from: stamp.describe('Start of the period'),
  average: z.number().nullable().describe("In the factor's unit; null when no value counted"),
  minimum: z.number().nullable(),
  maximum: z.number().nullable(),
  total: z.number().nullable().optional().describe('Increase of a counter'),
  count: z.int().min(0).describe('Values that counted'),
  expected: z.int().min(0).describe('Values that the site expects in the period'),
  flag: word.describe('HJ 212-2017 table 8: N, F, M, S, D, C, T, B'),
  reason: reason.nullable(),
  basis: word.nullable().describe('observed, inferred or stated'),
  origin: word.describe('measured, computed, entered, foreign or simulated'),
  revision,
};

const kinds = {
  minute: z.looseObject({ kind: z.literal('minute'), ...period }),
  hour: z.looseObject({ kind: z.literal('hour'), ...period }),
  day: z.looseObject({ kind: z.literal('day'), ...period }),
  event: z.looseObject({
    kind: z.literal('event'),
    at: stamp,
    event: word,
    point: word.optional(),
    factor: word.optional(),
    instrument: word.optional(),
    details: z.unknown(),
    revision,
  }),
  gap: z.looseObject({ kind: z.literal('gap'), from: stamp, to: stamp, reason, basis: word, revision }),
  state: z.looseObject({
    kind: z.literal('state'),
    at: stamp,
    instrument: word,
    state: word,
    reason: reason.nullable(),
    parameters: z.record(z.string(), z.unknown()),
    revision,
  }),
  site: z.looseObject({
    kind: z.literal('site'),
    at: stamp,
    version: word,
    document: z.unknown(),
    profiles: z.record(z.string(), z.string()),
    expected: z.array(z.looseObject({ point: word, factor: word, every: z.number().positive() })),
    revision,
  }),
  audit: z.looseObject({
    kind: z.literal('audit'),
    at: stamp,
    who: word,
    action: word,
    details: z.unknown(),
    revision,
  }),
  key: z.looseObject({
    kind: z.literal('key'),
    at: stamp,
    publicKey,
    previous: publicKey.nullable(),
    signature: z.string().nullable(),
    revision,
  }),
  samples: z.looseObject({
    kind: z.literal('samples'),
    instrument: word,
    from: stamp.describe('Stamp of the first time'),
    times: z.array(z.number()).describe('Milliseconds after `from`'),
    series: z.array(z.looseObject({ point: word, factor: word, origin: word })),
    values: z.array(z.array(z.number().nullable())).describe('values[series][time]'),
    flags: z.array(z.string()).describe('flags[series], one letter a time'),
    reasons: z.array(z.tuple([z.int(), z.int(), reason, word])).describe('[series, time, reason, basis]'),
  }),
};

const known = Object.keys(kinds).join('|');

/** A kind that this version does not name. It is stored and acknowledged like any other. */
const unknownKind = z.looseObject({ kind: z.string().regex(new RegExp(`^(?!(?:${known})$).{1,100}$`)) });

/** Any entry of either stream. */
export const entrySchema = z.union([...Object.values(kinds), unknownKind]);

const byKind = new Map<unknown, z.ZodType>(Object.entries(kinds));

/** What is wrong with an entry by the published schema; null when it may be taken. */
export function entryFault(entry: object): string | null {
  const kind = 'kind' in entry ? entry.kind : undefined;
  const parsed = (byKind.get(kind) ?? unknownKind).safeParse(entry);
  return parsed.success ? null : faultOf(parsed.error).fault;
}
