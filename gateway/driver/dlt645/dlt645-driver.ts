import { type Dlt645Question, dlt645Refusals } from '../../../device-profiles/dlt645.ts';
import type { Dlt645Request } from '../../../device-profiles/dlt645-values.ts';
import type { Cadence } from '../../../device-profiles/profile.ts';
import type { Clock, Monotonic } from '../../clock.ts';
import type { Mark, Reading } from '../../reading/reading.ts';
import { BackOff, type Silence } from '../back-off.ts';
import { Condition } from '../condition.ts';
import { type DriverEvent, isSilent, type Outcome } from '../events.ts';
import { type Driver, knownRefusal, type Moment, markOfFailure, notHeard } from '../instrument.ts';
import type { AskingPlan } from '../plans.ts';
import { longestProbeWithin } from '../settings.ts';
import type { Dlt645Conversation, Dlt645Result } from './dlt645-conversation.ts';
import { type Dlt645Instrument, Dlt645Poll, plansOf } from './dlt645-poll.ts';

interface Dlt645DriverOptions {
  readonly instrument: Dlt645Instrument;
  readonly conversation: Dlt645Conversation;
  readonly clock: Clock;
  readonly observe: (event: DriverEvent) => void;
  /** Longest pause between two attempts at it while it keeps silent, milliseconds, unless the site says otherwise. */
  readonly probeWithin?: number;
  /** 0 up to 1; keeps the attempts at several silent instruments apart. */
  readonly random?: () => number;
}

/** What a meter says that it does not have is not asked for again for so long, milliseconds; meters are exchanged. */
const refusedFor = 3_600_000;

/** Reads one DL/T 645 meter by its profile, one request a step, so that others on the line come in between. */
export class Dlt645Driver implements Driver {
  readonly instrument: Dlt645Instrument;
  readonly talksUnasked = false;
  readonly address = null;
  readonly swapsCheckSums = false;
  readonly #conversation: Dlt645Conversation;
  readonly #clock: Clock;
  readonly #condition: Condition;
  readonly #backOff: BackOff;
  readonly #plans: ReadonlyMap<Cadence, AskingPlan<Dlt645Request>>;
  readonly #polls = new Map<Cadence, Dlt645Poll>();
  /** Which request the next probe tries. */
  #first = 0;
  /** Identifiers that the meter does not have, and until when that is believed. */
  readonly #refused = new Map<string, number>();
  /** Blocks that it does not know: their values are asked for one by one. */
  readonly #unknownBlocks = new Set<string>();
  /** Null until a meter whose address the site does not know has told it. */
  #address: string | null;
  #readyAt = 0;
  #lastFault: Exclude<Outcome, 'ok'> = 'no-bytes';

  constructor({ instrument, conversation, clock, observe, probeWithin, random = Math.random }: Dlt645DriverOptions) {
    const { id, every, probeWithin: longest = probeWithin ?? longestProbeWithin } = instrument.settings;
    this.instrument = instrument;
    this.#conversation = conversation;
    this.#clock = clock;
    this.#condition = new Condition(id, clock, observe);
    this.#backOff = new BackOff({ clock, shortest: every, longest, random });
    this.#plans = plansOf(instrument);
    this.#address = statedAddress(instrument);
  }

  get cadences(): readonly Cadence[] {
    return [...this.#plans.keys()];
  }

  readyAt(): Monotonic {
    return this.#readyAt as Monotonic;
  }

  /** Its line takes one request at a time. */
  canStep(): boolean {
    return false;
  }

  silence(): Silence | null {
    return this.#backOff.silence;
  }

  reset(): void {
    this.#conversation.reset();
    this.#polls.clear();
    this.#refused.clear();
    this.#unknownBlocks.clear();
    this.#address = statedAddress(this.instrument);
    this.#backOff.tryNow();
  }

  async step(cadence: Cadence, demanded: boolean): Promise<readonly Reading[] | null> {
    const poll = this.#pollOf(cadence, demanded);
    this.#passOver(poll);
    const { request } = poll;
    if (!request) return this.#complete(poll, null);
    const { limits, wakeBytes } = this.instrument.profile;
    const question = this.#questionOf(poll, request);
    const result = await this.#conversation.ask({
      instrument: this.instrument.settings.id,
      address: null,
      question,
      wakeBytes,
      wanted: question.ask === 'address' ? 6 : poll.wanted,
      timeout: limits.timeoutMs,
      // Silence is believed only after the whole timeout.
      hasty: poll.retriesLeft > 0,
      turnAround: limits.turnAroundMs,
    });
    this.#readyAt = result.monotonic + limits.gapMs;
    return this.#take(poll, request, result);
  }

  abandon(cadence: Cadence): readonly Reading[] {
    this.#condition.note(false, 'line-lost');
    return this.#giveUp(cadence, 'line-lost');
  }

  leaveOut(cadence: Cadence): readonly Reading[] {
    return this.#giveUp(cadence, this.#lastFault);
  }

  /** DL/T 645 is not understood in other people's mouths. */
  overhear(): readonly Reading[] {
    return [];
  }

  unheard(cadence: Cadence): readonly Reading[] {
    return this.#nothingOf(cadence, notHeard);
  }

  #giveUp(cadence: Cadence, outcome: Exclude<Outcome, 'ok'>): readonly Reading[] {
    return this.#nothingOf(cadence, markOfFailure(outcome));
  }

  #nothingOf(cadence: Cadence, mark: Mark): readonly Reading[] {
    const poll = this.#pollOf(cadence, false);
    this.#polls.delete(cadence);
    poll.failAll(mark, this.#now());
    return poll.readings(this.#now());
  }

  /**
   * A meter that did not answer last time gets one request and no retry, so that it costs the line one timeout; which
   * request is tried goes round, in case it keeps silent about a value that it does not have.
   */
  #pollOf(cadence: Cadence, demanded: boolean): Dlt645Poll {
    const underWay = this.#polls.get(cadence);
    if (underWay) return underWay;
    const { points = [], requests = [] } = this.#plans.get(cadence) ?? {};
    const isProbe = this.#condition.isNotAnswering;
    if (isProbe) this.#first += 1;
    const first = this.#first % Math.max(1, requests.length);
    const asked = [...requests.slice(first), ...requests.slice(0, first)].flatMap((request) =>
      this.#unknownBlocks.has(request.identifier) ? request.apart : [request],
    );
    const retriesLeft = isProbe && !demanded ? 0 : this.instrument.profile.limits.retries;
    const poll = new Dlt645Poll(this.instrument, points, asked, { cadence, demanded, retriesLeft });
    this.#polls.set(cadence, poll);
    return poll;
  }

  /** What the meter has said that it does not have costs the line nothing. */
  #passOver(poll: Dlt645Poll): void {
    const now = this.#clock.monotonic();
    for (let { request } = poll; request && (this.#refused.get(request.identifier) ?? 0) > now; { request } = poll) {
      poll.fail(knownRefusal, this.#now());
    }
  }

  #questionOf(poll: Dlt645Poll, { identifier }: Dlt645Request): Dlt645Question {
    if (this.#address === null) return { ask: 'address' };
    const { sequence } = poll;
    const question = {
      ask: 'data',
      edition: this.instrument.profile.edition,
      address: this.#address,
      identifier,
    } as const;
    return sequence === undefined ? question : { ...question, sequence };
  }

  #take(poll: Dlt645Poll, request: Dlt645Request, result: Dlt645Result): readonly Reading[] | null {
    const { outcome, answer, exception } = result;
    if (outcome === 'line-lost') return this.abandon(poll.cadence);
    if (this.#address === null && answer === null) return this.#fail(poll, result, outcome);
    if (answer?.kind === 'address') this.#address = answer.address;
    else if (answer) poll.take(answer.data, answer.more, result);
    else if (outcome === 'exception' || outcome === 'foreign-length')
      this.#refuse(poll, request, result, exception ?? 0);
    else return this.#fail(poll, result, outcome);
    this.#answered(poll, outcome);
    return poll.request ? null : this.#complete(poll, outcome);
  }

  /** The meter answered, but not with what was asked for. */
  #refuse(
    poll: Dlt645Poll,
    { identifier, apart }: Dlt645Request,
    { outcome, ...at }: Dlt645Result,
    code: number,
  ): void {
    if (apart.length > 0) {
      this.#unknownBlocks.add(identifier);
      poll.takeApart(apart);
      return;
    }
    const { edition } = this.instrument.profile;
    // What the bits of 1997 mean was not read: there any refusal is taken for "no such data".
    const isFinal = outcome === 'exception' && (edition === 1997 || (code & dlt645Refusals.noSuchData) !== 0);
    if (isFinal) this.#refused.set(identifier, this.#clock.monotonic() + refusedFor);
    poll.fail(markOfFailure(outcome === 'exception' ? 'exception' : 'foreign-length'), at);
  }

  #fail(poll: Dlt645Poll, moment: Moment, outcome: Outcome): readonly Reading[] | null {
    if (outcome === 'ok') throw new RangeError('the conversation gave no answer and no fault');
    if (poll.retriesLeft > 0) {
      poll.retriesLeft -= 1;
      poll.again();
      return null;
    }
    // Silence at the first request is taken for the whole meter; asking on would only cost the others time.
    const isWholeMeter = (isSilent(outcome) && !poll.answered) || this.#address === null;
    if (isWholeMeter) poll.failAll(markOfFailure(outcome), moment);
    else poll.fail(markOfFailure(outcome), moment);
    poll.retriesLeft = poll.answered ? this.instrument.profile.limits.retries : 0;
    this.#lastFault = outcome;
    return poll.request ? null : this.#complete(poll, outcome);
  }

  #answered(poll: Dlt645Poll, outcome: Outcome): void {
    poll.retriesLeft = this.instrument.profile.limits.retries;
    if (poll.answered) return;
    poll.answered = true;
    this.#backOff.end();
    this.#condition.note(true, outcome);
  }

  /** `outcome`: of the last request; null when there was nothing to ask. */
  #complete(poll: Dlt645Poll, outcome: Outcome | null): readonly Reading[] {
    this.#polls.delete(poll.cadence);
    if (!poll.answered && outcome !== null) {
      this.#condition.note(false, outcome);
      // Who sends something is there. Somebody who asks again and again must not make the pauses longer.
      const isAway = isSilent(outcome) || outcome === 'foreign-slave';
      if (isAway && (!poll.demanded || this.#backOff.silence === null)) this.#backOff.grow();
    }
    return poll.readings(this.#now());
  }

  #now(): Moment {
    return { at: this.#clock.wall(), monotonic: this.#clock.monotonic() };
  }
}

/** The address that the site states; null where the meter is to be asked for it. */
function statedAddress({ settings }: Dlt645Instrument): string | null {
  const { meterAddress } = settings;
  return meterAddress === undefined || meterAddress === 'any' ? null : meterAddress;
}
