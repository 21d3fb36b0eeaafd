import { contains, type Span } from '../../../device-profiles/plan/span.ts';
import type { Cadence } from '../../../device-profiles/profile.ts';
import type { Clock, LocalTime, Monotonic, WallTime } from '../../clock.ts';
import type { Mark, Reading } from '../../reading/reading.ts';
import { BackOff, type Silence } from '../back-off.ts';
import { Condition } from '../condition.ts';
import { type DriverEvent, isSilent, type Outcome } from '../events.ts';
import { type Driver, type Moment, markOfFailure, notHeard } from '../instrument.ts';
import type { OverheardExchange } from '../listening/bus-listener.ts';
import { Gathering } from '../polling/gathering.ts';
import { InstrumentValues } from '../polling/instrument-values.ts';
import { Poll } from '../polling/poll.ts';
import type { ModbusInstrument } from '../polling/poll-values.ts';
import { Preparing } from '../polling/preparing.ts';
import { ReadPlan } from '../polling/read-plan.ts';
import { noMemory, type Tolerances } from '../polling/tolerances.ts';
import { Witness } from '../polling/witness.ts';
import { longestProbeWithin } from '../settings.ts';
import type { ModbusConversation } from './modbus-conversation.ts';
import type { ModbusResult } from './modbus-exchange.ts';

interface ModbusDriverOptions {
  readonly instrument: ModbusInstrument;
  readonly conversation: ModbusConversation;
  readonly clock: Clock;
  /** The zone in which the instrument's own clock runs; without it, its times are not believed. */
  readonly localTime?: LocalTime | undefined;
  readonly observe: (event: DriverEvent) => void;
  /** What is remembered of the instrument from earlier runs; nothing without it. */
  readonly tolerances?: Tolerances;
  /** Longest pause between two attempts at it while it keeps silent, milliseconds, unless the site says otherwise. */
  readonly probeWithin?: number;
  /** 0 up to 1; keeps the attempts at several silent instruments apart. */
  readonly random?: () => number;
}

/** How long an instrument that is stopped may take to answer, milliseconds. */
const longestFarewell = 300;

/** Reads one Modbus instrument by its profile, one request a step, so that others on the line come in between. */
export class ModbusDriver implements Driver {
  readonly instrument: ModbusInstrument;
  readonly talksUnasked = false;
  readonly address: number;
  readonly swapsCheckSums: boolean;
  readonly #options: ModbusDriverOptions;
  readonly #condition: Condition;
  readonly #backOff: BackOff;
  readonly #preparing: Preparing;
  /** The instrument with the profile that it is read by: the variant that it was found to be. */
  #read: ModbusInstrument;
  #plan: ReadPlan;
  #values: InstrumentValues;
  readonly #witness = new Witness();
  readonly #polls = new Map<Cadence, Poll>();
  #underWay = 0;
  /** Cadences whose requests stayed unanswered while others were answered: their silence says nothing of the instrument. */
  readonly #mute = new Set<Cadence>();
  #silencedBy: Cadence | undefined;
  #lastFault: Exclude<Outcome, 'ok'> = 'no-bytes';

  constructor(options: ModbusDriverOptions) {
    const { instrument, clock, observe, random = Math.random } = options;
    this.#options = options;
    const { id, every, probeWithin = options.probeWithin ?? longestProbeWithin } = instrument.settings;
    this.instrument = instrument;
    this.address = addressOf(instrument);
    this.swapsCheckSums = instrument.profile.quirks.crcSwapped;
    this.#condition = new Condition(id, clock, observe);
    this.#backOff = new BackOff({ clock, shortest: every, longest: probeWithin, random });
    this.#preparing = new Preparing({ instrument, address: this.address, clock, observe });
    this.#read = instrument;
    [this.#plan, this.#values] = this.#readingOf(instrument);
  }

  get cadences(): readonly Cadence[] {
    return this.#plan.cadences;
  }

  readyAt(): Monotonic {
    return this.#options.conversation.readyAt(this.address);
  }

  canStep(cadence: Cadence): boolean {
    const { outstanding } = this.instrument.profile.limits;
    if (!this.#preparing.isDone) return this.#underWay === 0;
    return this.#underWay < outstanding && (this.#polls.get(cadence)?.canAsk ?? true);
  }

  silence(): Silence | null {
    return this.#backOff.silence;
  }

  reset(): void {
    this.#polls.clear();
    this.#backOff.tryNow();
    this.#plan.retryUnits();
    this.#witness.reset();
    this.#preparing.renew();
  }

  async step(cadence: Cadence, demanded: boolean): Promise<readonly Reading[] | null> {
    if (!this.#preparing.isDone) {
      const readings = await this.#prepare(cadence, demanded);
      if (readings || !this.#preparing.isDone) return readings;
    }
    const poll = this.#pollOf(cadence, demanded);
    const asked = poll.next();
    if (asked) {
      const result = await this.#ask(asked.request, poll.wouldRetry(asked));
      // It may have been given up meanwhile.
      if (this.#polls.get(cadence) !== poll) return null;
      const wasAnswered = poll.isAnswered;
      poll.take(asked, result);
      if (poll.isAnswered && !wasAnswered) this.#answered(cadence, result.outcome);
    }
    return poll.isComplete ? this.#complete(poll) : null;
  }

  abandon(cadence: Cadence): readonly Reading[] {
    const poll = this.#polls.get(cadence);
    this.#polls.delete(cadence);
    this.#condition.note(false, 'line-lost');
    if (!poll) return this.#nothingOf(cadence, markOfFailure('line-lost'));
    poll.giveUp('line-lost', this.#now());
    return this.#values.conclude(cadence, poll.finish(this.#now()));
  }

  leaveOut(cadence: Cadence): readonly Reading[] {
    return this.#nothingOf(cadence, markOfFailure(this.#lastFault));
  }

  /** Takes the points whose registers were all asked for; those of a frame only together. */
  overhear({ request, data, at: monotonic }: OverheardExchange): readonly Reading[] {
    const { address, ...span } = request.read;
    if (address !== this.address || !this.#preparing.isDecided) return [];
    const units = this.cadences.flatMap((cadence) => this.#plan.units(cadence)).filter((unit) => contains(span, unit));
    if (units.length === 0) return [];
    const at = Math.round(this.#options.clock.wall() - (this.#options.clock.monotonic() - monotonic)) as WallTime;
    this.#condition.note(true, data ? 'ok' : 'exception');
    return this.#values.overhear(units, span, data, { at, monotonic });
  }

  unheard(cadence: Cadence): readonly Reading[] {
    return this.#nothingOf(cadence, notHeard);
  }

  /** Who does not answer is not waited for long: it is only being polite. */
  get farewell(): Driver['farewell'] {
    const { stop, limits } = this.#read.profile;
    if (stop.length === 0) return undefined;
    return async () => {
      if (!this.#preparing.isDone || this.#condition.isNotAnswering) return;
      for (const { register, ...request } of stop) {
        const timeout = Math.min(limits.timeoutMs, longestFarewell);
        await this.#ask({ ...request, start: register }, true, timeout);
      }
    };
  }

  /** `hasty`: it is sent again if it fails now; silence is believed only after the whole timeout. */
  async #ask(span: Span, hasty: boolean, timeout = this.#read.profile.limits.timeoutMs): Promise<ModbusResult> {
    const { limits, quirks } = this.#read.profile;
    const { functionCode, start, count } = span;
    this.#underWay += 1;
    const result = await this.#options.conversation.ask({
      instrument: this.instrument.settings.id,
      address: this.address,
      functionCode,
      start,
      count,
      crcSwapped: quirks.crcSwapped,
      timeout,
      gap: limits.gapMs,
      turnAround: limits.turnAroundMs,
      hasty,
    });
    this.#underWay -= 1;
    return result;
  }

  /** One step of the preparation; readings where it comes to nothing, so that the periods of the instrument go on. */
  async #prepare(cadence: Cadence, demanded: boolean): Promise<readonly Reading[] | null> {
    const preparing = this.#preparing;
    preparing.tryAgain();
    const { next } = preparing;
    if (next) {
      const mayRetry = preparing.mayRetry && (demanded || !this.#condition.isNotAnswering);
      const result = await this.#ask(next, mayRetry);
      const { outcome } = result;
      // The line may have been opened anew meanwhile.
      if (preparing.next !== next) return null;
      if (outcome === 'line-lost') return this.abandon(cadence);
      if (outcome !== 'ok' && outcome !== 'exception') {
        if (mayRetry) preparing.failed();
        else return this.#preparedInVain(cadence, demanded, outcome);
        return null;
      }
      preparing.take(result);
      this.#answered(cadence, outcome);
    }
    if (preparing.isUndecided) return this.#nothingOf(cadence, undecided);
    if (preparing.isDone) {
      this.#readAs(preparing.instrument);
      preparing.tellIdentity();
    }
    return null;
  }

  #preparedInVain(cadence: Cadence, demanded: boolean, outcome: Exclude<Outcome, 'ok'>): readonly Reading[] {
    this.#preparing.renew();
    this.#lastFault = outcome;
    this.#failed(cadence, demanded, outcome);
    return this.#nothingOf(cadence, markOfFailure(outcome));
  }

  #readAs(instrument: ModbusInstrument): void {
    if (instrument.profile !== this.#read.profile) {
      this.#read = instrument;
      [this.#plan, this.#values] = this.#readingOf(instrument);
    }
    this.#values.know(this.#preparing.auxiliaries);
  }

  #readingOf(instrument: ModbusInstrument): [ReadPlan, InstrumentValues] {
    const { clock, observe, localTime, tolerances = noMemory } = this.#options;
    return [
      new ReadPlan({ instrument, clock, tolerances, observe }),
      new InstrumentValues({ instrument, clock, localTime, observe }),
    ];
  }

  /**
   * An instrument that did not answer last time gets one request and no retry, so that it costs the line one timeout;
   * which request is tried goes round, since some instruments keep silent about registers they do not have.
   */
  #pollOf(cadence: Cadence, demanded: boolean): Poll {
    const underWay = this.#polls.get(cadence);
    if (underWay) return underWay;
    const isProbe = this.#condition.isNotAnswering;
    const requests = this.#plan.inTurn(cadence, isProbe);
    const once = (isProbe && !demanded) || this.#mute.has(cadence);
    const parts = { instrument: this.#read, plan: this.#plan, witness: this.#witness };
    const values = this.#values.begin(cadence);
    const poll = new Poll({ ...parts, values, cadence, demanded, isProbe, once, requests });
    this.#polls.set(cadence, poll);
    return poll;
  }

  #complete(poll: Poll): readonly Reading[] {
    this.#polls.delete(poll.cadence);
    const { failure } = poll;
    if (failure) this.#lastFault = failure;
    const saysNothing = this.#mute.has(poll.cadence) && this.#backOff.silence === null;
    if (failure === 'line-lost') this.#condition.note(false, failure);
    else if (failure && !poll.isAnswered && !saysNothing) this.#failed(poll.cadence, poll.demanded, failure);
    this.#plan.tell();
    return this.#values.conclude(poll.cadence, poll.finish(this.#now()));
  }

  #answered(cadence: Cadence, outcome: Outcome): void {
    if (this.#silencedBy !== undefined && this.#silencedBy !== cadence) this.#mute.add(this.#silencedBy);
    this.#silencedBy = undefined;
    this.#mute.delete(cadence);
    this.#backOff.end();
    // Who was away may have been exchanged or set up anew.
    if (this.#condition.isNotAnswering) this.#plan.retryUnits();
    this.#condition.note(true, outcome);
  }

  #failed(cadence: Cadence, demanded: boolean, outcome: Outcome): void {
    this.#condition.note(false, outcome);
    // Who sends something is there: noise and wrong settings cost less time than silence, and data besides.
    if (!isSilent(outcome) && outcome !== 'foreign-slave') return;
    this.#silencedBy ??= cadence;
    // It may have lost its power: then it has to be started again, and may be another one.
    this.#preparing.renew();
    // Somebody who asks again and again must not make the pauses longer.
    if (!demanded || this.#backOff.silence === null) this.#backOff.grow();
  }

  #nothingOf(cadence: Cadence, mark: Mark): readonly Reading[] {
    const values = this.#values.begin(cadence);
    new Gathering(values, this.#plan.units(cadence)).missRest(mark, this.#now());
    return this.#values.conclude(cadence, values);
  }

  #now(): Moment {
    return { at: this.#options.clock.wall(), monotonic: this.#options.clock.monotonic() };
  }
}

/** The mark of every value while it is not known which variant of its profile the instrument is. */
const undecided: Mark = { flag: 'B', reason: 'configuration', basis: 'observed' };

/** The slave address: the site's, else the one as delivered. Throws a RangeError where neither is known. */
function addressOf({ settings, profile }: ModbusInstrument): number {
  const address = settings.address ?? profile.address.default;
  if (address === undefined) throw new RangeError(`${settings.id}: ${profile.profile} has no address as delivered`);
  return address;
}
