import * as z from 'zod';
import { readStamp } from '../../clock.ts';
import { stamp } from '../../contract/fields.ts';
import { defineCommand, refused } from '../command-kind.ts';

/** Tells a gateway that has no time of its own what time it is; one that has a better source keeps to that. */
export const time = defineCommand({
  kind: 'time',
  does: 'Says what time it is, to a gateway that does not know',
  body: z.strictObject({ kind: z.literal('time'), time: stamp.describe('At the moment of sending') }),
  changes: true,
  needsBase: false,
  // Nobody can say whether it has expired; its counter keeps it from being replayed.
  beforeTrust: true,
  async run({ time: told }, ports) {
    const moment = readStamp(told);
    if (moment === undefined) return refused('malformed', `${told} is no moment`, 'send a stamp with offset');
    const { taken, why } = ports.offerTime(moment);
    if (taken) return { outcome: 'done', result: { time: told } };
    return refused('time-not-taken', why, 'nothing, where the gateway knows the time; else see fenceline doctor');
  },
});
