import type { GatewayEvent } from '../../../gateway/diagnosis/gateway-event.ts';
import { seededRandom } from '../../stories/seeded-random.ts';
import { SimulatedSite } from '../../stories/simulated-site.ts';
import type { SmallMedium } from '../../surroundings/small-medium.ts';
import type { Mishap } from '../mishaps.ts';
import { Deeds } from './deeds.ts';
import { GatewayTimes } from './gateway-times.ts';
import { boardProfile, SoakBoard } from './soak-board.ts';
import { nodeProfile, soakDocument } from './soak-document.ts';
import { SoakGateway } from './soak-gateway.ts';
import { SoakMeter } from './soak-meter.ts';
import { SoakNode } from './soak-node.ts';

const minute = 60_000;
const chips = ['esp8266', 'esp32'] as const;
export const nodeIds = chips.map((_, index) => `esp-${index + 1}`);

export interface SoakSiteOptions {
  readonly seed: number;
  /** The medium under the directory for temporary files, to be filled. */
  readonly disk?: SmallMedium | undefined;
}

/** The whole chain on simulated time, and everything that may befall it. */
export class SoakSite {
  readonly site: SimulatedSite;
  readonly nodes: SoakNode[] = [];
  readonly meter: SoakMeter;
  readonly board: SoakBoard;
  readonly times = new GatewayTimes();
  /** True wall time less the clock's monotonic time. */
  readonly origin: number;
  readonly #deeds: Deeds;
  readonly #random: () => number;
  readonly #gateway: SoakGateway;

  private constructor(site: SimulatedSite, meter: SoakMeter, board: SoakBoard, { seed, disk }: SoakSiteOptions) {
    this.site = site;
    this.#deeds = new Deeds(site.clock);
    this.#gateway = new SoakGateway({ site, disk, deeds: this.#deeds, times: this.times, board });
    this.meter = meter;
    this.board = board;
    this.origin = site.machine.truth - site.clock.monotonic();
    this.#random = seededRandom(seed + 1);
  }

  static async start(options: SoakSiteOptions): Promise<SoakSite> {
    const { seed } = options;
    const [meter, board] = [new SoakMeter(), new SoakBoard()];
    let soak: SoakSite | undefined;
    const site = await SimulatedSite.start({
      instruments: [meter.instrument],
      profiles: { 'soak/node': nodeProfile, 'soak/yard': boardProfile },
      from: '2026-11-24T00:00:20.000+08:00',
      board: board.open,
      observe: (event) => soak?.heard(event),
      document: (before) => soakDocument(before, nodeIds),
    });
    soak = new SoakSite(site, meter, board, options);
    soak.times.started(site.clock.monotonic());
    site.machine.ntpHears();
    for (const [index, kind] of chips.entries()) {
      // An ESP32's own interpreter takes most of the time: one seed in four has it.
      const lua = kind === 'esp8266' || seed % 4 > 0 ? '5.1' : '5.3';
      const options = { id: nodeIds[index] as string, kind, lua, seed: seed + index } as const;
      soak.nodes.push(await SoakNode.create(options, site.clock, () => site.nodeLink));
    }
    for (const node of soak.nodes) node.powerOn();
    soak.#knock();
    return soak;
  }

  /** What the gateway tells, as far as it says when it can be reached, and what time it thinks it is. */
  heard(event: GatewayEvent): void {
    if (event.kind === 'link-opened' && event.link === 'nodes') this.#nodesReach(true);
    if (event.kind === 'link-closed' && event.link === 'nodes') this.#nodesReach(false);
    if (event.kind === 'clock-shift') this.#noteError(event.after);
    if (event.kind !== 'clock-state') return;
    if (event.state.trusted) this.#noteError(event.at);
    this.times.noteKnown(this.site.clock.monotonic(), event.state.trusted);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const node of this.nodes) node.powerOff();
    await this.site[Symbol.asyncDispose]();
  }

  /** Lets these happen in that time, and everything come to rest after it. */
  async live(mishaps: readonly Mishap[], until: number): Promise<void> {
    for (const mishap of mishaps) this.#deeds.plan(mishap.at, () => this.#befall(mishap));
    await this.#deeds.done(until);
    await this.#calm();
  }

  /** Somebody goes through the door of the cabinet now and then. */
  #knock(): void {
    this.site.clock.after(5000 + this.#random() * 40 * minute, () => {
      this.board.toggle();
      this.#knock();
    });
  }

  #nodesReach(isThere: boolean): void {
    for (const { broker } of this.nodes) broker.isAway = !isThere;
  }

  #noteError(wall: number): void {
    const { truth } = this.site.machine;
    this.times.noteError(this.site.clock.monotonic(), wall - truth, truth);
  }

  async #befall(mishap: Mishap): Promise<void> {
    switch (mishap.kind) {
      case 'gateway-power':
      case 'gateway-stop':
      case 'box-power':
        return this.#gateway.end(mishap);
      case 'site-without-node':
        return this.#gateway.changeSite(mishap.for, (this.nodes[mishap.node] as SoakNode).id);
      case 'site-asks-more':
        return this.#gateway.changeSite(mishap.for, null);
      case 'firmware-offered':
        return this.#gateway.offerFirmware((this.nodes[mishap.node] as SoakNode).id);
      case 'disk-full':
        return this.#gateway.fillDisk(mishap.for);
      default:
        if ('node' in mishap) this.#befallNode(mishap, this.nodes[mishap.node] as SoakNode);
        else this.#befallSite(mishap);
    }
  }

  #befallNode(mishap: Extract<Mishap, { kind: NodeMishap }>, node: SoakNode): void {
    switch (mishap.kind) {
      case 'node-network':
        node.rig.air.isUp = false;
        node.broker.drop(false);
        this.#deeds.later(mishap.for, () => {
          node.rig.air.isUp = true;
        });
        break;
      case 'node-power':
        if (mishap.cut === null) {
          node.powerOff();
          this.#deeds.later(mishap.for, () => node.powerOn());
          break;
        }
        // It may be hours until something is written.
        node.onDark = () => this.#deeds.later(mishap.for, () => node.powerOn());
        node.rig.cutPowerAt(mishap.cut);
        break;
      case 'node-reset':
        node.rig.reset();
        break;
      case 'node-stalls':
        node.stall();
        this.#deeds.later(mishap.for, () => node.resume());
        break;
      default:
        node.losing[mishap.kind] = mishap.count;
    }
  }

  #befallSite(mishap: Extract<Mishap, { kind: SiteMishap }>): void {
    const { site, meter, board } = this;
    switch (mishap.kind) {
      case 'uplink':
        site.broker.cut();
        this.#deeds.later(mishap.for, () => site.broker.restore());
        break;
      case 'receipts-lost':
        site.platform.receiptAfter = null;
        this.#deeds.later(mishap.for, () => {
          site.platform.receiptAfter = 0;
        });
        break;
      case 'clock-set':
        site.clock.jumpWall(mishap.by);
        this.#deeds.later(mishap.for, () => this.#ntpHears());
        break;
      case 'ntp-wrong':
        if (this.#gateway.hasNtp) site.machine.ntpHearsWrong(mishap.by);
        this.#deeds.later(mishap.for, () => this.#ntpHears());
        break;
      case 'board-unplugged':
        board.unplug();
        this.#deeds.later(mishap.for, () => board.plug());
        break;
      case 'meter-off':
        site.wiring.slave(meter.instrument.id).on = false;
        this.#deeds.later(mishap.for, () => {
          site.wiring.slave(meter.instrument.id).on = true;
        });
        break;
    }
  }

  #ntpHears(): void {
    if (this.#gateway.hasNtp) this.site.machine.ntpHears();
  }

  /** Everything works again, and gets the time to come to rest. */
  async #calm(): Promise<void> {
    const { site } = this;
    for (const node of this.nodes) {
      Object.assign(node.losing, { 'pubacks-lost': 0, 'messages-lost': 0, 'messages-twice': 0, 'haves-lost': 0 });
      node.onDark = () => undefined;
      node.rig.cutPowerAt(null);
      node.powerOn();
      node.rig.air.isUp = true;
    }
    await site.clock.advance(60 * minute);
    await site.drained();
    // What was measured last may not be durable yet.
    this.times.ended(site.clock.monotonic(), true);
  }
}

type NodeMishap =
  | 'node-network'
  | 'node-power'
  | 'node-reset'
  | 'node-stalls'
  | 'pubacks-lost'
  | 'messages-lost'
  | 'messages-twice'
  | 'haves-lost';
type SiteMishap = 'uplink' | 'receipts-lost' | 'clock-set' | 'ntp-wrong' | 'board-unplugged' | 'meter-off';
