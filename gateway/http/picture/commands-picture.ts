import { z } from 'zod';
import { stamp } from './fields.ts';

export const commands = z
  .object({
    /** The newest first, also of earlier runs. */
    last: z.array(
      z.object({
        id: z.string(),
        /** Of the newest reply. */
        at: stamp,
        /** Which command. */
        command: z.string(),
        /** Uplink and key. */
        who: z.string(),
        outcome: z.enum(['accepted', 'done', 'refused', 'failed']),
        reason: z.string().nullable(),
        detail: z.string().nullable(),
      }),
    ),
    /** A site document that runs, and gives way to the former one at that time unless its platform is reached. */
    trial: z
      .object({ id: z.string(), who: z.string(), from: z.string(), to: z.string(), rollsBackAt: stamp })
      .nullable(),
    /** Uplinks that their platforms have retired; `delivered`: nothing goes out by them any more. */
    retired: z.array(z.object({ uplink: z.string(), at: stamp, who: z.string(), delivered: z.boolean() })),
    /** False once every uplink is retired: then no instrument is read. */
    isReading: z.boolean(),
    /** Why commands are not heard or obeyed; English. */
    fault: z.string().nullable(),
  })
  .meta({ id: 'Commands', description: 'What platforms asked of this gateway, and what became of it' });

export type CommandsPicture = z.infer<typeof commands>;
