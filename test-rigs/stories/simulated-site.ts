import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import type { GatewayEvent } from '../../gateway/diagnosis/gateway-event.ts';
import type { OpenSiteBoard } from '../../gateway/driver/firmata/firmata-acquisition.ts';
import type { Gateway } from '../../gateway/gateway.ts';
import { siteDirectory } from '../../gateway/site/site-directory.ts';
import type { SiteDocument } from '../../gateway/site/site-schema.ts';
import { type Account, accountOf } from '../gateway-process/account.ts';
import { Ledger } from '../gateway-process/ledger.ts';
import { MemoryNodeLink } from '../links/memory-node-link.ts';
import { brokerLine } from '../platform/line.ts';
import { Platform } from '../platform/platform.ts';
import { MemoryBroker } from '../surroundings/memory-broker.ts';
import { SimulatedClock } from '../surroundings/simulated-clock.ts';
import { SimulatedMachine, SimulatedMemory } from '../surroundings/simulated-machine.ts';
import { seededRandom } from './seeded-random.ts';
import { heldBy, startOn } from './start-on.ts';
import { dustMeter, particleSensor, type StoryInstrument, Wiring } from './wiring.ts';

/*
 * In three lines:
 *   await using site = await SimulatedSite.start();      // two dust meters on one line, a particle sensor on another
 *   await site.clock.advance(10 * minute);
 *   expect(received(site.platform, 'minute').length).toBeGreaterThan(0);
 */

export interface SimulatedSiteOptions {
  /** What is wired to what; without it two dust meters on `rs485-1` and a particle sensor on `usb-1`. */
  readonly instruments?: readonly StoryInstrument[];
  /** Has the last word on the site's document. */
  readonly document?: (document: SiteDocument) => SiteDocument;
  /** Profiles of the site's own: id to YAML. */
  readonly profiles?: { readonly [id: string]: string };
  /** Wall time at the beginning. */
  readonly from?: string;
  /** What time it truly is then; without it, what the clock shows. */
  readonly truth?: string;
  /** The broker of an uplink that is not `district`, which has the site's own. */
  readonly broker?: (uplink: string, clock: SimulatedClock) => MemoryBroker;
  /** Opens the board of a link, on the site's clock. */
  readonly board?: (link: string, clock: SimulatedClock) => OpenSiteBoard;
  /** Hears everything the gateway tells. */
  readonly observe?: (event: GatewayEvent) => void;
}

const usual = (): StoryInstrument[] => [dustMeter('dust-1', 1), dustMeter('dust-2', 2), particleSensor('particles-1')];

const midnight = '2026-11-24T00:00:00.000+08:00';

/** Simulated time that a stop of the gateway may take, milliseconds. */
const stopping = 5000;

/**
 * A whole site in one process on a simulated clock: instruments that speak bytes on lines in memory, the real gateway
 * on a site directory of its own with its real store, a broker in memory and the reference platform behind it.
 */
export class SimulatedSite {
  readonly clock: SimulatedClock;
  readonly broker: MemoryBroker;
  readonly platform: Platform;
  /** Everything that any run of the gateway said it committed. */
  readonly ledger = new Ledger();
  readonly wiring: Wiring;
  /** The broker of the nodes of the gateway that runs; the site's document names it `nodes`. */
  nodeLink: MemoryNodeLink | undefined;
  readonly machine: SimulatedMachine;
  readonly #memory = new SimulatedMemory();
  #directory: string;
  readonly #brokerOf: (uplink: string, clock: SimulatedClock) => MemoryBroker;
  readonly #boardOf: SimulatedSiteOptions['board'];
  readonly #observe: (event: GatewayEvent) => void;
  readonly #told = new PassThrough();
  #gateway: Gateway | undefined;
  /** The power is cut: what the gateway tells now nobody hears. */
  #isDark = false;

  private constructor(
    directory: string,
    { instruments = usual(), from = midnight, truth, broker, board, observe }: SimulatedSiteOptions,
  ) {
    this.#directory = directory;
    this.#brokerOf = broker ?? (() => this.broker);
    this.#boardOf = board;
    this.#observe = observe ?? (() => undefined);
    this.clock = new SimulatedClock(from);
    this.machine = new SimulatedMachine(this.clock, truth ?? from);
    this.clock.settleWith(async () => this.#gateway?.store.idle());
    void this.ledger.read(this.#told);
    this.wiring = new Wiring(this.clock, instruments);
    this.broker = new MemoryBroker(this.clock);
    this.platform = new Platform({ line: brokerLine(this.broker, this.clock), clock: this.clock });
  }

  /** Builds the site and starts everything. `await using` ends it, whatever becomes of the story. */
  static async start(options: SimulatedSiteOptions = {}): Promise<SimulatedSite> {
    const { document = (as) => as, profiles = {} } = options;
    const directory = await mkdtemp(join(tmpdir(), 'fenceline-story-'));
    const site = new SimulatedSite(directory, options);
    for (const [id, text] of Object.entries(profiles)) {
      const file = join(siteDirectory(directory).profiles, `${id}.yaml`);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text);
    }
    await writeFile(siteDirectory(directory).document, JSON.stringify(document(documentOf(site.wiring.instruments))));
    await site.platform.start();
    await site.startGateway();
    return site;
  }

  /** The gateway that runs. */
  get gateway(): Gateway {
    if (this.#gateway === undefined) throw new Error('the gateway of this story is stopped');
    return this.#gateway;
  }

  /** The site directory, which is another after a loss of power. */
  get directory(): string {
    return this.#directory;
  }

  /** Starts the gateway on the site directory as it stands. */
  async startGateway(): Promise<void> {
    this.#gateway = await startOn(this.#directory, () => ({
      clock: this.clock,
      machine: this.machine,
      clockMemory: this.#memory,
      createLink: (id, _settings, observe) => this.wiring.link(id, observe),
      createNodeLink: (id, _settings, observe) => {
        const link: MemoryNodeLink = new MemoryNodeLink({
          ...{ id, clock: this.clock },
          observe: (event) => {
            if (event.kind === 'link-opened') this.nodeLink = link;
            if (event.kind === 'link-closed') this.nodeLink = undefined;
            observe(event);
          },
        });
        return link;
      },
      createBoard: (id) => {
        if (this.#boardOf === undefined) throw new Error('this story has no board');
        return this.#boardOf(id, this.clock);
      },
      createBroker: ({ id }) => (id === 'district' ? this.broker : this.#brokerOf(id, this.clock)),
      observe: this.#observe,
      ledger: ({ stream, epoch, seq, hash }) => {
        if (!this.#isDark) this.#told.write(`${stream} ${epoch} ${seq} ${hash}\n`);
      },
      random: seededRandom(20_261_124),
    }));
  }

  /** Writes another site document, as somebody does with an editor; it holds from the next start on. */
  async changeDocument(change: (document: SiteDocument) => SiteDocument): Promise<void> {
    const file = siteDirectory(this.#directory).document;
    await writeFile(file, JSON.stringify(change(JSON.parse(await readFile(file, 'utf8')))));
  }

  /** Stops the gateway; the site directory, the instruments, the broker and the platform stay. Takes 5 s and the drain. */
  async stopGateway(drain = 0): Promise<void> {
    this.nodeLink = undefined;
    const stopped = this.gateway.stop(drain);
    await this.clock.advance(drain + stopping);
    await stopped;
    this.#gateway = undefined;
  }

  /**
   * The power fails at this moment: what is on the medium now is all that is left, and what the gateway does afterwards
   * reaches nobody. Takes 5 s until the box is dark; then the gateway can be started again.
   */
  async cutPower(): Promise<void> {
    const left = await mkdtemp(join(tmpdir(), 'fenceline-story-'));
    await cp(this.#directory, left, { recursive: true, filter: (path) => !path.includes('/run') });
    const wasAway = this.broker.isAway;
    this.#isDark = true;
    this.broker.cut();
    await this.stopGateway();
    this.#isDark = false;
    if (!wasAway) this.broker.restore();
    await rm(this.#directory, { recursive: true, force: true });
    this.#directory = left;
  }

  /** Entries that the gateway still holds for the platform. */
  async held(): Promise<number> {
    return heldBy(this.gateway);
  }

  /** Lets time pass until the gateway holds nothing back; fails after two hours of it. */
  async drained(): Promise<void> {
    for (let second = 0; second < 7200; second++) {
      if ((await this.held()) === 0) return;
      await this.clock.advance(1000);
    }
    throw new Error(`after two hours ${await this.held()} entries are still held`);
  }

  /** The ledger against the platform's table. */
  account(): Account {
    return accountOf(this.ledger, this.platform);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#gateway !== undefined) await this.stopGateway();
    this.wiring.finish();
    const stopped = this.platform.stop();
    await this.clock.advance(stopping);
    await stopped;
    await rm(this.#directory, { recursive: true, force: true });
  }
}

/** Each instrument stands at a point of its own name. */
function documentOf(instruments: readonly StoryInstrument[]): SiteDocument {
  const links = [...new Set(instruments.map(({ link }) => link))];
  const serial = (link: string) =>
    ({ kind: 'serial', path: `/dev/${link}`, baudRate: 9600, listenFirst: '0s' }) as const;
  return {
    gateway: { id: 'zl-0001', area: '320404' },
    source: { name: 'Simulated site', kind: 'construction-site' },
    links: Object.fromEntries(links.map((link) => [link, serial(link)])),
    points: instruments.map(({ id }) => ({ id })),
    instruments: instruments.map(({ id, profile, every, link, address }) => {
      const line = { link, ...(address === undefined ? {} : { address }) };
      return { id, profile, every, ...line, point: id };
    }),
    uplinks: [{ id: 'district', kind: 'mqtt', url: 'mqtt://broker.example' }],
  };
}
