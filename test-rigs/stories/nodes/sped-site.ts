import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import type { GatewayEvent } from '../../../gateway/diagnosis/gateway-event.ts';
import type { Gateway } from '../../../gateway/gateway.ts';
import { systemNodeLinks } from '../../../gateway/joining/system-parts.ts';
import { NodeAdoption } from '../../../gateway/link/nodes/adoption/node-adoption.ts';
import { NodeAccounts } from '../../../gateway/site/node-accounts.ts';
import { prepareSiteDirectory, siteDirectory } from '../../../gateway/site/site-directory.ts';
import type { SiteDocument } from '../../../gateway/site/site-schema.ts';
import { Ledger } from '../../gateway-process/ledger.ts';
import { brokerLine } from '../../platform/line.ts';
import { Platform } from '../../platform/platform.ts';
import { MemoryBroker } from '../../surroundings/memory-broker.ts';
import { SimulatedMemory } from '../../surroundings/simulated-machine.ts';
import { SpedClock } from '../../surroundings/sped-clock.ts';
import { heldBy, startOn } from '../start-on.ts';

/** So many times as fast as the machine's clock: a minute is 1.5 s. */
const factor = 40;

/**
 * A gateway whose nodes come over a real network to a real broker, while its time runs faster; its platform is in memory.
 */
export class SpedSite {
  readonly clock = new SpedClock(factor, Date.parse('2026-11-24T00:00:20.000+08:00'));
  readonly platformBroker = new MemoryBroker(this.clock);
  readonly platform = new Platform({ line: brokerLine(this.platformBroker, this.clock), clock: this.clock });
  readonly ledger = new Ledger();
  readonly #told = new PassThrough();
  readonly #directory: string;
  readonly #accounts: NodeAccounts;
  /** Gives nodes their accounts. */
  readonly adoption: NodeAdoption;
  readonly #observe: (event: GatewayEvent) => void;
  readonly #memory = new SimulatedMemory();
  #gateway: Gateway | undefined;

  private constructor(directory: string, accounts: NodeAccounts, observe: (event: GatewayEvent) => void) {
    this.#directory = directory;
    this.#accounts = accounts;
    this.adoption = new NodeAdoption(accounts, this.clock);
    this.#observe = observe;
    void this.ledger.read(this.#told);
  }

  static async start(
    node: string,
    broker: { readonly listen: string } | { readonly url: string; readonly username: string },
    observe: (event: GatewayEvent) => void = () => undefined,
  ): Promise<SpedSite> {
    const directory = await mkdtemp(join(tmpdir(), 'fenceline-story-'));
    await prepareSiteDirectory(siteDirectory(directory));
    const site = new SpedSite(directory, await NodeAccounts.open(siteDirectory(directory)), observe);
    const document: SiteDocument = {
      gateway: { id: 'zl-0001', area: '320404' },
      source: { name: 'Sped site', kind: 'construction-site' },
      links: { nodes: { kind: 'nodes', ...broker } },
      points: [{ id: `gate-${node}` }],
      instruments: [
        {
          id: `dust-${node}`,
          profile: 'fenceline/node-plantower',
          link: 'nodes',
          node,
          every: '60s',
          point: `gate-${node}`,
        },
      ],
      uplinks: [{ id: 'district', kind: 'mqtt', url: 'mqtt://broker.example' }],
    };
    await writeFile(siteDirectory(directory).document, JSON.stringify(document));
    await site.platform.start();
    await site.startGateway();
    return site;
  }

  get gateway(): Gateway {
    if (this.#gateway === undefined) throw new Error('the gateway of this story is stopped');
    return this.#gateway;
  }

  async startGateway(): Promise<void> {
    this.#gateway = await startOn(this.#directory, async ({ site }) => {
      const createNodeLink = await systemNodeLinks(site, siteDirectory(this.#directory), this.#accounts, this.clock);
      if (createNodeLink === undefined) throw new Error('this site has no nodes');
      return {
        clock: this.clock,
        machine: {
          bootId: 'boot-1',
          uptime: () => this.clock.monotonic(),
          ntp: async () => null,
          batteryClock: async () => null,
          timezone: () => 'Asia/Shanghai',
        },
        clockMemory: this.#memory,
        createLink: () => {
          throw new Error('this site has no lines');
        },
        createNodeLink: (id, settings, observe) =>
          this.adoption.attach(id, (told) => createNodeLink(id, settings, told), observe),
        createBroker: () => this.platformBroker,
        observe: this.#observe,
        ledger: ({ stream, epoch, seq, hash }) => void this.#told.write(`${stream} ${epoch} ${seq} ${hash}\n`),
      };
    });
  }

  async stopGateway(drain = 0): Promise<void> {
    await this.gateway.stop(drain);
    this.#gateway = undefined;
  }

  /** Entries that the gateway still holds for the platform. */
  async held(): Promise<number> {
    return heldBy(this.gateway);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#gateway !== undefined) await this.stopGateway();
    await this.platform.stop();
    await rm(this.#directory, { recursive: true, force: true });
  }
}
