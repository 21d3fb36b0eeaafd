import type { Cadence } from '../../../device-profiles/profile.ts';
import type { Mark } from '../../reading/reading.ts';
import { isSilent, type Outcome } from '../events.ts';
import { knownRefusal, type Moment, markOfFailure } from '../instrument.ts';
import type { ModbusResult } from '../modbus/modbus-exchange.ts';
import { Gathering, type PointRequest } from './gathering.ts';
import type { ModbusInstrument, PollValues } from './poll-values.ts';
import type { ReadPlan } from './read-plan.ts';
import type { Refusal } from './refusals.ts';
import type { Witness } from './witness.ts';

interface PollOptions {
  readonly cadence: Cadence;
  /** Somebody waits for it. */
  readonly demanded: boolean;
  /** The instrument did not answer last time: it gets one request, and the others once it answers. */
  readonly isProbe: boolean;
  /** No request is sent again before one was answered. */
  readonly once: boolean;
  readonly instrument: ModbusInstrument;
  /** What is asked, in this order. */
  readonly requests: readonly PointRequest[];
  readonly plan: ReadPlan;
  readonly witness: Witness;
  /** Where what is read goes. */
  readonly values: PollValues;
}

/** One request of a poll. */
export interface Asked {
  readonly request: PointRequest;
  /**
   * `read`: for its values; `trial`: a refused span, tried again; `witness`: one that was answered before, to learn
   * whether the silence at another one is that one's own.
   */
  readonly purpose: 'read' | 'trial' | 'witness';
  /** What a trial tries. */
  readonly refusal?: Refusal;
  /** How often it was given up. */
  failures: number;
  /** The instrument was known to answer when it was last sent. */
  wasAlive: boolean;
}

type Failure = Exclude<Outcome, 'ok'>;

/**
 * Exceptions that are said of the span: 2, illegal data address, also of a count that reaches too far; 3, illegal data
 * value, of a count (Modbus Application Protocol V1.1b3, 7).
 */
function isOfSpan(exception: number | null): boolean {
  return exception === 2 || exception === 3;
}

/**
 * One poll: which request comes next, what the results mean, whether it is complete. Several requests may be under way
 * at once, and their results may come in any order.
 *
 * A refused request is divided between its units, and the parts are asked in the same poll. Silence of an instrument that
 * refuses silently is a suspicion first: a witness decides.
 */
export class Poll {
  readonly cadence: Cadence;
  readonly demanded: boolean;
  readonly #options: PollOptions;
  readonly #gathering: Gathering;
  readonly #underWay = new Set<Asked>();
  readonly #tried = new Set<Refusal>();
  #waiting: Asked[];
  /** Silent requests that may have been refused by it. */
  #suspects: Asked[] = [];
  #isAnswered = false;
  #hasFailed = false;
  /** A request was met with silence while nothing else was answered: the instrument may be dead. */
  #isInDoubt = false;
  #isGivenUp = false;
  #triesOn = true;
  #lastFailure: Failure = 'no-bytes';

  constructor(options: PollOptions) {
    const { cadence, demanded, plan, requests, values } = options;
    this.cadence = cadence;
    this.demanded = demanded;
    this.#options = options;
    this.#gathering = new Gathering(values, plan.units(cadence));
    this.#waiting = requests.map((request) => asking(request, 'read'));
    this.#prepare();
  }

  /** True once a request was answered, be it with a refusal. */
  get isAnswered(): boolean {
    return this.#isAnswered;
  }

  /** The last failure that was final; null when there was none. */
  get failure(): Failure | null {
    return this.#hasFailed ? this.#lastFailure : null;
  }

  /** True if a request may be asked, beside those that are under way. */
  get canAsk(): boolean {
    if (this.#waiting.length === 0) return false;
    if (this.#suspects.length > 0) return this.#waiting.some(isWitness);
    // Several silences at a time would be taken for a connection that is gone.
    const maySilence = [...this.#underWay].some(({ request }) => this.#mayRefuseSilently(request));
    const isCautious = maySilence || (!this.#isAnswered && (this.#options.isProbe || this.#isInDoubt));
    return this.#underWay.size === 0 || !isCautious;
  }

  /** True when nothing waits and nothing is under way. */
  get isComplete(): boolean {
    return this.#waiting.length + this.#underWay.size + this.#suspects.length === 0;
  }

  /** The request to ask now; undefined when none may be. It is under way until `take` is told what came of it. */
  next(): Asked | undefined {
    this.#prepare();
    if (!this.canAsk) return undefined;
    const place = this.#suspects.length > 0 ? this.#waiting.findIndex(isWitness) : 0;
    const [asked] = this.#waiting.splice(place, 1) as [Asked];
    asked.wasAlive = this.#options.witness.isAlive;
    this.#underWay.add(asked);
    return asked;
  }

  /** True if the request is sent again should it fail now. */
  wouldRetry(asked: Asked): boolean {
    return !this.#isGivenUp && asked.failures < this.#retriesOf(asked);
  }

  /** What came of a request. */
  take(asked: Asked, result: ModbusResult): void {
    const { outcome } = result;
    this.#underWay.delete(asked);
    if (outcome === 'line-lost') this.giveUp(outcome, result);
    else if (outcome === 'ok' || outcome === 'exception') this.#answered(asked, result);
    else this.#failed(asked, outcome, result);
    // Silence at the first request is taken for the whole instrument; asking on would only cost the others time.
    const isDead = this.#isInDoubt && !this.#isAnswered && this.#underWay.size === 0;
    if (isDead || this.#isGivenUp) this.giveUp(this.#lastFailure, result);
    else this.#prepare();
  }

  /** Nothing more is asked; what waits has no value. */
  giveUp(outcome: Failure, moment: Moment): void {
    const left = [...this.#suspects, ...this.#waiting];
    this.#suspects = [];
    this.#waiting = [];
    this.#isGivenUp = true;
    this.#hasFailed = true;
    this.#lastFailure = outcome;
    for (const { request } of left) this.#gathering.miss(request.units, markOfFailure(outcome), moment);
  }

  /** Nothing more comes: what was not read has no value. The values are complete then. */
  finish(moment: Moment): PollValues {
    const saysNothing = this.#isGivenUp || (this.#hasFailed && !this.#isAnswered);
    this.#gathering.missRest(saysNothing ? markOfFailure(this.#lastFailure) : knownRefusal, moment);
    return this.#options.values;
  }

  #retriesOf({ request, purpose }: Asked): number {
    const { instrument, once } = this.#options;
    const { retries } = instrument.profile.limits;
    if (purpose === 'trial' || (!this.#isAnswered && (once || this.#hasFailed))) return 0;
    return this.#mayRefuseSilently(request) ? Math.min(retries, 1) : retries;
  }

  /** True if silence at this request can be a refusal: one that was ever answered is not refused. */
  #mayRefuseSilently(request: PointRequest): boolean {
    return this.#options.instrument.profile.quirks.silentRefusal && !this.#options.plan.wasAnswered(request);
  }

  #answered(asked: Asked, result: ModbusResult): void {
    const { plan, witness } = this.#options;
    const { request, purpose, refusal } = asked;
    this.#isAnswered = true;
    witness.heard();
    if (result.outcome === 'ok') {
      plan.answer(request);
      witness.answered(request);
      this.#gathering.take(request, result);
    } else if (purpose === 'read' && isOfSpan(result.exception)) {
      this.#refused(request, markOfFailure('exception'), result);
    } else {
      if (refusal && isOfSpan(result.exception)) plan.triedInVain(refusal);
      // One that is refused still is enough for a poll, unless somebody waits for the others or the next poll is far off.
      if (refusal) this.#triesOn = this.demanded || this.cadence === 'once' || this.cadence === 'daily';
      this.#gathering.miss(request.units, markOfFailure('exception'), result);
    }
    if (purpose !== 'witness') return;
    for (const suspect of this.#suspects.splice(0)) this.#refused(suspect.request, knownRefusal, result);
  }

  #refused(request: PointRequest, mark: Mark, moment: Moment): void {
    const { plan } = this.#options;
    plan.refuse(request);
    const alone = request.units.filter((unit) => plan.isRefused(unit));
    this.#gathering.miss(alone, mark, moment);
    this.#waiting.unshift(...plan.divide(request.units).map((part) => asking(part, 'read')));
  }

  #failed(asked: Asked, outcome: Failure, moment: Moment): void {
    if (this.wouldRetry(asked)) {
      asked.failures += 1;
      this.#waiting.unshift(asked);
      return;
    }
    this.#hasFailed = true;
    this.#lastFailure = outcome;
    if (asked.purpose === 'witness') this.#witnessFailed(outcome, moment);
    else if (asked.purpose === 'trial') this.#trialFailed(asked, outcome, moment);
    else this.#readFailed(asked, outcome, moment);
  }

  #readFailed(asked: Asked, outcome: Failure, moment: Moment): void {
    const { plan, witness } = this.#options;
    const { request } = asked;
    if (isSilent(outcome)) {
      const isWitnessed = asked.wasAlive && witness.span && !plan.isRefused(witness.span);
      if (isWitnessed && this.#mayRefuseSilently(request)) {
        this.#suspects.push(asked);
        return;
      }
      plan.doubt(request);
      witness.lost();
      this.#isInDoubt = true;
    }
    this.#gathering.miss(request.units, markOfFailure(outcome), moment);
  }

  #trialFailed({ request, refusal }: Asked, outcome: Failure, moment: Moment): void {
    const { instrument, plan } = this.#options;
    // It costs the line a timeout.
    this.#triesOn = false;
    this.#isInDoubt ||= isSilent(outcome);
    const isAboutSpan = isSilent(outcome) && this.#isAnswered;
    if (isAboutSpan && refusal) plan.triedInVain(refusal);
    const isRefusal = isAboutSpan && instrument.profile.quirks.silentRefusal;
    this.#gathering.miss(request.units, isRefusal ? knownRefusal : markOfFailure(outcome), moment);
  }

  #witnessFailed(outcome: Failure, moment: Moment): void {
    if (isSilent(outcome)) {
      this.#options.witness.lost();
      this.giveUp(outcome, moment);
      return;
    }
    for (const { request } of this.#suspects.splice(0)) {
      this.#gathering.miss(request.units, markOfFailure('no-bytes'), moment);
    }
  }

  /** Brings what waits up to what is known by now, which a poll of another cadence may have learned. */
  #prepare(): void {
    const { plan } = this.#options;
    this.#waiting = this.#waiting.flatMap((asked) =>
      asked.purpose === 'read' && plan.isRefused(asked.request)
        ? plan.divide(asked.request.units).map((part) => asking(part, 'read'))
        : [asked],
    );
    if (this.#suspects.length > 0) this.#callWitness();
    else if (this.#waiting.length === 0) this.#tryAgain();
  }

  #callWitness(): void {
    const { span } = this.#options.witness;
    if (!span || this.#waiting.some(isWitness) || [...this.#underWay].some(isWitness)) return;
    this.#waiting.unshift(asking({ ...span, cadence: this.cadence, units: [], reads: [] }, 'witness'));
  }

  #tryAgain(): void {
    const { plan, isProbe } = this.#options;
    const isTrying = [...this.#underWay].some(({ purpose }) => purpose === 'trial');
    if (!this.#triesOn || this.#isGivenUp || isTrying || (this.#hasFailed && !this.#isAnswered)) return;
    const trial = plan.trial(this.cadence, this.demanded || isProbe, this.#tried);
    if (!trial) return;
    this.#tried.add(trial.refusal);
    this.#waiting.push({ ...asking(trial.request, 'trial'), refusal: trial.refusal });
  }
}

function asking(request: PointRequest, purpose: Asked['purpose']): Asked {
  return { request, purpose, failures: 0, wasAlive: false };
}

function isWitness({ purpose }: Asked): boolean {
  return purpose === 'witness';
}
