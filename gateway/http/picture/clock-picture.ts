import { z } from 'zod';
import type { TimeSource } from '../../clock/trust.ts';
import { count, milliseconds, sentence, stamp } from './fields.ts';

const timeSource = z.enum({
  ntp: 'ntp',
  platform: 'platform',
  technician: 'technician',
  'battery-clock': 'battery-clock',
  system: 'system',
} satisfies { [S in TimeSource]: S });

export const clock = z
  .object({
    /** While false, nothing is stamped: readings wait in the holding table. */
    trusted: z.boolean(),
    /** Who vouches for the time; null while nobody does. */
    source: timeSource.nullable(),
    since: stamp.nullable(),
    /** Largest error to be expected, milliseconds; null where nothing bounds it. */
    uncertainty: milliseconds.nullable(),
    why: sentence,
    /** What to do; null where nothing has to be done. */
    next: sentence.nullable(),
    /** `clock.trust` of the site file. */
    setting: z.enum(['system', 'ntp']),
    /** The system's clock less the gateway's own time, milliseconds. */
    systemAhead: z.number(),
    machineTimezone: z.string().nullable(),
    /** Readings of this boot that wait for the time, and how long the first of them has; `earlier`: kept of boots that never learned it. */
    held: z.object({ readings: count, earlier: count, seconds: count.nullable(), releasing: z.boolean() }),
    /** The newest moves of the time since the start, newest first: by how much, milliseconds, and on whose word. */
    jumps: z.array(
      z.object({
        at: stamp,
        by: z.number(),
        cause: z.enum(['suspended', 'set', 'corrected']),
        source: timeSource.nullable(),
      }),
    ),
    /** The last time that a platform or a technician offered, and what became of it. */
    offer: z
      .object({ from: z.enum(['platform', 'technician']), time: stamp, taken: z.boolean(), why: z.string() })
      .nullable(),
  })
  .meta({ id: 'Clock', description: 'How far the time can be trusted, why, and what waits for it' });

export type ClockPicture = z.infer<typeof clock>;
