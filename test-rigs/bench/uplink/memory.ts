import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { SeqRanges } from '../../../gateway/record/seq-set.ts';
import { GatewayProcess } from '../../gateway-process/gateway-process.ts';
import { type BenchBroker, PlatformProcess, Slaves, startBroker } from '../main/surroundings.ts';
import { writeSite } from '../main/workload.ts';
import { figuresOf, type ProcessFigures } from '../measure/process-figures.ts';
import { copyStore, type FilledStore } from './filled-store.ts';

/** The real gateway with its instruments, on a store that holds so many records for the platform. */
export interface Held {
  readonly records: number;
  /** While the platform could not be reached, and from its next start, with the platform there, until all of it was. */
  readonly waiting: ProcessFigures;
  readonly draining: ProcessFigures;
}

const waitingFor = 6000;
const looksEvery = 500;
/** Milliseconds after which a drain is given up. */
const patience = 90_000;

/**
 * `fenceline run` on 10 instruments of 20 registers at 1 s, first without a broker, then with one. The store was filled
 * by a process that has ended. The broker is its own: birth stays in it, and with it the key that a platform trusts.
 */
export async function measureHeld(filled: FilledStore, directory: string): Promise<Held> {
  const { records } = filled;
  const site = join(directory, 'site');
  copyStore(filled, site);
  const [broker, slaves] = [await startBroker(), await Slaves.start()];
  try {
    await writeSite(site, { ...broker, url: 'mqtt://127.0.0.1:9' }, slaves.ports);
    const alone = await GatewayProcess.start({ directory: site, drain: '0s' });
    const waiting = await figuresOf(alone.pid, waitingFor);
    await alone.stop();
    await writeSite(site, broker, slaves.ports);
    const draining = await drainWhole(site, broker, join(directory, 'platform.sqlite'), records);
    return { records, waiting, draining };
  } finally {
    await Promise.allSettled([slaves.stop(), broker.stop()]);
  }
}

async function drainWhole(site: string, broker: BenchBroker, file: string, records: number): Promise<ProcessFigures> {
  const platform = await PlatformProcess.start(broker, file);
  const gateway = await GatewayProcess.start({ directory: site, drain: '5s' });
  try {
    const begun = performance.now();
    let figures = await figuresOf(gateway.pid, waitingFor);
    while (!hasDrained(site, records)) {
      if (performance.now() - begun > patience) throw new Error(`${records} records were not drained in time`);
      figures = await figuresOf(gateway.pid, looksEvery);
    }
    return figures;
  } finally {
    await Promise.allSettled([gateway.stop(), platform.stop()]);
  }
}

/** Whether the gateway has let go of that many records: the platform's receipts for them have come. Read beside it. */
function hasDrained(site: string, records: number): boolean {
  const database = new DatabaseSync(join(site, 'store', 'store.sqlite'), { readOnly: true });
  try {
    const rows = database.prepare("SELECT let_go FROM claims WHERE stream = 'records' ORDER BY epoch").all();
    const letGo = rows.flatMap(({ let_go }) => JSON.parse(String(let_go)) as SeqRanges);
    return letGo.reduce((sum, [first, last]) => sum + last - first + 1, 0) >= records;
  } finally {
    database.close();
  }
}
