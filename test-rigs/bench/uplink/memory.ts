import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pause, systemClock } from '../../../gateway/clock.ts';
import { GatewayProcess } from '../../gateway-process/gateway-process.ts';
import { type BenchBroker, PlatformProcess, Slaves } from '../main/surroundings.ts';
import { writeSite } from '../main/workload.ts';
import { figuresOf, type ProcessFigures } from '../measure/process-figures.ts';
import { Program } from '../measure/program.ts';
import type { FillPlan } from './programs/fill.ts';

/** The real gateway with its instruments, on a store that holds so many records for the platform. */
export interface Held {
  readonly records: number;
  /** While the platform could not be reached, and from the moment it could until all of it was there. */
  readonly waiting: ProcessFigures;
  readonly draining: ProcessFigures;
}

const waitingFor = 8000;
const looksEvery = 1000;
/** Looks until a drain is given up. */
const mostLooks = 600;

/** `fenceline run` on 10 instruments of 20 registers at 1 s, first without a broker, then with one. */
export async function measureHeld(broker: BenchBroker, directory: string, minutes: number): Promise<Held> {
  const site = join(directory, `site-${minutes}`);
  mkdirSync(site, { recursive: true });
  const records = minutes === 0 ? 0 : await fill(site, minutes);
  const slaves = await Slaves.start();
  const [nobody, file] = [{ ...broker, url: 'mqtt://127.0.0.1:9' }, join(directory, `platform-${minutes}.sqlite`)];
  try {
    await writeSite(site, nobody, slaves.ports);
    const alone = await GatewayProcess.start({ directory: site, drain: '0s' });
    const waiting = await figuresOf(alone.pid, waitingFor);
    await alone.stop();
    await writeSite(site, broker, slaves.ports);
    const platform = await PlatformProcess.start(broker, file);
    const gateway = await GatewayProcess.start({ directory: site, drain: '5s' });
    const draining = await watchUntil(gateway.pid, () => recordsAt(file) > records);
    await gateway.stop();
    await platform.stop();
    return { records, waiting, draining };
  } finally {
    await slaves.stop();
  }
}

async function fill(directory: string, minutes: number): Promise<number> {
  const plan: FillPlan = { directory, gateway: 'bench-0001', uplink: 'platform', points: 50, minutes, seed: 7 };
  const { program, ready } = await Program.start<{ records: number }>(
    join(import.meta.dirname, 'programs', 'fill.ts'),
    plan,
  );
  await program.stop();
  return ready.records;
}

async function watchUntil(pid: number, isOver: () => boolean): Promise<ProcessFigures> {
  let figures = await figuresOf(pid, waitingFor);
  for (let looks = 0; looks < mostLooks && !isOver(); looks++) figures = await figuresOf(pid, looksEvery);
  await pause(systemClock, looksEvery);
  return figures;
}

/** Records in the platform's file, while the platform goes on writing to it. */
function recordsAt(file: string): number {
  const database = new DatabaseSync(file, { readOnly: true });
  const { n } = database.prepare("SELECT count(*) AS n FROM received WHERE stream = 'records'").get() ?? {};
  database.close();
  return Number(n);
}
