import * as z from 'zod';
import { defineCommand, refused } from '../command-kind.ts';

/** The platform wants nothing more of this gateway. The last word comes when everything is delivered. */
export const retire = defineCommand({
  kind: 'retire',
  does: 'Ends sending by the uplink that the command came by, once everything is delivered; with the last uplink, reading too',
  body: z.strictObject({ kind: z.literal('retire') }),
  changes: true,
  needsBase: false,
  async run(_, ports, asked) {
    const outcome = await ports.retire(asked);
    if (outcome.kind === 'begun') return { outcome: 'accepted', after: outcome.restart };
    if (outcome.kind === 'not-available') return refused('not-available', outcome.why, 'stop the gateway at the site');
    return refused('retiring', `command ${outcome.id} has retired this uplink already`, 'wait for its last word');
  },
});
