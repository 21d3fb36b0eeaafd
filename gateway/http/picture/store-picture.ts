import { z } from 'zod';
import { count, stamp } from './fields.ts';

const head = z.object({ epoch: z.string(), seq: count, oldest: count });

export const store = z
  .object({
    /** Null before the store is open. */
    records: head.nullable(),
    samples: head.nullable(),
    bytes: count.nullable(),
    /** What can still be written, within the site's own limit and on the medium, and for how many days at the present growth. */
    room: z.object({ bytes: count, days: z.number().nonnegative().nullable() }).nullable(),
    /** A damaged store that was set aside since the start: part of it that has been read, 0 to 1, and entries taken over. */
    salvage: z
      .object({ file: z.string(), share: z.number().min(0).max(1), entries: count, finished: z.boolean() })
      .nullable(),
    /**
     * Records since then, of so many days, that neither a platform nor an export has: from `at` on they are let go, by age
     * or for room. Null when none are within a month.
     */
    leaving: z.object({ since: stamp, at: stamp, days: count, by: z.enum({ age: 'age', room: 'room' }) }).nullable(),
    /** Since the start it was found that another gateway has, or may have, this one's identity; why, and when. */
    apart: z.object({ reason: z.enum(['another-machine', 'another-writer']), at: stamp }).nullable(),
    /** Entries that a bound, or the medium, made it drop since the start. */
    dropped: count,
    lastCommitAt: stamp.nullable(),
    fault: z.string().nullable(),
  })
  .meta({ id: 'Store', description: 'What is kept on this machine' });

export type StorePicture = z.infer<typeof store>;
