import type { Catalogue } from '../device-profiles/catalogue.ts';
import type { ClockMemory, Machine } from './clock/machine.ts';
import { releasedAt } from './clock/released.ts';
import { SiteClock } from './clock/site-clock.ts';
import type { ClockEvent } from './clock/trust.ts';
import { type Clock, LocalTime, type WallTime } from './clock.ts';
import { Diagnosis } from './diagnosis/diagnosis.ts';
import type { GatewayEvent } from './diagnosis/gateway-event.ts';
import type { OpenSiteBoard } from './driver/firmata/firmata-acquisition.ts';
import { clockRecord } from './holding/clock-records.ts';
import type { Accounts } from './http/access/accounts.ts';
import { openCommanding } from './joining/commands/commanding.ts';
import { Retiring } from './joining/commands/retiring.ts';
import { SiteChanging, type SiteSupervision } from './joining/commands/site-changing.ts';
import type { Switching } from './joining/commands/switching.ts';
import { describeBirth, describeProfiles, describeSite, siteVersionOf } from './joining/describe-site.ts';
import { openDoors } from './joining/doors.ts';
import { openMeasuring } from './joining/measuring.ts';
import { openingRecords, recordDurably, recordKeys } from './joining/own-records.ts';
import { openSiteStore, startHolding } from './joining/recording.ts';
import { openSending } from './joining/sending.ts';
import type { Link, LinkEvent } from './link/link.ts';
import type { NodeLink, NodeLinkEvent } from './link/nodes/node-link.ts';
import type { NodesLinkSettings } from './link/nodes/settings.ts';
import type { FirmataLinkSettings, LineLinkSettings } from './link/settings.ts';
import type { Reading } from './reading/reading.ts';
import { fingerprintOf } from './record/key-chain.ts';
import type { AuditRecord, Committed, Json } from './record/record.ts';
import type { KeyRing } from './site/key-ring.ts';
import type { LoadedSite } from './site/load-site.ts';
import type { NodeAccounts } from './site/node-accounts.ts';
import { siteDirectory } from './site/site-directory.ts';
import type { SiteUplink } from './site/site-schema.ts';
import type { Store, StoreRefusal } from './store/port.ts';
import type { Broker } from './uplink/broker.ts';
import type { Uplink, UplinkEvent } from './uplink/port.ts';

/** What the world outside hands to a gateway. Stories hand in a simulated clock, lines in memory and a broker in memory. */
export interface GatewayOptions {
  /** The site directory. */
  readonly directory: string;
  readonly loaded: LoadedSite;
  readonly catalogue: Catalogue;
  readonly version: string;
  /** The machine's own clock, what else the machine tells of its time, and where that is remembered. */
  readonly clock: Clock;
  readonly machine: Machine;
  readonly clockMemory: ClockMemory;
  /** Tells the machine from others; without it a card that was copied is noticed by what platforms say. */
  readonly machineId?: string | undefined;
  /** Signs batches. */
  readonly keys: KeyRing;
  readonly createLink: (id: string, settings: LineLinkSettings, observe: (event: LinkEvent) => void) => Link;
  /** Where nodes connect; without it the site's nodes are heard by nobody. */
  readonly createNodeLink?: (
    id: string,
    settings: NodesLinkSettings,
    observe: (event: NodeLinkEvent) => void,
  ) => NodeLink;
  /** Opens the board of a link; needed only where the site has one. */
  readonly createBoard?: (id: string, settings: FirmataLinkSettings) => OpenSiteBoard;
  /** Who the nodes are; goes with `createNodeLink`. */
  readonly nodeAccounts?: NodeAccounts;
  readonly createBroker: (settings: SiteUplink, observe: (event: UplinkEvent) => void) => Broker;
  /** The page; without it the gateway has none. */
  readonly page?: { readonly accounts: Accounts; readonly directory: string };
  /** Where the socket for the commands stands; without it the gateway has none. */
  readonly socket?: string;
  /** Lets platforms change the site document; without it they cannot. */
  readonly supervision?: SiteSupervision;
  readonly observe: (event: GatewayEvent) => void;
  /** Told of every committed entry and how many readings it holds, before anybody else. */
  readonly ledger?: (committed: Committed) => void;
  /** 0 up to 1, for jitter. */
  readonly random?: () => number;
}

/** A gateway at work. */
export interface Gateway {
  readonly diagnosis: Diagnosis;
  readonly clock: SiteClock;
  readonly store: Store & { idle(): Promise<void> };
  /** Of the page; null when it could not be served or there is none. */
  readonly pagePort: number | null;
  /** Reads one instrument now, through its line's schedule; judged like every reading, and told to the asker alone. */
  read(instrument: string): Promise<readonly Reading[]>;
  /**
   * Stops acquisition, makes everything durable, gives the uplinks up to `drain` milliseconds to be rid of it, and lets
   * go of everything.
   */
  stop(drain: number): Promise<void>;
}

/** Joins the stations in the order in which the data flows, and starts them. */
export async function startGateway(given: GatewayOptions): Promise<Gateway | StoreRefusal> {
  const { loaded, catalogue, version, keys, supervision } = given;
  const { site } = loaded;
  const directory = siteDirectory(given.directory);
  const localTime = new LocalTime(site.gateway.timezone);
  const siteVersion = siteVersionOf(loaded.document);
  const diagnosis = new Diagnosis(given.clock, localTime, {
    ...describeSite(loaded, catalogue, version, siteVersion),
    fingerprint: () => fingerprintOf(keys.publicKey),
  });
  let switching: Switching | undefined;
  const observe = (event: GatewayEvent): void => {
    diagnosis.observe(event);
    given.observe(event);
    if (event.kind === 'uplink-state') switching?.observe(event);
  };
  let recordClock = (_event: ClockEvent): void => undefined;
  const clock = await SiteClock.start({
    ...{ clock: given.clock, machine: given.machine, memory: given.clockMemory, settings: site.clock, releasedAt },
    observe(event) {
      observe(event);
      recordClock(event);
    },
  });
  diagnosis.setClock(clock);
  // Every station has its time from here on.
  const options = { ...given, clock, localTime, siteVersion, observe };

  const store = await openSiteStore(options);
  if ('refusal' in store) {
    clock.stop();
    return store;
  }
  const record = (audit: AuditRecord): Promise<unknown> => recordDurably(audit, store, holding, clock);
  const siteChanging = new SiteChanging({ ...options, directory, supervision, store, record });
  const uplink = (id: string): Uplink | undefined => sending.uplinks.find((one) => one.id === id);
  const retiring = new Retiring({ supervision, site, store, clock, localTime, record, uplink, observe });
  const isReading = !retiring.isWhole;
  const { until } = await store.labels();
  if (until !== null) clock.setNotBefore(until as WallTime);

  const holding = await startHolding(options, store, diagnosis, isReading);
  recordClock = (event) => {
    const record = clockRecord(event, localTime);
    if (record !== null) holding.append(record);
  };
  for (const record of openingRecords(options, siteVersion)) holding.append(record);
  void recordKeys(keys, store, localTime, clock);

  const measuring = await openMeasuring({ ...options, isReading, diagnosis, store, holding, record });
  const { read, explore, switches, nodes, nodeOffers } = measuring;
  switching = switches;
  measuring.start();

  const doors = await openDoors({
    ...{ directory: given.directory, site, clock, localTime, diagnosis, store, observe },
    ...{ read, explore, switches, nodes, nodeOffers, page: given.page, socket: given.socket },
    profiles: describeProfiles(loaded, catalogue),
    async rotateKey() {
      await keys.rotate(site.gateway.id);
      await recordKeys(keys, store, localTime, clock);
      return { publicKey: keys.publicKey, fingerprint: fingerprintOf(keys.publicKey), keys: keys.chain.length };
    },
  });
  const commanding = await openCommanding({
    ...{ directory: given.directory, site, siteVersion, siteDocument: loaded.document as Json },
    ...{ siteChanging, retiring, switches, reads: doors.reads, store, clock, localTime, record, uplink, observe },
  });
  const sending = await openSending({
    ...{ site, directory, store, clock, localTime, keys, diagnosis, observe },
    createBroker: given.createBroker,
    random: given.random,
    isSending: (id) => retiring.isSending(id),
    birth: describeBirth(loaded, catalogue, version, siteVersion, () => keys.chain),
    onCommand: commanding === null ? null : (id, payload) => commanding.door.take(id, payload),
  });

  await commanding?.door.start([...siteChanging.openCommands, ...retiring.openCommands]);
  if (commanding !== null) {
    siteChanging.start(commanding.door);
    retiring.start(commanding.door);
  }
  sending.start();
  return {
    ...{ diagnosis, clock, store, pagePort: doors.pagePort, read },
    async stop(drain) {
      await measuring.stop();
      siteChanging.stop();
      retiring.stop();
      await commanding?.close();
      clock.stop();
      await holding.stop();
      await store.flush();
      await sending.stop(drain);
      await doors.close();
      await store.close();
    },
  };
}
