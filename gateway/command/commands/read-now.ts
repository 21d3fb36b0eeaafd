import * as z from 'zod';
import { defineCommand, failed, refused } from '../command-kind.ts';

const faults = {
  'no-time': ['no-time', 'the line had no time for it within 30 s', 'send it again later with a new id'],
  'too-many': ['busy', 'as many reads wait as may', 'send it again later with a new id'],
  'not-running': ['not-running', 'the line of the instrument does not run', 'see the line on the page of the gateway'],
} as const;

/** Reads one instrument now, as the page does: before what is due, judged like every reading, never a write. */
export const readNow = defineCommand({
  kind: 'read-now',
  does: 'Reads an instrument now, and gives back what it said',
  body: z.strictObject({ kind: z.literal('read-now'), instrument: z.string().min(1).max(64) }),
  changes: false,
  needsBase: false,
  async run({ instrument }, ports) {
    const answer = await ports.read(instrument);
    if (answer === undefined) {
      return refused('no-such-instrument', `no instrument ${instrument} runs here`, 'see the instruments in birth');
    }
    if (answer.kind !== 'read') {
      const [reason, detail, remedy] = faults[answer.kind];
      return failed(reason, detail, remedy);
    }
    const { at, took, readings } = answer.read;
    const told = readings.map(({ point, factor, unit, value, at, flag, reason, basis, origin }) => {
      return { point, factor, unit, value, at, flag, reason, basis, origin };
    });
    return { outcome: 'done', result: { instrument, at, took, readings: told } };
  },
});
