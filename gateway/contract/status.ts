import * as z from 'zod';
import { epoch, stamp, stream, version } from './fields.ts';

const session = z.string().min(1).max(64).describe('Names one connection of the gateway');

/** Said on every connect and then on a cadence. */
const online = z.looseObject({
  v: version,
  online: z.literal(true),
  session,
  connectedAt: stamp,
  at: stamp.describe('When this was written'),
  every: z.int().min(1).describe('Seconds to the next status; a receiver may worry after three of them'),
  streams: z
    .array(
      z.looseObject({
        stream,
        epoch,
        head: z.int().min(0).describe('Last committed seq, 0 before the first'),
        oldest: z.int().min(1).describe('Oldest seq still held, head + 1 when none is'),
      }),
    )
    .describe('Where the current epoch of each stream stands'),
  backlog: z.looseObject({
    records: z.int().min(0),
    samples: z.int().min(0),
    refused: z.int().min(0),
    oldest: stamp.nullable().describe('Commit time of the oldest entry not yet let go'),
  }),
});

/** The will, and the goodbye. A receiver ignores one whose session is not the current one. */
const offline = z.looseObject({
  v: version,
  online: z.literal(false),
  session,
});

/** Whether a gateway is there, and how far its streams reach: retained. */
export const statusSchema = z.discriminatedUnion('online', [online, offline]);

export type Status = z.output<typeof statusSchema>;
