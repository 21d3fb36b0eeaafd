import { type FrameFinding, findFrame } from '../../../device-profiles/framed/find-frame.ts';
import { areToldApart } from '../../../device-profiles/framed/messages.ts';
import { judgeFrame } from '../../../device-profiles/framed/read-frame.ts';
import type { FramedProfile } from '../../../device-profiles/profile.ts';
import type { FramedMessage, FramedStep } from '../../../device-profiles/shape/framed.ts';
import type { Clock, Monotonic, WallTime } from '../../clock.ts';
import type { Link } from '../../link/link.ts';
import { isSilent, type Outcome, type Transaction } from '../events.ts';
import { Presence } from '../modbus/modbus-conversation.ts';
import { type Asked, Exchange } from '../modbus/modbus-exchange.ts';
import { untilQuiet } from '../quiet.ts';

interface FramedConversationOptions {
  readonly link: Link;
  readonly clock: Clock;
  readonly observe: (event: Transaction) => void;
  readonly instrument: string;
  readonly profile: FramedProfile;
}

interface FramedResult {
  readonly outcome: Outcome;
  /** The frame that answers; null where it says that there is nothing new, and unless the outcome is `ok`. */
  readonly frame: Uint8Array | null;
  /** When the last byte was seen, or the question was given up. */
  readonly at: WallTime;
  readonly monotonic: Monotonic;
}

/** Where the speed is not known, that of a slow instrument is reckoned with: 300 bit/s, milliseconds a byte. */
const assumedByteTime = 37;
/** The instrument is alone on its line; its presence is noted under this number. */
const itself = 0;
const nothing = new Uint8Array(0);

/** Asks one instrument that has its line to itself, one request at a time, and says to it what starts and wakes it. */
export class FramedConversation {
  readonly #options: FramedConversationOptions;
  readonly #presence: Presence;
  #buffer: Uint8Array = nothing;
  /** The first of what was stepped over, as far as a request is long. */
  #skipped: Uint8Array = nothing;
  #lastActivity = Number.NEGATIVE_INFINITY;
  /** A message whose answer, or its rest, may still come. */
  #owed: { readonly message: FramedMessage; readonly isBegun: boolean } | null = null;
  /** True while the beginning of a line without a head was not seen: what comes up to its end is not whole. */
  #isMidLine = false;

  constructor(options: FramedConversationOptions) {
    this.#options = options;
    this.#presence = new Presence(options.link);
  }

  /** The link was opened anew: nothing that came before belongs to what comes now. */
  reset(): void {
    this.#presence.reset();
    this.#buffer = nothing;
    this.#owed = null;
  }

  /** Sends the message's request and resolves to what came of it; never throws. Calls must not overlap. */
  async ask(message: FramedMessage): Promise<FramedResult> {
    const { timeoutMs } = this.#options.profile.limits;
    const { framing } = this.#options.profile;
    const exchange = await this.#send(message.request ?? nothing, this.#silenceBefore(message));
    if (!exchange) return this.#result('line-lost', null);
    const byteTime = this.#options.link.characterTime || assumedByteTime;
    const begin = exchange.sent + timeoutMs;
    const end = begin + framing.longest * byteTime + framing.idleMs;
    for (;;) {
      const finding = this.#nextFinding(exchange);
      if (finding.kind === 'frame') {
        const result = this.#judge(exchange, message, finding);
        if (result) return result;
        continue;
      }
      const isUnderWay = finding.kind === 'incomplete';
      const until = isUnderWay ? Math.min(end, Math.max(begin, this.#lastActivity + framing.idleMs)) : begin;
      const heard = await this.#hear(exchange, until);
      if (heard === 'line-lost') return this.#finish(exchange, 'line-lost');
      if (heard !== 'timeout' || (isUnderWay && this.#passHead(exchange))) continue;
      this.#owed = { message, isBegun: isUnderWay };
      return this.#finish(exchange, this.#givenUp(exchange, isUnderWay));
    }
  }

  /**
   * An answer that is late must not be taken for that to another question, nor the rest of a line for a line. Where
   * nothing in it tells, it is waited for: as long as two questions may lie apart.
   */
  #silenceBefore(message: FramedMessage): number {
    const { limits, framing } = this.#options.profile;
    if (this.#owed === null) return limits.turnAroundMs;
    const isRest = this.#owed.isBegun && framing.start === undefined;
    const isOther = this.#owed.message.id !== message.id && !areToldApart(this.#owed.message, message);
    if (!isRest && !isOther) return limits.turnAroundMs;
    this.#owed = null;
    return Math.max(limits.turnAroundMs, 2 * limits.timeoutMs);
  }

  /** What looked like the beginning of a frame was none: a true one may stand behind it, where its check sum proves it. */
  #passHead(exchange: Exchange<Asked>): boolean {
    const { start, checkSum } = this.#options.profile.framing;
    if (start === undefined || checkSum === undefined) return false;
    exchange.foreign ??= 'short';
    this.#stepOver(exchange, 1);
    return true;
  }

  /** Says something for its effect, as often as the profile allows until the answer comes. */
  async perform({ send, expect, withinMs, tries }: FramedStep): Promise<Outcome> {
    let outcome: Outcome = 'no-bytes';
    for (let attempt = 0; attempt < tries && outcome !== 'ok' && outcome !== 'line-lost'; attempt += 1) {
      const exchange = await this.#send(send, this.#options.profile.limits.turnAroundMs);
      if (!exchange) return 'line-lost';
      outcome = await this.#awaitBytes(exchange, expect, withinMs);
      this.#finish(exchange, outcome, null, expect !== undefined);
      if (expect === undefined && outcome !== 'line-lost') return 'ok';
    }
    return outcome;
  }

  /** `ok`: what is expected came, or anything at all where nothing is. */
  async #awaitBytes(exchange: Exchange<Asked>, expect: Uint8Array | undefined, within: number): Promise<Outcome> {
    const { request } = exchange;
    const until = this.#options.clock.monotonic() + within;
    // Our own words, given back by an adapter, may hold what is expected; where they are nothing else, they are the answer.
    const isInRequest = expect !== undefined && includes(request, expect) && expect.length < request.length;
    for (;;) {
      const isFirst = isInRequest && this.#skipped.length === 0;
      if (isFirst && beginsWith(this.#buffer, request)) this.#stepOver(exchange, request.length);
      const isOwnSoFar = isFirst && beginsWith(request, this.#buffer);
      if (expect && !isOwnSoFar && includes(this.#buffer, expect)) return 'ok';
      const heard = await this.#hear(exchange, until);
      if (heard === 'line-lost') return 'line-lost';
      if (heard === 'bytes') continue;
      if (expect && includes(this.#buffer, expect)) return 'ok';
      const given = this.#givenUp(exchange, false);
      return given === 'junk' && expect === undefined ? 'ok' : given;
    }
  }

  /** Waits until the line is quiet, then sends; undefined when the line was lost over it. */
  async #send(bytes: Uint8Array, turnAround: number): Promise<Exchange<Asked> | undefined> {
    const { link, clock, instrument } = this.#options;
    this.#isMidLine = false;
    const { late, lastActivity, isQuiet } = await untilQuiet(link, clock, turnAround, this.#lastActivity);
    this.#lastActivity = lastActivity;
    if (!isQuiet) this.#isMidLine = true;
    const started = clock.monotonic();
    const exchange = new Exchange<Asked>({ instrument, address: null }, bytes, started, late);
    this.#buffer = nothing;
    if ((await link.write(bytes)) !== null) {
      this.#finish(exchange, 'line-lost');
      return undefined;
    }
    // A system may say that bytes are out while the adapter still sends them.
    exchange.sent = Math.max(clock.monotonic(), started + bytes.length * link.characterTime) as Monotonic;
    this.#lastActivity = exchange.sent;
    return exchange;
  }

  async #hear(exchange: Exchange<Asked>, until: number): Promise<'bytes' | 'timeout' | 'line-lost'> {
    const { link, clock } = this.#options;
    const now = clock.monotonic();
    if (now >= until) return 'timeout';
    const arrival = await link.read(until - now);
    if (arrival === 'timeout') return 'bytes';
    if (!('bytes' in arrival)) return 'line-lost';
    exchange.hear(arrival.bytes, arrival.at);
    this.#lastActivity = arrival.at;
    this.#buffer = Buffer.concat([this.#buffer, arrival.bytes]);
    return 'bytes';
  }

  /** The first frame in what has come, or the beginning of one; damaged ones are stepped over and counted. */
  #nextFinding(exchange: Exchange<Asked>): FrameFinding {
    this.#stripAnnouncement();
    for (;;) {
      const finding = findFrame(this.#options.profile.framing, this.#buffer);
      if (finding.kind === 'damaged') {
        exchange.foreign ??= finding.as;
        this.#stepOver(exchange, finding.end);
        this.#isMidLine = finding.isUnended ?? false;
        continue;
      }
      if (finding.kind === 'frame' && this.#isMidLine) {
        this.#isMidLine = false;
        if (this.#options.profile.framing.start === undefined) {
          this.#stepOver(exchange, finding.end);
          continue;
        }
      }
      if (finding.kind === 'nothing') this.#stepOver(exchange, this.#buffer.length);
      if (finding.kind === 'incomplete') this.#stepOver(exchange, finding.start);
      return finding;
    }
  }

  #stripAnnouncement(): void {
    const { announcedBy } = this.#options.profile.framing;
    if (announcedBy && beginsWith(this.#buffer, announcedBy)) this.#buffer = this.#buffer.subarray(announcedBy.length);
  }

  #stepOver(exchange: Exchange<Asked>, count: number): void {
    exchange.junkBefore += count;
    if (this.#skipped.length < exchange.request.length) {
      this.#skipped = Buffer.concat([this.#skipped, this.#buffer.subarray(0, count)]);
    }
    this.#buffer = this.#buffer.subarray(count);
  }

  /**
   * An adapter that hears itself gives back the request first. It is told from an answer that begins like its request by
   * what stood before the answer, not by what comes first.
   */
  #countEcho(exchange: Exchange<Asked>): void {
    const { request } = exchange;
    if (!beginsWith(this.#skipped, request)) return;
    exchange.echoed = request.length;
    exchange.junkBefore -= request.length;
  }

  /** Ends the exchange, or steps over a frame that is no answer to it. */
  #judge(
    exchange: Exchange<Asked>,
    message: FramedMessage,
    { start, end, frame }: Extract<FrameFinding, { kind: 'frame' }>,
  ): FramedResult | undefined {
    const isOwn = this.#skipped.length === 0 && Buffer.compare(this.#buffer.subarray(0, end), exchange.request) === 0;
    if (isOwn) {
      this.#stepOver(exchange, end);
      return undefined;
    }
    const kind = judgeFrame(this.#options.profile.framing, message, frame);
    if (kind === 'values' || kind === 'empty' || kind === 'refused') {
      this.#stepOver(exchange, start);
      this.#buffer = this.#buffer.subarray(end - start);
      return this.#finish(exchange, kind === 'refused' ? 'exception' : 'ok', kind === 'values' ? frame : null);
    }
    exchange.foreign = kind === 'foreign' ? 'foreign-function' : kind;
    this.#stepOver(exchange, end);
    return undefined;
  }

  #givenUp(exchange: Exchange<Asked>, isUnderWay: boolean): Outcome {
    if (exchange.arrived === 0) return 'no-bytes';
    const all = Buffer.concat([this.#skipped, this.#buffer]);
    if (exchange.arrived === all.length && beginsWith(exchange.request, all)) return 'echo';
    return exchange.foreign ?? (isUnderWay ? 'short' : 'junk');
  }

  /** `isDue`: an answer was; else its absence is no failure, and shows nothing. */
  #finish(exchange: Exchange<Asked>, outcome: Outcome, frame: Uint8Array | null = null, isDue = true): FramedResult {
    if (outcome === 'ok' || outcome === 'exception') exchange.junkAfter += frame ? this.#buffer.length : 0;
    else this.#stepOver(exchange, this.#buffer.length);
    this.#countEcho(exchange);
    this.#buffer = nothing;
    this.#skipped = nothing;
    if (isDue || !isSilent(outcome)) this.#presence.note(itself, outcome);
    const result = this.#result(outcome, frame);
    this.#options.observe(exchange.toTransaction(this.#options.link, null, { ...result, exception: null }));
    return result;
  }

  #result(outcome: Outcome, frame: Uint8Array | null): FramedResult {
    const { clock } = this.#options;
    const now = clock.monotonic();
    const isAnswered = outcome === 'ok' || outcome === 'exception';
    const monotonic = (isAnswered ? Math.min(now, this.#lastActivity) : now) as Monotonic;
    return { outcome, frame, at: Math.round(clock.wall() - (now - monotonic)) as WallTime, monotonic };
  }
}

function includes(bytes: Uint8Array, wanted: Uint8Array): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf(wanted) >= 0;
}

function beginsWith(bytes: Uint8Array, head: Uint8Array): boolean {
  return head.length > 0 && bytes.length >= head.length && head.every((byte, index) => byte === bytes[index]);
}
