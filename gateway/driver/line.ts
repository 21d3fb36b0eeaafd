import { type Clock, pause } from '../clock.ts';
import type { Link } from '../link/link.ts';
import type { Reading } from '../reading/reading.ts';
import { estimateLine } from './estimate.ts';
import type { DriverEvent } from './events.ts';
import type { Driver, Instrument } from './instrument.ts';
import { ModbusConversation } from './modbus-conversation.ts';
import { ModbusDriver } from './modbus-driver.ts';
import { modbusTcpFraming, rtuFraming } from './modbus-framing.ts';
import { PlantowerDriver } from './plantower-driver.ts';

export interface LineOptions {
  /** The link; this line is the only one that uses it. */
  readonly link: Link;
  readonly framing: 'modbus-rtu' | 'modbus-tcp';
  /** Every instrument behind the link. One that talks unasked must be alone on it. */
  readonly instruments: readonly Instrument[];
  readonly clock: Clock;
  readonly observe: (event: DriverEvent) => void;
  /** Every point of an instrument, each with a value or the reason for none, once in each of its `every`. */
  readonly onReadings: (readings: readonly Reading[]) => void;
  /** 0 up to 1; spreads the attempts of many lines to open again. */
  readonly random?: () => number;
}

const firstReopen = 250;
const longestReopen = 10_000;
/** Milliseconds between two words about the same overload. */
const overloadEvery = 60_000;
/** While a late answer is awaited the line is heard; so long at a time, milliseconds, so that other work is not held up. */
const listenSlice = 100;

interface Turn {
  readonly driver: Driver;
  due: number;
  /** Who waits for a poll outside the schedule. */
  demands: ((readings: readonly Reading[]) => void)[];
  poll: 'none' | 'scheduled' | 'demanded';
  /** Line time of the poll under way, and of a usual poll, milliseconds. */
  busy: number;
  usual: number;
}

/**
 * The loop of one line: opens its link, and opens it again after growing pauses when it is lost; gives every instrument
 * its turn when it is due, one conversation at a time; awaits nothing but its own link. Instruments start staggered. A
 * poll that could not be made in its time is left out, never made up for.
 */
export class Line {
  readonly #link: Link;
  readonly #clock: Clock;
  readonly #observe: (event: DriverEvent) => void;
  readonly #onReadings: (readings: readonly Reading[]) => void;
  readonly #random: () => number;
  readonly #conversation: ModbusConversation;
  readonly #turns: readonly Turn[];
  #running: Promise<void> | undefined;
  #stopping = false;
  #wake = new AbortController();
  #attempts = 0;
  #reopenAt = 0;
  #overloadToldAt = Number.NEGATIVE_INFINITY;

  constructor({ link, framing, instruments, clock, observe, onReadings, random = Math.random }: LineOptions) {
    this.#link = link;
    this.#clock = clock;
    // What a line says because it is being stopped would be taken for a fault.
    this.#observe = (event) => {
      if (!this.#stopping) observe(event);
    };
    this.#onReadings = onReadings;
    this.#random = random;
    const words = framing === 'modbus-tcp' ? modbusTcpFraming() : rtuFraming;
    this.#conversation = new ModbusConversation({ link, framing: words, clock, observe: this.#observe });
    const drivers = instruments.map((instrument) => this.#driverFor(instrument));
    if (drivers.length > 1 && drivers.some(({ talksUnasked }) => talksUnasked)) {
      throw new RangeError(`${link.id}: an instrument that talks unasked must be alone on its line`);
    }
    const now = clock.monotonic();
    this.#turns = drivers.map((driver, index) => ({
      driver,
      due: now + (driver.instrument.settings.every * index) / drivers.length,
      demands: [],
      poll: 'none',
      busy: 0,
      usual: 0,
    }));
    const { needed } = estimateLine(link.characterTime, instruments);
    if (needed > 1) this.#tellOverload(needed);
  }

  /** Begins; doing so twice does nothing. */
  start(): void {
    this.#running ??= this.#run();
  }

  /**
   * Reads one instrument now, before everything that is only due, through the same loop. Its readings go to the asker
   * alone. Rejects with a RangeError for an instrument that is not on this line, or when the line is not running.
   */
  read(instrument: string): Promise<readonly Reading[]> {
    const turn = this.#turns.find(({ driver }) => driver.instrument.settings.id === instrument);
    if (!turn) return Promise.reject(new RangeError(`${this.#link.id}: no instrument ${instrument} on this line`));
    if (!this.#running || this.#stopping) {
      return Promise.reject(new RangeError(`${this.#link.id}: the line is not running`));
    }
    return new Promise((resolve) => {
      turn.demands.push(resolve);
      this.#rouse();
    });
  }

  /** Closes the link, ends the loop, and resolves when both are done: within about a second. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#rouse();
    await this.#link.close();
    await this.#running;
    for (const turn of this.#turns) this.#answerDemands(turn, () => turn.driver.abandon());
  }

  #driverFor(instrument: Instrument): Driver {
    const { profile } = instrument;
    const options = { clock: this.#clock, observe: this.#observe };
    return profile.protocol === 'modbus'
      ? new ModbusDriver({ ...options, instrument: { ...instrument, profile }, conversation: this.#conversation })
      : new PlantowerDriver({ ...options, instrument: { ...instrument, profile }, link: this.#link });
  }

  async #run(): Promise<void> {
    while (!this.#stopping) {
      if (!this.#link.isOpen) {
        await this.#reopen();
        continue;
      }
      const turn = this.#next();
      if (turn) await this.#take(turn);
      else await this.#idle();
    }
  }

  /** Tries to open when it is time to; while the line is lost, every instrument's polls go on, empty. */
  async #reopen(): Promise<void> {
    if (this.#clock.monotonic() >= this.#reopenAt) {
      const fault = await this.#link.open();
      if (this.#stopping) return this.#link.close();
      // A connection that opens and is lost at once must not be tried at full speed, so success resets nothing here.
      const pauseNow = Math.min(longestReopen, firstReopen * 2 ** Math.min(this.#attempts, 10));
      this.#reopenAt = this.#clock.monotonic() + pauseNow * (0.75 + this.#random() / 2);
      this.#attempts += 1;
      if (fault === null) {
        this.#conversation.reset();
        for (const { driver } of this.#turns) driver.reset();
        return;
      }
    }
    const now = this.#clock.monotonic();
    for (const turn of this.#turns) {
      this.#answerDemands(turn, () => turn.driver.abandon());
      if (turn.due > now) continue;
      this.#advance(turn);
      this.#onReadings(turn.driver.abandon());
    }
    const next = Math.min(this.#reopenAt, ...this.#turns.map(({ due }) => due));
    await this.#sleep(next - this.#clock.monotonic());
  }

  /** Whose turn it is: demands first, then the earliest due of those whose slave may be asked. */
  #next(): Turn | undefined {
    const now = this.#clock.monotonic();
    let chosen: Turn | undefined;
    for (const turn of this.#turns) {
      if (this.#wantedAt(turn) > now || turn.driver.readyAt() > now) continue;
      if (!chosen || this.#urgency(turn) < this.#urgency(chosen)) chosen = turn;
    }
    return chosen;
  }

  #urgency({ demands, due }: Turn): number {
    return demands.length > 0 ? Number.NEGATIVE_INFINITY : due;
  }

  #wantedAt({ driver, demands, poll, due }: Turn): number {
    return driver.talksUnasked || demands.length > 0 || poll !== 'none' ? Number.NEGATIVE_INFINITY : due;
  }

  async #take(turn: Turn): Promise<void> {
    const started = this.#clock.monotonic();
    if (turn.poll === 'none') turn.poll = turn.due > started && turn.demands.length > 0 ? 'demanded' : 'scheduled';
    const readings = await turn.driver.step(turn.demands.length > 0);
    turn.busy += this.#clock.monotonic() - started;
    if (this.#stopping) return;
    if (this.#link.isOpen) this.#attempts = 0;
    if (readings === null) return;
    const scheduled = turn.poll === 'scheduled';
    turn.poll = 'none';
    turn.usual = turn.usual === 0 ? turn.busy : turn.usual * 0.8 + turn.busy * 0.2;
    turn.busy = 0;
    if (scheduled) this.#advance(turn);
    if (scheduled) this.#onReadings(readings);
    this.#answerDemands(turn, () => readings);
  }

  /** Moves on to the next due time that lies ahead; what was missed is left out. */
  #advance(turn: Turn): void {
    const { every } = turn.driver.instrument.settings;
    const now = this.#clock.monotonic();
    if (turn.driver.talksUnasked) {
      turn.due = now + every;
      return;
    }
    turn.due += every;
    const late = now - turn.due;
    if (late < every) return;
    turn.due += Math.floor(late / every) * every;
    const needed = this.#turns.reduce((sum, { usual, driver }) => sum + usual / driver.instrument.settings.every, 0);
    if (needed > 1) this.#tellOverload(needed);
  }

  #tellOverload(needed: number): void {
    const now = this.#clock.monotonic();
    if (now - this.#overloadToldAt < overloadEvery) return;
    this.#overloadToldAt = now;
    this.#observe({ kind: 'overload', link: this.#link.id, needed });
  }

  #answerDemands(turn: Turn, readings: () => readonly Reading[]): void {
    if (turn.demands.length === 0) return;
    const answer = readings();
    for (const resolve of turn.demands.splice(0)) resolve(answer);
  }

  /** Waits for the next turn; a late answer that may come meanwhile is heard. */
  async #idle(): Promise<void> {
    const next = Math.min(...this.#turns.map((turn) => Math.max(this.#wantedAt(turn), turn.driver.readyAt())));
    const wait = next - this.#clock.monotonic();
    if (this.#conversation.isOwed) await this.#conversation.listen(Math.min(wait, listenSlice));
    else await this.#sleep(wait);
  }

  async #sleep(milliseconds: number): Promise<void> {
    if (this.#stopping || milliseconds <= 0) return;
    // Capped: a timer of more than 24 days would fire at once.
    await pause(this.#clock, Math.min(milliseconds, 3_600_000), this.#wake.signal);
    if (this.#wake.signal.aborted && !this.#stopping) this.#wake = new AbortController();
  }

  #rouse(): void {
    this.#wake.abort();
  }
}
