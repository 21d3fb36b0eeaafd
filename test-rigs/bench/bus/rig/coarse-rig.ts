import { constants, openSync, writeSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import { childPlan, serveParent } from '../../measure/child-program.ts';
import { moment } from './moment.ts';
import type { WireData } from './rig-data.ts';
import { slaves } from './slaves.ts';
import { JoinedTtys } from './tty.ts';
import { Wire } from './wire.ts';

/*
 * Many lines with their slaves in one process, each with a tty for the master. Timers keep the time, so characters come a
 * millisecond or two late; they come in pieces, as they do from adapters on USB.
 */

export interface CoarsePlan extends WireData {
  readonly lines: number;
}

const plan = childPlan<CoarsePlan>();
const answer = slaves(plan.alive, plan.registers);

let isEnding = false;

async function line(): Promise<JoinedTtys> {
  const ttys = await JoinedTtys.create();
  const descriptor = openSync(ttys.rig, constants.O_RDWR | constants.O_NOCTTY);
  const wire = new Wire({ ...plan, answer });
  const give = (): void => {
    if (isEnding) return;
    const piece = wire.take(moment());
    if (piece) writeSync(descriptor, piece.bytes);
    if (wire.nextDue < Number.POSITIVE_INFINITY) setTimeout(give, Math.max(1, wire.nextDue - moment()));
  };
  const stream = new ReadStream(descriptor);
  stream.on('error', () => undefined);
  stream.on('data', (bytes: Buffer) => {
    const wasQuiet = wire.nextDue === Number.POSITIVE_INFINITY;
    wire.heard(bytes, moment());
    if (wasQuiet) give();
  });
  return ttys;
}

const lines = await Promise.all(Array.from({ length: plan.lines }, line));
serveParent({
  ready: { paths: lines.map(({ master }) => master) },
  answers: {},
  end: async () => {
    isEnding = true;
    await Promise.all(lines.map((ttys) => ttys.remove()));
  },
});
