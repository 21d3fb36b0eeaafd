import type { SiteDocument } from '../../gateway/site/site-schema.ts';
import { isComplete } from '../gateway-process/account.ts';
import { seededRandom } from '../stories/seeded-random.ts';
import { SimulatedSite } from '../stories/simulated-site.ts';
import { dustMeter } from '../stories/wiring.ts';
import { minuteFindings } from './minute-verdict.ts';
import { type Mishap, type MishapKind, mishapKinds, randomMishaps } from './mishaps.ts';
import { nodeFindings } from './nodes/node-verdict.ts';
import { SoakNode } from './nodes/soak-node.ts';

const minute = 60_000;
const hour = 60 * minute;
const chips = ['esp8266', 'esp32'] as const;

/** As the firmware's own sensors, but that say a frame in ten seconds. */
const sensor = `profile: soak/node
extends: fenceline/node-plantower
name: { zh: 试验, en: test }
leastPerMinute: 4
`;

export interface SoakOptions {
  /** Decides everything. */
  readonly seed: number;
  /** Simulated time in which mishaps happen. */
  readonly hours: number;
  /** Milliseconds between mishaps on average (30 min). */
  readonly apart?: number;
  readonly kinds?: readonly MishapKind[];
  /** In the place of those by chance. */
  readonly mishaps?: readonly Mishap[];
}

export interface SoakResult {
  /** What is not as it must be, one line each; empty when all is well. */
  readonly divergences: string[];
  readonly mishaps: readonly Mishap[];
  readonly boots: number;
  readonly rows: number;
  readonly rowsLost: number;
  readonly committed: number;
}

/** A site with two sensor nodes and a dust meter for so many hours of simulated time, mishaps at random, and the account. */
export async function soak(options: SoakOptions): Promise<SoakResult> {
  const { seed, hours, apart = 30 * minute, kinds = mishapKinds } = options;
  const random = seededRandom(seed);
  const chances = { within: hours * hour, apart, kinds, nodes: chips.length };
  const mishaps = options.mishaps ?? randomMishaps(random, chances);
  await using run = await SoakRun.start(seed);
  return await run.live(mishaps, hours * hour);
}

interface Deed {
  readonly at: number;
  readonly act: () => void | Promise<void>;
}

class SoakRun {
  readonly #site: SimulatedSite;
  readonly #nodes: SoakNode[] = [];
  readonly #deeds: Deed[] = [];
  readonly #origin: number;
  #gatewayIsOff = false;

  private constructor(site: SimulatedSite) {
    this.#site = site;
    this.#origin = site.clock.wall() - site.clock.monotonic();
  }

  static async start(seed: number): Promise<SoakRun> {
    const ids = chips.map((_, index) => `esp-${index + 1}`);
    let onNodes = (_isThere: boolean): void => undefined;
    const site = await SimulatedSite.start({
      instruments: [dustMeter('dust-1', 1, { every: '20s' })],
      profiles: { 'soak/node': sensor },
      from: '2026-11-24T00:00:20.000+08:00',
      observe: (event) => {
        if (event.kind === 'link-opened' && event.link === 'nodes') onNodes(true);
        if (event.kind === 'link-closed' && event.link === 'nodes') onNodes(false);
      },
      document: (before) => withNodes(before, ids),
    });
    const run = new SoakRun(site);
    for (const [index, kind] of chips.entries()) {
      // An ESP32's own interpreter takes most of the time: one seed in four has it.
      const lua = kind === 'esp8266' || seed % 4 > 0 ? '5.1' : '5.3';
      const options = { id: ids[index] as string, kind, lua, seed: seed + index } as const;
      run.#nodes.push(await SoakNode.create(options, site.clock, () => site.nodeLink));
    }
    onNodes = (isThere) => {
      for (const { broker } of run.#nodes) broker.isAway = !isThere;
    };
    for (const node of run.#nodes) node.powerOn();
    return run;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const node of this.#nodes) node.powerOff();
    await this.#site[Symbol.asyncDispose]();
  }

  async live(mishaps: readonly Mishap[], until: number): Promise<SoakResult> {
    for (const mishap of mishaps) this.#plan(mishap.at, () => this.#befall(mishap));
    for (let next = this.#deeds.shift(); next !== undefined; next = this.#deeds.shift()) {
      await this.#advanceTo(next.at);
      await next.act();
    }
    await this.#advanceTo(until);
    await this.#calm();
    return this.#verdict(mishaps);
  }

  /** Puts it where it belongs in time, behind what is of the same moment. */
  #plan(at: number, act: () => void | Promise<void>): void {
    const place = this.#deeds.findIndex((deed) => deed.at > at);
    this.#deeds.splice(place < 0 ? this.#deeds.length : place, 0, { at, act });
  }

  async #advanceTo(at: number): Promise<void> {
    const { clock } = this.#site;
    if (at > clock.monotonic()) await clock.advance(at - clock.monotonic());
  }

  async #befall(mishap: Mishap): Promise<void> {
    const site = this.#site;
    const node = this.#nodes['node' in mishap ? mishap.node : 0] as SoakNode;
    const later = (act: () => void | Promise<void>): void =>
      this.#plan(site.clock.monotonic() + ('for' in mishap ? mishap.for : 0), act);
    switch (mishap.kind) {
      case 'node-network':
        node.rig.air.isUp = false;
        node.broker.drop(false);
        return later(() => {
          node.rig.air.isUp = true;
        });
      case 'node-power':
        if (mishap.cut === null) {
          node.powerOff();
          return later(() => node.powerOn());
        }
        // It may be hours until something is written.
        node.onDark = () => later(() => node.powerOn());
        return node.rig.cutPowerAt(mishap.cut);
      case 'node-reset':
        return node.rig.reset();
      case 'pubacks-lost':
        node.losing.pubacks = mishap.count;
        return;
      case 'messages-lost':
        node.losing.messages = mishap.count;
        return;
      case 'messages-twice':
        node.losing.twice = mishap.count;
        return;
      case 'haves-lost':
        node.losing.haves = mishap.count;
        return;
      case 'gateway-power':
      case 'gateway-stop':
        if (this.#gatewayIsOff) return;
        this.#gatewayIsOff = true;
        if (mishap.kind === 'gateway-power') await site.cutPower();
        else await site.stopGateway();
        return later(() => this.#startGateway());
      case 'uplink':
        site.broker.cut();
        return later(() => site.broker.restore());
      case 'receipts-lost':
        site.platform.receiptAfter = null;
        return later(() => {
          site.platform.receiptAfter = 0;
        });
    }
  }

  async #startGateway(): Promise<void> {
    await this.#site.startGateway();
    this.#gatewayIsOff = false;
  }

  /** Everything works again, and gets the time to come to rest. */
  async #calm(): Promise<void> {
    const site = this.#site;
    for (const node of this.#nodes) {
      Object.assign(node.losing, { pubacks: 0, messages: 0, twice: 0, haves: 0 });
      node.onDark = () => undefined;
      node.rig.cutPowerAt(null);
      node.powerOn();
      node.rig.air.isUp = true;
    }
    if (this.#gatewayIsOff) await this.#startGateway();
    site.broker.restore();
    site.platform.receiptAfter = 0;
    await site.clock.advance(40 * minute);
    await site.drained();
  }

  #verdict(mishaps: readonly Mishap[]): SoakResult {
    const { platform, clock } = this.#site;
    const now = clock.monotonic();
    const found = this.#nodes.map((node) =>
      nodeFindings({ node, platform, origin: this.#origin, now, clockErrors: () => [0] }),
    );
    const account = this.#site.account();
    const divergences = found.flatMap((one) => one.divergences);
    if (!isComplete(account)) divergences.push(`the ledger and the platform differ: ${JSON.stringify(account)}`);
    for (const { id } of this.#nodes) {
      for (const factor of ['pm1', 'pm2.5', 'pm10']) {
        divergences.push(...minuteFindings(platform, { point: `gate-${id}`, factor, instrument: `dust-${id}` }));
      }
    }
    return {
      divergences,
      mishaps,
      boots: this.#nodes.reduce((sum, { boots }) => sum + boots.length, 0),
      rows: found.reduce((sum, { rows }) => sum + rows, 0),
      rowsLost: found.reduce((sum, { lost }) => sum + lost, 0),
      committed: account.committed,
    };
  }
}

function withNodes(before: SiteDocument, ids: readonly string[]): SiteDocument {
  return {
    ...before,
    samples: { keep: true },
    links: { ...before.links, nodes: { kind: 'nodes', listen: '127.0.0.1:1883' } },
    points: [...before.points, ...ids.map((id) => ({ id: `gate-${id}` }))],
    instruments: [
      ...before.instruments,
      ...ids.map((id) => ({
        ...{ id: `dust-${id}`, profile: 'soak/node', link: 'nodes', node: id, every: '60s', point: `gate-${id}` },
      })),
    ],
  };
}
