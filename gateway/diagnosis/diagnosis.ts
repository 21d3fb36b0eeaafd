import { type ClockReport, notAsked } from '../clock/clock-report.ts';
import type { SiteClock } from '../clock/site-clock.ts';
import type { Clock, LocalTime, Monotonic, WallTime } from '../clock.ts';
import type { CommandEvent } from '../command/port.ts';
import type { HttpEvent } from '../http/events.ts';
import type { Picture, TracePicture, TransactionPicture } from '../http/picture.ts';
import type { Reading } from '../reading/reading.ts';
import type { PeriodRecord } from '../record/record.ts';
import type { Backlog, StoreEvent, StreamHead } from '../store/port.ts';
import type { UplinkEvent, UplinkPace } from '../uplink/port.ts';
import { ClockPictures } from './clock-picture.ts';
import { CommandState } from './command-state.ts';
import type { GatewayEvent } from './gateway-event.ts';
import { InstrumentState } from './instrument-state.ts';
import { transactionPicture } from './line/transaction-picture.ts';
import { LinkState } from './link-state.ts';
import { AllNodes } from './nodes/all-nodes.ts';
import type { GatewayDescription } from './sources.ts';
import { StoreState } from './store-state.ts';
import { ThrownAway } from './thrown-away.ts';
import { UplinkState } from './uplink-state.ts';

/** Whether the gateway does its work, and what is wrong if not. */
interface Health {
  readonly ok: boolean;
  readonly faults: readonly string[];
}

/** The transactions of one instrument while somebody waits for what it says. */
interface Followed {
  /** Those since that moment, oldest first; `omitted` counts older ones that were too many to hold. */
  since(moment: Monotonic): { readonly transactions: TransactionPicture[]; readonly omitted: number };
  /** To be called when nobody waits any more. */
  end(): void;
}

/**
 * The current picture: told of everything, asks nothing. It keeps the latest of each thing and counts the rest, so its
 * size depends on the site and not on how long the gateway has run.
 */
export class Diagnosis {
  #clock: Clock;
  readonly #localTime: LocalTime;
  readonly #description: GatewayDescription;
  readonly #started: Monotonic;
  readonly #instruments: Map<string, InstrumentState>;
  readonly #links: Map<string, LinkState>;
  readonly #uplinks: Map<string, UplinkState>;
  readonly #nodes: AllNodes;
  readonly #instrumentOf = new Map<string, InstrumentState>();
  readonly #store = new StoreState();
  readonly #commands = new CommandState();
  readonly #time = new ClockPictures();
  #report: () => ClockReport = () => notAsked;
  readonly #thrownAway = new ThrownAway();

  constructor(clock: Clock, localTime: LocalTime, description: GatewayDescription) {
    this.#clock = clock;
    this.#localTime = localTime;
    this.#description = description;
    this.#started = clock.monotonic();
    this.#instruments = new Map(description.instruments.map((one) => [one.id, new InstrumentState(one)]));
    this.#links = new Map(description.links.map((one) => [one.id, new LinkState(one, clock.monotonic())]));
    this.#uplinks = new Map(description.uplinks.map((one) => [one.id, new UplinkState(one)]));
    this.#nodes = new AllNodes(description.instruments);
    for (const { id, series } of description.instruments) {
      const state = this.#instruments.get(id) as InstrumentState;
      for (const { point, factor } of series) this.#instrumentOf.set(`${point} ${factor}`, state);
    }
  }

  /** The clock of the stations takes the place of the machine's own. */
  setClock(clock: SiteClock): void {
    this.#clock = clock;
    this.#report = () => clock.report();
  }

  /** In the time as it is known now. */
  get #startedAt(): WallTime {
    return Math.round(this.#clock.wall() - (this.#clock.monotonic() - this.#started)) as WallTime;
  }

  readings(readings: readonly Reading[]): void {
    for (const reading of readings) this.#instruments.get(reading.instrument)?.reading(reading);
  }

  minute(record: PeriodRecord): void {
    this.#instrumentOf.get(`${record.point} ${record.factor}`)?.minute(record);
  }

  heads(heads: readonly StreamHead[]): void {
    this.#store.heads(heads);
  }

  backlog(backlog: Backlog): void {
    this.#uplinks.get(backlog.uplink)?.backlog(backlog, this.#clock.monotonic());
  }

  pace(uplink: string, pace: UplinkPace): void {
    this.#uplinks.get(uplink)?.pace(pace);
  }

  observe(event: GatewayEvent): void {
    const now = this.#clock.wall();
    this.#thrownAway.observe(event, now);
    switch (event.kind) {
      case 'transaction':
        if (event.instrument !== null) this.#instruments.get(event.instrument)?.transaction(event);
        this.#links.get(event.link)?.transaction(event);
        break;
      case 'instrument-condition':
        this.#instruments.get(event.instrument)?.condition(event);
        break;
      case 'contact-changed':
        this.#instruments.get(event.instrument)?.board?.contact(event);
        break;
      case 'relay-changed':
        this.#instruments.get(event.instrument)?.board?.relay(event);
        break;
      case 'instrument-says':
      case 'variant-found':
        this.#instruments.get(event.instrument)?.told(event);
        break;
      // For the log and the records.
      case 'instrument-identity':
      case 'unknown-parameters':
        break;
      case 'overload':
        this.#links.get(event.link)?.overload(event);
        break;
      case 'link-opened':
      case 'link-closed':
        this.#links.get(event.link)?.event(event);
        this.#links.get(event.link)?.nodeEvent(event, now);
        if (event.kind === 'link-closed') {
          this.#nodes.linkClosed(event.link, this.#clock.monotonic());
          for (const instrument of this.#instruments.values()) instrument.linkClosed(event.link);
        }
        break;
      case 'node-connected':
      case 'node-disconnected':
        this.#links.get(event.link)?.nodeEvent(event, now);
        this.#nodes.event(event, this.#clock.monotonic());
        break;
      case 'node-turned-away':
      case 'new-node':
      case 'node-adopted':
        this.#links.get(event.link)?.nodeEvent(event, now);
        break;
      case 'node-health':
      case 'node-trouble':
      case 'node-offer':
        this.#nodes.event(event, this.#clock.monotonic());
        break;
      case 'line-silence':
        this.#links.get(event.link)?.silence(event);
        break;
      case 'node-offers-fault':
      // For the log: what is asked, and how that is remembered, is no part of the picture.
      case 'plan-changed':
      case 'tolerance-fault':
      case 'traffic-fault':
        break;
      case 'clock-state':
      case 'clock-shift':
      case 'clock-not-followed':
      case 'clock-offer':
      case 'clock-memory-fault':
      case 'holding':
        this.#time.event(event, this.#clock.monotonic());
        break;
      // Thrown away, and no more than that.
      case 'link-overflow':
      case 'link-stranger':
      case 'reading-after-close':
      case 'holding-dropped':
        break;
      default:
        this.#observeOutward(event, now);
    }
  }

  #observeOutward(event: StoreEvent | UplinkEvent | CommandEvent | HttpEvent, now: WallTime): void {
    switch (event.kind) {
      case 'store-dropped':
      case 'store-retention':
      case 'store-committed':
      case 'store-fault':
      case 'store-recovered':
      case 'store-epoch':
      case 'store-size':
      case 'store-leaving':
      case 'store-salvage':
        this.#store.event(event, now);
        break;
      case 'uplink-malformed':
      case 'uplink-state':
      case 'uplink-sent':
      case 'uplink-acknowledged':
      case 'uplink-refused':
      case 'uplink-credentials':
        this.#uplinks.get(event.uplink)?.event(event, now);
        break;
      case 'uplink-retired':
        this.#uplinks
          .get(event.uplink)
          ?.event({ kind: 'uplink-state', uplink: event.uplink, state: 'stopped', detail: '' }, now);
        break;
      case 'uplink-deaf':
        this.#commands.fault(`uplink ${event.uplink}: no commands are heard: ${event.fault}`);
        break;
      case 'command':
      case 'command-fault':
      case 'site-trial':
      case 'uplinks-retired':
        this.#commands.event(event);
        break;
      case 'uplink-reply-dropped':
      case 'command-turned-away':
      case 'http-malformed':
        break;
    }
  }

  picture(): Picture {
    const { id, area, version, site, fingerprint, siteFaults } = this.#description;
    const now = this.#clock.monotonic();
    const wall = this.#clock.wall();
    const localTime = this.#localTime;
    return {
      gateway: {
        id,
        area,
        version,
        startedAt: localTime.stamp(this.#startedAt),
        now: localTime.stamp(wall),
        timezone: localTime.timezone,
        site,
        ...(fingerprint === undefined ? {} : { fingerprint: fingerprint() }),
        siteFaults: [...siteFaults],
      },
      instruments: [...this.#instruments.values()].map((one) => one.picture(now, localTime)),
      links: [...this.#links.values()].map((one) => one.picture(now, wall, localTime)),
      nodes: this.#nodes.picture(now, wall, localTime),
      store: this.#store.picture(localTime),
      clock: this.#time.picture(this.#report(), localTime, now),
      uplinks: [...this.#uplinks.values()].map((one) => one.picture(wall, localTime)),
      commands: this.#commands.picture(),
      ...this.#thrownAway.picture(localTime),
    };
  }

  /** The newest `limit` transactions of a link, of those after number `after`; null for a link that there is not. */
  trace(link: string, limit: number, after = 0): TracePicture | null {
    const traced = this.#links.get(link)?.trace(limit, after, this.#localTime);
    return traced === undefined ? null : { link, startedAt: this.#localTime.stamp(this.#startedAt), ...traced };
  }

  /** Follows what happens on the line with one instrument; one without a line has nothing to follow. */
  follow(instrument: string): Followed {
    const link = this.#links.get(this.#description.instruments.find(({ id }) => id === instrument)?.link ?? '');
    const following = link?.follow(instrument);
    return {
      since: (moment) => {
        const { transactions = [], omitted = 0 } = following?.since(moment) ?? {};
        return { transactions: transactions.map((one) => transactionPicture(one, this.#localTime)), omitted };
      },
      end: () => {
        if (following) link?.unfollow(following);
      },
    };
  }

  /**
   * For a supervisor: the gateway is well as long as it can keep what it is told. Silent instruments, lost lines and a
   * cut uplink are told as faults of the site, but restarting the gateway would not mend them, so they leave `ok` true.
   */
  health(): Health {
    const faults: string[] = [];
    if (!this.#store.isSound) faults.push('the store cannot write');
    for (const [id, state] of this.#instruments) if (!state.isSound) faults.push(`instrument ${id} does not answer`);
    for (const [id, state] of this.#links) if (!state.isSound) faults.push(`line ${id} is not usable`);
    for (const id of this.#nodes.away) faults.push(`node ${id} is not connected`);
    for (const [id, state] of this.#uplinks) if (!state.isSound) faults.push(`uplink ${id} is not connected`);
    return { ok: this.#store.isSound, faults };
  }
}
