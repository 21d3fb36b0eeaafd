import * as z from 'zod';

const day = 86_400_000;
const unitsOfAge = { d: day, y: 365.25 * day } as const;
const unitsOfSize = { MB: 1_000_000, GB: 1_000_000_000 } as const;

/** `"14d"`, `"5y"`; in use, milliseconds. */
const age = z
  .string()
  .regex(/^[1-9]\d{0,3}(?:d|y)$/, 'a number with d or y, such as "14d"')
  .transform((text) => Math.round(Number.parseInt(text, 10) * unitsOfAge[text.at(-1) as keyof typeof unitsOfAge]));

/** `"500MB"`, `"8GB"`; in use, bytes. */
const size = z
  .string()
  .regex(/^[1-9]\d{0,5}(?:MB|GB)$/, 'a number with MB or GB, such as "8GB"')
  .transform((text) => Number.parseInt(text, 10) * unitsOfSize[text.slice(-2) as keyof typeof unitsOfSize])
  .refine((bytes) => bytes >= 50_000_000, 'at least "50MB"');

/**
 * How long the store keeps what every uplink has let go. What one of them has not is kept as long as there is room.
 */
export const storeSettings = z.strictObject({
  records: age.prefault('5y').describe('Minutes, events and the rest of the records'),
  samples: age.prefault('14d').describe('Raw readings'),
  limit: size.optional().describe('Most bytes of the database; without it the medium is the limit'),
});
