import type { Monotonic } from '../../clock.ts';
import type { ModbusQuestion } from './modbus-exchange.ts';
import { findRtu } from './modbus-framing.ts';

/** Late answers are waited for no longer than this, milliseconds. */
const longestWait = 10_000;
/** A slave that was silent is given so long, milliseconds: relays and wireless links answer up to 1.7 s after a request. */
const leastWait = 1500;
/** Bytes in which a late answer is looked for; longer than the longest RTU frame. */
const mostHeard = 600;

interface Owed {
  readonly question: ModbusQuestion;
  readonly request: Uint8Array;
  readonly sent: Monotonic;
  readonly givenUpAt: Monotonic;
  readonly until: number;
  heard: Uint8Array;
}

/** Questions that were given up and whose answers may still come, by slave address. */
export class OwedAnswers {
  readonly #owed = new Map<number, Owed>();
  /** The latest that an answer of this slave was seen after its question was given up, milliseconds. */
  readonly #lateness = new Map<number, number>();

  /** Told of every late answer: whose, and how long after the request it was heard, milliseconds. */
  readonly #onLate: (address: number, took: number) => void;

  constructor(onLate: (address: number, took: number) => void = () => undefined) {
    this.#onLate = onLate;
  }

  /**
   * The question was given up; its answer is waited for from here on, however early that was: at least until two whole
   * timeouts have passed since the request. `nothingCame`: the slave said nothing at all, so the whole answer is still
   * to come; waiting for it costs only this slave, and a value of another register in its place would be the worst of
   * faults.
   */
  expect(
    question: ModbusQuestion,
    request: Uint8Array,
    { sent, givenUpAt, nothingCame }: { sent: Monotonic; givenUpAt: Monotonic; nothingCame: boolean },
  ): void {
    const seen = (this.#lateness.get(question.address) ?? 0) * 1.25;
    const saved = Math.max(0, sent + question.timeout - givenUpAt);
    const least = nothingCame ? leastWait : 0;
    const until = givenUpAt + Math.min(longestWait, Math.max(question.timeout, seen, least)) + saved;
    this.#owed.set(question.address, { question, request, sent, givenUpAt, until, heard: new Uint8Array(0) });
  }

  /** Nothing is owed by this slave any more. */
  settle(address: number): void {
    this.#owed.delete(address);
  }

  /** Until when the slave must not be asked; 0 when it owes nothing. */
  until(address: number): number {
    return this.#owed.get(address)?.until ?? 0;
  }

  /** Slaves that owe an answer. */
  get addresses(): readonly number[] {
    return [...this.#owed.keys()];
  }

  /** True while any slave owes an answer. */
  isOpenAt(now: Monotonic): boolean {
    for (const { until } of this.#owed.values()) if (until > now) return true;
    return false;
  }

  /** Bytes that belong to no question under way: a slave whose late answer is among them owes nothing any more. */
  hear(bytes: Uint8Array, at: Monotonic): void {
    for (const [address, owed] of this.#owed) {
      owed.heard = Buffer.concat([owed.heard, bytes]).subarray(-mostHeard);
      if (!this.#holdsAnswer(owed)) continue;
      const lateness = Math.max(0, at - owed.givenUpAt);
      this.#lateness.set(address, Math.max(lateness, this.#lateness.get(address) ?? 0));
      this.#owed.delete(address);
      this.#onLate(address, at - owed.sent);
    }
  }

  #holdsAnswer({ question, request, heard }: Owed): boolean {
    let rest = heard;
    for (;;) {
      const finding = findRtu(rest, question, request);
      if (finding.kind === 'answer' || finding.kind === 'exception') return true;
      if (!('end' in finding)) return false;
      rest = rest.subarray(finding.end);
    }
  }
}
