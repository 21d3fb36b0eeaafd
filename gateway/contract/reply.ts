import * as z from 'zod';
import { commandId, siteVersion } from './command.ts';
import { reason, stamp, version } from './fields.ts';

/** Something in a command, or in the site document it would make, that cannot stand. */
const fault = z.looseObject({
  field: z.string().describe('Where: instruments[1].address'),
  fault: z.string().describe('What is wrong'),
  remedy: z.string().describe('What to send instead'),
});

/**
 * What became of a command. `accepted` comes once it is certain that it is run once at most, and another reply follows;
 * the three others are the last word, and the same for every repetition.
 */
export const replySchema = z.looseObject({
  v: version,
  id: commandId.nullable().describe('Of the command; null where none could be read'),
  at: stamp.describe('By the gateway’s clock'),
  outcome: z
    .enum(['accepted', 'done', 'refused', 'failed'])
    .describe('refused: nothing was done; failed: it was begun, and the detail says how far it came'),
  site: siteVersion.describe('The site version in force when this was written'),
  replyTo: z.string().optional().describe('As in the command'),
  reason: reason.optional().describe('Of refused and failed: short words with hyphens'),
  detail: z
    .string()
    .max(2000)
    .optional()
    .describe('What, in English; also of done, where its result is not there any more'),
  remedy: z.string().max(2000).optional().describe('Of refused and failed: what to do'),
  faults: z.array(fault).max(50).optional().describe('Every fault of a site document that was refused, the first 50'),
  result: z.looseObject({}).optional().describe('Of done: what the command gives back'),
});

export type Reply = z.output<typeof replySchema>;
