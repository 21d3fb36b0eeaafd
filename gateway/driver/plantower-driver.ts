import {
  decodePlantowerFrame,
  plantowerChecksumHolds,
  plantowerFrameLength,
  plantowerHeaderLength,
} from '../../device-profiles/plantower.ts';
import type { Cadence, PlantowerProfile } from '../../device-profiles/profile.ts';
import type { Clock, Monotonic } from '../clock.ts';
import type { Link } from '../link/link.ts';
import type { Reading } from '../reading/reading.ts';
import { Condition } from './condition.ts';
import type { DriverEvent, Outcome } from './events.ts';
import {
  type Driver,
  type Instrument,
  markOfFailure,
  missing,
  notHeard,
  readingOf,
  wantedPoints,
} from './instrument.ts';

export interface PlantowerDriverOptions {
  readonly instrument: Instrument & { readonly profile: PlantowerProfile };
  readonly link: Link;
  readonly clock: Clock;
  readonly observe: (event: DriverEvent) => void;
}

/** Silence inside a frame after which what came of it is given up, milliseconds (esphome pmsx003). */
const idleReset = 500;
/** The sensor sends every 0.2 to 2.3 s by itself; with less silence than this it has not gone quiet, milliseconds. */
const slowestCadence = 3000;
const traceLength = 64;

/** Hears the stream of one Plantower sensor and tells at most one frame in each of the site's `every`. */
export class PlantowerDriver implements Driver {
  readonly instrument: Instrument & { readonly profile: PlantowerProfile };
  readonly talksUnasked = true;
  readonly address = null;
  readonly swapsCheckSums = false;
  readonly cadences = ['fast'] as const;
  readonly #link: Link;
  readonly #clock: Clock;
  readonly #observe: (event: DriverEvent) => void;
  readonly #condition: Condition;
  #buffer: Uint8Array = new Uint8Array(0);
  #lastByteAt: number;
  /** When the stream is taken for quiet unless a frame comes before. */
  #quietAt: number;
  /** When the next frame is due to be told. */
  #due = 0;
  #arrived = 0;
  #junk = 0;
  #fault: Exclude<Outcome, 'ok'> | undefined;

  constructor({ instrument, link, clock, observe }: PlantowerDriverOptions) {
    this.instrument = instrument;
    this.#link = link;
    this.#clock = clock;
    this.#observe = observe;
    this.#condition = new Condition(instrument.settings.id, clock, observe);
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
  }

  async step(_: Cadence, demanded: boolean): Promise<readonly Reading[] | null> {
    const frame = this.#nextFrame();
    if (frame) return this.#tell(frame, demanded);
    const now = this.#clock.monotonic();
    if (now >= this.#quietAt) return this.#tellQuiet(now);
    const idleAt = this.#buffer.length > 0 ? this.#lastByteAt + idleReset : Number.POSITIVE_INFINITY;
    const arrival = await this.#link.read(Math.max(1, Math.min(this.#quietAt, idleAt) - now));
    if (arrival === 'timeout') {
      if (this.#clock.monotonic() >= idleAt) this.#drop(this.#buffer.length, 'short');
      return null;
    }
    if (!('bytes' in arrival)) return this.abandon();
    if (arrival.at - this.#lastByteAt > idleReset) this.#drop(this.#buffer.length, 'short');
    this.#lastByteAt = arrival.at;
    this.#arrived += arrival.bytes.length;
    this.#buffer = Buffer.concat([this.#buffer, arrival.bytes]);
    return null;
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
    for (;;) {
      const start = this.#buffer.indexOf(0x42);
      this.#drop(start < 0 ? this.#buffer.length : start, 'junk');
      if (this.#buffer.length < plantowerHeaderLength) {
        // A lone first byte followed by something else than the second is no beginning.
        if (this.#buffer.length < 2 || this.#buffer[1] === 0x4d) return undefined;
        this.#drop(1, 'junk');
        continue;
      }
      const length = plantowerFrameLength(this.#buffer);
      if (length === undefined) {
        this.#drop(1, 'junk');
        continue;
      }
      if (this.#buffer.length < length) return undefined;
      const frame = this.#buffer.subarray(0, length);
      if (plantowerChecksumHolds(frame)) {
        this.#buffer = this.#buffer.subarray(length);
        return frame;
      }
      // Behind a damaged head a true frame may begin within what was taken for this one.
      this.#drop(1, 'crc');
    }
  }

  #drop(count: number, as: 'junk' | 'short' | 'crc'): void {
    if (count === 0) return;
    this.#junk += count;
    this.#buffer = this.#buffer.subarray(count);
    if (this.#fault === undefined || this.#fault === 'junk') this.#fault = as;
  }

  #tell(frame: Uint8Array, demanded: boolean): readonly Reading[] | null {
    const { profile, settings } = this.instrument;
    if (frame.length !== profile.frame.length) {
      this.#junk += frame.length;
      this.#fault = 'foreign-length';
      return null;
    }
    this.#quietAt = this.#lastByteAt + this.#patience;
    // The sensor's clock and ours drift: a frame that comes a little early still belongs to its slot.
    if (this.#lastByteAt < this.#due - settings.every / 4 && !demanded) return null;
    this.#due =
      this.#due + settings.every > this.#lastByteAt ? this.#due + settings.every : this.#lastByteAt + settings.every;
    const moment = { at: this.#clock.wall(), monotonic: this.#clock.monotonic() };
    const decoded = decodePlantowerFrame(profile, frame);
    this.#report('ok', frame);
    this.#condition.note(true, 'ok');
    return profile.points.flatMap((point) => {
      const value = decoded.get(point.id);
      return value ? readingOf(this.instrument, point, value, moment) : [];
    });
  }

  #tellQuiet(now: number): readonly Reading[] {
    const outcome = this.#fault ?? 'no-bytes';
    this.#quietAt = now + this.instrument.settings.every;
    this.#report(outcome, this.#buffer);
    this.#condition.note(false, outcome);
    // The other end of a TCP connection may be gone without a word; a serial port would have told.
    if (outcome === 'no-bytes' && this.#link.medium === 'network') void this.#link.close();
    return this.#missing(outcome);
  }

  #missing(outcome: Exclude<Outcome, 'ok'>): readonly Reading[] {
    const { profile } = this.instrument;
    const moment = { at: this.#clock.wall(), monotonic: this.#clock.monotonic() };
    const mark = outcome === 'no-bytes' ? notHeard : markOfFailure(outcome);
    return wantedPoints(this.instrument, profile.points).flatMap((point) =>
      missing(this.instrument, point, mark, moment),
    );
  }

  #report(outcome: Outcome, received: Uint8Array): void {
    this.#observe({
      kind: 'transaction',
      link: this.#link.id,
      generation: this.#link.generation,
      instrument: this.instrument.settings.id,
      address: null,
      at: this.#clock.wall(),
      monotonic: this.#clock.monotonic(),
      sent: new Uint8Array(0),
      received: received.slice(0, traceLength),
      bytesSent: 0,
      bytesReceived: this.#arrived,
      firstByte: null,
      lastByte: null,
      longestGap: null,
      expected: null,
      duration: 0,
      outcome,
      exception: null,
      junkBefore: this.#junk,
      junkAfter: 0,
      echoed: 0,
      late: 0,
    });
    this.#arrived = 0;
    this.#junk = 0;
    this.#fault = undefined;
  }
}
