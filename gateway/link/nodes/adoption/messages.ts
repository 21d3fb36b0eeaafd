import * as z from 'zod';

/** Text that a node says of itself: letters that show, and not many. */
const word = z.string().regex(/^[\x21-\x7e]{1,24}$/);

/** `new/{chip}/hello`. Within a layout fields are only added, so others are let pass. */
export const newHello = z.object({ l: z.literal(1), chip: word, version: word });
export type NewHello = z.output<typeof newHello>;

/** `new/{chip}/adopted`: the node has written its account down and restarts with it. */
export const adoptedSaid = z.object({ node: z.string().max(24) });

/** `new/{chip}/refused`. */
export const refusedSaid = z.object({ what: z.literal('adopt'), why: word });

/** The code that a node prints on its console. */
export const adoptionCode = z.string().regex(/^\d{6}$/, 'must be the six digits of the console');

/** What the payload says, or undefined where it is none of these. */
export function readJson<Schema extends z.ZodType>(schema: Schema, payload: Uint8Array): z.output<Schema> | undefined {
  try {
    return schema.safeParse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload))).data;
  } catch {
    return undefined;
  }
}
