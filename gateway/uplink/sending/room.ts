import type { Monotonic } from '../../clock.ts';
import type { Stream } from '../../record/record.ts';
import type { BrokerConnection } from '../broker.ts';
import type { InFlight } from '../in-flight.ts';
import { Pace, type Sent } from '../pacing/pace.ts';

/** A batch that goes out. */
interface Publish {
  readonly stream: Stream;
  readonly entries: number;
  readonly bytes: number;
  /** Whether it is anything but fresh records. */
  readonly isBulk: boolean;
  /** Whether nothing else may be under way beside it. */
  readonly isAlone: boolean;
}

/** A publish that has no PUBACK yet. */
type UnderWay = Sent & Pick<Publish, 'isBulk'>;

/** What is under way to the broker on one connection, and whether one more publish may go out beside it. */
export class Room {
  readonly #window: number;
  readonly #inFlight: InFlight;
  #pace = new Pace();
  /** Publishes without their PUBACK, and the bytes among them that are no fresh records. */
  #publishing = 0;
  #bulkBytes = 0;
  #isTryingAlone = false;

  /** `window`: batches that may wait for an answer. */
  constructor(window: number, inFlight: InFlight) {
    this.#window = window;
    this.#inFlight = inFlight;
  }

  /** A new connection. `delay`: seconds that an answer takes on the idle line, if known. */
  open(delay: number | null): void {
    this.#pace = new Pace(delay);
  }

  /** Nothing is under way any more. */
  close(): void {
    this.#publishing = 0;
    this.#bulkBytes = 0;
    this.#isTryingAlone = false;
  }

  /** A batch is tried by itself, for it may be what ends the connection. */
  get isTryingAlone(): boolean {
    return this.#isTryingAlone;
  }

  /** Whether no publish waits for its PUBACK. */
  get isEmpty(): boolean {
    return this.#publishing === 0;
  }

  /** What the line carries, bytes a second; null before the first answer. */
  get rate(): number | null {
    return this.#pace.rate;
  }

  /** Entries that make a batch of so many bytes, by what such entries took so far. */
  entriesIn(stream: Stream, bytes: number): number {
    return this.#pace.entriesIn(stream, bytes);
  }

  /**
   * Whether one more publish may go out. Bulk leaves a place for a fresh record where there is more than one; a fresh
   * record waits for the line, not for a receipt that a platform owes for bulk.
   */
  has({ receiveMaximum }: BrokerConnection, isBulk: boolean): boolean {
    const publishes = Math.min(this.#window, receiveMaximum);
    if (this.#isTryingAlone || this.#inFlight.total >= 4 * this.#window) return false;
    if (!isBulk) return this.#inFlight.fresh < this.#window && this.#publishing < publishes;
    // A last bit of allowance would make a batch of a few records: wait for a worthwhile one.
    if (this.#bulkBytes > 0.75 * this.#pace.allowance) return false;
    return this.#inFlight.size < Math.max(1, this.#window - 1) && this.#publishing < Math.max(1, publishes - 1);
  }

  /** Bytes that the next batch of bulk may have: what is under way and it together are about a second of the line. */
  get forBulk(): number {
    return this.#pace.allowance - this.#bulkBytes;
  }

  sent({ stream, entries, bytes, isBulk, isAlone }: Publish, now: Monotonic): UnderWay {
    this.#publishing++;
    if (isBulk) this.#bulkBytes += bytes;
    this.#isTryingAlone = isAlone;
    this.#pace.encoded(stream, entries, bytes);
    return { ...this.#pace.sent(bytes, now), isBulk };
  }

  /** The broker has taken it, or refused it. */
  answered(publish: UnderWay, isTaken: boolean, now: Monotonic): void {
    this.#publishing--;
    this.#isTryingAlone = false;
    if (publish.isBulk) this.#bulkBytes -= publish.bytes;
    if (isTaken) this.#pace.answered(publish, now);
  }
}
