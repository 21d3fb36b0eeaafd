import * as z from 'zod';
import { seqRange } from '../../contract/fields.ts';
import { defineCommand, refused } from '../command-kind.ts';

/** Sends again what the uplink had let go. What is no longer held goes out as absent, with why. */
export const resend = defineCommand({
  kind: 'resend',
  does: 'Sends these entries once more through the uplink that the command came by',
  body: z.strictObject({
    kind: z.literal('resend'),
    stream: z.enum(['records', 'samples']),
    epoch: z.string().min(1).max(40),
    ranges: z.array(seqRange).min(1).max(500).describe('First and last, both included'),
  }),
  // Nothing at the site; but a replayed one would use up a metered line.
  changes: true,
  needsBase: false,
  async run({ stream, epoch, ranges }, ports, { sender }) {
    const entries = await ports.claimAgain(sender.uplink, stream, epoch, ranges);
    if (entries > 0) return { outcome: 'done', result: { entries } };
    const detail = `nothing of these ranges of ${stream} ${epoch} had been let go: it is on its way, or was never here`;
    return refused('nothing', detail, 'compare epoch and ranges with status');
  },
});
