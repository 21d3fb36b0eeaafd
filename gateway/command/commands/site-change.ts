import * as z from 'zod';
import type { Json } from '../../record/record.ts';
import { defineCommand, type Outcome, refused } from '../command-kind.ts';
import type { CommandPorts, Proposal } from '../port.ts';

/** Seconds in which the platform has to be reached. */
export const within = z
  .int()
  .min(5)
  .max(3600)
  .default(300)
  .describe('Seconds in which the gateway has to reach the platform with it, else the former document comes back');

/** Puts another site document in force. The last word comes when it is proven, or has been taken back. */
export const siteChange = defineCommand({
  kind: 'site-change',
  does: 'Puts another site document in force, and takes it back unless the platform is reached with it in time',
  body: z.strictObject({
    kind: z.literal('site-change'),
    document: z.record(z.string(), z.json()).describe('The whole site document, as in site.json'),
    within,
  }),
  changes: true,
  needsBase: true,
  run({ document, within }, ports, asked) {
    return propose(ports, { document: document as Json, within, isCareful: false, asked });
  },
});

/** Proposes a site document, and says what became of that as a command does. */
export async function propose(ports: CommandPorts, proposal: Proposal): Promise<Outcome> {
  const outcome = await ports.propose(proposal);
  const { siteVersion: version } = ports;
  switch (outcome.kind) {
    case 'begun':
      return { outcome: 'accepted', after: outcome.restart };
    case 'same':
      return { outcome: 'done', result: { from: version, to: version } };
    case 'faults': {
      const [first] = outcome.faults;
      const detail = `${outcome.faults.length} faults; the first: ${first?.field}: ${first?.fault}`;
      return refused('site-fault', detail, 'correct the document; fenceline check shows the same', outcome.faults);
    }
    case 'on-trial':
      return refused('on-trial', `command ${outcome.id} changed the site and is on trial`, 'wait for its last word');
    case 'edited': {
      const detail = 'site.json was changed at the site since the gateway started, or is not what it runs with';
      return refused(
        'edited',
        detail,
        'have the gateway restarted at the site, and base the change on what holds then',
      );
    }
    case 'not-available':
      return refused('not-available', outcome.why, 'change the document at the site');
  }
}
