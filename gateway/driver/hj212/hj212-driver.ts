import { encodeHj212, findHj212Packet, type Hj212Packet, longestHj212Packet } from '../../../device-profiles/hj212.ts';
import {
  type Hj212Message,
  hj212DataAcknowledgement,
  hj212Flag,
  readHj212Message,
} from '../../../device-profiles/hj212-message.ts';
import { decodeHj212 } from '../../../device-profiles/hj212-values.ts';
import type { Cadence, Hj212Profile } from '../../../device-profiles/profile.ts';
import type { Clock, Monotonic, WallTime } from '../../clock.ts';
import type { Link } from '../../link/link.ts';
import type { Reading } from '../../reading/reading.ts';
import { Condition } from '../condition.ts';
import type { DriverEvent, Outcome } from '../events.ts';
import { type Driver, type Instrument, knownOf, type Moment, markOfFailure, notHeard } from '../instrument.ts';
import { unaskedTransaction } from '../unasked-transaction.ts';
import { Hj212Points } from './hj212-points.ts';

interface Hj212DriverOptions {
  readonly instrument: Instrument & { readonly profile: Hj212Profile };
  readonly link: Link;
  readonly clock: Clock;
  readonly observe: (event: DriverEvent) => void;
}

/** Silence inside a packet after which what came of it is given up, milliseconds: modems pause for a second or two. */
const idleReset = 5000;
/** So many packets back one is known again when it is sent again. */
const remembered = 32;
const nothing = new Uint8Array(0);
/** Every time zone has whole minutes, so the epoch's are everybody's, milliseconds. */
const minute = 60_000;

/**
 * Hears one source of HJ 212 and tells each of its values at most once in each of the site's `every`.
 *
 * When was it measured? A reading's monotonic moment is that of the packet's arrival. Its wall time is the stamp that
 * the source gives (DataTime, Beijing time), where that lies within the profile's bound of ours: arrival would lag by
 * the time on a modem. A stamp a little ahead of our clock means now, since nothing can have been measured later; and so
 * does one of the minute before, since that is closed by then and the value would be lost to every minute. The stamp is
 * then late by no more than the packet was on its way. Outside the bound the packet is old data sent late, or the source's
 * clock is wrong; nobody can tell which, so it makes no reading, and is counted as `wrong-time`. So is one whose stamp is
 * no date. A value with a SampleTime of its own bears that, however long ago it was, and is told once: a slow analyser
 * that repeats its last result has not measured again.
 *
 * Nothing is ever sent but the acknowledgement of data (CN 9014) that asks for it, and that only where profile and site
 * both say so. It is then given to every packet that is understood, also to an old one that makes no reading: a source
 * that waits for it would send nothing else.
 */
export class Hj212Driver implements Driver {
  readonly instrument: Instrument & { readonly profile: Hj212Profile };
  readonly talksUnasked = true;
  readonly address = null;
  readonly swapsCheckSums = false;
  readonly cadences: readonly Cadence[];
  readonly #link: Link;
  readonly #clock: Clock;
  readonly #observe: (event: DriverEvent) => void;
  readonly #condition: Condition;
  readonly #points: Hj212Points;
  #buffer: Uint8Array = nothing;
  #lastByteAt: Monotonic;
  /** Bytes that arrived and were not told yet, and how many of them make no packet. */
  #arrived = 0;
  #junk = 0;
  /** How the last packet that brought no value ended; undefined since one did. */
  #fault: Exclude<Outcome, 'ok'> | undefined;
  readonly #seen: string[] = [];

  constructor({ instrument, link, clock, observe }: Hj212DriverOptions) {
    this.instrument = instrument;
    this.#link = link;
    this.#clock = clock;
    this.#observe = observe;
    this.#condition = new Condition(instrument.settings.id, clock, observe);
    this.#lastByteAt = clock.monotonic();
    this.#points = new Hj212Points(instrument, this.#lastByteAt);
    this.cadences = this.#points.areWanted ? ['fast'] : [];
  }

  readyAt(): Monotonic {
    return 0 as Monotonic;
  }

  /** Two must not hear the stream at once. */
  canStep(): boolean {
    return false;
  }

  /** It is never asked, so it is never left alone. */
  silence(): null {
    return null;
  }

  reset(): void {
    this.#buffer = nothing;
    this.#lastByteAt = this.#clock.monotonic();
    this.#points.reset(this.#lastByteAt);
  }

  async step(_: Cadence, demanded: boolean): Promise<readonly Reading[] | null> {
    for (let packet = this.#nextPacket(); packet; packet = this.#nextPacket()) {
      const readings = await this.#take(packet, demanded);
      if (readings.length > 0) return readings;
    }
    const now = this.#clock.monotonic();
    if (now >= this.#points.quietAt) return this.#tellQuiet();
    const idleAt = this.#buffer.length > 0 ? this.#lastByteAt + idleReset : Number.POSITIVE_INFINITY;
    const arrival = await this.#link.read(Math.max(1, Math.min(this.#points.quietAt, idleAt) - now));
    if (arrival === 'timeout') {
      if (this.#clock.monotonic() >= idleAt) this.#dropUnfinished();
      return null;
    }
    if (!('bytes' in arrival)) return this.abandon();
    if (arrival.at - this.#lastByteAt > idleReset) this.#dropUnfinished();
    this.#lastByteAt = arrival.at;
    this.#arrived += arrival.bytes.length;
    this.#buffer = Buffer.concat([this.#buffer, arrival.bytes]);
    return null;
  }

  leaveOut(): readonly Reading[] {
    return this.unheard();
  }

  overhear(): readonly Reading[] {
    return [];
  }

  unheard(): readonly Reading[] {
    return this.#points.allMissing(notHeard, this.#now());
  }

  abandon(): readonly Reading[] {
    this.#condition.note(false, 'line-lost');
    return this.#points.allMissing(markOfFailure('line-lost'), this.#now());
  }

  /** The first whole packet in what has come; what stands before it is stepped over and told. */
  #nextPacket(): Whole | undefined {
    for (;;) {
      const finding = findHj212Packet(this.#buffer);
      if (finding.kind === 'packet') {
        const before = this.#cut(finding.start);
        if (finding.before === 'short') this.#report('short', before);
        else this.#junk += withoutLineEnds(before);
        return { ...finding.packet, bytes: this.#cut(finding.end - finding.start) };
      }
      if (finding.kind !== 'damaged') {
        // What cannot become a packet any more need not be kept; a stream that holds none does not grow either.
        const useless = finding.kind === 'incomplete' ? finding.start : this.#buffer.length;
        this.#skip(Math.max(useless, this.#buffer.length - longestHj212Packet));
        return undefined;
      }
      this.#skip(finding.start);
      this.#report('crc', this.#cut(finding.end - finding.start));
    }
  }

  #cut(count: number): Uint8Array {
    const head = this.#buffer.subarray(0, count);
    this.#buffer = this.#buffer.subarray(count);
    return head;
  }

  #skip(count: number): void {
    const junk = withoutLineEnds(this.#cut(count));
    this.#junk += junk;
    if (junk > 0) this.#fault ??= 'junk';
  }

  /** What began and was not finished in time. */
  #dropUnfinished(): void {
    if (this.#buffer.length > 0) this.#report('short', this.#cut(this.#buffer.length));
  }

  /** What a packet brings; nothing where it is of no use, which is told. */
  async #take(packet: Whole, demanded: boolean): Promise<readonly Reading[]> {
    const { segment, dialect, bytes } = packet;
    const { profile, settings } = this.instrument;
    const message = readHj212Message(segment);
    if (!profile.dialects.includes(dialect)) return this.#pass('crc', bytes);
    if (message === null) return this.#pass('junk', bytes);
    if (settings.mn !== undefined && message.device !== settings.mn) return this.#pass('foreign-slave', bytes);
    const sent = await this.#acknowledge(message);
    if (sent === null) return this.abandon();
    if (!profile.commands.includes(message.command)) {
      this.#fault ??= 'foreign-function';
      return this.#pass('ok', bytes, { sent });
    }
    if (this.#isSeen(segment)) return this.#pass('ok', bytes, { sent, late: bytes.length });
    const moment = this.#momentOf(message);
    if (moment === null) return this.#pass('wrong-time', bytes, { sent });
    this.#report('ok', bytes, { sent });
    const readings = this.#points.take(decodeHj212(profile, message, knownOf(this.instrument)), moment, demanded);
    this.#fault = undefined;
    this.#condition.note(true, 'ok');
    return readings;
  }

  #pass(outcome: Outcome, bytes: Uint8Array, more: Partial<Told> = {}): readonly Reading[] {
    this.#report(outcome, bytes, more);
    return [];
  }

  /** The bytes that were sent in answer; null when the line was lost over it. */
  async #acknowledge(message: Hj212Message): Promise<Uint8Array | null> {
    const { profile, settings } = this.instrument;
    const isWanted = ((message.flag ?? 0) & hj212Flag.wantsAnswer) !== 0 && message.command.startsWith('20');
    const isAllowed = profile.wantsAcknowledgement && settings.acknowledge === true;
    const answer = isWanted && isAllowed ? hj212DataAcknowledgement(message) : null;
    if (answer === null) return nothing;
    const bytes = encodeHj212(answer);
    return (await this.#link.write(bytes)) === null ? bytes : null;
  }

  /**
   * True for a packet that came before: sent again, since its acknowledgement was lost or nobody gives one. Its QN alone
   * does not tell: some sources count it in whole seconds.
   */
  #isSeen(segment: Uint8Array): boolean {
    const text = Buffer.from(segment).toString('latin1');
    if (this.#seen.includes(text)) return true;
    this.#seen.push(text);
    if (this.#seen.length > remembered) this.#seen.shift();
    return false;
  }

  /** When the values were measured; null where that cannot be said. */
  #momentOf({ dataTime, parameters }: Hj212Message): Moment | null {
    if (dataTime === null && parameters.has('DataTime')) return null;
    const monotonic = this.#lastByteAt;
    const arrived = this.#clock.wall() - (this.#clock.monotonic() - monotonic);
    // A clock that is not known cannot say that the other one is wrong.
    if (dataTime === null || this.#clock.isKnown?.() === false)
      return { at: Math.round(arrived) as WallTime, monotonic };
    if (Math.abs(dataTime - arrived) > this.instrument.profile.timeWithinSeconds * 1000) return null;
    const isOfThisMinute = Math.floor(dataTime / minute) === Math.floor(arrived / minute);
    return { at: Math.round(isOfThisMinute ? Math.min(dataTime, arrived) : arrived) as WallTime, monotonic };
  }

  /** Values that did not come in time: all of them, when the stream is quiet, or some that it does not bring. */
  #tellQuiet(): readonly Reading[] {
    const now = this.#now();
    if (!this.#points.areAllQuiet(now.monotonic)) return this.#points.notSent(now);
    const outcome = this.#fault ?? 'no-bytes';
    // What came in the meantime was told as it came.
    if (outcome === 'no-bytes' || outcome === 'junk') this.#report(outcome, this.#buffer);
    this.#fault = undefined;
    this.#condition.note(false, outcome);
    // The other end of a TCP connection may be gone without a word; a serial port would have told.
    if (outcome === 'no-bytes' && this.#link.medium === 'network') void this.#link.close();
    return this.#points.allMissing(outcome === 'no-bytes' ? notHeard : markOfFailure(outcome), now);
  }

  #now(): Moment {
    return { at: this.#clock.wall(), monotonic: this.#clock.monotonic() };
  }

  #report(outcome: Outcome, received: Uint8Array, { sent = nothing, late = 0 }: Partial<Told> = {}): void {
    if (outcome !== 'ok') this.#fault = outcome === 'no-bytes' ? undefined : outcome;
    const told = { outcome, received, sent, late, bytesReceived: this.#arrived, junkBefore: this.#junk };
    this.#observe(unaskedTransaction(this.#link, this.instrument.settings.id, this.#now(), told));
    this.#arrived = 0;
    this.#junk = 0;
  }
}

/** A packet with its head and tail, as it came. */
type Whole = Hj212Packet & { readonly bytes: Uint8Array };

interface Told {
  readonly sent: Uint8Array;
  /** Bytes of a packet that had come before. */
  readonly late: number;
}

/** How many of these bytes are more than the line end that a packet left behind. */
function withoutLineEnds(bytes: Uint8Array): number {
  return bytes.reduce((count, byte) => (byte === 0x0d || byte === 0x0a ? count : count + 1), 0);
}
