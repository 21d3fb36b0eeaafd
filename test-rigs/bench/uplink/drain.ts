import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { PlatformProcess, startBroker } from '../main/surroundings.ts';
import { processorTime } from '../measure/process-figures.ts';
import { Program } from '../measure/program.ts';
import { copyStore, type FilledStore, filledFor } from './filled-store.ts';
import type { DrainFigures } from './programs/draining.ts';
import type { GatewayPlan } from './programs/opened-gateway.ts';
import type { OutboxPlan } from './programs/outbox.ts';

/** What bin/fenceline starts its Node with. */
const gatewayOptions = ['--max-semi-space-size=1', '--max-old-space-size=256'];
const programs = join(import.meta.dirname, 'programs');

/** One drain: the backlog, what it took, and what new minutes had to wait meanwhile. */
export interface Drain {
  readonly records: number;
  readonly seconds: number;
  readonly figures: DrainFigures;
  /** Milliseconds from the store's `append`, its commit window of 1 s included, to the row at the platform. */
  readonly freshMs: readonly number[];
  /** Processor seconds of each process. */
  readonly processor: { readonly gateway: number; readonly platform: number; readonly broker: number };
}

/** Drains a copy of the store to the reference platform, each part a process of its own. The directory is a new one. */
export async function drainOnce(filled: FilledStore, directory: string, newMinuteEvery: number): Promise<Drain> {
  const site = join(directory, 'site');
  copyStore(filled, site);
  // A broker of its own: birth stays in it, and with it the key that a platform trusts.
  const broker = await startBroker();
  const platform = await PlatformProcess.start(broker, join(directory, 'platform.sqlite'));
  const plan: GatewayPlan = {
    ...{ ...filledFor, directory: site, url: broker.url, protocol: broker.protocol, newMinuteEvery },
  };
  const { program } = await Program.start(join(programs, 'draining.ts'), plan, gatewayOptions);
  try {
    const pids = { gateway: program.pid, platform: platform.pid, broker: broker.pid ?? 0 };
    const before = processorOf(pids);
    const figures = await program.ask<DrainFigures>('drain');
    const after = processorOf(pids);
    await program.stop();
    if (!(await platform.stop())) throw new Error("the platform's audit is not clean");
    const processor = {
      gateway: (after.gateway - before.gateway) / 1000,
      platform: (after.platform - before.platform) / 1000,
      broker: (after.broker - before.broker) / 1000,
    };
    const freshMs = waits(platform.file, figures.appended);
    return { records: filled.records, seconds: figures.milliseconds / 1000, figures, freshMs, processor };
  } finally {
    await Promise.allSettled([program.stop(), platform.stop()]);
    await broker.stop();
  }
}

function processorOf(pids: Drain['processor']): Drain['processor'] {
  const of = (pid: number): number => (pid === 0 ? 0 : processorTime(pid));
  return { gateway: of(pids.gateway), platform: of(pids.platform), broker: of(pids.broker) };
}

/** How long each of these took to the platform's table. */
function waits(file: string, appended: DrainFigures['appended']): number[] {
  const database = new DatabaseSync(file, { readOnly: true });
  const row = database.prepare(
    "SELECT received_at FROM received WHERE gateway = 'bench-0001' AND stream = 'records' AND epoch = (SELECT epoch FROM received LIMIT 1) AND seq = ?",
  );
  const waited = appended.map(([seq, at]) => {
    const received = row.get(seq)?.received_at;
    if (typeof received !== 'number') throw new Error(`record ${seq} is not at the platform`);
    return received - at;
  });
  database.close();
  return waited;
}

/** The bare outbox on the same minutes: records a second, ended at the last PUBACK and its delete. */
export async function drainOutbox(directory: string, minutes: number): Promise<number> {
  const broker = await startBroker();
  const plan: OutboxPlan = { file: join(directory, 'outbox.sqlite'), url: broker.url, points: 50, minutes };
  const { program, ready } = await Program.start<{ records: number }>(join(programs, 'outbox.ts'), plan);
  try {
    const { milliseconds } = await program.ask<{ milliseconds: number }>('drain');
    return ready.records / (milliseconds / 1000);
  } finally {
    await program.stop();
    await broker.stop();
  }
}
