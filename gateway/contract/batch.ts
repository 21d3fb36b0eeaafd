import * as z from 'zod';
import { epoch, hash, reason, seq, stream, version } from './fields.ts';

/** What a receiver need not take more of. A gateway stays below all of them. */
export const limits = {
  /** Bytes of one message. */
  payload: 1_048_576,
  /** Bytes of JSON text after decompression. */
  text: 16_777_216,
  /** Entries in one batch. */
  entries: 10_000,
  /** Bytes of all values with every shared value written out. */
  expanded: 67_108_864,
  /** How deep arrays and objects may stand in each other within one value. */
  depth: 64,
} as const;

const delta = z.int().nullable();
const lag = z.int().min(1).max(limits.entries);

/**
 * One member of every entry in a table:
 * - an array: the values, row by row;
 * - `=`: every row has this value;
 * - `scale`, `lag`, `deltas`: numbers. `lag` registers begin at 0; row i adds its delta to register i mod lag and has the
 *   value register / 10^scale (one IEEE 754 division). A null leaves the register alone and is null.
 * - `offset`, `lag`, `deltas`: stamps. The same with milliseconds since the Unix epoch, written as local time at that offset.
 */
const columnSchema = z.union([
  z.array(z.unknown()),
  z.strictObject({ '=': z.unknown() }),
  z.strictObject({ scale: z.int().min(0).max(15), lag, deltas: z.array(delta) }),
  z.strictObject({ offset: z.string().regex(/^[+-]\d\d:\d\d$/), lag, deltas: z.array(delta) }),
]);

/** Consecutive entries with the same members. `columns[i]` belongs to `keys[i]`. */
const tableSchema = z.strictObject({
  keys: z.array(z.string()),
  rows: z.int().min(1).max(limits.entries),
  columns: z.array(columnSchema),
});

/** A stretch of one stream: every seq of `from..to` is an entry of `records`, in order, or stands in `absent`. */
export const batchSchema = z.looseObject({
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
  records: z.array(tableSchema).max(limits.entries),
  absent: z
    .array(z.tuple([seq, seq, reason, hash]))
    .max(limits.entries)
    .describe('[first, last, reason, chain hash after last]: entries that this uplink does not get'),
  alg: z.literal('Ed25519'),
  signature: z
    .string()
    .regex(/^[A-Za-z0-9+/]{86}==$/)
    .describe('Over v|gateway|stream|epoch|from|to|after, and |absent where there is any; base64'),
});

export type Column = z.output<typeof columnSchema>;
export type Table = z.output<typeof tableSchema>;
export type Batch = z.output<typeof batchSchema>;
