import { z } from 'zod';
import type { TurnedAway } from '../../link/nodes/node-link.ts';
import { stamp } from '../picture/fields.ts';

const turnedAway = z.enum({
  'unknown-node': 'unknown-node',
  'wrong-password': 'wrong-password',
  'wrong-chip': 'wrong-chip',
  'foreign-topic': 'foreign-topic',
  oversized: 'oversized',
  malformed: 'malformed',
  flood: 'flood',
  'held-off': 'held-off',
  stalled: 'stalled',
  'no-tls': 'no-tls',
  full: 'full',
  replaced: 'replaced',
  forgotten: 'forgotten',
} satisfies { [Why in TurnedAway]: Why });

/** A node without an account that was heard in the last two minutes. */
const newNode = z
  .object({
    /** Chip id, as the node's console prints it. */
    chip: z.string(),
    /** `esp8266`, `esp32`; version of its firmware. Both as the node says. */
    type: z.string(),
    version: z.string(),
    /** Null where the broker is not ours and does not tell. */
    address: z.string().nullable(),
    heardAt: stamp,
  })
  .meta({ id: 'NewNode', description: 'A sensor node that waits to be adopted' });

/** The nodes of one broker: who is connected, who waits to be adopted, and who was turned away and why. */
export const nodesSchema = z
  .object({
    connected: z.array(
      z.object({ node: z.string(), chip: z.string().nullable(), address: z.string().nullable(), since: stamp }),
    ),
    fresh: z.array(newNode),
    /** Of the last day at most, newest first; what follows within 10 s is counted with the first. */
    turnedAway: z.array(
      z.object({
        why: turnedAway,
        node: z.string().nullable(),
        chip: z.string().nullable(),
        address: z.string().nullable(),
        count: z.int().positive(),
        last: stamp,
      }),
    ),
  })
  .meta({ id: 'Nodes', description: 'Sensor nodes at one broker' });

export type NodesPicture = z.infer<typeof nodesSchema>;
