import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { LocalTime, systemClock } from '../../../gateway/clock.ts';
import { publicKeyText } from '../../../gateway/record/signature.ts';
import type { StoreEvent } from '../../../gateway/store/port.ts';
import { openStore, type SqliteStore } from '../../../gateway/store/sqlite-store.ts';
import { SecuredBroker } from '../../../gateway/uplink/connecting/secured-broker.ts';
import { mqttJsBroker } from '../../../gateway/uplink/mqtt-js-broker.ts';
import { MqttUplink } from '../../../gateway/uplink/mqtt-uplink.ts';
import type { UplinkEvent } from '../../../gateway/uplink/port.ts';
import { type UplinkSettings, uplinkSettings } from '../../../gateway/uplink/settings.ts';
import { type Account, accountOf } from '../../gateway-process/account.ts';
import { entryKey, Ledger } from '../../gateway-process/ledger.ts';
import { readStored } from '../../gateway-process/stored.ts';
import { mqttLine, type PlatformLine } from '../../platform/line.ts';
import { Platform } from '../../platform/platform.ts';
import { birthOf, gateway, minuteRecord } from '../../surroundings/sample-records.ts';
import { sceneKey } from '../../surroundings/uplink-scene.ts';
import { until, wait } from '../process-site.ts';
import { seededRandom } from '../seeded-random.ts';

/*
 * In three lines:
 *   await using site = await LinkSite.start({ url: broker.url });     // store, uplink and platform, records every 20 ms
 *   …break the link…
 *   await site.endsWhole();                                          // ledger, store and platform agree, nothing is held
 */

interface LinkPlan {
  /** The broker as the gateway reaches it. */
  readonly url: string;
  /** The broker as the platform reaches it; the same without. */
  readonly platformUrl?: string;
  readonly platformLogin?: { readonly username: string; readonly password: string; readonly ca: string };
  readonly settings?: object;
  /** Directory of the files that the settings name: passwords and certificates. */
  readonly secrets?: string;
}

/** Pauses as short as the site file allows. */
const quick = { reconnectWithin: '1s', spreadBacklog: '1s' };
/** Milliseconds between two records. */
const every = 20;
/** Milliseconds that what was sent may take to be let go: a receipt that does not come is waited for 20 s. */
const patience = 60_000;
const localTime = new LocalTime('Asia/Shanghai');
export const linkClientId = 'fenceline-zl-0001';

/** The real store and the real uplink, fed with made-up minutes at a steady rate, and a platform, over real MQTT. */
export class LinkSite implements AsyncDisposable {
  readonly events: UplinkEvent[] = [];
  readonly storeEvents: StoreEvent[] = [];
  readonly platform: Platform;
  /** The platform's connection. */
  readonly line: PlatformLine;
  readonly ledger = new Ledger();
  /** Whether minutes are made just now. */
  isMaking = true;
  readonly #directory: string;
  readonly #told = new PassThrough();
  readonly #ledgerRead: Promise<void>;
  #store: SqliteStore | null = null;
  #uplink: MqttUplink | null = null;
  #isWorking = true;
  #working: Promise<void> = Promise.resolve();

  private constructor(directory: string, platform: Platform, line: PlatformLine) {
    this.#directory = directory;
    this.line = line;
    this.platform = platform;
    this.#ledgerRead = this.ledger.read(this.#told);
  }

  static async start(plan: LinkPlan): Promise<LinkSite> {
    const { url, platformUrl = url, platformLogin, settings = {}, secrets = '' } = plan;
    const directory = await mkdtemp(join(tmpdir(), 'fenceline-link-'));
    await writeFile(join(directory, 'site.json'), JSON.stringify({ gateway: { id: gateway.gateway } }));
    const line = mqttLine({ url: platformUrl, ...platformLogin });
    const enrolled = { [gateway.gateway]: publicKeyText(sceneKey) };
    const site = new LinkSite(directory, new Platform({ line, enrolled }), line);
    await site.platform.start();
    const parsed = uplinkSettings.parse({ id: 'district', kind: 'mqtt', url, ...quick, ...settings });
    const store = await site.#openStore(parsed.id);
    site.#store = store;
    site.#uplink = site.#uplinkTo(parsed, store, secrets);
    site.#uplink.start();
    site.#working = site.#work(store);
    return site;
  }

  async #openStore(uplink: string): Promise<SqliteStore> {
    const store = await openStore({
      ...{ directory: this.#directory, gateway: gateway.gateway, site: 'a1b2c3d4e5f60718', uplinks: [uplink] },
      ...{ keepSamples: false, clock: systemClock, localTime, windows: { records: 50, samples: 1000 } },
      observe: (event) => this.storeEvents.push(event),
      ledger: ({ stream, epoch, seq, hash }) => void this.#told.write(`${stream} ${epoch} ${seq} ${hash}\n`),
    });
    if ('refusal' in store) throw new Error(store.message);
    return store;
  }

  #uplinkTo(settings: UplinkSettings, store: SqliteStore, secrets: string): MqttUplink {
    const { id, url, protocol, answerWithin } = settings;
    const observe = (event: UplinkEvent): number => this.events.push(event);
    const how = { url, protocol, clientId: linkClientId, clock: systemClock, answerTimeout: answerWithin * 1000 };
    return new MqttUplink({
      ...{ settings, gateway, key: sceneKey, store, clock: systemClock, localTime, observe },
      identity: { birth: () => birthOf(sceneKey), onChanged: () => () => {} },
      broker: new SecuredBroker({
        ...{ uplink: id, files: { secrets, settings }, clock: systemClock, observe },
        open: (credentials) => mqttJsBroker({ ...how, ...credentials }),
      }),
    });
  }

  async #work(store: SqliteStore): Promise<void> {
    // Values that do not compress, so that a backlog is more than a handful of bytes.
    const random = seededRandom(1);
    const value = (): number => Math.floor(random() * 1e9) / 1000;
    for (let minute = 0; this.#isWorking; minute++) {
      const noise = { average: value(), minimum: value(), maximum: value() };
      if (this.isMaking) void store.append({ ...minuteRecord(minute), ...noise }).catch(() => undefined);
      await wait(every);
    }
  }

  get store(): SqliteStore {
    if (this.#store === null) throw new Error('the store is not open');
    return this.#store;
  }

  /** What was told of the connection so far, `state: detail`. */
  get states(): string[] {
    return this.events.flatMap((event) => (event.kind === 'uplink-state' ? [`${event.state}: ${event.detail}`] : []));
  }

  /** Resolves when a state like that was told since `from`, an index into `states`. */
  sees(state: RegExp, from = 0): Promise<void> {
    const isSeen = (): boolean => this.states.slice(from).some((one) => state.test(one));
    return until(`the uplink says ${state}`, isSeen).catch((error) => {
      throw new Error(`${error.message}; it says ${this.states.slice(from).join(' | ')}`);
    });
  }

  /** Resolves when so many more entries than now are at the platform. */
  async arrive(more: number): Promise<void> {
    const before = this.platform.table.keys;
    await until(`${more} more at the platform`, () => this.platform.table.keys >= before + more);
  }

  /** Resolves when so many records are held for the platform. */
  async holds(records: number): Promise<void> {
    await until(`${records} are held`, async () => (await this.store.backlog('district')).records >= records);
  }

  /** Resolves when everything committed up to now is at the platform, while new records go on being made. */
  async catchesUp(): Promise<void> {
    const wanted = [...this.ledger.hashes.keys()];
    const isThere = (): boolean => {
      const there = new Set(this.platform.table.rows().map(entryKey));
      return wanted.every((key) => there.has(key));
    };
    await until('the platform has caught up', isThere, patience);
  }

  /** Nothing new is made any more; resolves when nothing is held for the platform. */
  async settle(): Promise<void> {
    this.#isWorking = false;
    await this.#working;
    if (!(await this.store.flush())) throw new Error('the last commit failed');
    const isEmpty = async (): Promise<boolean> => {
      const { records, samples } = await this.store.backlog('district');
      return records + samples === 0;
    };
    await until('everything is let go', isEmpty, patience);
  }

  /**
   * Settles, closes, and compares three accounts of the same thing: what was told outside at each commit, what is on the
   * disk, what the platform holds. Throws with the first difference.
   */
  async endsWhole(): Promise<Account> {
    await this.settle();
    await this.#close();
    const account = accountOf(this.ledger, this.platform);
    const stored = await readStored(this.#directory);
    const received = new Map(this.platform.table.rows().map((row) => [entryKey(row), row.hash]));
    const { missing, conflicts, faults } = account;
    const wrong = [missing, conflicts, faults, stored.breaks.length].some((count) => count > 0);
    if (wrong) {
      const lost = [...this.ledger.hashes.keys()].filter((key) => !received.has(key)).slice(0, 10);
      const refused = this.events.filter(({ kind }) => kind === 'uplink-refused');
      const faults = this.storeEvents.filter(({ kind }) => kind !== 'store-committed' && kind !== 'store-size');
      const { absent, refused: never } = this.platform.audit();
      const why = { lost, refused, never, absent, faults, breaks: stored.breaks };
      throw new Error(`the accounts differ: ${JSON.stringify({ account, ...why })}`);
    }
    for (const [name, hashes] of [['store', stored.hashes] as const, ['platform', received] as const]) {
      if (hashes.size !== this.ledger.size) throw new Error(`${name} ${hashes.size}, ledger ${this.ledger.size}`);
      for (const [key, hash] of this.ledger.hashes) {
        if (hashes.get(key) !== hash) throw new Error(`${name} holds ${key} as ${hashes.get(key)}, not as ${hash}`);
      }
    }
    return account;
  }

  async #close(): Promise<void> {
    this.#isWorking = false;
    await this.#working;
    await this.#uplink?.stop(0);
    await this.#store?.close();
    this.#uplink = null;
    this.#store = null;
    this.#told.end();
    await this.#ledgerRead;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
    await this.platform.stop();
    await rm(this.#directory, { recursive: true, force: true });
  }
}
