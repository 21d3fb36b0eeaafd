import { randomInt } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pause, systemClock } from '../../gateway/clock.ts';
import type { Picture } from '../../gateway/http/picture.ts';
import { GatewayProcess, runCommand } from '../gateway-process/gateway-process.ts';
import { Platform } from '../platform/platform.ts';
import { AedesBroker } from '../surroundings/aedes-broker.ts';
import { SimulatedSite } from './simulated-site.ts';

const usualPort = 8080;
/** Milliseconds that a stopping gateway is given before it is killed, on top of what it may drain. */
const patience = 1000;

/** Everything the demo consists of, running: instruments, gateway, broker, platform, page. */
export class DemoRun {
  readonly directory: string;
  readonly password: string;
  readonly broker: AedesBroker;
  readonly platform: Platform;
  readonly gateway: GatewayProcess;
  readonly #site: SimulatedSite;
  readonly #token: string;

  private constructor(parts: {
    directory: string;
    password: string;
    token: string;
    broker: AedesBroker;
    platform: Platform;
    site: SimulatedSite;
    gateway: GatewayProcess;
  }) {
    this.directory = parts.directory;
    this.password = parts.password;
    this.broker = parts.broker;
    this.platform = parts.platform;
    this.gateway = parts.gateway;
    this.#site = parts.site;
    this.#token = parts.token;
  }

  /** `drain`: how long the gateway may go on sending at the end, as `--drain` takes it. */
  static async start(drain: string): Promise<DemoRun> {
    const directory = await mkdtemp(join(tmpdir(), 'fenceline-demo-'));
    const password = `demo-${randomInt(1000, 10_000)}-${randomInt(1000, 10_000)}`;
    const broker = await AedesBroker.start();
    const platform = new Platform({ url: broker.url, protocol: '3.1.1' });
    const [site] = await Promise.all([
      SimulatedSite.start(systemClock),
      platform.start(),
      runCommand(['password', '--site', directory, '--stdin'], `${password}\n`),
    ]);
    const page = `0.0.0.0:${(await isFree(usualPort)) ? usualPort : 0}`;
    await writeFile(join(directory, 'site.json'), `${JSON.stringify(site.document(broker.url, page), null, 2)}\n`);
    const gateway = await GatewayProcess.start({ directory, drain });
    const token = (await readFile(join(directory, 'secrets', 'read-token'), 'utf8')).trim();
    return new DemoRun({ directory, password, token, broker, platform, site, gateway });
  }

  get url(): string {
    return `http://localhost:${this.gateway.pagePort}`;
  }

  /** What the gateway shows on its page; null when it does not answer. */
  async picture(): Promise<Picture | null> {
    const headers = { authorization: `Bearer ${this.#token}` };
    const answer = await fetch(`${this.url}/api/v1/picture`, { headers, signal: AbortSignal.timeout(2000) }).catch(
      () => null,
    );
    return answer?.ok ? ((await answer.json()) as Picture) : null;
  }

  /** Committed entries that the platform does not have yet. */
  get held(): number {
    return Math.max(0, this.gateway.ledger.size - this.platform.table.keys);
  }

  /** Tells the gateway to stop, and kills it when it has not after `limit` milliseconds. */
  async stopGateway(limit: number): Promise<number | string> {
    const stopping = this.gateway.stop();
    const enough = new AbortController();
    const tooLong = pause(systemClock, limit + patience, enough.signal).then(() => 'too long' as const);
    const outcome = await Promise.race([stopping, tooLong]);
    enough.abort();
    if (outcome !== 'too long') return outcome;
    await this.gateway.kill();
    return 'SIGKILL';
  }

  /** Lets go of everything but the platform's table, which {@link close} closes. */
  async stopSurroundings(): Promise<void> {
    await this.#site.stop();
  }

  async close(): Promise<void> {
    await this.platform.stop();
    await this.broker.stop();
    await rm(this.directory, { recursive: true, force: true });
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '0.0.0.0', () => server.close(() => resolve(true)));
  });
}
