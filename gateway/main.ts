import { fstatSync, writeSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { join } from 'node:path';
import { loadCatalogue } from '../device-profiles/catalogue.ts';
import { linuxMachine } from './clock/linux-machine.ts';
import { type Clock, systemClock } from './clock.ts';
import type { GatewayEvent } from './diagnosis/gateway-event.ts';
import { type Gateway, type GatewayOptions, startGateway } from './gateway.ts';
import { Accounts } from './http/access/accounts.ts';
import type { SiteSupervision } from './joining/commands/site-changing.ts';
import { systemBoards, systemBrokers, systemLinks, systemNodeLinks } from './joining/system-parts.ts';
import { EventLog, type Log, openLog } from './pino-log.ts';
import type { Committed } from './record/record.ts';
import { feedWatchdog } from './service-watchdog.ts';
import { type ResumedTrial, SiteTrials } from './site/change/site-trials.ts';
import type { SiteFault } from './site/check-site.ts';
import { writeDurably } from './site/durable-file.ts';
import { KeyRing } from './site/key-ring.ts';
import { keepLastGood, type LoadedSite, loadSite } from './site/load-site.ts';
import { machineId } from './site/machine-id.ts';
import { NodeAccounts } from './site/node-accounts.ts';
import { RetiredFile, type RetiredUplink } from './site/retired-file.ts';
import { prepareSiteDirectory, readIfThere, type SiteDirectory, siteDirectory } from './site/site-directory.ts';
import { softwareVersion } from './software-version.ts';

export interface RunOptions {
  /** The site directory. */
  readonly directory: string;
  /** Descriptor that is told of every committed entry, a line each: `stream epoch seq hash`. */
  readonly ledger?: number;
  /** Milliseconds that the uplinks have to be rid of what is held when the gateway is told to stop. */
  readonly drain: number;
}

/**
 * Runs the gateway of a site until SIGINT or SIGTERM; where a platform changes the site document, it starts anew with that
 * one within the process. Resolves to the exit code: 0 after a clean stop, 1 when the site is in use or its store cannot
 * be had, 2 when there is no usable site file.
 */
export async function runGateway(options: RunOptions): Promise<number> {
  const log = openLog();
  const starve = feedWatchdog({
    ...{ clock: systemClock, environment: process.env },
    complain: (message) => log.error('the watchdog of the service is not fed', { message }),
  });
  try {
    return await runOnAndOn(options, log);
  } finally {
    starve();
  }
}

async function runOnAndOn(options: RunOptions, log: Log): Promise<number> {
  const directory = siteDirectory(options.directory);
  const trials = new SiteTrials(directory);
  const kept: KeptOverRuns = { log, events: new EventLog(log), stopped: stopSignal(), time: null };
  for (;;) {
    const resumed = await resume(trials, log);
    try {
      const ended = await runOnce(options, kept, { trials, resumed });
      if (ended !== 'restart') return ended;
    } catch (error) {
      if (resumed.kind !== 'on-trial') throw error;
      const why = `the gateway could not run with it: ${error instanceof Error ? error.message : String(error)}`;
      log.error('a site change is rolled back', { why });
      await trials.rollBack(resumed.trial, why);
    }
  }
}

/** What outlives a run of the gateway within the process. */
interface KeptOverRuns {
  readonly log: Log;
  readonly events: EventLog;
  readonly stopped: Promise<void>;
  /** The clock of the run before: what it was told by a person or a platform goes on to hold. */
  time: Gateway['clock'] | null;
}

/** A marker that cannot be read takes no part: site.json is whole in any case. */
async function resume(trials: SiteTrials, log: Log): Promise<ResumedTrial> {
  try {
    return await trials.resume(systemClock.wall());
  } catch (error) {
    log.error('the marker of a site change cannot be used; site.json holds as it stands', { error: String(error) });
    return { kind: 'none' };
  }
}

/** Without a file that can be read nothing is taken as retired: data that nobody wants do less harm than data that are missing. */
async function readRetired(file: RetiredFile, log: Log): Promise<readonly RetiredUplink[]> {
  try {
    return await file.read();
  } catch (error) {
    log.error('what is retired cannot be read; nothing is taken as retired', { error: String(error) });
    return [];
  }
}

/** Null where the file is damaged: then no node can log in, and everything else runs. */
async function openNodeAccounts(
  { site }: LoadedSite,
  directory: SiteDirectory,
  log: Log,
): Promise<NodeAccounts | null> {
  const forMosquitto = Object.values(site.links).some((link) => link.kind === 'nodes' && link.url !== undefined);
  try {
    return await NodeAccounts.open(directory, { forMosquitto });
  } catch (error) {
    log.error('the accounts of sensor nodes cannot be used; no node is heard', { error: String(error) });
    return null;
  }
}

async function nodesOf(
  { site }: LoadedSite,
  directory: SiteDirectory,
  nodeAccounts: NodeAccounts,
  clock: Clock,
): Promise<Pick<GatewayOptions, 'createNodeLink' | 'nodeAccounts'>> {
  const createNodeLink = await systemNodeLinks(site, directory, nodeAccounts, clock);
  return createNodeLink === undefined ? {} : { createNodeLink, nodeAccounts };
}

async function runOnce(
  { directory: path, ledger, drain }: RunOptions,
  kept: KeptOverRuns,
  { trials, resumed }: Pick<SiteSupervision, 'trials' | 'resumed'>,
): Promise<number | 'restart'> {
  const { log, events, stopped } = kept;
  const clock = systemClock;
  const directory = siteDirectory(path);
  const catalogue = loadCatalogue({ directories: [directory.profiles] });
  const loaded = await loadSite(directory, { catalogue });
  if (loaded.kind === 'refused') {
    log.error('there is no usable site file', { faults: sentences(loaded.faults) });
    if (resumed.kind === 'on-trial') throw new Error('the document is not usable');
    return 2;
  }
  tellOfSite(loaded, log);
  if (loaded.source === 'last-good' && resumed.kind === 'on-trial') throw new Error('the document is not usable');

  if (!(await isPrepared(directory, log))) return 1;
  const keys = await KeyRing.open(directory);
  const accounts = await Accounts.open(directory.root);
  const nodeAccounts = await openNodeAccounts(loaded, directory, log);
  const retiredFile = new RetiredFile(directory);
  let restart = (): void => {};
  const restarted = new Promise<'restart'>((resolve) => {
    restart = () => resolve('restart');
  });
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
    createBoard: await systemBoards(loaded.site, clock),
    ...(nodeAccounts === null ? {} : await nodesOf(loaded, directory, nodeAccounts, clock)),
    createBroker: await systemBrokers(loaded.site, directory, clock),
    page: { accounts, directory: join(import.meta.dirname, 'page', 'dist') },
    socket: directory.socket,
    supervision: { trials, resumed, retired: await readRetired(retiredFile, log), retiredFile, restart },
    observe: (event: GatewayEvent) => events.observe(event),
    ...(ledger === undefined ? {} : { ledger: ledgerOn(ledger) }),
  });
  if ('refusal' in gateway) {
    log.error(gateway.refusal, gateway);
    return 1;
  }
  const code = await accounts.setUpCode();
  if (code !== null) log.info('set-up code', { code, use: 'open the page and set the first password with it' });
  // The last good one is what a change on trial gives way to, until it is confirmed.
  if (resumed.kind !== 'on-trial') await keepLastGood(directory, loaded);
  goOnWithTime(gateway.clock, kept.time);
  kept.time = gateway.clock;
  // What was compiled is kept now: a gateway that always ends with its power would never get to it.
  flushCompileCache();
  log.info('running', { site: directory.root, page: gateway.pagePort });
  const why = await Promise.race([stopped, restarted]);
  await gateway.stop(drain);
  log.info('stopped');
  return why === 'restart' ? 'restart' : 0;
}

function sentences(faults: readonly SiteFault[]): string[] {
  return faults.map(
    ({ file, line, field, fault, remedy }) => `${file}:${line ?? 1}: ${field}: ${fault.en}; ${remedy.en}`,
  );
}

function tellOfSite({ faults, warnings, source }: LoadedSite, log: Log): void {
  if (faults.length > 0) log.warn('the site file is at fault', { faults: sentences(faults) });
  if (warnings.length > 0) log.warn('the site file has weak places', { warnings: sentences(warnings) });
  if (source === 'last-good') log.warn('running with the last good site file instead');
}

/** The clock of the run before goes on counting; what it was told by word of mouth the new one has not heard. */
function goOnWithTime(clock: Gateway['clock'], before: Gateway['clock'] | null): void {
  const source = before?.state().source;
  if (before !== null && (source === 'platform' || source === 'technician')) clock.offerTime(source, before.wall());
}

/** False when the medium does not let the directory be used, which is told. */
async function isPrepared(directory: SiteDirectory, log: Log): Promise<boolean> {
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

/** Writes each entry with one system call, so that what the reader holds is what was committed, whatever happens next. */
function ledgerOn(descriptor: number): (committed: Committed) => void {
  fstatSync(descriptor);
  return ({ stream, epoch, seq, hash }) => void writeSync(descriptor, `${stream} ${epoch} ${seq} ${hash}\n`);
}
