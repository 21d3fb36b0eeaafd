import type { GatewayEvent } from '../../../gateway/diagnosis/gateway-event.ts';
import type { SiteDocument } from '../../../gateway/site/site-schema.ts';
import { seededRandom } from '../../stories/seeded-random.ts';
import { SimulatedSite } from '../../stories/simulated-site.ts';
import type { SmallMedium } from '../../surroundings/small-medium.ts';
import type { Mishap } from '../mishaps.ts';
import { GatewayTimes } from './gateway-times.ts';
import { boardProfile, SoakBoard } from './soak-board.ts';
import { nodeProfile, soakDocument } from './soak-document.ts';
import { SoakMeter } from './soak-meter.ts';
import { SoakNode } from './soak-node.ts';
import { offerFirmware } from './soak-offers.ts';

const minute = 60_000;
const chips = ['esp8266', 'esp32'] as const;
export const nodeIds = chips.map((_, index) => `esp-${index + 1}`);

export interface SoakSiteOptions {
  readonly seed: number;
  /** The medium under the directory for temporary files, to be filled. */
  readonly disk?: SmallMedium | undefined;
}

interface Deed {
  readonly at: number;
  readonly act: () => void | Promise<void>;
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
  readonly #deeds: Deed[] = [];
  readonly #random: () => number;
  #gatewayIsOff = false;
  #hasNtp = true;
  #isSiteChanged = false;
  #isDiskFull = false;
  #offers = 0;
  /** Where the site directory stands, if it can be filled. */
  readonly #disk: SmallMedium | undefined;

  private constructor(site: SimulatedSite, meter: SoakMeter, board: SoakBoard, { seed, disk }: SoakSiteOptions) {
    this.#disk = disk;
    this.site = site;
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
    for (const mishap of mishaps) this.#plan(mishap.at, () => this.#befall(mishap));
    for (let next = this.#deeds[0]; next !== undefined; next = this.#deeds[0]) {
      const now = this.site.clock.monotonic();
      // By steps: something may be planned meanwhile that comes before it.
      if (next.at > now) await this.#advanceTo(Math.min(next.at, now + minute));
      else await this.#deeds.shift()?.act();
    }
    await this.#advanceTo(until);
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

  /** Puts it where it belongs in time, behind what is of the same moment. */
  #plan(at: number, act: () => void | Promise<void>): void {
    const place = this.#deeds.findIndex((deed) => deed.at > at);
    this.#deeds.splice(place < 0 ? this.#deeds.length : place, 0, { at, act });
  }

  async #advanceTo(at: number): Promise<void> {
    const { clock } = this.site;
    if (at > clock.monotonic()) await clock.advance(at - clock.monotonic());
  }

  async #befall(mishap: Mishap): Promise<void> {
    switch (mishap.kind) {
      case 'gateway-power':
      case 'gateway-stop':
      case 'box-power':
        return this.#endGateway(mishap);
      case 'site-without-node':
      case 'site-asks-more':
        return this.#changeSite(mishap);
      case 'firmware-offered':
        return this.#offerFirmware(this.nodes[mishap.node] as SoakNode);
      case 'disk-full':
        return this.#fillDisk(mishap);
      default:
        if ('node' in mishap) this.#befallNode(mishap, this.nodes[mishap.node] as SoakNode);
        else this.#befallSite(mishap);
    }
  }

  #later(mishap: { readonly for: number }, act: () => void | Promise<void>): void {
    this.#plan(this.site.clock.monotonic() + mishap.for, act);
  }

  #befallNode(mishap: Extract<Mishap, { kind: NodeMishap }>, node: SoakNode): void {
    switch (mishap.kind) {
      case 'node-network':
        node.rig.air.isUp = false;
        node.broker.drop(false);
        this.#later(mishap, () => {
          node.rig.air.isUp = true;
        });
        break;
      case 'node-power':
        if (mishap.cut === null) {
          node.powerOff();
          this.#later(mishap, () => node.powerOn());
          break;
        }
        // It may be hours until something is written.
        node.onDark = () => this.#later(mishap, () => node.powerOn());
        node.rig.cutPowerAt(mishap.cut);
        break;
      case 'node-reset':
        node.rig.reset();
        break;
      case 'node-stalls':
        node.stall();
        this.#later(mishap, () => node.resume());
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
        this.#later(mishap, () => site.broker.restore());
        break;
      case 'receipts-lost':
        site.platform.receiptAfter = null;
        this.#later(mishap, () => {
          site.platform.receiptAfter = 0;
        });
        break;
      case 'clock-set':
        site.clock.jumpWall(mishap.by);
        this.#later(mishap, () => this.#ntpHears());
        break;
      case 'ntp-wrong':
        if (this.#hasNtp) site.machine.ntpHearsWrong(mishap.by);
        this.#later(mishap, () => this.#ntpHears());
        break;
      case 'board-unplugged':
        board.unplug();
        this.#later(mishap, () => board.plug());
        break;
      case 'meter-off':
        site.wiring.slave(meter.instrument.id).on = false;
        this.#later(mishap, () => {
          site.wiring.slave(meter.instrument.id).on = true;
        });
        break;
    }
  }

  #ntpHears(): void {
    if (this.#hasNtp) this.site.machine.ntpHears();
  }

  async #endGateway(mishap: Extract<Mishap, { kind: 'gateway-power' | 'gateway-stop' | 'box-power' }>): Promise<void> {
    const { site } = this;
    if (this.#gatewayIsOff) return;
    this.#gatewayIsOff = true;
    const isCut = mishap.kind !== 'gateway-stop';
    this.times.ended(site.clock.monotonic(), isCut);
    this.board.gatewayEnded();
    if (isCut) await this.#cutPower();
    else await site.stopGateway();
    if (mishap.kind !== 'box-power') return this.#later(mishap, () => this.#startGateway());
    this.#hasNtp = false;
    const stoodAt = site.clock.wall();
    this.#later(mishap, async () => {
      site.machine.reboot(mishap.isBlank ? 0 : stoodAt);
      await this.#startGateway();
      this.#later({ for: mishap.late }, () => {
        this.#hasNtp = true;
        site.machine.ntpHears();
      });
    });
  }

  /** What is left on the medium is what was there; the copy of it wants room for a moment. */
  async #cutPower(): Promise<void> {
    this.#disk?.empty();
    await this.site.cutPower();
    if (this.#isDiskFull) this.#disk?.fill();
  }

  /** Somebody writes the site file, or an offer, and starts the gateway anew; not while it is off. */
  async #restartWith(act: () => void | Promise<void>): Promise<boolean> {
    if (this.#gatewayIsOff) return false;
    const { site } = this;
    this.times.ended(site.clock.monotonic(), false);
    this.board.gatewayEnded();
    await site.stopGateway();
    this.#disk?.empty();
    await act();
    if (this.#isDiskFull) this.#disk?.fill();
    await this.#startGateway();
    return true;
  }

  async #changeSite(mishap: Extract<Mishap, { kind: 'site-without-node' | 'site-asks-more' }>): Promise<void> {
    if (this.#isSiteChanged) return;
    const id = mishap.kind === 'site-without-node' ? (this.nodes[mishap.node] as SoakNode).id : null;
    const change = (document: SiteDocument): SiteDocument => ({
      ...document,
      instruments:
        id === null
          ? document.instruments.map((one) => (one.id === this.meter.instrument.id ? { ...one, every: '20s' } : one))
          : document.instruments.filter(({ node }) => node !== id),
    });
    let before: SiteDocument | undefined;
    this.#isSiteChanged = await this.#restartWith(() =>
      this.site.changeDocument((document) => {
        before = document;
        return change(document);
      }),
    );
    if (!this.#isSiteChanged) return;
    const from = this.site.machine.truth;
    const back = async (): Promise<void> => {
      const isBack = await this.#restartWith(() => this.site.changeDocument(() => before as SiteDocument));
      if (!isBack) return this.#later({ for: minute }, back);
      this.#isSiteChanged = false;
      if (id !== null) this.times.unexpected.push({ point: `gate-${id}`, from, to: this.site.machine.truth });
    };
    this.#later(mishap, back);
  }

  async #offerFirmware(node: SoakNode): Promise<void> {
    this.#offers += 1;
    const version = `0.1.${this.#offers}`;
    await this.#restartWith(() => offerFirmware(this.site.directory, node.id, version, this.site.clock.wall()));
  }

  #fillDisk(mishap: { readonly for: number }): void {
    if (this.#disk === undefined || this.#isDiskFull) return;
    this.#isDiskFull = true;
    const full = { from: this.site.clock.monotonic(), to: Number.POSITIVE_INFINITY };
    this.times.full.push(full);
    const end = this.site.clock.monotonic() + mishap.for;
    const fill = (): void => {
      if (this.site.clock.monotonic() >= end) {
        this.#isDiskFull = false;
        full.to = this.site.clock.monotonic();
        this.#disk?.empty();
        return;
      }
      // What the reserve gave goes as well.
      this.#disk?.fill();
      this.#later({ for: Math.min(minute, Math.max(1, end - this.site.clock.monotonic())) }, fill);
    };
    fill();
  }

  async #startGateway(): Promise<void> {
    const { site } = this;
    this.#gatewayIsOff = true;
    this.times.started(site.clock.monotonic());
    try {
      await site.startGateway();
    } catch (error) {
      this.times.runs.pop();
      // With no room at all it says so, and whoever runs it tries again.
      if (!this.#isDiskFull || !`${error}`.includes('not full')) throw error;
      return this.#later({ for: minute }, () => this.#startGateway());
    }
    this.#gatewayIsOff = false;
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
