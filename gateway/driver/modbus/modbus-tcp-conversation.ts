import type { Clock, Monotonic, WallTime } from '../../clock.ts';
import type { Link } from '../../link/link.ts';
import { isSilent, type Outcome, type Transaction } from '../events.ts';
import {
  type ModbusConversation,
  type ModbusConversationOptions,
  Presence,
  ResponseTimes,
} from './modbus-conversation.ts';
import { Exchange, type ModbusQuestion, type ModbusResult } from './modbus-exchange.ts';
import { encodeTcp, firstTcpFrame, judgeTcpFrame, tcpAnswerLength } from './modbus-framing.ts';

/** Questions that were given up, of which it is remembered whose they were, so that a late answer is told of its slave. */
const mostGivenUp = 64;
/** Late answers whose question is forgotten; no slave has this address. */
const anybody = 0;

interface UnderWay {
  readonly exchange: Exchange;
  readonly resolve: (result: ModbusResult) => void;
}

interface GivenUp {
  readonly address: number;
  readonly sent: Monotonic;
}

const nothing = new Uint8Array(0);

/**
 * Modbus TCP: every request carries a number and its answer the same, so several may be under way, a late answer is
 * harmless, and nobody has to keep silent. Number, unit, function code and length must all be right.
 *
 * A device works off its requests one after the other. Each is therefore given its timeout from when it was sent or
 * from the last answer, whichever is later: while answers come, those that queue behind are not given up.
 */
export class ModbusTcpConversation implements ModbusConversation {
  readonly outstanding: number;
  readonly isOwed = false;
  readonly #link: Link;
  readonly #clock: Clock;
  readonly #observe: (event: Transaction) => void;
  readonly #readyAt = new Map<number, number>();
  readonly #responseTimes = new ResponseTimes();
  readonly #presence: Presence;
  /** In the order in which they were sent. */
  readonly #underWay = new Map<number, UnderWay>();
  readonly #givenUp = new Map<number, GivenUp>();
  /** Bytes of late answers, by the slave they came from. */
  readonly #late = new Map<number, number>();
  #buffer: Uint8Array = nothing;
  /** How many bytes of the buffer were told with a question that was given up over half an answer. */
  #told = 0;
  #lastByteAt = 0 as Monotonic;
  #number = 0;
  #lastAnswerAt = Number.NEGATIVE_INFINITY;
  #isHearing = false;

  constructor({
    link,
    clock,
    observe,
    outstanding = 1,
  }: ModbusConversationOptions & { readonly outstanding?: number }) {
    this.outstanding = outstanding;
    this.#link = link;
    this.#clock = clock;
    this.#observe = observe;
    this.#presence = new Presence(link);
  }

  readyAt(address: number): Monotonic {
    return (this.#readyAt.get(address) ?? 0) as Monotonic;
  }

  reset(): void {
    this.#buffer = nothing;
    this.#told = 0;
    this.#givenUp.clear();
    this.#presence.reset();
  }

  async listen(milliseconds: number): Promise<void> {
    if (this.#isHearing) return;
    const arrival = await this.#link.read(milliseconds);
    if (typeof arrival === 'object' && 'bytes' in arrival) this.#take(arrival.bytes, arrival.at);
  }

  async ask(question: ModbusQuestion): Promise<ModbusResult> {
    await this.#untilReady(question);
    this.#number = (this.#number + 1) & 0xffff;
    const number = this.#number;
    const request = encodeTcp(question, number);
    const exchange = new Exchange(question, request, this.#clock.monotonic(), this.#takeLate(question.address));
    const result = new Promise<ModbusResult>((resolve) => this.#underWay.set(number, { exchange, resolve }));
    if ((await this.#link.write(request)) !== null) this.#finish(number, 'line-lost');
    exchange.sent = this.#clock.monotonic();
    if (!this.#isHearing) void this.#hear();
    return result;
  }

  /** Waits for the gap that this slave wants, if any is left of it, and throws away what came meanwhile. */
  async #untilReady({ address }: ModbusQuestion): Promise<void> {
    while (this.#clock.monotonic() < this.readyAt(address) && this.#link.isOpen) {
      if (this.#isHearing) {
        await new Promise<void>((resolve) =>
          this.#clock.after(this.readyAt(address) - this.#clock.monotonic(), resolve),
        );
      } else {
        await this.listen(this.readyAt(address) - this.#clock.monotonic());
      }
    }
  }

  /** Hears the link for as long as any question is under way. */
  async #hear(): Promise<void> {
    this.#isHearing = true;
    while (this.#underWay.size > 0) {
      const arrival = await this.#link.read(Math.max(0, this.#nextDeadline() - this.#clock.monotonic()));
      if (arrival === 'timeout') this.#giveUp();
      else if ('bytes' in arrival) this.#take(arrival.bytes, arrival.at);
      else this.#failAll('line-lost');
    }
    this.#isHearing = false;
  }

  #deadlineOf({ question, sent }: Exchange): number {
    const wait = question.hasty ? this.#responseTimes.of(question.address).wait(question.timeout) : question.timeout;
    return Math.max(sent, this.#lastAnswerAt) + wait;
  }

  #nextDeadline(): number {
    let earliest = Number.POSITIVE_INFINITY;
    for (const { exchange } of this.#underWay.values()) earliest = Math.min(earliest, this.#deadlineOf(exchange));
    return earliest;
  }

  #giveUp(): void {
    const now = this.#clock.monotonic();
    for (const [number, { exchange }] of this.#underWay) {
      if (now < this.#deadlineOf(exchange)) continue;
      this.#givenUp.set(number, { address: exchange.question.address, sent: exchange.sent });
      this.#finish(number, this.#outcomeOfNone(number, exchange));
    }
    for (const number of this.#givenUp.keys()) {
      if (this.#givenUp.size <= mostGivenUp) return;
      this.#givenUp.delete(number);
    }
  }

  /** What it was instead of an answer. */
  #outcomeOfNone(number: number, exchange: Exchange): Outcome {
    const [high, low = number & 0xff] = this.#buffer;
    if (high !== number >> 8 || low !== (number & 0xff)) return exchange.foreign ?? 'no-bytes';
    exchange.hear(this.#buffer.subarray(this.#told), this.#lastByteAt);
    this.#told = this.#buffer.length;
    return 'short';
  }

  #take(bytes: Uint8Array, at: Monotonic): void {
    this.#lastByteAt = at;
    this.#buffer = this.#buffer.length === 0 ? bytes : Buffer.concat([this.#buffer, bytes]);
    for (;;) {
      const frame = firstTcpFrame(this.#buffer);
      if (frame.kind === 'incomplete') return;
      if (frame.kind === 'desynchronised') {
        this.#lose();
        return;
      }
      this.#buffer = this.#buffer.subarray(frame.bytes.length);
      this.#deliver(frame.number, frame.bytes, at);
      this.#told = 0;
    }
  }

  /** Nobody knows any more where a frame begins. */
  #lose(): void {
    const [oldest] = this.#underWay.keys();
    if (oldest !== undefined) {
      this.#underWay.get(oldest)?.exchange.hear(this.#buffer.subarray(this.#told), this.#clock.monotonic());
      this.#finish(oldest, 'junk');
    }
    this.#buffer = nothing;
    this.#told = 0;
    void this.#link.close();
  }

  #deliver(number: number, frame: Uint8Array, at: Monotonic): void {
    const underWay = this.#underWay.get(number);
    if (!underWay) {
      this.#noteOther(number, frame, at);
      return;
    }
    const { exchange } = underWay;
    exchange.hear(frame, at);
    this.#lastAnswerAt = at;
    const verdict = judgeTcpFrame(frame, exchange.question);
    if (verdict.kind === 'answer') this.#finish(number, 'ok', at, verdict.data);
    else if (verdict.kind === 'exception') this.#finish(number, 'exception', at, null, verdict.code);
    else this.#finish(number, verdict.kind, at);
  }

  /** A late answer, or one to a number that was never asked under, or is forgotten: of use to nobody. */
  #noteOther(number: number, frame: Uint8Array, at: Monotonic): void {
    const owed = this.#givenUp.get(number);
    this.#givenUp.delete(number);
    const [oldest] = this.#underWay.values();
    if (!owed && oldest) {
      oldest.exchange.hear(frame, at);
      oldest.exchange.junkBefore += frame.length;
      oldest.exchange.foreign ??= 'foreign-slave';
      return;
    }
    if (owed) this.#responseTimes.of(owed.address).answeredLate(at - owed.sent);
    const address = owed?.address ?? anybody;
    this.#late.set(address, (this.#late.get(address) ?? 0) + frame.length - this.#told);
  }

  #takeLate(address: number): number {
    if (this.#late.size === 0) return 0;
    const late = (this.#late.get(address) ?? 0) + (this.#late.get(anybody) ?? 0);
    this.#late.delete(address);
    this.#late.delete(anybody);
    return late;
  }

  #failAll(outcome: Outcome): void {
    for (const number of this.#underWay.keys()) this.#finish(number, outcome);
  }

  #finish(
    number: number,
    outcome: Outcome,
    monotonic: Monotonic = this.#clock.monotonic(),
    data: Uint8Array | null = null,
    exception: number | null = null,
  ): void {
    const underWay = this.#underWay.get(number);
    if (!underWay) return;
    this.#underWay.delete(number);
    const { exchange, resolve } = underWay;
    const { question } = exchange;
    const at = Math.round(this.#clock.wall() - (this.#clock.monotonic() - monotonic)) as WallTime;
    if (question.gap > 0) this.#readyAt.set(question.address, monotonic + question.gap);
    if (isSilent(outcome) || outcome === 'short') this.#responseTimes.of(question.address).timedOut();
    // Behind others in the device's queue it says nothing of this slave how long its answer took.
    if (outcome === 'ok' && this.#underWay.size === 0) {
      this.#responseTimes.of(question.address).answered(monotonic - exchange.sent);
    }
    this.#presence.note(question.address, outcome, question.instrument === null);
    const end = { outcome, exception, at, monotonic };
    this.#observe(exchange.toTransaction(this.#link, tcpAnswerLength(question), end));
    resolve({ outcome, data, exception, at, monotonic, took: Math.max(0, monotonic - exchange.sent) });
  }
}
