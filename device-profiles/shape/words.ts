import * as z from 'zod';

/** The small parts that every schema of a profile is made of. */

export const bothLanguages = z.strictObject({
  zh: z.string().min(1).describe('Chinese, as the page shows it'),
  en: z.string().min(1).describe('English, as the page shows it'),
});

/** `maker/model`, plain lower-case words joined by dots, underscores or hyphens; also the file's place in the catalogue. */
export const profileIdPattern = /^[a-z0-9][a-z0-9._-]*\/[a-z0-9][a-z0-9._-]*$/;
const wordPattern = /^[a-z0-9][a-z0-9._-]*$/;

export const profileId = z
  .string()
  .regex(profileIdPattern, 'must be maker/model in lower case, such as eastron/sdm630');
export const word = z.string().regex(wordPattern, 'must be lower-case letters, digits, dots, underscores or hyphens');

const codePattern = /^(-?\d+|0x[0-9A-Fa-f]+)$/;

/** A map from a whole number that the instrument sends, decimal or `0x…`, to what it means. */
export const codeMap = <Meaning extends z.ZodType>(meaning: Meaning) =>
  z
    .record(z.string().regex(codePattern, 'must be a whole number, such as 3 or 0x1F'), meaning)
    .refine((codes) => Object.keys(codes).length > 0, 'must name at least one number');

/** What the number stands for in such a map. Maps are small, so they are searched as they are written. */
export function meaningOf<Meaning>(codes: Readonly<Record<string, Meaning>>, number: number): Meaning | undefined {
  const key = Object.keys(codes).find((code) => Number(code) === number);
  return key === undefined ? undefined : codes[key];
}
