import { z } from 'zod';

// Every moment is a stamp in the gateway's zone with offset, `2026-11-24T11:45:00.000+08:00`, as in the records.
// Every duration says its unit; ages are measured on the monotonic clock, so a jump of wall time does not move them.
// Lists of words are checked against the stations' own types: one word more or less there does not compile here.

export const count = z.int().nonnegative();
export const milliseconds = z.number().nonnegative();
/** A moment in the gateway's zone with its offset. */
export const stamp = z.iso.datetime({ offset: true });

/** The same in both languages. */
export const sentence = z.object({ zh: z.string(), en: z.string() });

/** Something in the site document that could not be used as it stands. */
export const siteFault = z
  .object({ field: z.string(), fault: sentence, remedy: sentence })
  .meta({ id: 'SiteFault', description: 'What in the site document is wrong, and what to write instead' });

export type SiteFaultPicture = z.infer<typeof siteFault>;
