import * as z from 'zod';

/*
 * How one member of every entry in a table is written. A reader needs nothing but what stands in the table, and reads
 * columns in their order. Limits and meaning are the contract's: see README.md, "Columns".
 */

/** Most rows of one table, and entries of one batch. */
export const mostRows = 10_000;

/** How deep arrays and objects may stand in each other within one value. */
export const deepest = 64;

/** No register and no base leaves this range, so that sums are exact integers in IEEE 754 doubles, and floors too. */
export const largestRegister = 2 ** 51;

/** [rows passed over since the last run, rows of this one, what they have]. */
const run = <Value extends z.ZodType>(value: Value) =>
  z.tuple([z.int().min(0).max(mostRows), z.int().min(1).max(mostRows), value]);

const shared = <Value extends z.ZodType>(value: Value) =>
  z.strictObject({ '=': value, but: z.array(run(value)).max(mostRows).optional() });

const delta = z.int().nullable();
const deltas = z.union([z.array(delta).max(mostRows), shared(delta)]);
const lag = z.int().min(1).max(mostRows);
const scale = z
  .string()
  .regex(/^[0-9]{1,10000}$/)
  .describe('Digits after the point: of row i, digit i mod length');

/**
 * - an array: the values, row by row;
 * - `=`, `but`: every row has this value, except the runs that are named;
 * - `each`: row i has value i mod length;
 * - `scale`, `lag`, `deltas`: numbers as differences;
 * - `scale`, `above` or `below`, `deltas`: numbers as distances from those of an earlier column;
 * - `offset`, `lag`, `deltas`: stamps as differences.
 */
export const columnSchema = z.union([
  z.array(z.unknown()),
  shared(z.unknown()),
  z.strictObject({ each: z.array(z.unknown()).min(1).max(mostRows) }),
  z.strictObject({ scale, lag, deltas }),
  z.strictObject({ scale, above: z.string(), deltas }),
  z.strictObject({ scale, below: z.string(), deltas }),
  z.strictObject({ offset: z.string().regex(/^[+-]\d\d:\d\d$/), lag, deltas }),
]);

/** Consecutive entries. `columns[i]` belongs to `keys[i]`; a member in `has` is one that not every row has. */
export const tableSchema = z.strictObject({
  keys: z.array(z.string()),
  rows: z.int().min(1).max(mostRows),
  columns: z.array(columnSchema),
  has: z
    .record(z.string(), columnSchema)
    .optional()
    .describe('Member to a column of 1 and 0: whether the row has it. Its own column holds only the rows that do'),
});

export type Column = z.output<typeof columnSchema>;
export type Deltas = z.output<typeof deltas>;
export type Table = z.output<typeof tableSchema>;
