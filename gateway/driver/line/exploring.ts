import type { Monotonic } from '../../clock.ts';
import type { ModbusQuestion, ModbusResult } from '../modbus/modbus-exchange.ts';
import { dataLength } from '../modbus/modbus-framing.ts';

/**
 * Why a line answers no questions of a search. `other-protocol`: an instrument that speaks none of Modbus has it to itself;
 * `only-listening`: the site says never to send; `other-master`: somebody else polls it; `line-fault`: it cannot be
 * opened; `too-many`: enough questions wait already; `not-running`: it was stopped.
 */
export type ExploringRefusal =
  | 'other-protocol'
  | 'only-listening'
  | 'other-master'
  | 'line-fault'
  | 'too-many'
  | 'not-running';

/** A question that was not asked. The message says why, for log and API. */
export class ExploringRefused extends RangeError {
  readonly reason: ExploringRefusal;

  constructor(reason: ExploringRefusal, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** A question of somebody who looks for instruments; nobody's poll hangs on it. */
interface Exploration {
  readonly question: ModbusQuestion;
  readonly resolve: (result: ModbusResult) => void;
  readonly reject: (error: ExploringRefused) => void;
}

/** The earliest moment at which a slave may be asked again. */
type ReadyAt = (address: number) => number;

/** Bytes of a read request, and of its answer but for the data. */
const requestAndEnvelope = 8 + 5;
/** More questions than this are not kept waiting on one line. */
const mostWaiting = 16;
/** On a line that is never free long enough, a question may take its time after so many times as long without one. */
const patience = 9;

/**
 * Questions of a search for instruments on a line that is being polled. They are asked where they hold up no poll; on a
 * line without such room they take at most a tenth of its time.
 */
export class Exploring {
  readonly #waiting: Exploration[] = [];
  #notBefore = 0;

  /** Resolves to what came of it; rejects with {@link ExploringRefused}. */
  ask(question: ModbusQuestion): Promise<ModbusResult> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.length < mostWaiting) this.#waiting.push({ question, resolve, reject });
      else reject(new ExploringRefused('too-many', `more than ${mostWaiting} questions wait already`));
    });
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** True if a question should be asked now, when nothing else is wanted of the line for so many milliseconds. */
  isTimely(now: Monotonic, free: number, characterTime: number, readyAt: ReadyAt): boolean {
    const first = this.#waiting[this.#firstReady(now, readyAt)];
    if (!first) return false;
    const lineTime = (requestAndEnvelope + dataLength(first.question)) * characterTime;
    return free >= first.question.timeout + lineTime || now >= this.#notBefore;
  }

  /** When it should be looked at again: a slave may be asked, or a question may be, whatever else is wanted. */
  lookAgainAt(now: Monotonic, readyAt: ReadyAt): number {
    const earliest = Math.min(...this.#waiting.map(({ question }) => readyAt(question.address)));
    return earliest > now ? earliest : this.#notBefore;
  }

  /** Asks the first of those whose slave may be asked now. */
  async next(
    ask: (question: ModbusQuestion) => Promise<ModbusResult>,
    now: () => Monotonic,
    readyAt: ReadyAt,
  ): Promise<void> {
    const [exploration] = this.#waiting.splice(this.#firstReady(now(), readyAt), 1);
    if (!exploration) return;
    const began = now();
    const result = await ask(exploration.question);
    const ended = now();
    this.#notBefore = ended + patience * (ended - began);
    exploration.resolve(result);
  }

  /** A slave that was silent may still answer, and nobody else is made to wait for it. */
  #firstReady(now: Monotonic, readyAt: ReadyAt): number {
    const place = this.#waiting.findIndex(({ question }) => readyAt(question.address) <= now);
    return place < 0 ? this.#waiting.length : place;
  }

  /** Nothing can be asked any more. */
  end(reason: ExploringRefusal, message: string): void {
    for (const { reject } of this.#waiting.splice(0)) reject(new ExploringRefused(reason, message));
  }
}
