import type { Monotonic, WallTime } from '../../clock.ts';
import type { Link } from '../../link/link.ts';
import type { Outcome, Transaction } from '../events.ts';
import type { ModbusRead } from './modbus-framing.ts';

/** One question to one instrument. */
export interface ModbusQuestion extends ModbusRead {
  /** The instrument of the site that is asked; null for a search. */
  readonly instrument: string | null;
  /** Longest that the instrument takes until its answer begins, milliseconds from the end of the request. */
  readonly timeout: number;
  /** True if the question may be given up as soon as the answer takes longer than this slave's usually do. */
  readonly hasty?: boolean;
  /** Least silence between this slave's answer and the next request to it, milliseconds. */
  readonly gap: number;
  /** Least silence on the line before a request to this slave, whoever spoke last, milliseconds; t3.5 holds anyway. */
  readonly turnAround?: number;
}

export interface ModbusResult {
  readonly outcome: Outcome;
  /** Register or bit data as sent; null unless the outcome is `ok`. */
  readonly data: Uint8Array | null;
  readonly exception: number | null;
  /** When the last byte was seen, or the question was given up. */
  readonly at: WallTime;
  readonly monotonic: Monotonic;
  /** Milliseconds from the end of the request to that moment. */
  readonly took: number;
}

const traceLength = 64;

/** Whom a question goes to, of whatever protocol. */
export interface Asked {
  readonly instrument: string | null;
  /** Slave address; null where the protocol knows no such number. */
  readonly address: number | null;
}

/** What is known of a question that is under way. */
export class Exchange<Question extends Asked = ModbusQuestion> {
  readonly question: Question;
  readonly request: Uint8Array;
  readonly started: Monotonic;
  /** Bytes thrown away before the request went out. */
  readonly late: number;
  /** When the request's last byte was on the wire. */
  sent: Monotonic;
  /** Bytes that have come since. */
  arrived = 0;
  /** Bytes of them that were our own request coming back. */
  echoed = 0;
  /** Bytes of them that were stepped over before the answer, or where there is none. */
  junkBefore = 0;
  /** Bytes of them that were stepped over behind the answer. */
  junkAfter = 0;
  /** The first valid frame that was no answer to this. */
  foreign: Outcome | null = null;
  /** An answer was there before the request had left. */
  early = false;
  #trace: Uint8Array = new Uint8Array(0);
  #firstByteAt: Monotonic | null = null;
  #lastByteAt: Monotonic | null = null;
  #longestGap: number | null = null;

  constructor(question: Question, request: Uint8Array, started: Monotonic, late: number) {
    this.question = question;
    this.request = request;
    this.started = started;
    this.late = late;
    this.sent = started;
  }

  /** `isRested`: they were left in the system for a while, so the time since the last ones means nothing. */
  hear(bytes: Uint8Array, at: Monotonic, isRested = false): void {
    this.#firstByteAt ??= at;
    if (this.#lastByteAt !== null && !isRested)
      this.#longestGap = Math.max(this.#longestGap ?? 0, at - this.#lastByteAt);
    this.#lastByteAt = at;
    this.arrived += bytes.length;
    if (this.#trace.length < traceLength) {
      this.#trace = Buffer.concat([this.#trace, bytes.subarray(0, traceLength - this.#trace.length)]);
    }
  }

  toTransaction(
    { id: link, generation }: Pick<Link, 'id' | 'generation'>,
    expected: number | null,
    end: Pick<ModbusResult, 'outcome' | 'exception' | 'at' | 'monotonic'>,
  ): Transaction {
    return {
      kind: 'transaction',
      link,
      generation,
      instrument: this.question.instrument,
      address: this.question.address,
      at: end.at,
      monotonic: end.monotonic,
      sent: this.request.subarray(0, traceLength),
      received: this.#trace,
      bytesSent: this.request.length,
      bytesReceived: this.arrived + this.late,
      firstByte: this.#sinceSent(this.#firstByteAt),
      lastByte: this.#sinceSent(this.#lastByteAt),
      longestGap: this.#longestGap,
      expected,
      duration: end.monotonic - this.started,
      outcome: end.outcome,
      exception: end.exception,
      junkBefore: this.junkBefore,
      junkAfter: this.junkAfter,
      echoed: this.echoed,
      late: this.late,
    };
  }

  #sinceSent(moment: Monotonic | null): number | null {
    return moment === null ? null : Math.max(0, moment - this.sent);
  }
}
