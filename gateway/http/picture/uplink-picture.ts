import { z } from 'zod';
import type { UplinkState } from '../../uplink/port.ts';
import { count, siteFault, stamp } from './fields.ts';

const uplinkState = z.enum({
  connecting: 'connecting',
  connected: 'connected',
  waiting: 'waiting',
  scheduled: 'scheduled',
  stopped: 'stopped',
} satisfies { [S in UplinkState]: S });

export const uplink = z
  .object({
    id: z.string(),
    /** Without user name and password. */
    url: z.string(),
    state: uplinkState,
    detail: z.string(),
    acknowledge: z.enum(['broker', 'platform']),
    backlog: z.object({
      records: count,
      samples: count,
      /** Age of the oldest entry not yet acknowledged; null when there is none. */
      hours: z.number().nonnegative().nullable(),
      /** Seconds until it is empty at the present rate; absent when not known. */
      drainsIn: z.number().nonnegative().optional(),
    }),
    /** Bytes a second that the line carries by what was last measured; null while that is not known. */
    bytesPerSecond: z.number().nonnegative().nullable(),
    /** Bytes of this month, an estimate of what a carrier counts, and the site's limit where it has one. */
    month: z.object({ month: z.string(), bytes: z.number().nonnegative(), limit: z.number().nullable() }).nullable(),
    /** Local time at which it may connect next; null while it may. */
    opensAt: z.string().nullable(),
    /** Why the backlog waits though there is a connection: its turn after an outage, or the month's bytes. */
    backlogWaits: z.enum(['spread', 'month']).nullable(),
    /** Seconds until that turn; null where it waits for none. */
    backlogTurnIn: z.number().nonnegative().nullable(),
    /** Entries since the start. Of `sent`, `again` had been sent before, and `late` went out marked so. */
    sent: count,
    acknowledged: count,
    again: count,
    late: count,
    refused: count,
    /** The latest of them since the start, newest first, with the reason that was given. */
    refusals: z.array(z.object({ stream: z.enum(['records', 'samples']), seq: count, reason: z.string() })).max(5),
    /** What is wrong with the login or the certificates of the link, or soon will be. */
    credentials: z.array(siteFault),
    /** The gateway's own certificate and the broker's, as far as there are any. */
    certificates: z.array(z.object({ whose: z.enum(['gateway', 'broker']), names: z.array(z.string()), until: stamp })),
    malformed: count,
    lastReceiptAt: stamp.nullable(),
  })
  .meta({ id: 'Uplink', description: 'The way to one platform, and what still waits for it' });

export type UplinkPicture = z.infer<typeof uplink>;
