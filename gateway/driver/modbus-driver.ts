import { decodeModbus, unpackModbusData } from '../../device-profiles/decode.ts';
import { type ModbusRequest, planRequests } from '../../device-profiles/plan.ts';
import type { ModbusProfile } from '../../device-profiles/profile.ts';
import type { Clock, Monotonic } from '../clock.ts';
import type { Reading } from '../reading/reading.ts';
import { Condition } from './condition.ts';
import type { DriverEvent, Outcome } from './events.ts';
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

export interface ModbusDriverOptions {
  readonly instrument: Instrument & { readonly profile: ModbusProfile };
  readonly conversation: ModbusConversation;
  readonly clock: Clock;
  readonly observe: (event: DriverEvent) => void;
}

interface Poll {
  readonly waiting: ModbusRequest[];
  readonly readings: Reading[];
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
  readonly #requests: readonly ModbusRequest[];
  #poll: Poll | undefined;
  #first = 0;

  constructor({ instrument, conversation, clock, observe }: ModbusDriverOptions) {
    this.instrument = instrument;
    this.address = addressOf(instrument);
    this.#conversation = conversation;
    this.#clock = clock;
    this.#condition = new Condition(instrument.settings.id, clock, observe);
    this.#requests = requestsOf(instrument);
  }

  readyAt(): Monotonic {
    return this.#conversation.readyAt(this.address);
  }

  reset(): void {
    this.#poll = undefined;
  }

  async step(demanded: boolean): Promise<readonly Reading[] | null> {
    this.#poll ??= this.#begin(demanded);
    const poll = this.#poll;
    const request = poll.waiting[0];
    if (!request) {
      // The site wants no point of it, so nothing is known of it either.
      this.#poll = undefined;
      return poll.readings;
    }
    const { limits } = this.instrument.profile;
    const result = await this.#conversation.ask({
      instrument: this.instrument.settings.id,
      address: this.address,
      functionCode: request.functionCode,
      start: request.start,
      count: request.count,
      timeout: limits.timeoutMs,
      gap: limits.gapMs,
    });
    return this.#take(poll, request, result);
  }

  abandon(): readonly Reading[] {
    const poll = this.#poll ?? this.#begin(false);
    const moment = { at: this.#clock.wall(), monotonic: this.#clock.monotonic() };
    for (const request of poll.waiting) this.#miss(poll, request, 'line-lost', moment);
    this.#poll = undefined;
    this.#condition.note(false, 'line-lost');
    return poll.readings;
  }

  /**
   * An instrument that did not answer last time gets one request and no retry, so that it costs the line one timeout;
   * which request is tried goes round, since some instruments keep silent about registers they do not have.
   */
  #begin(demanded: boolean): Poll {
    const suspect = this.#condition.isNotAnswering;
    if (suspect) this.#first = (this.#first + 1) % Math.max(1, this.#requests.length);
    const waiting = [...this.#requests.slice(this.#first), ...this.#requests.slice(0, this.#first)];
    const retriesLeft = suspect && !demanded ? 0 : this.instrument.profile.limits.retries;
    return { waiting, readings: [], retriesLeft, answered: false };
  }

  #take(poll: Poll, request: ModbusRequest, result: ModbusResult): readonly Reading[] | null {
    const { outcome } = result;
    const { limits } = this.instrument.profile;
    if (outcome === 'line-lost') return this.abandon();
    if (outcome === 'ok' || outcome === 'exception') {
      if (outcome === 'ok') this.#decode(poll, request, result);
      else this.#miss(poll, request, outcome, result);
      poll.answered = true;
      poll.retriesLeft = limits.retries;
      poll.waiting.shift();
    } else if (poll.retriesLeft > 0) {
      poll.retriesLeft -= 1;
      return null;
    } else {
      // Silence at the first request is taken for the whole instrument; asking on would only cost the others time.
      const given = outcome === 'no-bytes' && !poll.answered ? poll.waiting.splice(0) : poll.waiting.splice(0, 1);
      for (const unread of given) this.#miss(poll, unread, outcome, result);
      poll.retriesLeft = poll.answered ? limits.retries : 0;
    }
    return poll.waiting.length > 0 ? null : this.#complete(poll, outcome);
  }

  #complete(poll: Poll, outcome: Outcome): readonly Reading[] {
    this.#poll = undefined;
    this.#condition.note(poll.answered, outcome);
    return poll.readings;
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
