import * as z from 'zod';
import { type Column, deepest, mostRows, type Table, tableSchema } from './columns/forms.ts';
import { epoch, hash, reason, seq, stream, version } from './fields.ts';

/** What a receiver need not take more of. A gateway stays below all of them. */
export const limits = {
  /** Bytes of one message. */
  payload: 1_048_576,
  /** Bytes of JSON text after decompression. */
  text: 16_777_216,
  /** Entries in one batch. */
  entries: mostRows,
  /** Bytes of all values with every shared value written out. */
  expanded: 67_108_864,
  /** How deep arrays and objects may stand in each other within one value. */
  depth: deepest,
} as const;

const members = {
  v: version,
  stream,
  epoch,
  from: seq,
  to: seq,
  late: z.boolean().describe('First sent more than 60 s after its commit'),
  site: z.string().max(64).describe('Version of the site document in force at the last entry'),
  before: hash.describe('Chain hash before `from`'),
  after: hash.describe('Chain hash after `to`'),
  encoding: z.literal('columns'),
  absent: z
    .array(z.tuple([seq, seq, reason, hash]))
    .max(limits.entries)
    .describe('[first, last, reason, chain hash after last]: entries that this uplink does not get'),
  alg: z.literal('Ed25519'),
  signature: z
    .string()
    .regex(/^[A-Za-z0-9+/]{86}==$/)
    .describe('Over v|gateway|stream|epoch|from|to|after, and |absent where there is any; base64'),
};

/** A stretch of one stream: every seq of `from..to` is an entry of `records`, in order, or stands in `absent`. */
export const batchSchema = z.looseObject({ ...members, records: z.array(tableSchema).max(limits.entries) });

/** The same but for what stands in the tables: columns.ts reads those, thousands of numbers at a time. */
export const batchFrame = z.looseObject({ ...members, records: z.array(z.unknown()).max(limits.entries) });

export type { Column, Table };
export type Batch = z.output<typeof batchSchema>;
