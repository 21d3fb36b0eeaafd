import { decodeModbus, unpackModbusData } from '../../device-profiles/decode.ts';
import { type ModbusRequest, planRequests } from '../../device-profiles/plan.ts';
import type { Cadence, ModbusProfile } from '../../device-profiles/profile.ts';
import type { Clock, Monotonic } from '../clock.ts';
import type { Reading } from '../reading/reading.ts';
import { BackOff, type Silence } from './back-off.ts';
import { Condition } from './condition.ts';
import { type DriverEvent, isSilent, type Outcome } from './events.ts';
import {
  type Driver,
  type Instrument,
  type Moment,
  markOfFailure,
  missing,
  readingOf,
  wantedPoints,
} from './instrument.ts';
import type { ModbusConversation } from './modbus-conversation.ts';
import type { ModbusResult } from './modbus-exchange.ts';
import { longestProbeWithin } from './settings.ts';

export interface ModbusDriverOptions {
  readonly instrument: Instrument & { readonly profile: ModbusProfile };
  readonly conversation: ModbusConversation;
  readonly clock: Clock;
  readonly observe: (event: DriverEvent) => void;
  /** Longest pause between two attempts at it while it keeps silent, milliseconds, unless the site says otherwise. */
  readonly probeWithin?: number;
  /** 0 up to 1; keeps the attempts at several silent instruments apart. */
  readonly random?: () => number;
}

interface Poll {
  readonly cadence: Cadence;
  readonly waiting: ModbusRequest[];
  readonly readings: Reading[];
  readonly demanded: boolean;
  retriesLeft: number;
  answered: boolean;
}

/** Reads one Modbus instrument by its profile, one request a step, so that others on the line come in between. */
export class ModbusDriver implements Driver {
  readonly instrument: Instrument & { readonly profile: ModbusProfile };
  readonly talksUnasked = false;
  readonly address: number;
  readonly #conversation: ModbusConversation;
  readonly #clock: Clock;
  readonly #condition: Condition;
  readonly #backOff: BackOff;
  readonly #requests: ReadonlyMap<Cadence, readonly ModbusRequest[]>;
  readonly #polls = new Map<Cadence, Poll>();
  readonly #stepping = new Set<Cadence>();
  /** Which request the next probe tries. */
  readonly #first = new Map<Cadence, number>();
  /** Cadences whose requests stayed unanswered while others were answered: their silence says nothing of the instrument. */
  readonly #mute = new Set<Cadence>();
  #silencedBy: Cadence | undefined;
  #lastFault: Exclude<Outcome, 'ok'> = 'no-bytes';

  constructor(options: ModbusDriverOptions) {
    const { instrument, conversation, clock, observe, random = Math.random } = options;
    const { id, every, probeWithin = options.probeWithin ?? longestProbeWithin } = instrument.settings;
    this.instrument = instrument;
    this.address = addressOf(instrument);
    this.#conversation = conversation;
    this.#clock = clock;
    this.#condition = new Condition(id, clock, observe);
    this.#backOff = new BackOff({ clock, shortest: every, longest: probeWithin, random });
    this.#requests = Map.groupBy(requestsOf(instrument), ({ points }) => points[0]?.cadence ?? 'fast');
  }

  get cadences(): readonly Cadence[] {
    return [...this.#requests.keys()];
  }

  readyAt(): Monotonic {
    return this.#conversation.readyAt(this.address);
  }

  canStep(cadence: Cadence): boolean {
    return !this.#stepping.has(cadence);
  }

  silence(): Silence | null {
    return this.#backOff.silence;
  }

  reset(): void {
    this.#polls.clear();
    this.#backOff.tryNow();
  }

  async step(cadence: Cadence, demanded: boolean): Promise<readonly Reading[] | null> {
    const poll = this.#pollOf(cadence, demanded);
    const request = poll.waiting[0];
    if (!request) {
      // The site wants no point of it, so nothing is known of it either.
      this.#polls.delete(cadence);
      return poll.readings;
    }
    const { limits, quirks } = this.instrument.profile;
    this.#stepping.add(cadence);
    const result = await this.#conversation.ask({
      instrument: this.instrument.settings.id,
      address: this.address,
      functionCode: request.functionCode,
      start: request.start,
      count: request.count,
      crcSwapped: quirks.crcSwapped,
      timeout: limits.timeoutMs,
      gap: limits.gapMs,
      turnAround: limits.turnAroundMs,
      // Silence is believed only after the whole timeout.
      hasty: poll.retriesLeft > 0,
    });
    this.#stepping.delete(cadence);
    return this.#take(poll, request, result);
  }

  abandon(cadence: Cadence): readonly Reading[] {
    const poll = this.#pollOf(cadence, false);
    this.#polls.delete(cadence);
    this.#missAll(poll, 'line-lost');
    this.#condition.note(false, 'line-lost');
    return poll.readings;
  }

  leaveOut(cadence: Cadence): readonly Reading[] {
    const poll = this.#pollOf(cadence, false);
    this.#polls.delete(cadence);
    this.#missAll(poll, this.#lastFault);
    return poll.readings;
  }

  /**
   * An instrument that did not answer last time gets one request and no retry, so that it costs the line one timeout;
   * which request is tried goes round, since some instruments keep silent about registers they do not have.
   */
  #pollOf(cadence: Cadence, demanded: boolean): Poll {
    const underWay = this.#polls.get(cadence);
    if (underWay) return underWay;
    const requests = this.#requests.get(cadence) ?? [];
    const probe = this.#condition.isNotAnswering;
    const first = ((this.#first.get(cadence) ?? 0) + (probe ? 1 : 0)) % Math.max(1, requests.length);
    this.#first.set(cadence, first);
    const waiting = [...requests.slice(first), ...requests.slice(0, first)];
    const once = (probe && !demanded) || this.#mute.has(cadence);
    const retriesLeft = once ? 0 : this.instrument.profile.limits.retries;
    const poll = { cadence, waiting, readings: [], demanded, retriesLeft, answered: false };
    this.#polls.set(cadence, poll);
    return poll;
  }

  #take(poll: Poll, request: ModbusRequest, result: ModbusResult): readonly Reading[] | null {
    const { outcome } = result;
    const { limits } = this.instrument.profile;
    if (outcome === 'line-lost') return this.abandon(poll.cadence);
    if (outcome === 'ok' || outcome === 'exception') {
      if (outcome === 'ok') this.#decode(poll, request, result);
      else this.#miss(poll, request, outcome, result);
      this.#answered(poll, outcome);
      poll.retriesLeft = limits.retries;
      poll.waiting.shift();
    } else if (poll.retriesLeft > 0) {
      poll.retriesLeft -= 1;
      return null;
    } else {
      // Silence at the first request is taken for the whole instrument; asking on would only cost the others time.
      const given = isSilent(outcome) && !poll.answered ? poll.waiting.splice(0) : poll.waiting.splice(0, 1);
      for (const unread of given) this.#miss(poll, unread, outcome, result);
      poll.retriesLeft = poll.answered ? limits.retries : 0;
      this.#lastFault = outcome;
    }
    return poll.waiting.length > 0 ? null : this.#complete(poll, outcome);
  }

  #complete(poll: Poll, outcome: Outcome): readonly Reading[] {
    this.#polls.delete(poll.cadence);
    const saysNothing = this.#mute.has(poll.cadence) && this.#backOff.silence === null;
    if (!poll.answered && !saysNothing) this.#failed(poll, outcome);
    return poll.readings;
  }

  #answered(poll: Poll, outcome: Outcome): void {
    if (poll.answered) return;
    poll.answered = true;
    if (this.#silencedBy !== undefined && this.#silencedBy !== poll.cadence) this.#mute.add(this.#silencedBy);
    this.#silencedBy = undefined;
    this.#mute.delete(poll.cadence);
    this.#backOff.end();
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

  #missAll(poll: Poll, outcome: Exclude<Outcome, 'ok'>): void {
    const moment = { at: this.#clock.wall(), monotonic: this.#clock.monotonic() };
    for (const request of poll.waiting) this.#miss(poll, request, outcome, moment);
  }

  #decode(poll: Poll, request: ModbusRequest, result: ModbusResult): void {
    const { profile } = this.instrument;
    const block = unpackModbusData(request.functionCode, result.data ?? new Uint8Array(0), request.count);
    if (!block) throw new RangeError(`${profile.profile}: the conversation let an answer of a wrong length through`);
    for (const point of request.points) {
      const decoded = decodeModbus(profile, point, block, request.start);
      poll.readings.push(...readingOf(this.instrument, point, decoded, result));
    }
  }

  #miss(poll: Poll, request: ModbusRequest, outcome: Exclude<Outcome, 'ok'>, moment: Moment): void {
    for (const point of request.points) {
      poll.readings.push(...missing(this.instrument, point, markOfFailure(outcome), moment));
    }
  }
}

/** The slave address: the site's, else the one as delivered. */
export function addressOf({ settings, profile }: Instrument & { readonly profile: ModbusProfile }): number {
  return settings.address ?? profile.address.default;
}

/** The requests that read what the site wants of this instrument. */
export function requestsOf(instrument: Instrument & { readonly profile: ModbusProfile }): ModbusRequest[] {
  return planRequests(instrument.profile, wantedPoints(instrument, instrument.profile.points));
}
