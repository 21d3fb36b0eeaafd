import { type Clock, type Monotonic, pause } from '../../clock.ts';
import type { Link } from '../../link/link.ts';
import type { Reading } from '../../reading/reading.ts';
import { estimateLine } from '../estimate.ts';
import type { DriverEvent } from '../events.ts';
import type { Driver } from '../instrument.ts';
import type { SilentLine } from '../listening/silent-line.ts';
import type { ModbusConversation } from '../modbus/modbus-conversation.ts';
import type { ModbusQuestion, ModbusResult } from '../modbus/modbus-exchange.ts';
import { Exploring, type ExploringRefusal, ExploringRefused } from './exploring.ts';
import { assembleLine, type LineOptions } from './line-assembly.ts';
import { bearsModbus } from './line-drivers.ts';
import { Load } from './load.ts';
import { Reopening } from './reopening.ts';
import { Schedule } from './schedule.ts';
import { Demand, type Turn } from './turn.ts';

export type { LineOptions } from './line-assembly.ts';

/** While a late answer is awaited the line is heard; so long at a time, milliseconds, so that other work is not held up. */
const listenSlice = 100;
/** How long a line that stops waits for what is under way before it takes leave of its instruments, milliseconds. */
const longestLeave = 1000;

/**
 * The loop of one line: opens its link, and opens it again after growing pauses when it is lost; gives every instrument
 * its turn as the schedule says, one conversation at a time; awaits nothing but its own link. Instruments start
 * staggered. One that keeps silent is left alone for growing pauses, and its periods go on, empty.
 */
export class Line {
  readonly #link: Link;
  readonly #clock: Clock;
  readonly #observe: (event: DriverEvent) => void;
  readonly #onReadings: (readings: readonly Reading[]) => void;
  readonly #conversation: ModbusConversation;
  readonly #drivers: readonly Driver[];
  readonly #turns: readonly Turn[];
  readonly #schedule = new Schedule();
  readonly #load: Load;
  readonly #reopening: Reopening;
  readonly #exploring = new Exploring();
  /** The line while nothing may be sent on it; undefined where nobody else can be heard. */
  readonly #silent: SilentLine | undefined;
  #running: Promise<void> | undefined;
  /** Steps under way side by side, on a link that takes several requests at once. */
  readonly #underWay = new Set<Promise<void>>();
  /** When a step last ended: the line's time since then belongs to those that are under way. */
  #endedAt: number;
  #stopping = false;
  #wake = new AbortController();

  constructor(options: LineOptions) {
    const { link, instruments, clock, observe, onReadings, random = Math.random } = options;
    this.#link = link;
    this.#clock = clock;
    // What a line says because it is being stopped would be taken for a fault.
    this.#observe = (event) => {
      if (!this.#stopping) observe(event);
    };
    this.#onReadings = onReadings;
    const { conversation, drivers, turns, silent } = assembleLine({ ...options, observe: this.#observe });
    this.#conversation = conversation;
    this.#drivers = drivers;
    this.#turns = turns;
    this.#silent = silent;
    const now = clock.monotonic();
    this.#endedAt = now;
    this.#reopening = new Reopening(link, clock, random);
    this.#load = new Load(now);
    const { needed } = estimateLine(link.characterTime, instruments);
    if (needed <= 1) return;
    this.#load.noteExpected();
    this.#observe({ kind: 'overload', link: link.id, needed });
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
    const driver = this.#drivers.find((one) => one.instrument.settings.id === instrument);
    if (!driver) return Promise.reject(new RangeError(`${this.#link.id}: no instrument ${instrument} on this line`));
    if (!this.#running || this.#stopping) {
      return Promise.reject(new RangeError(`${this.#link.id}: the line is not running`));
    }
    return new Promise((resolve) => {
      const turns = this.#turns.filter((turn) => turn.driver === driver);
      const demand = new Demand(turns.length, resolve);
      for (const turn of turns) turn.demands.push(demand);
      this.#rouse();
    });
  }

  /**
   * Asks a question that belongs to no instrument of the site, such as a search does, where it holds up no poll.
   * Rejects with {@link ExploringRefused} where it is not asked.
   */
  explore(question: ModbusQuestion): Promise<ModbusResult> {
    const refuse = (reason: ExploringRefusal, why: string) =>
      Promise.reject(new ExploringRefused(reason, `${this.#link.id}: ${why}`));
    if (!this.#running || this.#stopping) return refuse('not-running', 'the line is not running');
    if (!this.#drivers.every(({ instrument }) => bearsModbus(instrument.profile))) {
      return refuse('other-protocol', 'an instrument that does not speak Modbus has this line to itself');
    }
    if (this.#silent?.refusal) return refuse(this.#silent.refusal.reason, this.#silent.refusal.message);
    const result = this.#exploring.ask(question);
    this.#rouse();
    return result;
  }

  /**
   * Closes the link, ends the loop, and resolves when both are done: within about a second, and another where instruments
   * have to be stopped first.
   */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#rouse();
    await this.#takeLeave();
    await this.#link.close();
    await this.#running;
    for (const turn of this.#turns) this.#answerDemands(turn, () => turn.driver.abandon(turn.cadence));
    this.#exploring.end('not-running', `${this.#link.id}: the line was stopped`);
  }

  /** Stops what was started on instruments, once the request that is under way has ended. */
  async #takeLeave(): Promise<void> {
    const farewells = this.#drivers.flatMap(({ farewell }) => farewell ?? []);
    if (farewells.length === 0 || !this.#running || !this.#link.isOpen) return;
    const patience = new AbortController();
    const isOver = this.#running.then(() => true);
    const isLate = pause(this.#clock, longestLeave, patience.signal).then(() => false);
    if (await Promise.race([isOver, isLate])) for (const farewell of farewells) await farewell();
    patience.abort();
  }

  async #run(): Promise<void> {
    while (!this.#stopping) {
      if (!this.#link.isOpen) {
        await Promise.all(this.#underWay);
        await this.#reopen();
        continue;
      }
      if (this.#silent && !this.#silent.maySpeak) {
        await this.#silent.spend(this.#turns);
        const { refusal } = this.#silent;
        if (refusal) this.#exploring.end(refusal.reason, `${this.#link.id}: ${refusal.message}`);
        continue;
      }
      this.#leaveOutSilent();
      if (this.#exploresNow()) {
        await this.#exploring.next(this.#askAlone, () => this.#clock.monotonic(), this.#readyAt);
        continue;
      }
      const turn = this.#next();
      if (turn) await this.#begin(turn);
      else await this.#idle();
    }
    await Promise.all(this.#underWay);
  }

  /** True if a search may ask now; nobody must wait for an instrument of the site meanwhile. */
  #exploresNow(): boolean {
    if (this.#exploring.isEmpty || this.#turns.some((turn) => this.#isFirst(turn))) return false;
    const now = this.#clock.monotonic();
    const free = Math.min(...this.#turns.map((turn) => this.#possibleAt(turn))) - now;
    return this.#exploring.isTimely(now, free, this.#link.characterTime, this.#readyAt);
  }

  readonly #readyAt = (address: number): number => this.#conversation.readyAt(address);

  readonly #askAlone = async (question: ModbusQuestion): Promise<ModbusResult> => {
    await Promise.all(this.#underWay);
    return this.#conversation.ask(question);
  };

  /** Takes the turn; where the link takes several requests at once, the next one need not wait for its end. */
  async #begin(turn: Turn): Promise<void> {
    if (this.#conversation.outstanding === 1) return this.#take(turn);
    const taken = this.#take(turn).finally(() => {
      this.#underWay.delete(taken);
      this.#rouse();
    });
    this.#underWay.add(taken);
  }

  /** Tries to open when it is time to; while the line is lost, every instrument's periods go on, empty. */
  async #reopen(): Promise<void> {
    const attempt = await this.#reopening.attempt();
    if (this.#stopping) return this.#link.close();
    const now = this.#clock.monotonic();
    if (attempt === 'opened') {
      this.#conversation.reset();
      this.#silent?.reset();
      for (const turn of this.#turns) if (turn.isCutOffAgain) this.#miss(turn, now);
      for (const driver of this.#drivers) driver.reset();
      for (const turn of this.#turns) turn.reset(this.#schedule, now);
      return;
    }
    if (attempt !== 'not-yet') this.#exploring.end('line-fault', attempt.message);
    for (const turn of this.#turns) this.#miss(turn, now);
    const dues = this.#turns.map(({ due }) => this.#schedule.momentOf(due));
    await this.#sleep(Math.min(this.#reopening.next, ...dues) - this.#clock.monotonic());
  }

  /** The line is lost: who waits is answered, and a period of the schedule that has begun stays empty. */
  #miss(turn: Turn, now: Monotonic): void {
    const isDue = this.#schedule.isDue(turn, now);
    if (!isDue && !turn.isDemanded) return;
    const readings = turn.driver.abandon(turn.cadence);
    this.#answerDemands(turn, () => readings);
    if (isDue) this.#pass(turn, readings, now);
  }

  #leaveOutSilent(): void {
    const now = this.#clock.monotonic();
    for (const turn of this.#turns) {
      if (turn.isLeftOut(this.#schedule, now)) this.#pass(turn, turn.driver.leaveOut(turn.cadence), now);
    }
  }

  #pass(turn: Turn, readings: readonly Reading[], now: Monotonic): void {
    turn.pass(this.#schedule, readings, now);
    this.#onReadings(readings);
  }

  /** Whose turn it is: demands first, then the earliest deadline of those whose slave may be asked. */
  #next(): Turn | undefined {
    if (this.#underWay.size >= this.#conversation.outstanding) return undefined;
    const now = this.#clock.monotonic();
    let chosen: Turn | undefined;
    let earliest = Number.POSITIVE_INFINITY;
    for (const turn of this.#turns) {
      if (this.#possibleAt(turn) > now) continue;
      const deadline = this.#isFirst(turn) ? Number.NEGATIVE_INFINITY : turn.deadline(this.#schedule);
      if (chosen && deadline >= earliest) continue;
      chosen = turn;
      earliest = deadline;
    }
    if (chosen && !this.#isFirst(chosen)) this.#schedule.keep(earliest, now);
    return chosen;
  }

  /** True for what comes before the schedule: what somebody waits for, and a stream that must be heard. */
  #isFirst({ driver, isDemanded }: Turn): boolean {
    return driver.talksUnasked || isDemanded;
  }

  /** When the turn is wanted and its slave may be asked; never, while enough of it is under way. */
  #possibleAt(turn: Turn): number {
    const { driver, cadence } = turn;
    if (this.#underWay.size > 0 && !driver.canStep(cadence)) return Number.POSITIVE_INFINITY;
    const isWanted = this.#isFirst(turn) || turn.isUnderWay;
    return Math.max(isWanted ? Number.NEGATIVE_INFINITY : this.#schedule.momentOf(turn.due), driver.readyAt());
  }

  async #take(turn: Turn): Promise<void> {
    const { driver, cadence } = turn;
    const began = this.#clock.monotonic();
    const wasSilent = driver.silence() !== null;
    turn.begin(this.#schedule, began);
    const readings = await driver.step(cadence, turn.isDemanded);
    const now = this.#clock.monotonic();
    turn.stepped(Math.max(began, this.#endedAt) as Monotonic, now);
    this.#endedAt = now;
    if (this.#stopping) return;
    if (this.#link.isOpen) this.#reopening.settle();
    if (wasSilent && driver.silence() === null) this.#catchUp(driver, now);
    if (readings === null) return;
    if (turn.end(this.#schedule, readings, now)) this.#onReadings(readings);
    this.#answerDemands(turn, () => readings);
    this.#weigh(now);
  }

  #catchUp(driver: Driver, now: Monotonic): void {
    for (const turn of this.#turns) if (turn.driver === driver) turn.catchUp(this.#schedule, now);
  }

  #weigh(now: Monotonic): void {
    const needed = this.#turns.reduce((sum, turn) => sum + turn.needed, 0);
    this.#schedule.weigh({ needed, round: this.#turns.reduce((sum, turn) => sum + turn.usual, 0) });
    if (!this.#load.isNews(needed, this.#schedule.heldBack, now)) return;
    this.#observe({ kind: 'overload', link: this.#link.id, needed });
  }

  #answerDemands(turn: Turn, readings: () => readonly Reading[]): void {
    if (turn.demands.length === 0) return;
    const answer = readings();
    for (const demand of turn.demands.splice(0)) demand.give(answer);
  }

  /** Waits for the next turn; a late answer that may come meanwhile is heard. */
  async #idle(): Promise<void> {
    const isFull = this.#underWay.size >= this.#conversation.outstanding;
    const moments = this.#turns.map((turn) =>
      Math.min(isFull ? Number.POSITIVE_INFINITY : this.#possibleAt(turn), turn.passesAt(this.#schedule)),
    );
    const now = this.#clock.monotonic();
    if (!this.#exploring.isEmpty) moments.push(this.#exploring.lookAgainAt(now, this.#readyAt));
    // At least a little: a loop that found nothing to do must never turn on the spot.
    const wait = Math.max(1, Math.min(...moments) - now);
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
