import { once } from 'node:events';
import { constants, openSync } from 'node:fs';
import { setPriority } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { childPlan, serveParent } from '../../measure/child-program.ts';
import type { PacerData } from './pacer.ts';
import type { ReaderData } from './reader.ts';
import type { RigPlan } from './rig-data.ts';
import { type Order, SharedBytes, sharedMemory } from './shared-bytes.ts';
import { JoinedTtys } from './tty.ts';

/*
 * One line with its slaves, as a process of its own: a tty for the master, a thread that waits for requests, a thread
 * that keeps the time. Ends with its parent.
 */

/** Sleeping ends up to 0.1 ms late, at most about twice that on an idle machine; the rest is spent turning. */
const exactSpin = 0.2;

/** Above every master, where the system lets us: a late rig is charged to the master. Threads take it over. */
try {
  setPriority(-10);
} catch {
  // Only root may; the lateness that is printed tells what it cost.
}

const plan = childPlan<RigPlan>();
const ttys = await JoinedTtys.create();
const descriptor = openSync(ttys.rig, constants.O_RDWR | constants.O_NOCTTY);
const memory = sharedMemory();
const shared = new SharedBytes(memory);
const workerData: PacerData & ReaderData = {
  ...plan,
  descriptor,
  memory,
  spin: plan.pacing === 'exact' ? exactSpin : 0,
};
const [first, ...more] = plan.pacing === 'at-once' ? ['at-once.ts'] : ['pacer.ts', 'reader.ts'];
const answering = new Worker(join(import.meta.dirname, first ?? ''), { workerData });
for (const file of more) new Worker(join(import.meta.dirname, file), { workerData });

async function tell(order: Order): Promise<unknown> {
  const answer = once(answering, 'message');
  shared.order(order);
  return (await answer)[0];
}

serveParent({
  ready: { path: ttys.master },
  answers: { begin: () => tell('begin'), figures: () => tell('figures') },
  end: () => {
    // Not awaited: a thread that waits for a request ends when its tty goes.
    void answering.terminate();
    return ttys.remove();
  },
});
