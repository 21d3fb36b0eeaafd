import * as z from 'zod';
import { epoch, reason, seq, seqRange, stream, version } from './fields.ts';

/** What the platform durably accounts for, and what it will never take. Order and repetition do not matter. */
export const receiptSchema = z.looseObject({
  v: version,
  stream,
  epoch,
  have: z
    .array(seqRange)
    .max(10_000)
    .describe('[first, last]: the entry, or the word that it is absent, is durable at the platform'),
  hashes: z
    .array(
      z
        .string()
        .regex(/^[0-9a-f]{16,64}$/)
        .nullable(),
    )
    .max(10_000)
    .optional()
    .describe(
      'First digits, 16 at least, of the chain hash after the last seq of each range of `have`, in the same order; null where it is not known',
    ),
  refused: z
    .array(z.tuple([seq, reason]))
    .max(10_000)
    .default([])
    .describe('[seq, reason]: set aside by the gateway and never sent again; may be left out where there is none'),
});

export type Receipt = z.output<typeof receiptSchema>;
