import { contains } from '../../device-profiles/plan/span.ts';
import { type ModbusRequest, planRequests } from '../../device-profiles/plan.ts';
import type { Cadence, ModbusPoint, ModbusProfile } from '../../device-profiles/profile.ts';
import type { Clock, Monotonic, WallTime } from '../clock.ts';
import type { Reading } from '../reading/reading.ts';
import { BackOff, type Silence } from './back-off.ts';
import type { OverheardExchange } from './bus-listener.ts';
import { Condition } from './condition.ts';
import { type DriverEvent, isSilent, type Outcome } from './events.ts';
import { type Driver, type Instrument, type Moment, markOfFailure, notHeard, wantedPoints } from './instrument.ts';
import type { ModbusConversation } from './modbus-conversation.ts';
import type { ModbusResult } from './modbus-exchange.ts';
import { Gathering, type PointRequest } from './polling/gathering.ts';
import { type Asked, Poll } from './polling/poll.ts';
import { ReadPlan } from './polling/read-plan.ts';
import { noMemory, type Tolerances } from './polling/tolerances.ts';
import { Witness } from './polling/witness.ts';
import { longestProbeWithin } from './settings.ts';

export interface ModbusDriverOptions {
  readonly instrument: Instrument & { readonly profile: ModbusProfile };
  readonly conversation: ModbusConversation;
  readonly clock: Clock;
  readonly observe: (event: DriverEvent) => void;
  /** What is remembered of the instrument from earlier runs; nothing without it. */
  readonly tolerances?: Tolerances;
  /** Longest pause between two attempts at it while it keeps silent, milliseconds, unless the site says otherwise. */
  readonly probeWithin?: number;
  /** 0 up to 1; keeps the attempts at several silent instruments apart. */
  readonly random?: () => number;
}

/** Reads one Modbus instrument by its profile, one request a step, so that others on the line come in between. */
export class ModbusDriver implements Driver {
  readonly instrument: Instrument & { readonly profile: ModbusProfile };
  readonly talksUnasked = false;
  readonly address: number;
  readonly swapsCheckSums: boolean;
  readonly #conversation: ModbusConversation;
  readonly #clock: Clock;
  readonly #condition: Condition;
  readonly #backOff: BackOff;
  readonly #plan: ReadPlan;
  readonly #witness = new Witness();
  readonly #polls = new Map<Cadence, Poll>();
  #underWay = 0;
  /** Which request the next probe tries. */
  readonly #first = new Map<Cadence, number>();
  /** Cadences whose requests stayed unanswered while others were answered: their silence says nothing of the instrument. */
  readonly #mute = new Set<Cadence>();
  #silencedBy: Cadence | undefined;
  #lastFault: Exclude<Outcome, 'ok'> = 'no-bytes';

  constructor(options: ModbusDriverOptions) {
    const { instrument, conversation, clock, observe, tolerances = noMemory, random = Math.random } = options;
    const { id, every, probeWithin = options.probeWithin ?? longestProbeWithin } = instrument.settings;
    this.instrument = instrument;
    this.address = addressOf(instrument);
    this.swapsCheckSums = instrument.profile.quirks.crcSwapped;
    this.#conversation = conversation;
    this.#clock = clock;
    this.#condition = new Condition(id, clock, observe);
    this.#backOff = new BackOff({ clock, shortest: every, longest: probeWithin, random });
    this.#plan = new ReadPlan({ instrument, clock, tolerances, observe });
  }

  get cadences(): readonly Cadence[] {
    return this.#plan.cadences;
  }

  readyAt(): Monotonic {
    return this.#conversation.readyAt(this.address);
  }

  canStep(cadence: Cadence): boolean {
    const { outstanding } = this.instrument.profile.limits;
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
  }

  async step(cadence: Cadence, demanded: boolean): Promise<readonly Reading[] | null> {
    const poll = this.#pollOf(cadence, demanded);
    const asked = poll.next();
    if (asked) {
      this.#underWay += 1;
      const result = await this.#ask(poll, asked);
      this.#underWay -= 1;
      // It may have been given up meanwhile.
      if (this.#polls.get(cadence) !== poll) return null;
      const wasAnswered = poll.isAnswered;
      poll.take(asked, result);
      if (poll.isAnswered && !wasAnswered) this.#answered(poll, result.outcome);
    }
    return poll.isComplete ? this.#complete(poll) : null;
  }

  abandon(cadence: Cadence): readonly Reading[] {
    const poll = this.#polls.get(cadence);
    this.#polls.delete(cadence);
    this.#condition.note(false, 'line-lost');
    if (!poll) return this.#nothingOf(cadence, 'line-lost');
    poll.giveUp('line-lost', this.#now());
    return poll.finish(this.#now());
  }

  leaveOut(cadence: Cadence): readonly Reading[] {
    return this.#nothingOf(cadence, this.#lastFault);
  }

  /** Takes the points whose registers were all asked for; those of a frame only together. */
  overhear({ request, data, at: monotonic }: OverheardExchange): readonly Reading[] {
    const { address, functionCode, start, count } = request.read;
    if (address !== this.address) return [];
    const units = this.cadences
      .flatMap((cadence) => this.#plan.units(cadence))
      .filter((unit) => contains({ functionCode, start, count }, unit));
    if (units.length === 0) return [];
    const at = Math.round(this.#clock.wall() - (this.#clock.monotonic() - monotonic)) as WallTime;
    const gathering = new Gathering(this.instrument, units);
    const span = {
      functionCode,
      start,
      count,
      units,
      reads: units.flatMap(({ reads }) => reads),
      cadence: 'fast',
    } as const;
    if (data) gathering.take(span, { outcome: 'ok', data, exception: null, at, monotonic });
    else gathering.missRest(markOfFailure('exception'), { at, monotonic });
    this.#condition.note(true, data ? 'ok' : 'exception');
    return gathering.readings;
  }

  unheard(cadence: Cadence): readonly Reading[] {
    const gathering = new Gathering(this.instrument, this.#plan.units(cadence));
    gathering.missRest(notHeard, this.#now());
    return gathering.readings;
  }

  #ask(poll: Poll, asked: Asked): Promise<ModbusResult> {
    const { limits, quirks } = this.instrument.profile;
    const { functionCode, start, count } = asked.request;
    return this.#conversation.ask({
      instrument: this.instrument.settings.id,
      address: this.address,
      functionCode,
      start,
      count,
      crcSwapped: quirks.crcSwapped,
      timeout: limits.timeoutMs,
      gap: limits.gapMs,
      turnAround: limits.turnAroundMs,
      // Silence is believed only after the whole timeout.
      hasty: poll.wouldRetry(asked),
    });
  }

  /**
   * An instrument that did not answer last time gets one request and no retry, so that it costs the line one timeout;
   * which request is tried goes round, since some instruments keep silent about registers they do not have.
   */
  #pollOf(cadence: Cadence, demanded: boolean): Poll {
    const underWay = this.#polls.get(cadence);
    if (underWay) return underWay;
    const isProbe = this.#condition.isNotAnswering;
    const requests = this.#inTurn(cadence, isProbe);
    const once = (isProbe && !demanded) || this.#mute.has(cadence);
    const parts = { instrument: this.instrument, plan: this.#plan, witness: this.#witness };
    const poll = new Poll({ ...parts, cadence, demanded, isProbe, once, requests });
    this.#polls.set(cadence, poll);
    return poll;
  }

  #inTurn(cadence: Cadence, isProbe: boolean): readonly PointRequest[] {
    const requests = this.#plan.requests(cadence);
    // One that refuses silently may be silent at everything but a single value.
    const isPicky = isProbe && this.instrument.profile.quirks.silentRefusal;
    const choice = isPicky ? [...requests, ...this.#plan.singles(cadence)] : requests;
    const first = ((this.#first.get(cadence) ?? 0) + (isProbe ? 1 : 0)) % Math.max(1, choice.length);
    this.#first.set(cadence, first);
    const single = first < requests.length ? undefined : choice[first];
    return single ? [single, ...requests] : [...requests.slice(first), ...requests.slice(0, first)];
  }

  #complete(poll: Poll): readonly Reading[] {
    this.#polls.delete(poll.cadence);
    const { failure } = poll;
    if (failure) this.#lastFault = failure;
    const saysNothing = this.#mute.has(poll.cadence) && this.#backOff.silence === null;
    if (failure === 'line-lost') this.#condition.note(false, failure);
    else if (failure && !poll.isAnswered && !saysNothing) this.#failed(poll, failure);
    this.#plan.tell();
    return poll.finish(this.#now());
  }

  #answered(poll: Poll, outcome: Outcome): void {
    if (this.#silencedBy !== undefined && this.#silencedBy !== poll.cadence) this.#mute.add(this.#silencedBy);
    this.#silencedBy = undefined;
    this.#mute.delete(poll.cadence);
    this.#backOff.end();
    // Who was away may have been exchanged or set up anew.
    if (this.#condition.isNotAnswering) this.#plan.retryUnits();
    this.#condition.note(true, outcome);
  }

  #failed(poll: Poll, outcome: Outcome): void {
    this.#condition.note(false, outcome);
    // Who sends something is there: noise and wrong settings cost less time than silence, and data besides.
    if (!isSilent(outcome) && outcome !== 'foreign-slave') return;
    this.#silencedBy ??= poll.cadence;
    // Somebody who asks again and again must not make the pauses longer.
    if (!poll.demanded || this.#backOff.silence === null) this.#backOff.grow();
  }

  #nothingOf(cadence: Cadence, outcome: Exclude<Outcome, 'ok'>): readonly Reading[] {
    const gathering = new Gathering(this.instrument, this.#plan.units(cadence));
    gathering.missRest(markOfFailure(outcome), this.#now());
    return gathering.readings;
  }

  #now(): Moment {
    return { at: this.#clock.wall(), monotonic: this.#clock.monotonic() };
  }
}

/** The slave address: the site's, else the one as delivered. */
export function addressOf({ settings, profile }: Instrument & { readonly profile: ModbusProfile }): number {
  return settings.address ?? profile.address.default;
}

/** The requests that read what the site wants of this instrument, as long as it refuses none. */
export function requestsOf(instrument: Instrument & { readonly profile: ModbusProfile }): ModbusRequest<ModbusPoint>[] {
  return planRequests(instrument.profile, wantedPoints(instrument, instrument.profile.points));
}
