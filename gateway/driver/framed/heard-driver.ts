import { findFrame } from '../../../device-profiles/framed/find-frame.ts';
import { judgeFrame } from '../../../device-profiles/framed/read-frame.ts';
import { type Cadence, pointsOf } from '../../../device-profiles/profile.ts';
import type { FramedMessage } from '../../../device-profiles/shape/framed.ts';
import type { Clock, Monotonic, WallTime } from '../../clock.ts';
import type { Link } from '../../link/link.ts';
import type { Reading } from '../../reading/reading.ts';
import { Condition } from '../condition.ts';
import type { DriverEvent, Outcome } from '../events.ts';
import { type Driver, type Moment, markOfFailure, missing, notHeard, wantedPoints } from '../instrument.ts';
import { NewSamples } from '../polling/new-samples.ts';
import { StatedStates } from '../polling/stated-states.ts';
import { unaskedTransaction } from '../unasked-transaction.ts';
import type { FramedDriverOptions } from './asked-driver.ts';
import { FramedConversation } from './framed-conversation.ts';
import { type FramedInstrument, FramedValues } from './framed-poll.ts';
import { Starting } from './starting.ts';

/** With less silence than this a stream has not gone quiet, milliseconds: particle sensors send every 0.2 to 2.3 s. */
const slowestCadence = 3000;

/** Hears the stream of one instrument that sends its frames unasked, and tells at most one in each of the site's `every`. */
export class HeardDriver implements Driver {
  readonly instrument: FramedInstrument;
  readonly talksUnasked = true;
  readonly address = null;
  readonly swapsCheckSums = false;
  readonly cadences = ['fast'] as const;
  readonly farewell: (() => Promise<void>) | undefined;
  readonly #message: FramedMessage;
  readonly #link: Link;
  readonly #clock: Clock;
  readonly #observe: (event: DriverEvent) => void;
  readonly #condition: Condition;
  readonly #conversation: FramedConversation;
  readonly #starting: Starting;
  readonly #samples: NewSamples;
  readonly #states: StatedStates;
  #buffer: Uint8Array = new Uint8Array(0);
  #lastByteAt: number;
  /** When the stream is taken for quiet unless a frame comes before. */
  #quietAt: number;
  /** When the next frame is due to be told. */
  #due = 0;
  #arrived = 0;
  #junk = 0;
  #fault: Exclude<Outcome, 'ok'> | undefined;
  /** True while the beginning of a line without a head was not seen: what comes up to its end is not whole. */
  #isMidLine = true;
  /** An instrument that was told to start and did not say that it has is heard before it is told again. */
  #isToldInVain = false;

  constructor({ instrument, link, clock, observe }: FramedDriverOptions) {
    const { settings, profile } = instrument;
    const [message] = profile.messages;
    if (!message) throw new RangeError(`${profile.profile} has no message`);
    this.instrument = instrument;
    this.#message = message;
    this.#link = link;
    this.#clock = clock;
    this.#observe = observe;
    this.#condition = new Condition(settings.id, clock, observe);
    this.#states = new StatedStates({ instrument: settings.id, clock, observe });
    this.#conversation = new FramedConversation({ link, clock, observe, instrument: settings.id, profile });
    this.#starting = new Starting(instrument, this.#conversation);
    this.farewell = this.#starting.farewell;
    this.#samples = new NewSamples(profile, wantedPoints(instrument, pointsOf(profile)));
    this.#lastByteAt = clock.monotonic();
    this.#quietAt = this.#lastByteAt + this.#patience;
  }

  get #patience(): number {
    return Math.max(this.instrument.settings.every, slowestCadence);
  }

  readyAt(): Monotonic {
    return 0 as Monotonic;
  }

  reset(): void {
    this.#buffer = new Uint8Array(0);
    this.#lastByteAt = this.#clock.monotonic();
    this.#quietAt = this.#lastByteAt + this.#patience;
    this.#isMidLine = true;
    this.#conversation.reset();
    this.#startAgain();
  }

  async step(_: Cadence, demanded: boolean): Promise<readonly Reading[] | null> {
    if ((await this.#start()) === 'line-lost') return this.abandon();
    const frame = this.#nextFrame();
    if (frame) return this.#tell(frame, demanded);
    const { idleMs } = this.instrument.profile.framing;
    const now = this.#clock.monotonic();
    if (now >= this.#quietAt) return this.#tellQuiet(now);
    const idleAt = this.#buffer.length > 0 ? this.#lastByteAt + idleMs : Number.POSITIVE_INFINITY;
    const arrival = await this.#link.read(Math.max(1, Math.min(this.#quietAt, idleAt) - now));
    if (arrival === 'timeout') {
      if (this.#clock.monotonic() >= idleAt) this.#passHead();
      return null;
    }
    if (!('bytes' in arrival)) return this.abandon();
    if (arrival.at - this.#lastByteAt > idleMs) this.#giveUp();
    this.#lastByteAt = arrival.at;
    this.#arrived += arrival.bytes.length;
    this.#buffer = Buffer.concat([this.#buffer, arrival.bytes]);
    return null;
  }

  async #start(): Promise<Outcome> {
    if (this.#starting.isDone || this.#isToldInVain) return 'ok';
    const outcome = await this.#starting.next();
    this.#isToldInVain = outcome !== 'ok';
    return outcome;
  }

  #startAgain(): void {
    this.#starting.again();
    this.#isToldInVain = false;
  }

  /** It is heard by one at a time. */
  canStep(): boolean {
    return false;
  }

  overhear(): readonly Reading[] {
    return [];
  }

  unheard(): readonly Reading[] {
    return this.#missing('no-bytes');
  }

  /** It is never asked, so it is never left alone. */
  silence(): null {
    return null;
  }

  leaveOut(): readonly Reading[] {
    return this.#missing('no-bytes');
  }

  abandon(): readonly Reading[] {
    this.#condition.note(false, 'line-lost');
    return this.#missing('line-lost');
  }

  /** The first whole frame in what has come; what stands before it is stepped over. */
  #nextFrame(): Uint8Array | undefined {
    const { framing } = this.instrument.profile;
    for (;;) {
      const finding = findFrame(framing, this.#buffer);
      if (finding.kind === 'damaged') {
        this.#drop(finding.end, finding.as);
        this.#isMidLine = finding.isUnended ?? false;
        continue;
      }
      this.#drop(finding.kind === 'nothing' ? this.#buffer.length : finding.start, 'junk');
      if (finding.kind !== 'frame') return undefined;
      const size = finding.end - finding.start;
      const isWhole = framing.start !== undefined || framing.checkSum !== undefined || !this.#isMidLine;
      this.#isMidLine = false;
      if (!isWhole) {
        this.#drop(size, 'short');
        continue;
      }
      this.#buffer = this.#buffer.subarray(size);
      return finding.frame;
    }
  }

  /** What looked like the beginning of a frame was none: a true one may stand behind it, where its check sum proves it. */
  #passHead(): void {
    const { start, checkSum } = this.instrument.profile.framing;
    if (start === undefined || checkSum === undefined) this.#giveUp();
    else this.#drop(Math.min(1, this.#buffer.length), 'short');
  }

  /** What was not finished is dropped; of a line without a head the rest may still come. */
  #giveUp(): void {
    if (this.#buffer.length > 0) this.#isMidLine = true;
    this.#drop(this.#buffer.length, 'short');
  }

  #drop(count: number, as: 'junk' | 'short' | 'crc'): void {
    if (count === 0) return;
    this.#junk += count;
    this.#buffer = this.#buffer.subarray(count);
    if (this.#fault === undefined || this.#fault === 'junk') this.#fault = as;
  }

  #tell(frame: Uint8Array, demanded: boolean): readonly Reading[] | null {
    const { settings, profile } = this.instrument;
    const kind = judgeFrame(profile.framing, this.#message, frame);
    if (kind !== 'values' && kind !== 'empty') {
      this.#junk += frame.length;
      this.#fault = kind === 'foreign-length' ? kind : 'foreign-function';
      return null;
    }
    this.#quietAt = this.#lastByteAt + this.#patience;
    // The sensor's clock and ours drift: a frame that comes a little early still belongs to its slot.
    const isDue = this.#lastByteAt >= this.#due - settings.every / 4;
    if (!isDue && !demanded) return null;
    // What somebody asks for in between is told besides, and takes the place of no period.
    if (isDue) {
      const next = this.#due + settings.every;
      this.#due = next > this.#lastByteAt ? next : this.#lastByteAt + settings.every;
    }
    const values = new FramedValues(this.instrument, wantedPoints(this.instrument, pointsOf(profile)), (decoded) =>
      this.#states.note('fast', decoded),
    );
    values.take(this.#message, kind === 'empty' ? null : frame, this.#heardAt());
    this.#report('ok', frame);
    this.#condition.note(true, 'ok');
    return values.readings(this.#now(), this.#samples);
  }

  #tellQuiet(now: number): readonly Reading[] {
    const outcome = this.#fault ?? 'no-bytes';
    this.#quietAt = now + this.instrument.settings.every;
    this.#report(outcome, this.#buffer);
    this.#condition.note(false, outcome);
    // It may have lost its power.
    this.#startAgain();
    // The other end of a TCP connection may be gone without a word; a serial port would have told.
    if (outcome === 'no-bytes' && this.#link.medium === 'network') void this.#link.close();
    return this.#missing(outcome);
  }

  #missing(outcome: Exclude<Outcome, 'ok'>): readonly Reading[] {
    const mark = outcome === 'no-bytes' ? notHeard : markOfFailure(outcome);
    return wantedPoints(this.instrument, pointsOf(this.instrument.profile)).flatMap((point) =>
      missing(this.instrument, point, mark, this.#now()),
    );
  }

  #now(): Moment {
    return { at: this.#clock.wall(), monotonic: this.#clock.monotonic() };
  }

  /** When the last bytes came. */
  #heardAt(): Moment {
    const { at, monotonic } = this.#now();
    return {
      at: Math.round(at - (monotonic - this.#lastByteAt)) as WallTime,
      monotonic: this.#lastByteAt as Monotonic,
    };
  }

  #report(outcome: Outcome, received: Uint8Array): void {
    const told = { outcome, received, sent: new Uint8Array(0), late: 0 };
    const counted = { ...told, bytesReceived: this.#arrived, junkBefore: this.#junk };
    this.#observe(unaskedTransaction(this.#link, this.instrument.settings.id, this.#now(), counted));
    this.#arrived = 0;
    this.#junk = 0;
    this.#fault = undefined;
  }
}
