import type { SiteDocument } from '../../../gateway/site/site-schema.ts';
import type { SimulatedSite } from '../../stories/simulated-site.ts';
import type { SmallMedium } from '../../surroundings/small-medium.ts';
import type { Mishap } from '../mishaps.ts';
import type { Deeds } from './deeds.ts';
import type { GatewayTimes } from './gateway-times.ts';
import type { SoakBoard } from './soak-board.ts';
import { meterId } from './soak-meter.ts';
import { offerFirmware } from './soak-offers.ts';

const minute = 60_000;

export interface SoakGatewayOptions {
  readonly site: SimulatedSite;
  readonly board: SoakBoard;
  readonly times: GatewayTimes;
  readonly deeds: Deeds;
  /** Where the site directory stands, if it can be filled. */
  readonly disk: SmallMedium | undefined;
}

/** The gateway's box: its ends and starts, its disk, its site file. */
export class SoakGateway {
  /** NTP is there. */
  hasNtp = true;
  readonly #options: SoakGatewayOptions;
  #isOff = false;
  #isSiteChanged = false;
  #isDiskFull = false;
  #offers = 0;

  constructor(options: SoakGatewayOptions) {
    this.#options = options;
  }

  /** It ends in one way or another, and starts again after a time; nothing where it is off. */
  async end(mishap: Extract<Mishap, { kind: 'gateway-power' | 'gateway-stop' | 'box-power' }>): Promise<void> {
    const { site, deeds } = this.#options;
    if (this.#isOff) return;
    await this.#stop(mishap.kind !== 'gateway-stop');
    if (mishap.kind !== 'box-power') return deeds.later(mishap.for, () => this.#start());
    this.hasNtp = false;
    const stoodAt = site.clock.wall();
    deeds.later(mishap.for, async () => {
      site.machine.reboot(mishap.isBlank ? 0 : stoodAt);
      await this.#start();
      deeds.later(mishap.late, () => {
        this.hasNtp = true;
        site.machine.ntpHears();
      });
    });
  }

  /** Somebody changes the site file for a time: a node is not named any more, or the meter is asked more often. */
  async changeSite(duration: number, node: string | null): Promise<void> {
    const { site, times, deeds } = this.#options;
    if (this.#isSiteChanged) return;
    let before: SiteDocument | undefined;
    this.#isSiteChanged = await this.#restartWith(() =>
      site.changeDocument((document) => {
        before = document;
        return { ...document, instruments: changed(document.instruments, node) };
      }),
    );
    if (!this.#isSiteChanged) return;
    // By the box's clock, which may be wrong, or by the truth.
    const from = Math.min(site.machine.truth, site.clock.wall());
    const back = async (): Promise<void> => {
      const isBack = await this.#restartWith(() => site.changeDocument(() => before as SiteDocument));
      if (!isBack) return deeds.later(minute, back);
      this.#isSiteChanged = false;
      if (node !== null) {
        const to = Math.max(site.machine.truth, site.clock.wall());
        times.unexpected.push({ point: `gate-${node}`, from, to });
      }
    };
    deeds.later(duration, back);
  }

  /** A firmware of the next version is on offer for a node. */
  async offerFirmware(node: string): Promise<void> {
    const { site } = this.#options;
    this.#offers += 1;
    const version = `0.1.${this.#offers}`;
    await this.#restartWith(() => offerFirmware(site.directory, node, version, site.clock.wall()));
  }

  fillDisk(duration: number): void {
    const { site, disk, times, deeds } = this.#options;
    if (disk === undefined || this.#isDiskFull) return;
    this.#isDiskFull = true;
    const now = site.clock.monotonic();
    const full = { from: now, to: Number.POSITIVE_INFINITY };
    times.full.push(full);
    const fill = (): void => {
      const left = now + duration - site.clock.monotonic();
      if (left > 0) {
        // What the reserve gave goes as well.
        disk.fill();
        deeds.later(Math.min(minute, left), fill);
        return;
      }
      this.#isDiskFull = false;
      full.to = site.clock.monotonic();
      disk.empty();
    };
    fill();
  }

  /** Somebody writes something and starts the gateway anew; not while it is off. */
  async #restartWith(act: () => void | Promise<void>): Promise<boolean> {
    if (this.#isOff) return false;
    const { disk } = this.#options;
    await this.#stop(false);
    disk?.empty();
    await act();
    if (this.#isDiskFull) disk?.fill();
    await this.#start();
    return true;
  }

  async #stop(isCut: boolean): Promise<void> {
    const { site, disk, times, board } = this.#options;
    this.#isOff = true;
    times.ended(site.clock.monotonic(), isCut);
    board.gatewayEnded();
    if (!isCut) return site.stopGateway();
    // What is left on the medium is what was there; the copy of it wants room for a moment.
    disk?.empty();
    await site.cutPower();
    if (this.#isDiskFull) disk?.fill();
  }

  async #start(): Promise<void> {
    const { site, times, deeds } = this.#options;
    times.started(site.clock.monotonic());
    try {
      await site.startGateway();
      this.#isOff = false;
    } catch (error) {
      times.runs.pop();
      // With no room at all it says so, and whoever runs it tries again.
      if (!this.#isDiskFull || !`${error}`.includes('not full')) throw error;
      deeds.later(minute, () => this.#start());
    }
  }
}

function changed(instruments: SiteDocument['instruments'], without: string | null): SiteDocument['instruments'] {
  if (without !== null) return instruments.filter(({ node }) => node !== without);
  return instruments.map((one) => (one.id === meterId ? { ...one, every: '20s' } : one));
}
