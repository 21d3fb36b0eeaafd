import { mkdtempSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pause, systemClock } from '../../gateway/clock.ts';
import type { Picture } from '../../gateway/http/picture.ts';
import type { SiteDocument } from '../../gateway/site/site-schema.ts';
import { SimulatedSite } from '../demo/simulated-site.ts';
import { GatewayProcess, type GatewayProcessOptions } from '../gateway-process/gateway-process.ts';
import { Ledger } from '../gateway-process/ledger.ts';

/*
 * In three lines:
 *   await using site = await ProcessSite.start(broker.url);           // instruments, a site directory, a ledger
 *   const gateway = await site.run();                                // the real gateway process on it
 *   expect(await gateway.stop()).toBe(0);
 */

/** Waits on the machine's own clock, for stories with real parts. */
export const wait = (milliseconds: number): Promise<void> => pause(systemClock, milliseconds);

/** Asks every 50 ms until the answer is yes; throws after `limit` milliseconds. */
export async function until(what: string, question: () => boolean | Promise<boolean>, limit = 30_000): Promise<void> {
  const end = performance.now() + limit;
  while (!(await question())) {
    if (performance.now() > end) throw new Error(`${what}: not within ${limit} ms`);
    await wait(50);
  }
}

/** The demo's instruments but for the slow line, and windows as short as the site file allows. */
export function fast(document: SiteDocument): SiteDocument {
  const instruments = document.instruments
    .filter(({ link }) => link !== 'rs485-1')
    .map((one) => ({ ...one, every: one.link === 'cabinet' ? '100ms' : '1s' }));
  const windows = { records: { commitEvery: '100ms' }, samples: { keep: true, commitEvery: '100ms' } };
  return { ...document, instruments, ...windows };
}

/** A site directory of its own with simulated instruments behind real streams, for the real gateway process. */
export class ProcessSite implements AsyncDisposable {
  readonly directory: string;
  readonly instruments: SimulatedSite;
  readonly ledger = new Ledger();
  readonly #ownsInstruments: boolean;
  readonly #gateways: GatewayProcess[] = [];

  private constructor(directory: string, instruments: SimulatedSite, ownsInstruments = true) {
    this.directory = directory;
    this.#ownsInstruments = ownsInstruments;
    this.instruments = instruments;
  }

  /** `change` makes the site's document out of the demo's. */
  static async start(broker: string, change: (document: SiteDocument) => SiteDocument = fast): Promise<ProcessSite> {
    const directory = await mkdtemp(join(tmpdir(), 'fenceline-story-'));
    const instruments = await SimulatedSite.start(systemClock);
    const site = new ProcessSite(directory, instruments);
    await site.write(change(instruments.document(broker, '127.0.0.1:0')));
    return site;
  }

  /** A site of the same instruments with a directory, which is empty, and a ledger of its own. */
  beside(): ProcessSite {
    return new ProcessSite(mkdtempSync(join(tmpdir(), 'fenceline-story-')), this.instruments, false);
  }

  async write(document: SiteDocument): Promise<void> {
    await writeFile(join(this.directory, 'site.json'), JSON.stringify(document, null, 2));
  }

  /**
   * Starts the gateway; all runs share one ledger. Told to stop, it goes on sending until nothing is held, however slow the
   * machine is; where its broker cannot be reached, `drain` has to end that sooner.
   */
  async run(options: Omit<GatewayProcessOptions, 'directory' | 'ledger'> = {}): Promise<GatewayProcess> {
    const { directory, ledger } = this;
    const gateway = await GatewayProcess.start({ drain: '25s', ...options, directory, ledger });
    this.#gateways.push(gateway);
    return gateway;
  }

  /** What a running gateway's API shows. */
  async picture(gateway: GatewayProcess): Promise<Picture> {
    const token = (await readFile(join(this.directory, 'secrets', 'read-token'), 'utf8')).trim();
    const headers = { authorization: `Bearer ${token}` };
    const answer = await fetch(`http://127.0.0.1:${gateway.pagePort}/api/v1/picture`, { headers });
    if (!answer.ok) throw new Error(`the API answers ${answer.status}`);
    return (await answer.json()) as Picture;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const gateway of this.#gateways) await gateway.kill();
    if (this.#ownsInstruments) await this.instruments.stop();
    await rm(this.directory, { recursive: true, force: true });
  }
}
