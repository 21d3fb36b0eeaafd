import { interpret, type Raw } from '../../../device-profiles/decode.ts';
import { isComputed, pointsOf, type Relay } from '../../../device-profiles/profile.ts';
import { type Board, type BoardFault, type BoardOptions, isBoardFault } from '../../../edge/site-io/board.ts';
import { type Cancel, type Clock, type Monotonic, pause, type WallTime } from '../../clock.ts';
import type { LinkEvent } from '../../link/link.ts';
import type { Mark, Reading } from '../../reading/reading.ts';
import type { Acquisition } from '../acquisition.ts';
import { BackOff } from '../back-off.ts';
import { Condition } from '../condition.ts';
import type { DriverEvent, Outcome } from '../events.ts';
import { knownOf, type Moment, markOfFailure, missing, pointOf, readingOf, wantedPoints } from '../instrument.ts';
import type { Edge } from './edges.ts';
import type { FirmataInstrument } from './firmata-instrument.ts';
import type { ContactPoint } from './inputs/contact-input.ts';
import type { Asker, RelayAnswer, RelayOrder, RelayStanding, RelayState } from './relays/relay.ts';
import { Relays } from './relays/relays.ts';
import { Wiring } from './wiring.ts';

/** Opens the board of a link: its port, and the firmware behind it. Never rejects. */
export type OpenSiteBoard = (options: Pick<BoardOptions, 'samplingInterval' | 'onLost'>) => Promise<Board | BoardFault>;

export interface FirmataOptions {
  /** The link's id. */
  readonly link: string;
  readonly instrument: FirmataInstrument;
  readonly open: OpenSiteBoard;
  readonly clock: Clock;
  readonly observe: (event: DriverEvent | LinkEvent) => void;
  readonly onReadings: (readings: readonly Reading[]) => void;
  readonly random?: () => number;
}

/** Pauses between attempts to open a board, milliseconds. Each attempt resets an Uno, which then takes 2 s to start. */
const pauses = { shortest: 1000, longest: 30_000 };
/**
 * Milliseconds after which a board that is lost is tried again as soon as the first time. One that restarts over and over,
 * as on a weak supply, would else fill the records with its coming and going.
 */
const longEnough = 60_000;

/** What a board that cannot be had means for the values that it should have brought. */
const outcomeOf: Readonly<Record<BoardFault['kind'], Exclude<Outcome, 'ok'>>> = {
  absent: 'line-lost',
  taken: 'line-lost',
  denied: 'line-lost',
  refused: 'line-lost',
  lost: 'line-lost',
  'no-firmware': 'no-bytes',
  'wrong-firmware': 'junk',
};

/**
 * One board with pins: opened, and opened again after growing pauses when it is lost; told every `every` what its inputs
 * say of the time since then. A period in which it was not there has every value missing, with the reason.
 */
export class FirmataAcquisition implements Acquisition {
  readonly #options: FirmataOptions;
  readonly #clock: Clock;
  readonly #condition: Condition;
  readonly #backOff: BackOff;
  readonly #relays: Relays;
  readonly #wake = new AbortController();
  #running: Promise<void> | undefined;
  #wiring: Wiring | undefined;
  /** Why there is no board; undefined before the first attempt. */
  #fault: BoardFault | undefined;
  #lost: (() => void) | undefined;
  #generation = 0;
  #openedAt = 0;
  #cancelTick: Cancel = () => undefined;
  #due = 0;
  /** When readings were last told, of whatever kind. */
  #toldAt: number = Number.NEGATIVE_INFINITY;

  constructor(options: FirmataOptions) {
    const { clock, instrument, observe, random = Math.random } = options;
    this.#options = options;
    this.#clock = clock;
    this.#condition = new Condition(instrument.settings.id, clock, observe);
    this.#backOff = new BackOff({ ...pauses, clock, random });
    const tell = (relay: Relay, standing: RelayStanding, before: RelayState) =>
      this.#tellRelay(relay, standing, before);
    this.#relays = new Relays({ instrument, clock, tell });
  }

  get #isStopping(): boolean {
    return this.#wake.signal.aborted;
  }

  /** Begins; doing so twice does nothing. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** What is held of contacts that chattered is told, every output is left safe, and the port is closed. */
  async stop(): Promise<void> {
    this.#wake.abort();
    this.#cancelTick();
    this.#lost?.();
    await this.#running;
  }

  async read(instrument: string): Promise<readonly Reading[]> {
    if (instrument !== this.#options.instrument.settings.id) {
      throw new RangeError(`${this.#options.link}: no instrument ${instrument} on this board`);
    }
    if (this.#running === undefined || this.#isStopping) {
      throw new RangeError(`${this.#options.link}: the board is not running`);
    }
    return this.#look();
  }

  /** Switches a relay. Undefined for one that it does not have, or that the site does not allow to be switched. */
  order(relay: string, order: RelayOrder, asker: Asker): Promise<RelayAnswer> | undefined {
    return this.#relays.order(relay, order, asker);
  }

  /** Who may switch a relay on the page; undefined for one that cannot be switched here. */
  roleFor(relay: string): Relay['role'] | undefined {
    return this.#relays.roleFor(relay);
  }

  /** That platform cannot be reached any more: what it asked for ends. */
  askerLost(uplink: string): void {
    this.#relays.askerLost(uplink);
  }

  async #run(): Promise<void> {
    const { profile } = this.#options.instrument;
    while (!this.#isStopping) {
      const ended = Promise.withResolvers<BoardFault | null>();
      this.#lost = () => ended.resolve(null);
      const opening = this.#open(profile.samplingMs, ended.resolve).catch((error: unknown) => {
        // A mistake of ours or of a library costs this board, not the gateway.
        const what = error instanceof Error ? error.message : String(error);
        ended.resolve({ kind: 'refused', message: `${this.#options.link}: it could not be opened: ${what}` });
      });
      const fault = await ended.promise;
      // One that stops does not leave a port half open behind it.
      await opening;
      await this.#close(fault);
      if (this.#isStopping) return;
      this.#backOff.grow();
      await pause(this.#clock, (this.#backOff.silence?.until ?? 0) - this.#clock.monotonic(), this.#wake.signal);
    }
  }

  /** One attempt; `ended` once it has failed, or what it opened is lost. */
  async #open(samplingInterval: number, ended: (fault: BoardFault) => void): Promise<void> {
    const { instrument, link, observe, open } = this.#options;
    const board = await open({ samplingInterval, onLost: ended });
    if (isBoardFault(board)) {
      ended(board);
      return;
    }
    if (this.#isStopping) {
      await board.close();
      return;
    }
    const wiring = Wiring.wire(board, {
      instrument,
      clock: this.#clock,
      onEdge: (point, edge) => this.#tellEdge(point, edge),
      onContact: (id) => this.#relays.contactChanged(id),
    });
    const refused = isBoardFault(wiring) ? wiring : this.#relays.attach(wiring);
    if (refused !== null) {
      await board.close();
      ended(refused);
      return;
    }
    this.#tellGap();
    this.#wiring = wiring as Wiring;
    this.#openedAt = this.#clock.monotonic();
    this.#fault = undefined;
    this.#generation += 1;
    observe({ kind: 'link-opened', link, generation: this.#generation });
    this.#restartTicks();
  }

  async #close(fault: BoardFault | null): Promise<void> {
    const { link, observe } = this.#options;
    const wiring = this.#wiring;
    this.#wiring = undefined;
    wiring?.stop();
    if (wiring !== undefined && this.#clock.monotonic() - this.#openedAt >= longEnough) this.#backOff.end();
    const closed = wiring?.board.close() ?? Promise.resolve(false);
    await this.#relays.detach(this.#isStopping ? 'stopping' : 'board-lost', closed);
    if (fault !== null && !this.#isStopping) {
      this.#fault = fault;
      const { kind, message } = fault;
      const told = kind === 'no-firmware' || kind === 'wrong-firmware' ? 'refused' : kind;
      observe({ kind: 'link-closed', link, fault: { kind: told, message } });
      this.#condition.note(false, outcomeOf[kind]);
      if (wiring === undefined && this.#due === 0) this.#restartTicks();
    }
  }

  /** A board that is lost more often than a period is long would never come to tell anything. */
  #tellGap(): void {
    const { instrument, onReadings } = this.#options;
    const age = this.#clock.monotonic() - this.#toldAt;
    if (this.#fault === undefined || age < instrument.settings.every) return;
    this.#toldAt = this.#clock.monotonic();
    onReadings(this.#look());
  }

  /** Periods count from now: the first one of a board is a whole one. */
  #restartTicks(): void {
    const { every } = this.#options.instrument.settings;
    const now = this.#clock.monotonic();
    this.#wiring?.restart();
    this.#cancelTick();
    this.#due = now + every;
    this.#cancelTick = this.#clock.after(every, () => this.#tick());
  }

  #tick(): void {
    const { instrument, onReadings } = this.#options;
    const wiring = this.#wiring;
    const readings = this.#look();
    wiring?.restart();
    const now = this.#clock.monotonic();
    this.#toldAt = now;
    this.#due = Math.max(this.#due + instrument.settings.every, now);
    this.#cancelTick = this.#clock.after(this.#due - now, () => this.#tick());
    if (wiring !== undefined) this.#condition.note(true, 'ok');
    onReadings(readings);
  }

  /** Every point that the site wants and that has something to tell, as it is now. */
  #look(): readonly Reading[] {
    const { instrument } = this.#options;
    const { profile } = instrument;
    const points = wantedPoints(instrument, pointsOf(profile));
    const wiring = this.#wiring;
    if (wiring === undefined) return this.#allMissing(markOfFailure(outcomeOf[this.#fault?.kind ?? 'lost']));
    const moment = this.#now();
    const raws = new Map<string, Raw>();
    const marks = new Map<string, Mark>();
    for (const input of wiring.inputs) {
      const taken = input.look(moment.monotonic);
      if (taken === 'no-news') continue;
      if ('raw' in taken) raws.set(input.point.id, taken.raw);
      else marks.set(input.point.id, taken.mark);
    }
    const decoded = interpret(profile, points, raws, knownOf(instrument));
    return points.flatMap((point) => {
      const value = decoded.get(point.id);
      if (value !== undefined) return readingOf(instrument, point, value, moment);
      const mark = marks.get(point.id) ?? (isComputed(point) ? [...marks.values()][0] : undefined);
      return mark === undefined ? [] : missing(instrument, point, mark, moment);
    });
  }

  #allMissing(mark: Mark): readonly Reading[] {
    const { instrument } = this.#options;
    const moment = this.#now();
    const points = wantedPoints(instrument, pointsOf(instrument.profile));
    return points.flatMap((point) => missing(instrument, point, mark, moment));
  }

  #tellEdge(point: ContactPoint, { closed, changes, first, at }: Edge): void {
    const { instrument, observe } = this.#options;
    const place = pointOf(instrument, point);
    if (place === undefined) return;
    const age = this.#clock.monotonic() - at;
    observe({
      kind: 'contact-changed',
      instrument: instrument.settings.id,
      contact: point.id,
      point: place,
      factor: point.factor,
      ...{ closed, changes, first },
      at: Math.round(this.#clock.wall() - age) as WallTime,
      monotonic: at,
    });
  }

  #tellRelay({ id, use }: Relay, { state, cause, who, next, until }: RelayStanding, before: RelayState): void {
    const { at, monotonic } = this.#now();
    const wall = (moment: Monotonic | null) =>
      moment === null ? null : (Math.round(at + (moment - monotonic)) as WallTime);
    this.#options.observe({
      kind: 'relay-changed',
      instrument: this.#options.instrument.settings.id,
      relay: id,
      use,
      ...{ state, before, cause, who, next: wall(next), until: wall(until), at },
    });
  }

  #now(): Moment {
    return { at: this.#clock.wall(), monotonic: this.#clock.monotonic() as Monotonic };
  }
}
