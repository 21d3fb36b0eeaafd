import {
  type Dlt645Answer,
  type Dlt645Finding,
  type Dlt645Frame,
  type Dlt645Question,
  dlt645FrameLength,
  encodeDlt645,
  findDlt645Frame,
  judgeDlt645,
  longestDlt645Frame,
  wakeBytesBefore,
} from '../../../device-profiles/dlt645.ts';
import type { Clock, Monotonic, WallTime } from '../../clock.ts';
import type { Link } from '../../link/link.ts';
import { isSilent, type Outcome, type Transaction } from '../events.ts';
import { Presence, ResponseTimes } from '../modbus/modbus-conversation.ts';
import { type Asked, Exchange } from '../modbus/modbus-exchange.ts';
import { untilQuiet } from '../quiet.ts';

/** One question to one meter. */
interface Dlt645Ask extends Asked {
  /** The instrument of the site that is asked; null for a search. */
  readonly instrument: string | null;
  readonly address: null;
  readonly question: Dlt645Question;
  /** Bytes FE before the request. */
  readonly wakeBytes: number;
  /** Bytes of data that are still wanted, the identifier left out; an answer that brings another number is not understood. */
  readonly wanted: number;
  /** Longest that the meter takes until its answer begins, milliseconds from the end of the request. */
  readonly timeout: number;
  /** True if it may be given up as soon as the answer takes longer than this meter's usually do. */
  readonly hasty: boolean;
  /** Least silence on the line before the request, milliseconds. */
  readonly turnAround: number;
}

export interface Dlt645Result {
  readonly outcome: Outcome;
  /** Null unless the outcome is `ok`. */
  readonly answer: Extract<Dlt645Answer, { kind: 'data' | 'address' }> | null;
  /** The error byte of a refusal. */
  readonly exception: number | null;
  /** When the last byte was seen, or the question was given up. */
  readonly at: WallTime;
  readonly monotonic: Monotonic;
}

interface Dlt645ConversationOptions {
  readonly link: Link;
  readonly clock: Clock;
  readonly observe: (event: Transaction) => void;
}

/** Wake bytes before an answer, at most. */
const mostWakeBytes = 8;
/** Bytes in which an answer is looked for; more are stepped over. */
const mostHeard = 2 * longestDlt645Frame;
/** Within a frame nobody is silent for longer, milliseconds; that the standard says so was not read. */
const frameGap = 500;
/** Silence after which a damaged answer is over; USB adapters deliver in pieces up to 16 ms apart. */
const damagedOver = 50;
/** Behind a device server the speed is not known; what depends on it is reckoned at 2400 bit/s 8E1, milliseconds a byte. */
const assumedByteTime = 4.6;
const nothing = new Uint8Array(0);

/**
 * Asks the DL/T 645 meters of one line, one question at a time. An answer names its meter, function and identifier, so
 * that of another question, or of another meter, is stepped over and never taken for this one's.
 */
export class Dlt645Conversation {
  readonly #link: Link;
  readonly #clock: Clock;
  readonly #observe: (event: Transaction) => void;
  readonly #responseTimes = new ResponseTimes();
  readonly #presence: Presence;
  #buffer: Uint8Array = nothing;
  #lastActivity = Number.NEGATIVE_INFINITY;

  constructor({ link, clock, observe }: Dlt645ConversationOptions) {
    this.#link = link;
    this.#clock = clock;
    this.#observe = observe;
    this.#presence = new Presence(link);
  }

  /** The link was opened anew: nothing that came before belongs to what comes now. */
  reset(): void {
    this.#presence.reset();
  }

  /** Asks, waits, and resolves to what came of it; never throws. Calls must not overlap. */
  async ask(ask: Dlt645Ask): Promise<Dlt645Result> {
    const { late, lastActivity } = await untilQuiet(this.#link, this.#clock, ask.turnAround, this.#lastActivity);
    this.#lastActivity = lastActivity;
    const started = this.#clock.monotonic();
    const request = encodeDlt645(ask.question, ask.wakeBytes);
    const exchange = new Exchange<Dlt645Ask>(ask, request, started, late);
    this.#buffer = nothing;
    if ((await this.#link.write(request)) !== null) return this.#finish(exchange, 'line-lost');
    // A system may say that bytes are out while the adapter still sends them.
    const onWire = started + request.length * this.#link.characterTime;
    exchange.sent = Math.max(this.#clock.monotonic(), onWire) as Monotonic;
    this.#lastActivity = exchange.sent;
    return this.#await(exchange);
  }

  async #await(exchange: Exchange<Dlt645Ask>): Promise<Dlt645Result> {
    const { question: ask, sent } = exchange;
    const wait = ask.hasty ? this.#responseTimes.of(keyOf(ask)).wait(ask.timeout) : ask.timeout;
    const byteTime = this.#link.characterTime || assumedByteTime;
    // Some device servers hand an answer over whole: its own time on the line comes on top.
    const begin = sent + wait + answerLength(ask) * this.#link.characterTime;
    const end = begin + longestDlt645Frame * byteTime + frameGap;
    for (;;) {
      const finding = findDlt645Frame(this.#buffer);
      if (finding.kind === 'frame') {
        if (await this.#goesOn(exchange)) continue;
        const result = this.#judge(exchange, finding);
        if (result) return result;
        continue;
      }
      const now = this.#clock.monotonic();
      const until = this.#patience(finding, begin, end);
      if (now >= until) return this.#finish(exchange, this.#givenUp(exchange, finding));
      const arrival = await this.#link.read(until - now);
      if (arrival === 'timeout') continue;
      if (!('bytes' in arrival)) return this.#finish(exchange, 'line-lost');
      this.#hear(exchange, arrival.bytes, arrival.at);
    }
  }

  /**
   * True if more came before the silence that is kept before the next request anyway: whoever answers right behind an
   * answer makes it doubtful.
   */
  async #goesOn(exchange: Exchange<Dlt645Ask>): Promise<boolean> {
    const quiet = this.#lastActivity + exchange.question.turnAround - this.#clock.monotonic();
    if (quiet <= 0 || this.#buffer.length > longestDlt645Frame) return false;
    const arrival = await this.#link.read(quiet);
    if (typeof arrival === 'object' && 'bytes' in arrival) this.#hear(exchange, arrival.bytes, arrival.at);
    return arrival === 'timeout' || 'bytes' in arrival;
  }

  /** Until when more is waited for, as things stand. */
  #patience(finding: Dlt645Finding, begin: number, end: number): number {
    if (finding.kind === 'damaged') return Math.min(begin, this.#lastActivity + damagedOver);
    if (finding.kind === 'incomplete') return Math.min(end, Math.max(begin, this.#lastActivity + frameGap));
    return begin;
  }

  #hear(exchange: Exchange<Dlt645Ask>, bytes: Uint8Array, at: Monotonic): void {
    exchange.hear(bytes, at);
    this.#lastActivity = at;
    this.#buffer = Buffer.concat([this.#buffer, bytes]);
    const excess = this.#buffer.length - mostHeard;
    if (excess > 0) this.#stepOver(exchange, excess);
  }

  /** Ends the exchange, or steps over a frame that is no answer to it. */
  #judge(
    exchange: Exchange<Dlt645Ask>,
    { start, end, frame }: Extract<Dlt645Finding, { kind: 'frame' }>,
  ): Dlt645Result | undefined {
    const { question: ask, request } = exchange;
    const whole = this.#buffer.subarray(start, end);
    const before = wakeBytesBefore(this.#buffer, start);
    if (isEndOf(whole, request)) {
      exchange.echoed += whole.length + before;
      exchange.junkBefore += start - before;
      this.#buffer = this.#buffer.subarray(end);
      return undefined;
    }
    const answer = judgeDlt645(frame, ask.question);
    if (isForeign(answer)) {
      exchange.foreign ??= answer.kind === 'foreign-meter' ? 'foreign-slave' : answer.kind;
      this.#stepOver(exchange, end);
      return undefined;
    }
    exchange.junkBefore += start - before;
    this.#buffer = this.#buffer.subarray(end);
    if (answer.kind === 'refusal') return this.#finish(exchange, 'exception', null, answer.code);
    if (answer.kind === 'data' && !fits(answer, ask)) return this.#finish(exchange, 'foreign-length');
    if (this.#isContradicted(ask, frame)) return this.#finish(exchange, 'foreign-slave');
    return this.#finish(exchange, 'ok', answer);
  }

  #stepOver(exchange: Exchange<Dlt645Ask>, count: number): void {
    exchange.junkBefore += count;
    this.#buffer = this.#buffer.subarray(count);
  }

  /** True if a second answer that says something else came along: nobody can tell which of them was meant. */
  #isContradicted({ question }: Dlt645Ask, { data }: Dlt645Frame): boolean {
    const second = findDlt645Frame(this.#buffer);
    if (second.kind !== 'frame' || Buffer.compare(second.frame.data, data) === 0) return false;
    return !isForeign(judgeDlt645(second.frame, question));
  }

  #givenUp(exchange: Exchange<Dlt645Ask>, finding: Dlt645Finding): Outcome {
    if (exchange.arrived === 0) return 'no-bytes';
    if (finding.kind === 'damaged') return 'crc';
    if (exchange.foreign) return exchange.foreign;
    const { arrived, echoed, request } = exchange;
    if (arrived === echoed + this.#buffer.length && isBeginningOf(this.#buffer, request)) return 'echo';
    return finding.kind === 'incomplete' ? 'short' : 'junk';
  }

  #finish(
    exchange: Exchange<Dlt645Ask>,
    outcome: Outcome,
    answer: Dlt645Result['answer'] = null,
    exception: number | null = null,
  ): Dlt645Result {
    const { question: ask } = exchange;
    const isAnswered = outcome === 'ok' || outcome === 'exception' || outcome === 'foreign-length';
    const now = this.#clock.monotonic();
    const monotonic = (isAnswered ? Math.min(now, this.#lastActivity) : now) as Monotonic;
    const at = Math.round(this.#clock.wall() - (now - monotonic)) as WallTime;
    if (isAnswered) exchange.junkAfter += this.#buffer.length;
    else exchange.junkBefore += this.#buffer.length;
    this.#buffer = nothing;
    this.#learn(exchange, outcome, monotonic);
    this.#presence.note(keyOf(ask), outcome);
    this.#observe(exchange.toTransaction(this.#link, answerLength(ask), { outcome, exception, at, monotonic }));
    return { outcome, answer, exception, at, monotonic };
  }

  /** What came between, or before the request, makes it doubtful when the answer began. */
  #learn({ question, sent, junkBefore, junkAfter }: Exchange<Dlt645Ask>, outcome: Outcome, last: Monotonic): void {
    const time = this.#responseTimes.of(keyOf(question));
    if (isSilent(outcome)) time.timedOut();
    if (outcome !== 'ok' || junkBefore + junkAfter > 0) return;
    time.answered(Math.max(0, last - sent - answerLength(question) * this.#link.characterTime));
  }
}

function keyOf({ question }: Dlt645Ask): number {
  return question.ask === 'address' ? -1 : Number(question.address);
}

/** Bytes that the answer would have, wake bytes included; without the part number of a further part. */
function answerLength({ question, wanted }: Dlt645Ask): number {
  const identifier = question.ask === 'address' ? 0 : question.identifier.length / 2;
  return mostWakeBytes / 2 + dlt645FrameLength(identifier + wanted);
}

/** True if the data is all that is wanted, or a part of it that another will follow. */
function fits({ data, more }: Extract<Dlt645Answer, { kind: 'data' }>, { question, wanted }: Dlt645Ask): boolean {
  if (!more) return data.length === wanted;
  // The 1997 edition does not number the parts of an answer, so that a late one cannot be told from the next.
  return question.ask === 'data' && question.edition === 2007 && data.length > 0 && data.length < wanted;
}

function isForeign(answer: Dlt645Answer): answer is Extract<Dlt645Answer, { kind: `foreign-${string}` }> {
  return answer.kind.startsWith('foreign-');
}

/** True for nothing at all, and for the beginning of our own request, from an adapter that hears itself and cuts the end. */
function isBeginningOf(bytes: Uint8Array, request: Uint8Array): boolean {
  return bytes.length < request.length && bytes.every((byte, place) => byte === request[place]);
}

function isEndOf(bytes: Uint8Array, whole: Uint8Array): boolean {
  return bytes.length > 0 && Buffer.compare(bytes, whole.subarray(whole.length - bytes.length)) === 0;
}
