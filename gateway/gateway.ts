import type { Catalogue } from '../device-profiles/catalogue.ts';
import { acquisitionsOf, exploreOn } from './acquiring.ts';
import { openAdopting } from './adopting.ts';
import { Averaging, graceOfNodes, usualGrace } from './averaging/averaging.ts';
import type { ClockMemory, Machine } from './clock/machine.ts';
import { releasedAt } from './clock/released.ts';
import { SiteClock } from './clock/site-clock.ts';
import type { ClockEvent } from './clock/trust.ts';
import { type Clock, LocalTime, type WallTime } from './clock.ts';
import { openCommanding } from './commanding.ts';
import { describeBirth, describeProfiles, describeSite, siteVersionOf } from './describe-site.ts';
import { Diagnosis, type GatewayEvent } from './diagnosis/diagnosis.ts';
import { openDoors } from './doors.ts';
import type { Acquisition } from './driver/acquisition.ts';
import type { OpenSiteBoard } from './driver/firmata/firmata-acquisition.ts';
import { clockRecord } from './holding/clock-records.ts';
import { Holding } from './holding/holding.ts';
import type { Accounts } from './http/access/accounts.ts';
import type { KeyPicture } from './http/key-route.ts';
import type { Asked, ExploreAnswer } from './http/lines/ask-route.ts';
import type { Link, LinkEvent } from './link/link.ts';
import type { NodeLink, NodeLinkEvent } from './link/nodes/node-link.ts';
import type { NodesLinkSettings } from './link/nodes/settings.ts';
import type { FirmataLinkSettings, LineLinkSettings } from './link/settings.ts';
import { nodeKeeping } from './node-keeping.ts';
import { openNodeOffering, withOffers } from './node-offering.ts';
import { hasMinutes, openingRecords, recordDurably, recordKeys, recordOf } from './own-records.ts';
import { boundsOf } from './quality/bounds.ts';
import { Quality } from './quality/quality.ts';
import type { Reading } from './reading/reading.ts';
import { fingerprintOf } from './record/key-chain.ts';
import type { AuditRecord, Committed, Json } from './record/record.ts';
import { Retiring } from './retiring.ts';
import { openSending } from './sending.ts';
import type { KeyRing } from './site/key-ring.ts';
import { expectedSeries, type LoadedSite } from './site/load-site.ts';
import type { NodeAccounts } from './site/node-accounts.ts';
import { siteDirectory } from './site/site-directory.ts';
import type { Site, SiteUplink } from './site/site-schema.ts';
import { ToleranceFile } from './site/tolerance-file.ts';
import { SiteChanging, type SiteSupervision } from './site-changing.ts';
import type { Store, StoreRefusal } from './store/port.ts';
import { openStore } from './store/sqlite-store.ts';
import { Switching } from './switching.ts';
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
  const { loaded, catalogue, version, keys } = given;
  const { site } = loaded;
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
  const { machine, clockMemory: memory } = given;
  let recordClock = (_event: ClockEvent): void => undefined;
  const clock = await SiteClock.start({
    clock: given.clock,
    machine,
    memory,
    settings: site.clock,
    releasedAt,
    observe(event) {
      observe(event);
      recordClock(event);
    },
  });
  diagnosis.setClock(clock);
  // Every station has its time from here on.
  const options = { ...given, clock };

  const store = await openStore({
    directory: options.directory,
    gateway: site.gateway.id,
    site: siteVersion,
    clock,
    isGuess: !clock.isKnown(),
    localTime,
    observe,
    // One that is retired has no claim: what it never gets must not be kept before what others still want.
    uplinks: site.uplinks.map(({ id }) => id).filter((id) => !isRetired(id, given.supervision)),
    keepSamples: site.samples.keep,
    windows: { records: site.records.commitEvery, samples: site.samples.commitEvery },
    retention: { ...site.store, limit: site.store.limit ?? null },
    ...(options.ledger === undefined ? {} : { ledger: options.ledger }),
    ...(options.machineId === undefined ? {} : { machine: options.machineId }),
  });
  if ('refusal' in store) {
    clock.stop();
    return store;
  }
  const { supervision } = options;
  const record = (audit: AuditRecord): Promise<unknown> => recordDurably(audit, store, holding, clock);
  const directory = siteDirectory(options.directory);
  const changed = { supervision, directory, loaded, catalogue, store, clock, localTime, record, observe };
  const siteChanging = new SiteChanging(changed);
  const uplink = (id: string): Uplink | undefined => sending.uplinks.find((one) => one.id === id);
  const retiring = new Retiring({ supervision, site, store, clock, localTime, record, uplink, observe });
  const { until } = await store.labels();
  if (until !== null) clock.setNotBefore(until as WallTime);

  const series = retiring.isWhole ? [] : expectedSeries(loaded, catalogue).filter(hasMinutes);
  const grace = hasNodes(site) ? graceOfNodes : usualGrace;
  const holding = new Holding({
    clock,
    store,
    localTime,
    averaging: (said, emit) =>
      new Averaging({ series, rule: site.averaging, grace, clock, localTime, said, emit, observe }),
    onRecord(record) {
      if (record.kind === 'minute') diagnosis.minute(record);
    },
    observe,
  });
  await holding.start();
  recordClock = (event) => {
    const record = clockRecord(event, localTime);
    if (record !== null) holding.append(record);
  };
  for (const record of openingRecords(options, siteVersion)) holding.append(record);
  void recordKeys(keys, store, localTime, clock);

  const quality = new Quality(boundsOf(site.instruments, (id) => catalogue.find(id)?.profile));
  const onReadings = (readings: readonly Reading[]): void => {
    const judged = quality.judge(readings);
    diagnosis.readings(judged);
    holding.take(judged);
  };
  const observeLine = (event: GatewayEvent): void => {
    observe(event);
    const record = recordOf(event);
    if (record !== null) holding.append(record);
  };
  const tolerances = await ToleranceFile.open({
    path: siteDirectory(options.directory).tolerances,
    ...{ site, catalogue, clock, observe },
  });
  const { nodeAccounts: accounts, createNodeLink } = options;
  const adopting =
    accounts && createNodeLink && openAdopting({ site, accounts, createNodeLink, clock, localTime, record });
  const offering =
    createNodeLink && hasNodes(site)
      ? await openNodeOffering({
          ...{ directory, clock, localTime, record, observe },
          createNodeLink: adopting?.createNodeLink ?? createNodeLink,
          nodes: () => diagnosis.picture().nodes,
        })
      : undefined;
  const acquiring = { ...options, ...adopting, ...offering?.acquiring };
  const keeping = nodeKeeping(store, holding, quality, diagnosis);
  const lines = retiring.isWhole
    ? new Map<string, Acquisition>()
    : acquisitionsOf(acquiring, tolerances, observeLine, onReadings, keeping);
  const switches = new Switching({ acquisitions: lines, site, clock, localTime, record });
  switching = switches;
  for (const line of lines.values()) line.start();

  const read = async (instrument: string): Promise<readonly Reading[]> => {
    const line = lines.get(site.instruments.find(({ id }) => id === instrument)?.link ?? '');
    if (line === undefined) throw new RangeError(`no instrument ${instrument} runs at this site`);
    return quality.judge(await line.read(instrument));
  };
  const explore = (link: string, asked: Asked): Promise<ExploreAnswer> => exploreOn(lines.get(link), asked);
  const { page, socket } = options;
  const profiles = describeProfiles(loaded, catalogue);
  const rotateKey = async (): Promise<KeyPicture> => {
    await keys.rotate(site.gateway.id);
    await recordKeys(keys, store, localTime, clock);
    return { publicKey: keys.publicKey, fingerprint: fingerprintOf(keys.publicKey), keys: keys.chain.length };
  };
  const nodes = adopting && offering ? withOffers(adopting.ports, offering) : adopting?.ports;
  const asked = { read, explore, profiles, rotateKey, switches, nodes, nodeOffers: offering?.ports };
  const doors = await openDoors({
    site,
    directory: options.directory,
    clock,
    localTime,
    diagnosis,
    store,
    ...asked,
    observe,
    page,
    socket,
  });
  const commanding = await openCommanding({
    directory: options.directory,
    ...{ site, clock, localTime, observe },
    record,
    ports: {
      siteVersion,
      siteDocument: loaded.document as Json,
      propose: (proposal) => siteChanging.propose(proposal),
      retire: (asked) => retiring.begin(asked),
      async read(instrument) {
        const link = site.instruments.find(({ id }) => id === instrument)?.link;
        return link === undefined ? undefined : doors.reads.ask(instrument, link);
      },
      async claimAgain(by, ...what) {
        const entries = await store.claimAgain(by, ...what);
        if (entries > 0) uplink(by)?.lookAgain();
        return entries;
      },
      offerTime: (time) => clock.offerTime('platform', time),
      switchRelay: (...asked) => switches.order(...asked),
    },
    standing: () => ({ trusted: clock.isKnown(), why: clock.state().why.en }),
    uplink,
  });
  const sending = await openSending({
    ...{ site, directory, store, clock, localTime, keys, diagnosis, observe },
    createBroker: options.createBroker,
    random: options.random,
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
    diagnosis,
    clock,
    store,
    pagePort: doors.pagePort,
    read,
    async stop(drain) {
      await Promise.all([...lines.values()].map((line) => line.stop()));
      await tolerances.close();
      await offering?.offers.close();
      switches.stop();
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

function hasNodes({ links }: Site): boolean {
  return Object.values(links).some(({ kind }) => kind === 'nodes');
}

function isRetired(id: string, supervision: SiteSupervision | undefined): boolean {
  return supervision?.retired.some(({ uplink, phase }) => uplink === id && phase === 'retired') ?? false;
}
