import { fstatSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { loadCatalogue } from '../device-profiles/catalogue.ts';
import { linuxMachine } from './clock/linux-machine.ts';
import { systemClock } from './clock.ts';
import type { GatewayEvent } from './diagnosis/diagnosis.ts';
import { type Gateway, startGateway } from './gateway.ts';
import { Accounts } from './http/access/accounts.ts';
import { EventLog, openLog } from './pino-log.ts';
import type { Committed } from './record/record.ts';
import type { SiteFault } from './site/check-site.ts';
import { writeDurably } from './site/durable-file.ts';
import { KeyRing } from './site/key-ring.ts';
import { keepLastGood, type LoadedSite, loadSite } from './site/load-site.ts';
import { machineId } from './site/machine-id.ts';
import { prepareSiteDirectory, readIfThere, type SiteDirectory, siteDirectory } from './site/site-directory.ts';
import { softwareVersion } from './software-version.ts';
import { systemBrokers, systemLinks } from './system-parts.ts';

export interface RunOptions {
  /** The site directory. */
  readonly directory: string;
  /** Descriptor that is told of every committed entry, a line each: `stream epoch seq hash`. */
  readonly ledger?: number;
  /** Milliseconds that the uplinks have to be rid of what is held when the gateway is told to stop. */
  readonly drain: number;
}

/**
 * Runs the gateway of a site until SIGINT or SIGTERM. Resolves to the exit code: 0 after a clean stop, 1 when the site
 * is in use or its store cannot be had, 2 when there is no usable site file.
 */
export async function runGateway({ directory: path, ledger, drain }: RunOptions): Promise<number> {
  const log = openLog();
  const events = new EventLog(log);
  const clock = systemClock;
  const directory = siteDirectory(path);
  const catalogue = loadCatalogue({ directories: [directory.profiles] });
  const loaded = await loadSite(directory, { catalogue });
  const sentences = (faults: readonly SiteFault[]): string[] =>
    faults.map(({ file, line, field, fault, remedy }) => `${file}:${line ?? 1}: ${field}: ${fault.en}; ${remedy.en}`);
  if (loaded.kind === 'refused') {
    log.error('there is no usable site file', { faults: sentences(loaded.faults) });
    return 2;
  }
  if (loaded.faults.length > 0) log.warn('the site file is at fault', { faults: sentences(loaded.faults) });
  if (loaded.warnings.length > 0) log.warn('the site file has weak places', { warnings: sentences(loaded.warnings) });
  if (loaded.source === 'last-good') log.warn('running with the last good site file instead');

  if (!(await isPrepared(directory, log))) return 1;
  const keys = await KeyRing.open(directory);
  const accounts = await Accounts.open(directory.root);
  const stopped = stopSignal();
  const gateway = await startGateway({
    directory: directory.root,
    loaded,
    catalogue,
    version: softwareVersion(),
    clock,
    machine: linuxMachine(),
    machineId: await machineId(),
    clockMemory: {
      read: () => readIfThere(directory.clockMemory),
      write: (text) => writeDurably(directory.clockMemory, text),
    },
    keys,
    createLink: await systemLinks(loaded.site, clock),
    createBroker: await systemBrokers(loaded.site, directory, clock),
    page: { accounts, directory: join(import.meta.dirname, 'page', 'dist') },
    socket: directory.socket,
    observe: (event: GatewayEvent) => events.observe(event),
    ...(ledger === undefined ? {} : { ledger: ledgerOn(ledger) }),
  });
  if ('refusal' in gateway) {
    log.error(gateway.refusal, gateway);
    return 1;
  }
  const code = await accounts.setUpCode();
  if (code !== null) log.info('set-up code', { code, use: 'open the page and set the first password with it' });
  await keepLastGood(directory, loaded as LoadedSite);
  log.info('running', { site: directory.root, page: gateway.pagePort });
  await runUntil(stopped, gateway, drain);
  log.info('stopped');
  return 0;
}

/** False when the medium does not let the directory be used, which is told. */
async function isPrepared(directory: SiteDirectory, log: ReturnType<typeof openLog>): Promise<boolean> {
  try {
    await prepareSiteDirectory(directory);
    return true;
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    const message = `${directory.root} cannot be used: ${error.message}; check that the medium is there and writable`;
    log.error('unusable', { message });
    return false;
  }
}

/** Resolves at the first SIGINT or SIGTERM. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve());
  });
}

async function runUntil(stopped: Promise<void>, gateway: Gateway, drain: number): Promise<void> {
  await stopped;
  await gateway.stop(drain);
}

/** Writes each entry with one system call, so that what the reader holds is what was committed, whatever happens next. */
function ledgerOn(descriptor: number): (committed: Committed) => void {
  fstatSync(descriptor);
  return ({ stream, epoch, seq, hash }) => void writeSync(descriptor, `${stream} ${epoch} ${seq} ${hash}\n`);
}
