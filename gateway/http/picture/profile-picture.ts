import { z } from 'zod';

/** What a technician wishes to know of the profile that an instrument is read by. */

const sentence = z.object({ zh: z.string(), en: z.string() });

export const profileSchema = z
  .object({
    /** As the site file names it. */
    profile: z.string(),
    /** A maker's manual or three independent sources; B two; C one; X they contradict each other. */
    confidence: z.enum(['A', 'B', 'C', 'X']),
    /** No frame of a real instrument is known that proves it. */
    unproven: z.boolean(),
    sources: z.array(z.string()),
    /** What surprises people in the field. */
    gotchas: z.array(sentence),
  })
  .meta({ id: 'Profile', description: 'Where the facts come from by which an instrument is understood' });

export type ProfilePicture = z.output<typeof profileSchema>;
