import type { Clock, Monotonic, WallTime } from '../clock.ts';
import type { Link } from '../link/link.ts';
import { isSilent, type Outcome, type Transaction } from './events.ts';
import { Exchange, type ModbusQuestion, type ModbusResult } from './modbus-exchange.ts';
import type { Finding, Framing, ModbusRead } from './modbus-framing.ts';
import { OwedAnswers } from './owed-answers.ts';
import { ResponseTime } from './response-time.ts';

export interface ModbusConversationOptions {
  readonly link: Link;
  readonly framing: Framing;
  readonly clock: Clock;
  readonly observe: (event: Transaction) => void;
}

/** Bytes that hold no frame and are kept to look for one; more are stepped over. */
const mostJunk = 256;
/** A line that is never quiet is waited for so long, milliseconds, before a request goes out all the same. */
const longestUnrest = 1000;
/** Above 19200 bit/s the silence between frames is fixed (Modbus over Serial Line V1.02, 2.5.1.1), milliseconds. */
const fixedSilence = 1.75;
/** Silence after which a damaged answer is over; USB adapters deliver in pieces up to 16 ms apart. */
const damagedOver = 50;
/** Behind a device server the baud rate is not known; what depends on it is reckoned at 9600 bit/s, milliseconds a byte. */
const assumedByteTime = 1.2;
/** After so many questions without a single byte a TCP connection is made anew: its other end may be gone unnoticed. */
const silentQuestions = 3;
/** After so many questions whose only answers came before the request was out, the line is taken to have no speed. */
const earlyAnswers = 3;
/** Bytes of nobody known; no slave has this address. */
const anybody = 0;

/**
 * Asks the slaves of one line, one question at a time, and takes nothing for an answer that may be something else.
 *
 * An RTU answer names its slave and length but not its registers, so a late answer to an earlier request of the same
 * shape cannot be told from a true one. After every question that may still be answered, its slave is therefore not
 * asked again until the late answer has come, or a good while (longer where this slave was seen to be later) has
 * passed. Other slaves need not wait: their answers carry another address.
 */
export class ModbusConversation {
  readonly #link: Link;
  readonly #framing: Framing;
  readonly #clock: Clock;
  readonly #observe: (event: Transaction) => void;
  readonly #silence: number;
  readonly #owed: OwedAnswers;
  readonly #readyAt = new Map<number, number>();
  readonly #responseTimes = new Map<number, ResponseTime>();
  #buffer: Uint8Array = new Uint8Array(0);
  #lastActivity = Number.NEGATIVE_INFINITY;
  #silentInARow = 0;
  /** Bytes thrown away between questions, by the slave they came from. */
  readonly #late = new Map<number, number>();
  #earlyInARow = 0;
  #isSpeedless = false;
  /** Slaves that answered since the link was opened. */
  readonly #heardOf = new Set<number>();

  constructor({ link, framing, clock, observe }: ModbusConversationOptions) {
    this.#link = link;
    this.#framing = framing;
    this.#clock = clock;
    this.#observe = observe;
    this.#owed = new OwedAnswers(framing, (address, took) => this.#responseTime(address).answeredLate(took));
    this.#silence = framing.numbersTransactions ? 0 : silenceOf(link.characterTime || assumedByteTime);
  }

  /** The earliest moment at which this slave may be asked again. */
  readyAt(address: number): Monotonic {
    return Math.max(this.#readyAt.get(address) ?? 0, this.#owed.until(address)) as Monotonic;
  }

  /** True while a late answer may still come. */
  get isOwed(): boolean {
    return this.#owed.isOpenAt(this.#clock.monotonic());
  }

  /** The link was opened anew: nothing that came before belongs to what comes now. */
  reset(): void {
    this.#buffer = new Uint8Array(0);
    this.#silentInARow = 0;
    this.#heardOf.clear();
  }

  /** Hears what comes unasked, such as a late answer, until something came or `milliseconds` have passed. */
  async listen(milliseconds: number): Promise<void> {
    const arrival = await this.#link.read(milliseconds);
    if (typeof arrival === 'object' && 'bytes' in arrival) this.#noteLate(arrival.bytes, arrival.at);
  }

  /** Throws bytes away that answer no question under way; they are told with the slave's next transaction. */
  #noteLate(bytes: Uint8Array, at: Monotonic): void {
    const owing = this.#owed.addresses;
    const thrownAway = this.#stray(bytes, at);
    const whose = owing.find((address) => !this.#owed.addresses.includes(address)) ?? anybody;
    this.#late.set(whose, (this.#late.get(whose) ?? 0) + thrownAway);
  }

  #takeLate(address: number): number {
    const late = (this.#late.get(address) ?? 0) + (this.#late.get(anybody) ?? 0);
    this.#late.delete(address);
    this.#late.delete(anybody);
    return late;
  }

  /** Asks, waits, and resolves to what came of it; never throws. Calls must not overlap. */
  async ask(question: ModbusQuestion): Promise<ModbusResult> {
    await this.#untilQuiet(question);
    const late = this.#takeLate(question.address);
    const started = this.#clock.monotonic();
    const request = this.#framing.encode(question);
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

  /** Bytes that answer no question under way; returns how many were thrown away. */
  #stray(bytes: Uint8Array, at: Monotonic): number {
    if (!this.#framing.numbersTransactions) {
      this.#owed.hear(bytes, at);
      return bytes.length;
    }
    // Without check sums a frame can only be skipped whole; the start of one stays for its rest to come.
    this.#buffer = Buffer.concat([this.#buffer, bytes]);
    let thrownAway = 0;
    const nobody: ModbusRead = { address: 0, functionCode: 3, start: 0, count: 1 };
    for (;;) {
      const finding = this.#framing.find(this.#buffer, nobody, new Uint8Array(0));
      if (finding.kind === 'desynchronised') {
        void this.#link.close();
        return thrownAway + this.#buffer.length;
      }
      if (finding.kind === 'incomplete') return thrownAway;
      thrownAway += finding.end;
      this.#buffer = this.#buffer.subarray(finding.end);
    }
  }

  async #await(exchange: Exchange): Promise<ModbusResult> {
    const { question, request } = exchange;
    const byteTime = this.#link.characterTime || assumedByteTime;
    const wait = question.hasty ? this.#responseTime(question.address).wait(question.timeout) : question.timeout;
    // Some device servers hand an answer over whole: its own time on the line comes on top.
    const begin = exchange.sent + wait + this.#framing.answerLength(question) * this.#link.characterTime;
    const end = begin + this.#framing.answerLength(question) * byteTime * 1.5 + damagedOver;
    for (;;) {
      const finding = this.#framing.find(this.#buffer, question, request);
      if (finding.kind === 'answer' && (await this.#goesOn(exchange, end))) continue;
      const result = this.#judge(exchange, finding);
      if (result === 'again') continue;
      if (result !== 'wait') return result;
      let until = this.#buffer.length > 0 ? end : begin;
      if (finding.kind === 'damaged')
        until = Math.min(until, this.#lastActivity + Math.max(damagedOver, this.#silence));
      const now = this.#clock.monotonic();
      if (now >= until) return this.#finish(exchange, this.#givenUp(exchange, finding));
      const arrival = await this.#link.read(until - now);
      if (arrival === 'timeout') continue;
      if (!('bytes' in arrival)) return this.#finish(exchange, 'line-lost');
      this.#hear(exchange, arrival.bytes, arrival.at);
    }
  }

  /**
   * True if more came before the silence that ends a frame: whoever answers right behind an answer makes it doubtful.
   * The silence has to be kept before the next request anyway, so nothing is lost by it.
   */
  async #goesOn(exchange: Exchange, end: number): Promise<boolean> {
    const now = this.#clock.monotonic();
    const quiet = Math.min(this.#lastActivity + this.#silence, end);
    if (this.#framing.numbersTransactions || now >= quiet) return false;
    const arrival = await this.#link.read(quiet - now);
    if (typeof arrival === 'object' && 'bytes' in arrival) this.#hear(exchange, arrival.bytes, arrival.at);
    return arrival === 'timeout' || 'bytes' in arrival;
  }

  #hear(exchange: Exchange, bytes: Uint8Array, at: Monotonic): void {
    exchange.hear(bytes, at);
    this.#lastActivity = at;
    this.#buffer = Buffer.concat([this.#buffer, bytes]);
    const excess = this.#buffer.length - this.#framing.answerLength(exchange.question) - mostJunk;
    if (excess > 0 && !this.#framing.numbersTransactions) {
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
      case 'desynchronised':
        void this.#link.close();
        return this.#finish(exchange, 'junk');
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
        this.#owed.hear(this.#buffer.subarray(finding.start, finding.end), this.#lastActivity as Monotonic);
        exchange.junkBefore += finding.end - finding.start;
        exchange.foreign ??= finding.kind === 'foreign-transaction' ? 'foreign-slave' : finding.kind;
        this.#consume(exchange, finding.start, finding.end);
        return 'again';
    }
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
    if (this.#framing.numbersTransactions) return false;
    const second = this.#framing.find(this.#buffer, question, request);
    return second.kind === 'answer' && Buffer.compare(second.data, data) !== 0;
  }

  #givenUp(exchange: Exchange, finding: Finding): Outcome {
    const left = this.#buffer.length;
    if (exchange.arrived === 0) return 'no-bytes';
    if (exchange.arrived - exchange.echoed <= left && this.#isOwnVoice(exchange)) return 'echo';
    if (finding.kind === 'damaged') return 'crc';
    if (exchange.foreign) return exchange.foreign;
    return this.#framing.beginsAnswer(this.#buffer, exchange.question, exchange.request) ? 'short' : 'junk';
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
    if (!this.#framing.numbersTransactions) {
      if (answered) exchange.junkAfter += this.#buffer.length;
      else exchange.junkBefore += this.#buffer.length;
      this.#buffer = new Uint8Array(0);
    }
    this.#readyAt.set(question.address, monotonic + question.gap);
    if (answered || outcome === 'crc') this.#owed.settle(question.address);
    else if (!this.#framing.numbersTransactions) {
      // Only a damaged beginning of an answer is a word of the slave; noise and the frames of others are none.
      const nothingCame = outcome !== 'short' && outcome !== 'line-lost';
      this.#owed.expect(question, request, { sent: exchange.sent, givenUpAt: monotonic, nothingCame });
    }
    this.#learn(exchange, outcome, monotonic);
    this.#noteSilence(question.address, outcome);
    this.#earlyInARow = exchange.early && !answered ? this.#earlyInARow + 1 : 0;
    this.#isSpeedless ||= this.#earlyInARow >= earlyAnswers;
    this.#observe(
      exchange.toTransaction(this.#link, this.#framing.answerLength(question), { outcome, exception, at, monotonic }),
    );
    return { outcome, data, exception, at, monotonic };
  }

  /** What came between, or before the request, makes it doubtful when the answer began. */
  #learn({ question, sent, junkBefore, junkAfter, echoed }: Exchange, outcome: Outcome, last: Monotonic): void {
    const time = this.#responseTime(question.address);
    if (isSilent(outcome)) time.timedOut();
    if (outcome !== 'ok' || junkBefore + junkAfter + echoed > 0) return;
    time.answered(Math.max(0, last - sent - this.#framing.answerLength(question) * this.#link.characterTime));
  }

  #responseTime(address: number): ResponseTime {
    let time = this.#responseTimes.get(address);
    if (!time) {
      time = new ResponseTime();
      this.#responseTimes.set(address, time);
    }
    return time;
  }

  /** Only who answered on this connection can show by silence that it is gone; a dead slave must not cost it. */
  #noteSilence(address: number, outcome: Outcome): void {
    if (!isSilent(outcome)) {
      this.#silentInARow = 0;
      this.#heardOf.add(address);
    } else if (this.#heardOf.has(address)) {
      this.#silentInARow += 1;
    }
    if (this.#silentInARow < silentQuestions || this.#link.medium === 'wire') return;
    this.#silentInARow = 0;
    void this.#link.close();
  }
}

/** Milliseconds of silence that set two RTU frames apart on this line: t3.5. */
export function silenceOf(characterTime: number): number {
  return characterTime === 0 ? 0 : Math.max(3.5 * characterTime, fixedSilence);
}
