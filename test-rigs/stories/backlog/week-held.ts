import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LocalTime } from '../../../gateway/clock.ts';
import { openStore, type SqliteStore } from '../../../gateway/store/sqlite-store.ts';
import type { MqttUplinkOptions } from '../../../gateway/uplink/mqtt-uplink.ts';
import type { Uplink } from '../../../gateway/uplink/port.ts';
import type { UplinkSettings } from '../../../gateway/uplink/settings.ts';
import { SiteMinutes } from '../../bench/uplink/site-minutes.ts';
import { brokerLine } from '../../platform/line.ts';
import { Platform } from '../../platform/platform.ts';
import { MemoryBroker } from '../../surroundings/memory-broker.ts';
import { birthOf, gateway } from '../../surroundings/sample-records.ts';
import { SimulatedClock } from '../../surroundings/simulated-clock.ts';
import { sceneKey } from '../../surroundings/uplink-scene.ts';

const hour = 3_600_000;

type Make = (options: MqttUplinkOptions) => Uplink;

/**
 * A week of minutes that no platform has: the real store and the real uplink on a simulated clock, in front of a broker
 * that is away and the reference platform.
 */
export class WeekHeld implements AsyncDisposable {
  readonly clock: SimulatedClock;
  readonly broker: MemoryBroker;
  readonly platform: Platform;
  readonly store: SqliteStore;
  readonly uplink: Uplink;
  readonly site: SiteMinutes;
  readonly #directory: string;

  private constructor(
    directory: string,
    clock: SimulatedClock,
    store: SqliteStore,
    make: Make,
    settings: UplinkSettings,
  ) {
    this.#directory = directory;
    this.clock = clock;
    this.store = store;
    this.site = new SiteMinutes(10, 20_261_126, clock.wall());
    this.broker = new MemoryBroker(clock);
    this.platform = new Platform({ line: brokerLine(this.broker, clock), clock });
    this.uplink = make({
      settings,
      gateway,
      identity: { birth: () => birthOf(sceneKey), onChanged: () => () => undefined },
      key: sceneKey,
      store,
      clock,
      localTime: new LocalTime('Asia/Shanghai'),
      observe: () => undefined,
      broker: this.broker,
      random: () => 0.5,
    });
  }

  /** Ten points and seven days without a broker; it stays away until `broker.restore()`. */
  static async begin(make: Make, settings: UplinkSettings): Promise<WeekHeld> {
    const directory = await mkdtemp(join(tmpdir(), 'fenceline-week-'));
    const clock = new SimulatedClock();
    const localTime = new LocalTime('Asia/Shanghai');
    const observe = (): void => undefined;
    const uplinks = [settings.id];
    const plan = { directory, gateway: gateway.gateway, site: 'site-1', uplinks, keepSamples: true };
    const store = await openStore({ ...plan, clock, localTime, observe });
    if ('refusal' in store) throw new Error(store.message);
    clock.settleWith(() => store.idle());
    const week = new WeekHeld(directory, clock, store, make, settings);
    await week.platform.start();
    week.broker.cut();
    week.uplink.start();
    // An hour in one commit: what is asked is how it drains, not how it came.
    for (let hours = 0; hours < 7 * 24; hours++) {
      for (let minute = 0; minute < 60; minute++) week.closeMinute();
      await clock.advance(hour);
    }
    return week;
  }

  /** One minute of every series is handed to the store. Returns how many records that were. */
  closeMinute(): number {
    const records = this.site.minute();
    for (const record of records) void this.store.append(record);
    return records.length;
  }

  /** Every instrument is read once. */
  readInstruments(): void {
    for (const readings of this.site.readings(this.clock.wall(), this.clock.monotonic())) {
      void this.store.sample(readings);
    }
  }

  /** Records that the uplink has not let go. */
  async held(): Promise<number> {
    return (await this.store.backlog('district')).records;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const stopping = Promise.all([this.uplink.stop(0), this.platform.stop()]);
    await this.clock.advance(5000);
    await stopping;
    await this.store.close();
    await rm(this.#directory, { recursive: true, force: true });
  }
}
