import * as z from 'zod';
import { defineCommand, refused } from '../command-kind.ts';

/**
 * Switches a lamp or a mist cannon that hangs on a board with pins, where the site allows it. Nothing else can be switched:
 * the closed list of uses stands in the profile's schema, and the gateway keeps the warning, the lock-out and the end.
 */
export const switchRelay = defineCommand({
  kind: 'switch',
  does: 'Switches a lamp or mist cannon of a board that the site allows to be switched',
  body: z
    .strictObject({
      kind: z.literal('switch'),
      instrument: z.string().min(1).max(64).describe('The board'),
      relay: z.string().min(1).max(64).describe('One of those that the site lists under its commands'),
      on: z.boolean(),
      seconds: z
        .int()
        .min(1)
        .max(86_400)
        .optional()
        .describe('With on true: how long, from when it goes on; at most what its profile says'),
    })
    .refine(({ on, seconds }) => on === (seconds !== undefined), 'seconds belong to on: true, and to nothing else'),
  changes: true,
  needsBase: true,
  isUrgent: ({ on }) => !on,
  async run({ instrument, relay, on, seconds = 0 }, ports, { sender, at }) {
    const order = on ? { on, seconds } : { on };
    const answer = await ports.switchRelay(instrument, relay, order, { who: sender.who, uplink: sender.uplink, at });
    if (answer.kind === 'refused') return refused(answer.reason, answer.detail, answer.remedy);
    const { state, next, until } = answer;
    return { outcome: 'done', result: { instrument, relay, state, next, until } };
  },
});
