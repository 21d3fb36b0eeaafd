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
import {
  beginsAnswer,
  encodeRtu,
  type Finding,
  findRtu,
  holdsHead,
  rtuAnswerLength,
  silenceOf,
} from './modbus-framing.ts';
import { OwedAnswers } from './owed-answers.ts';

/** Bytes that hold no frame and are kept to look for one; more are stepped over. */
const mostJunk = 256;
/** A line that is never quiet is waited for so long, milliseconds, before a request goes out all the same. */
const longestUnrest = 1000;
/** Silence after which a damaged answer is over; USB adapters deliver in pieces up to 16 ms apart. */
const damagedOver = 50;
/** Behind a device server the baud rate is not known; what depends on it is reckoned at 9600 bit/s, milliseconds a byte. */
const assumedByteTime = 1.2;
/** After so many questions whose only answers came before the request was out, the line is taken to have no speed. */
const earlyAnswers = 3;
/** Characters at the end of an answer that are awaited one by one. */
const awaitedSingly = 3;
/** Bytes that come together where they come as they are sent. */
const finePiece = 4;
/** A shorter rest is not worth a timer, milliseconds. */
const leastRest = 4;
const nothing = new Uint8Array(0);
/** Bytes of nobody known; no slave has this address. */
const anybody = 0;

interface Strays {
  /** Told of bytes that answer no question of ours, for it may be another master that speaks, and of our last request. */
  readonly onStray?: ((bytes: Uint8Array, at: Monotonic, ownRequest: Uint8Array) => void) | undefined;
}

/**
 * Modbus RTU on a line that all slaves share: one question at a time.
 *
 * An RTU answer names its slave and length but not its registers, so a late answer to an earlier request of the same
 * shape cannot be told from a true one. After every question that may still be answered, its slave is therefore not
 * asked again until the late answer has come, or a good while (longer where this slave was seen to be later) has
 * passed. Other slaves need not wait: their answers carry another address.
 */
export class ModbusRtuConversation implements ModbusConversation {
  readonly outstanding = 1;
  readonly #link: Link;
  readonly #clock: Clock;
  readonly #observe: (event: Transaction) => void;
  readonly #silence: number;
  readonly #owed: OwedAnswers;
  readonly #readyAt = new Map<number, number>();
  readonly #responseTimes = new ResponseTimes();
  readonly #presence: Presence;
  readonly #onStray: NonNullable<Strays['onStray']>;
  #buffer: Uint8Array = nothing;
  #lastRequest: Uint8Array = nothing;
  /** The next piece was left in the system on purpose. */
  #isRested = false;
  /** Bytes that came together last. */
  #lastPiece = 0;
  #lastActivity = Number.NEGATIVE_INFINITY;
  /** Bytes thrown away between questions, by the slave they came from. */
  readonly #late = new Map<number, number>();
  #earlyInARow = 0;
  #isSpeedless = false;

  constructor({ link, clock, observe, onStray }: ModbusConversationOptions & Strays) {
    this.#link = link;
    this.#presence = new Presence(link);
    this.#clock = clock;
    this.#observe = observe;
    this.#onStray = onStray ?? (() => undefined);
    this.#owed = new OwedAnswers((address, took) => this.#responseTimes.of(address).answeredLate(took));
    this.#silence = silenceOf(link.characterTime || assumedByteTime);
  }

  readyAt(address: number): Monotonic {
    return Math.max(this.#readyAt.get(address) ?? 0, this.#owed.until(address)) as Monotonic;
  }

  get isOwed(): boolean {
    return this.#owed.isOpenAt(this.#clock.monotonic());
  }

  reset(): void {
    this.#buffer = nothing;
    this.#presence.reset();
  }

  async listen(milliseconds: number): Promise<void> {
    const arrival = await this.#link.read(milliseconds);
    if (typeof arrival === 'object' && 'bytes' in arrival) this.#noteLate(arrival.bytes, arrival.at);
  }

  /** Throws bytes away that answer no question under way; they are told with the slave's next transaction. */
  #noteLate(bytes: Uint8Array, at: Monotonic): void {
    const owing = this.#owed.addresses;
    this.#owed.hear(bytes, at);
    this.#onStray(bytes, at, this.#lastRequest);
    const whose = owing.find((address) => !this.#owed.addresses.includes(address)) ?? anybody;
    this.#late.set(whose, (this.#late.get(whose) ?? 0) + bytes.length);
  }

  #takeLate(address: number): number {
    const late = (this.#late.get(address) ?? 0) + (this.#late.get(anybody) ?? 0);
    this.#late.delete(address);
    this.#late.delete(anybody);
    return late;
  }

  async ask(question: ModbusQuestion): Promise<ModbusResult> {
    await this.#untilQuiet(question);
    const late = this.#takeLate(question.address);
    const started = this.#clock.monotonic();
    const request = encodeRtu(question);
    this.#lastRequest = request;
    const exchange = new Exchange(question, request, started, late);
    if ((await this.#link.write(request)) !== null) return this.#finish(exchange, 'line-lost');
    // A system may say that bytes are out while the adapter still sends them; the line knows no shortcut.
    const onWire = started + request.length * this.#link.characterTime;
    exchange.sent = Math.max(this.#clock.monotonic(), onWire) as Monotonic;
    this.#lastActivity = exchange.sent;
    return this.#await(exchange);
  }

  /** Waits until the slave may be asked and the line has been quiet; what comes meanwhile is thrown away. */
  async #untilQuiet({ address, turnAround = 0 }: ModbusQuestion): Promise<void> {
    const silence = Math.max(this.#silence, turnAround);
    const patience = Math.max(this.#clock.monotonic(), this.readyAt(address)) + longestUnrest;
    for (;;) {
      const now = this.#clock.monotonic();
      const quiet = Math.max(this.readyAt(address), this.#lastActivity + silence);
      const arrival = await this.#link.read(Math.max(0, quiet - now));
      if (arrival === 'timeout') {
        if (this.#clock.monotonic() >= quiet) return;
      } else if ('bytes' in arrival) {
        this.#lastActivity = Math.max(this.#lastActivity, arrival.at);
        this.#noteLate(arrival.bytes, arrival.at);
        if (now > patience) return;
      } else {
        return;
      }
    }
  }

  async #await(exchange: Exchange): Promise<ModbusResult> {
    const { question, request } = exchange;
    const byteTime = this.#link.characterTime || assumedByteTime;
    const wait = question.hasty ? this.#responseTimes.of(question.address).wait(question.timeout) : question.timeout;
    // Some device servers hand an answer over whole: its own time on the line comes on top.
    const begin = exchange.sent + wait + rtuAnswerLength(question) * this.#link.characterTime;
    const end = begin + rtuAnswerLength(question) * byteTime * 1.5 + damagedOver;
    for (;;) {
      const finding = findRtu(this.#buffer, question, request);
      if (finding.kind === 'answer' && (await this.#goesOn(exchange, end))) continue;
      const result = this.#judge(exchange, finding);
      if (result === 'again') continue;
      if (result !== 'wait') return result;
      let until = this.#buffer.length > 0 ? end : begin;
      if (finding.kind === 'damaged')
        until = Math.min(until, this.#lastActivity + Math.max(damagedOver, this.#silence));
      const now = this.#clock.monotonic();
      if (now >= until) return this.#finish(exchange, this.#givenUp(exchange, finding));
      this.#restUntilNearEnd(question);
      const arrival = await this.#link.read(until - now);
      if (arrival === 'timeout') continue;
      if (!('bytes' in arrival)) return this.#finish(exchange, 'line-lost');
      this.#hear(exchange, arrival.bytes, arrival.at);
    }
  }

  /**
   * Once the head of the answer is there, it is known when the rest will be; only its last characters are awaited one by
   * one, since the silence behind them counts. An adapter that hands over many at once saves the wakings itself, and when
   * its next piece comes cannot be reckoned.
   */
  #restUntilNearEnd(question: ModbusQuestion): void {
    if (this.#lastPiece > finePiece || !holdsHead(this.#buffer, question)) return;
    const missing = rtuAnswerLength(question) - this.#buffer.length - awaitedSingly;
    const rest = Math.floor(missing * this.#link.characterTime) - 1;
    if (rest < leastRest) return;
    this.#isRested = true;
    this.#link.rest(rest);
  }

  /**
   * True if more came before the silence that ends a frame: whoever answers right behind an answer makes it doubtful.
   * The silence has to be kept before the next request anyway, so nothing is lost by it.
   */
  async #goesOn(exchange: Exchange, end: number): Promise<boolean> {
    const now = this.#clock.monotonic();
    const quiet = Math.min(this.#lastActivity + this.#silence, end);
    if (now >= quiet) return false;
    const arrival = await this.#link.read(quiet - now);
    if (typeof arrival === 'object' && 'bytes' in arrival) this.#hear(exchange, arrival.bytes, arrival.at);
    return arrival === 'timeout' || 'bytes' in arrival;
  }

  #hear(exchange: Exchange, bytes: Uint8Array, at: Monotonic): void {
    exchange.hear(bytes, at, this.#isRested);
    this.#isRested = false;
    this.#lastPiece = bytes.length;
    this.#lastActivity = at;
    this.#buffer = Buffer.concat([this.#buffer, bytes]);
    const excess = this.#buffer.length - rtuAnswerLength(exchange.question) - mostJunk;
    if (excess > 0) {
      exchange.junkBefore += excess;
      this.#buffer = this.#buffer.subarray(excess);
    }
  }

  /** Ends the exchange, steps over something, or waits for more. */
  #judge(exchange: Exchange, finding: Finding): ModbusResult | 'again' | 'wait' {
    switch (finding.kind) {
      case 'incomplete':
      case 'damaged':
        return 'wait';
      case 'answer': {
        if (this.#isBeforeRequest(exchange)) {
          exchange.early = true;
          exchange.junkBefore += finding.end - finding.start;
          this.#consume(exchange, finding.start, finding.end);
          return 'again';
        }
        this.#consume(exchange, finding.start, finding.end);
        if (this.#isContradicted(exchange, finding.data)) return this.#finish(exchange, 'foreign-slave');
        return this.#finish(exchange, 'ok', finding.data);
      }
      case 'exception':
        this.#consume(exchange, finding.start, finding.end);
        return this.#finish(exchange, 'exception', null, finding.code);
      case 'echo':
        exchange.echoed += finding.end - finding.start;
        this.#consume(exchange, finding.start, finding.end);
        return 'again';
      default:
        this.#noteForeign(this.#buffer.slice(finding.start, finding.end));
        exchange.junkBefore += finding.end - finding.start;
        exchange.foreign ??= finding.kind;
        this.#consume(exchange, finding.start, finding.end);
        return 'again';
    }
  }

  /** A whole frame that is no answer to us: a late answer, or somebody else's. */
  #noteForeign(frame: Uint8Array): void {
    const at = this.#lastActivity as Monotonic;
    this.#owed.hear(frame, at);
    this.#onStray(frame, at, this.#lastRequest);
  }

  #consume(exchange: Exchange, start: number, end: number): void {
    exchange.junkBefore += start;
    this.#buffer = this.#buffer.subarray(end);
  }

  /**
   * True if the answer was there before the request had left: it answers an earlier one, once more. A line that does
   * this again and again has no baud rate, such as an instrument with USB of its own; then it means nothing.
   */
  #isBeforeRequest({ sent }: Exchange): boolean {
    return !this.#isSpeedless && this.#link.characterTime > 0 && this.#lastActivity < sent;
  }

  /** True if a second answer that says something else came along: nobody can tell which of them was meant. */
  #isContradicted({ question, request }: Exchange, data: Uint8Array): boolean {
    const second = findRtu(this.#buffer, question, request);
    return second.kind === 'answer' && Buffer.compare(second.data, data) !== 0;
  }

  #givenUp(exchange: Exchange, finding: Finding): Outcome {
    const left = this.#buffer.length;
    if (exchange.arrived === 0) return 'no-bytes';
    if (exchange.arrived - exchange.echoed <= left && this.#isOwnVoice(exchange)) return 'echo';
    if (finding.kind === 'damaged') return 'crc';
    if (exchange.foreign) return exchange.foreign;
    return beginsAnswer(this.#buffer, exchange.question) ? 'short' : 'junk';
  }

  /**
   * True if what is left is nothing, or the beginning of our own request, from an adapter that hears itself and cuts the
   * end. The first three bytes may be those of an answer as well.
   */
  #isOwnVoice({ request }: Exchange): boolean {
    const left = this.#buffer;
    if (left.length === 0) return true;
    return left.length > 3 && left.length < request.length && left.every((byte, place) => byte === request[place]);
  }

  #finish(
    exchange: Exchange,
    outcome: Outcome,
    data: Uint8Array | null = null,
    exception: number | null = null,
  ): ModbusResult {
    const { question, request } = exchange;
    const answered = outcome === 'ok' || outcome === 'exception';
    const now = this.#clock.monotonic();
    const monotonic = (answered ? Math.min(now, this.#lastActivity) : now) as Monotonic;
    const at = Math.round(this.#clock.wall() - (now - monotonic)) as WallTime;
    if (answered) exchange.junkAfter += this.#buffer.length;
    else exchange.junkBefore += this.#buffer.length;
    this.#buffer = nothing;
    this.#readyAt.set(question.address, monotonic + question.gap);
    if (answered || outcome === 'crc') this.#owed.settle(question.address);
    else {
      // Only a damaged beginning of an answer is a word of the slave; noise and the frames of others are none.
      const nothingCame = outcome !== 'short' && outcome !== 'line-lost';
      this.#owed.expect(question, request, { sent: exchange.sent, givenUpAt: monotonic, nothingCame });
    }
    this.#learn(exchange, outcome, monotonic);
    this.#presence.note(question.address, outcome, question.instrument === null);
    this.#earlyInARow = exchange.early && !answered ? this.#earlyInARow + 1 : 0;
    this.#isSpeedless ||= this.#earlyInARow >= earlyAnswers;
    this.#observe(exchange.toTransaction(this.#link, rtuAnswerLength(question), { outcome, exception, at, monotonic }));
    return { outcome, data, exception, at, monotonic, took: Math.max(0, monotonic - exchange.sent) };
  }

  /** What came between, or before the request, makes it doubtful when the answer began. */
  #learn({ question, sent, junkBefore, junkAfter, echoed }: Exchange, outcome: Outcome, last: Monotonic): void {
    const time = this.#responseTimes.of(question.address);
    if (isSilent(outcome)) time.timedOut();
    if (outcome !== 'ok' || junkBefore + junkAfter + echoed > 0) return;
    time.answered(Math.max(0, last - sent - rtuAnswerLength(question) * this.#link.characterTime));
  }
}
