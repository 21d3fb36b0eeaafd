import type { Catalogue } from '../device-profiles/catalogue.ts';
import { Averaging } from './averaging/averaging.ts';
import type { ClockMemory, Machine } from './clock/machine.ts';
import { releasedAt } from './clock/released.ts';
import { SiteClock } from './clock/site-clock.ts';
import type { ClockEvent } from './clock/trust.ts';
import { type Clock, LocalTime, type WallTime } from './clock.ts';
import { hearsCommands, openCommanding } from './commanding.ts';
import { describeBirth, describeProfiles, describeSite, siteVersionOf } from './describe-site.ts';
import { Diagnosis, type GatewayEvent } from './diagnosis/diagnosis.ts';
import { openDoors } from './doors.ts';
import type { InstrumentCondition, InstrumentIdentity } from './driver/events.ts';
import { type Instrument, instrumentOf } from './driver/instrument.ts';
import { ExploringRefused } from './driver/line/exploring.ts';
import { Line, type LineOptions } from './driver/line/line.ts';
import { clockRecord } from './holding/clock-records.ts';
import type { UnstampedRecord } from './holding/held-items.ts';
import { Holding } from './holding/holding.ts';
import type { Accounts } from './http/access/accounts.ts';
import type { KeyPicture } from './http/key-route.ts';
import type { Asked, ExploreAnswer } from './http/lines/ask-route.ts';
import type { Link, LinkEvent } from './link/link.ts';
import { isListenOnly, listenFirstOf } from './link/settings.ts';
import { boundsOf } from './quality/bounds.ts';
import { Quality } from './quality/quality.ts';
import type { Reading } from './reading/reading.ts';
import { fingerprintOf } from './record/key-chain.ts';
import type { AuditRecord, Committed, Json } from './record/record.ts';
import { Retiring } from './retiring.ts';
import type { KeyRing } from './site/key-ring.ts';
import { expectedSeries, type LoadedSite, type SiteSeries } from './site/load-site.ts';
import { siteDirectory } from './site/site-directory.ts';
import type { SiteLink, SiteUplink } from './site/site-schema.ts';
import { ToleranceFile } from './site/tolerance-file.ts';
import { TrafficFile } from './site/traffic-file.ts';
import { SiteChanging, type SiteSupervision } from './site-changing.ts';
import type { Store, StoreRefusal } from './store/port.ts';
import { openStore } from './store/sqlite-store.ts';
import type { Broker } from './uplink/broker.ts';
import { MqttUplink } from './uplink/mqtt-uplink.ts';
import type { Uplink, UplinkEvent } from './uplink/port.ts';

/** How often the picture of store and backlog is brought up to date, milliseconds. */
const lookEvery = 2000;

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
  readonly createLink: (id: string, settings: SiteLink, observe: (event: LinkEvent) => void) => Link;
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
  const observe = (event: GatewayEvent): void => {
    diagnosis.observe(event);
    given.observe(event);
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
  const uplink = (id: string): Uplink | undefined => uplinks.find((one) => one.id === id);
  const retiring = new Retiring({ supervision, site, store, clock, localTime, record, uplink, observe });
  const { until } = await store.labels();
  if (until !== null) clock.setNotBefore(until as WallTime);

  const series = retiring.isWhole ? [] : expectedSeries(loaded, catalogue).filter(hasMinutes);
  const holding = new Holding({
    clock,
    store,
    localTime,
    averaging: (said, emit) => new Averaging({ series, rule: site.averaging, clock, localTime, said, emit, observe }),
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
    if (event.kind === 'instrument-condition' || event.kind === 'instrument-identity') {
      holding.append(stateRecord(event));
    }
  };
  const tolerances = await ToleranceFile.open({
    path: siteDirectory(options.directory).tolerances,
    ...{ site, catalogue, clock, observe },
  });
  const lines = retiring.isWhole ? new Map<string, Line>() : startLines(options, tolerances, observeLine, onReadings);
  for (const line of lines.values()) line.start();

  const traffic = await TrafficFile.open(siteDirectory(options.directory).traffic, (message) =>
    observe({ kind: 'traffic-fault', message }),
  );
  const birth = describeBirth(loaded, catalogue, version, siteVersion, () => keys.chain);
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
  const asked = { read, explore, profiles, rotateKey };
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
    },
    standing: () => ({ trusted: clock.isKnown(), why: clock.state().why.en }),
    uplink,
  });
  const sending = site.uplinks.filter(({ id }) => retiring.isSending(id));
  const uplinks: Uplink[] = sending.map(
    (settings) =>
      new MqttUplink({
        settings,
        gateway: { area: site.gateway.area, gateway: site.gateway.id },
        identity: { birth: () => birth(localTime.stamp(clock.wall())), onChanged: (told) => keys.onChanged(told) },
        key: () => keys.privateKey,
        store,
        clock,
        localTime,
        observe,
        broker: options.createBroker(settings, observe),
        trafficBook: traffic,
        ...(hearsCommands(settings) && commanding !== null
          ? { onCommand: (payload: Uint8Array) => commanding.door.take(settings.id, payload) }
          : {}),
        ...(options.random === undefined ? {} : { random: options.random }),
      }),
  );

  await commanding?.door.start([...siteChanging.openCommands, ...retiring.openCommands]);
  if (commanding !== null) {
    siteChanging.start(commanding.door);
    retiring.start(commanding.door);
  }
  for (const uplink of uplinks) uplink.start();
  const stopLooking = lookRegularly(clock, diagnosis, store, uplinks);
  return {
    diagnosis,
    clock,
    store,
    pagePort: doors.pagePort,
    read,
    async stop(drain) {
      await Promise.all([...lines.values()].map((line) => line.stop()));
      await tolerances.close();
      siteChanging.stop();
      retiring.stop();
      await commanding?.close();
      clock.stop();
      await holding.stop();
      await store.flush();
      await Promise.all(uplinks.map((uplink) => uplink.stop(drain)));
      await traffic.close();
      stopLooking();
      await doors.close();
      await store.close();
    },
  };
}

/**
 * Enters keys that the records stream does not have yet: the first one, and what a rotation made. What the store or the
 * medium refuses is tried again at the next start.
 */
async function recordKeys(keys: KeyRing, store: Store, localTime: LocalTime, clock: SiteClock): Promise<void> {
  const { unrecorded } = keys;
  if (unrecorded.length === 0) return;
  if (!clock.isKnown()) await becomesKnown(clock);
  const at = localTime.stamp(clock.wall());
  const appended = unrecorded.map(({ publicKey, previous, signature }) =>
    store.append({ kind: 'key', at, publicKey, previous, signature, revision: 1 }),
  );
  try {
    await Promise.all(appended);
    await keys.recorded(unrecorded);
  } catch {
    // The store tells of its faults itself; the chain in birth holds without the record.
  }
}

function isRetired(id: string, supervision: SiteSupervision | undefined): boolean {
  return supervision?.retired.some(({ uplink, phase }) => uplink === id && phase === 'retired') ?? false;
}

/** A record whose stamp would be a guess is held with the others; rejects, for nobody can say when it will be durable. */
async function recordDurably(record: AuditRecord, store: Store, holding: Holding, clock: SiteClock): Promise<unknown> {
  if (clock.isKnown()) return store.append(record);
  const { at: _, ...unstamped } = record;
  holding.append(unstamped);
  throw new Error('held until the time is known');
}

function becomesKnown(clock: SiteClock): Promise<void> {
  return new Promise((resolve) => {
    const unsubscribe = clock.onChanged(() => {
      if (!clock.isKnown()) return;
      unsubscribe();
      resolve();
    });
  });
}

/** What stands at the beginning of every run: the site as it holds now, and that the gateway started. */
function openingRecords(
  { loaded, catalogue, version, clock }: GatewayOptions & { readonly clock: SiteClock },
  siteVersion: string,
): UnstampedRecord[] {
  const profiles = loaded.site.instruments.flatMap(({ profile }) => {
    const found = catalogue.find(profile);
    return found === undefined ? [] : [[profile, found.hash] as const];
  });
  const records: UnstampedRecord[] = [
    {
      kind: 'audit',
      who: 'gateway',
      action: 'gateway-started',
      details: { version, node: process.version, site: loaded.source, clock: clock.state().source },
      revision: 1,
    },
    {
      kind: 'site',
      version: siteVersion,
      document: loaded.document as Json,
      profiles: Object.fromEntries(profiles),
      expected: expectedSeries(loaded, catalogue)
        .filter(hasMinutes)
        .map(({ point, factor, every }) => ({ point, factor, every: every / 1000 })),
      revision: 1,
    },
  ];
  return records;
}

/** What is read less often than once a minute has samples only: a minute without one would tell of a fault that is none. */
function hasMinutes(series: SiteSeries): series is SiteSeries & { readonly every: number } {
  return series.every !== null && series.every <= 60_000;
}

function startLines(
  options: GatewayOptions,
  tolerances: ToleranceFile,
  observe: (event: GatewayEvent) => void,
  onReadings: (readings: readonly Reading[]) => void,
): Map<string, Line> {
  const { loaded, catalogue, clock, createLink, random } = options;
  const localTime = new LocalTime(loaded.site.gateway.timezone);
  const lines = new Map<string, Line>();
  for (const [id, settings] of Object.entries(loaded.site.links)) {
    const instruments: Instrument[] = loaded.site.instruments
      .filter(({ link }) => link === id)
      .flatMap((one) => {
        const entry = catalogue.find(one.profile);
        return entry === undefined ? [] : [instrumentOf(one, entry)];
      });
    if (instruments.length === 0) continue;
    const framing = settings.kind === 'tcp' ? settings.framing : 'modbus-rtu';
    const link = createLink(id, settings, observe);
    const more = { ...lineSettingsOf(settings), ...(random === undefined ? {} : { random }) };
    const whole = { link, framing, instruments, clock, localTime, observe, onReadings, tolerances, ...more };
    lines.set(id, new Line(whole));
  }
  return lines;
}

/** Asks a question of a search through the line's schedule; told where the line does not ask it. */
async function exploreOn(line: Line | undefined, asked: Asked): Promise<ExploreAnswer> {
  if (line === undefined) return { kind: 'unused' };
  try {
    const { outcome, data, exception, took } = await line.explore({ ...asked, instrument: null });
    const hex = data === null ? null : Buffer.from(data).toString('hex');
    return { kind: 'answer', answered: { outcome, data: hex, exception, took } };
  } catch (error) {
    if (!(error instanceof ExploringRefused)) throw error;
    return { kind: 'refused', reason: error.reason, message: error.message };
  }
}

/** What the site says of how its line is to be used. */
function lineSettingsOf(settings: SiteLink): Pick<LineOptions, 'listenFirst' | 'listenOnly' | 'outstanding'> {
  const outstanding = settings.kind === 'tcp' ? settings.outstanding : undefined;
  const hearing = { listenFirst: listenFirstOf(settings), listenOnly: isListenOnly(settings) };
  return outstanding === undefined ? hearing : { ...hearing, outstanding };
}

function stateRecord(event: InstrumentCondition | InstrumentIdentity): UnstampedRecord {
  const isCondition = event.kind === 'instrument-condition';
  return {
    kind: 'state',
    instrument: event.instrument,
    // Who says which unit it is answers.
    state: isCondition ? event.condition : 'answering',
    reason: null,
    parameters: isCondition ? { outcome: event.outcome } : { ...event.identity },
    revision: 1,
  };
}

/** Keeps the picture of store and backlog up to date. */
function lookRegularly(clock: Clock, diagnosis: Diagnosis, store: Store, uplinks: readonly Uplink[]): () => void {
  let stopped = false;
  let cancel = (): void => {};
  const look = async (): Promise<void> => {
    diagnosis.heads(await store.heads());
    for (const { id, pace } of uplinks) {
      diagnosis.backlog(await store.backlog(id));
      diagnosis.pace(id, pace);
    }
    if (!stopped) cancel = clock.after(lookEvery, () => void look());
  };
  void look();
  return () => {
    stopped = true;
    cancel();
  };
}
