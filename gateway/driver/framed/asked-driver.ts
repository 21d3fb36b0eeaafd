import type { Cadence } from '../../../device-profiles/profile.ts';
import type { FramedMessage } from '../../../device-profiles/shape/framed.ts';
import type { Clock, Monotonic } from '../../clock.ts';
import type { Link } from '../../link/link.ts';
import type { Mark, Reading } from '../../reading/reading.ts';
import { BackOff, type Silence } from '../back-off.ts';
import { Condition } from '../condition.ts';
import { type DriverEvent, isSilent, type Outcome } from '../events.ts';
import { type Driver, type Moment, markOfFailure, notHeard } from '../instrument.ts';
import type { AskingPlan } from '../plans.ts';
import { NewSamples } from '../polling/new-samples.ts';
import { StatedStates } from '../polling/stated-states.ts';
import { longestProbeWithin } from '../settings.ts';
import { FramedConversation } from './framed-conversation.ts';
import { type FramedInstrument, FramedValues, framedPlansOf } from './framed-poll.ts';
import { Starting } from './starting.ts';

export interface FramedDriverOptions {
  readonly instrument: FramedInstrument;
  readonly link: Link;
  readonly clock: Clock;
  readonly observe: (event: DriverEvent) => void;
  /** 0 up to 1; varies the pauses between attempts at a silent instrument. */
  readonly random?: () => number;
}

interface Poll {
  readonly demanded: boolean;
  readonly values: FramedValues;
  readonly waiting: FramedMessage[];
  retriesLeft: number;
  answered: boolean;
}

/** Reads an instrument that answers fixed requests with frames of its own, one request a step. */
export class AskedDriver implements Driver {
  readonly instrument: FramedInstrument;
  readonly talksUnasked = false;
  readonly address = null;
  readonly swapsCheckSums = false;
  readonly farewell: (() => Promise<void>) | undefined;
  readonly #conversation: FramedConversation;
  readonly #starting: Starting;
  readonly #clock: Clock;
  readonly #condition: Condition;
  readonly #backOff: BackOff;
  readonly #plans: ReadonlyMap<Cadence, AskingPlan<FramedMessage>>;
  readonly #samples: ReadonlyMap<Cadence, NewSamples>;
  readonly #states: StatedStates;
  readonly #polls = new Map<Cadence, Poll>();
  #readyAt = 0;
  #lastFault: Exclude<Outcome, 'ok'> = 'no-bytes';

  constructor({ instrument, link, clock, observe, random = Math.random }: FramedDriverOptions) {
    const { settings, profile } = instrument;
    const { id, every, probeWithin: longest = longestProbeWithin } = settings;
    this.instrument = instrument;
    this.#conversation = new FramedConversation({ link, clock, observe, instrument: id, profile });
    this.#starting = new Starting(instrument, this.#conversation);
    this.farewell = this.#starting.farewell;
    this.#clock = clock;
    this.#condition = new Condition(id, clock, observe);
    this.#states = new StatedStates({ instrument: id, clock, observe });
    this.#backOff = new BackOff({ clock, shortest: every, longest, random });
    this.#plans = framedPlansOf(instrument);
    this.#samples = new Map(
      [...this.#plans].map(([cadence, { points }]) => [cadence, new NewSamples(profile, points)]),
    );
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
    this.#starting.again();
    this.#polls.clear();
    this.#backOff.tryNow();
  }

  async step(cadence: Cadence, demanded: boolean): Promise<readonly Reading[] | null> {
    const poll = this.#pollOf(cadence, demanded);
    const [message] = poll.waiting;
    if (!message) return this.#complete(cadence, poll, null);
    const { wake, limits } = this.instrument.profile;
    if (!this.#starting.isDone) {
      const outcome = await this.#starting.next();
      return outcome === 'ok' ? null : this.#fail(cadence, poll, outcome, this.#now());
    }
    const woken = wake ? await this.#conversation.perform(wake) : 'ok';
    if (woken !== 'ok') return this.#fail(cadence, poll, woken, this.#now());
    const { outcome, frame, ...moment } = await this.#conversation.ask(message);
    this.#readyAt = moment.monotonic + limits.gapMs;
    if (outcome !== 'ok' && outcome !== 'exception') return this.#fail(cadence, poll, outcome, moment);
    if (outcome === 'ok') poll.values.take(message, frame, moment);
    else poll.values.fail(message, markOfFailure(outcome), moment);
    poll.waiting.shift();
    this.#answered(poll);
    return poll.waiting.length > 0 ? null : this.#complete(cadence, poll, outcome);
  }

  abandon(cadence: Cadence): readonly Reading[] {
    this.#condition.note(false, 'line-lost');
    return this.#nothingOf(cadence, markOfFailure('line-lost'));
  }

  leaveOut(cadence: Cadence): readonly Reading[] {
    return this.#nothingOf(cadence, markOfFailure(this.#lastFault));
  }

  /** Its frames are not understood in other people's mouths. */
  overhear(): readonly Reading[] {
    return [];
  }

  unheard(cadence: Cadence): readonly Reading[] {
    return this.#nothingOf(cadence, notHeard);
  }

  #nothingOf(cadence: Cadence, mark: Mark): readonly Reading[] {
    const poll = this.#pollOf(cadence, false);
    this.#polls.delete(cadence);
    for (const message of poll.waiting) poll.values.fail(message, mark, this.#now());
    return poll.values.readings(this.#now(), this.#samples.get(cadence));
  }

  /** An instrument that did not answer last time gets one request and no retry. */
  #pollOf(cadence: Cadence, demanded: boolean): Poll {
    const underWay = this.#polls.get(cadence);
    if (underWay) return underWay;
    const { points = [], requests = [] } = this.#plans.get(cadence) ?? {};
    const isProbe = this.#condition.isNotAnswering && !demanded;
    const poll: Poll = {
      demanded,
      values: new FramedValues(this.instrument, points, (decoded) => this.#states.note(cadence, decoded)),
      waiting: [...requests],
      retriesLeft: isProbe ? 0 : this.instrument.profile.limits.retries,
      answered: false,
    };
    this.#polls.set(cadence, poll);
    return poll;
  }

  #fail(cadence: Cadence, poll: Poll, outcome: Outcome, moment: Moment): readonly Reading[] | null {
    if (outcome === 'ok') throw new RangeError('an answer is no failure');
    if (outcome === 'line-lost') return this.abandon(cadence);
    if (poll.retriesLeft > 0) {
      poll.retriesLeft -= 1;
      return null;
    }
    this.#lastFault = outcome;
    // Without a single answer the whole instrument is taken for away; asking on would only cost time.
    const failed = poll.answered ? poll.waiting.splice(0, 1) : poll.waiting.splice(0);
    for (const message of failed) poll.values.fail(message, markOfFailure(outcome), moment);
    if (!poll.answered) this.#starting.again();
    return poll.waiting.length > 0 ? null : this.#complete(cadence, poll, outcome);
  }

  #answered(poll: Poll): void {
    poll.retriesLeft = this.instrument.profile.limits.retries;
    if (poll.answered) return;
    poll.answered = true;
    this.#backOff.end();
    this.#condition.note(true, 'ok');
  }

  /** `outcome`: of the last request; null when there was nothing to ask. */
  #complete(cadence: Cadence, poll: Poll, outcome: Outcome | null): readonly Reading[] {
    this.#polls.delete(cadence);
    if (!poll.answered && outcome !== null) {
      this.#condition.note(false, outcome);
      // Somebody who asks again and again must not make the pauses longer.
      if (isSilent(outcome) && (!poll.demanded || this.#backOff.silence === null)) this.#backOff.grow();
    }
    return poll.values.readings(this.#now(), this.#samples.get(cadence));
  }

  #now(): Moment {
    return { at: this.#clock.wall(), monotonic: this.#clock.monotonic() };
  }
}
