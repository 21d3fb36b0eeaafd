import type { Clock } from '../clock.ts';
import type { Receipt } from '../contract/receipt.ts';
import { type Address, topicOf } from '../contract/topics.ts';
import type { Stream } from '../record/record.ts';
import type { Span, Store } from '../store/port.ts';
import { Backoff } from './backoff.ts';
import type { Batcher, ReadyBatch } from './batcher.ts';
import type { BrokerConnection, PublishOutcome } from './broker.ts';
import { type Flight, InFlight } from './in-flight.ts';
import { Pace } from './pace.ts';
import type { UplinkEvent } from './port.ts';
import { Answers, attempt } from './sending/answers.ts';
import { Hold } from './sending/hold.ts';
import { provenPart } from './sending/proofs.ts';
import { stretchOfStore } from './sending/stretch-of-store.ts';
import { isOverlap, type Suspect, Suspects } from './sending/suspects.ts';
import type { UplinkSettings } from './settings.ts';

export interface SenderOptions {
  readonly settings: UplinkSettings;
  readonly address: Address;
  readonly store: Store;
  readonly batcher: Batcher;
  readonly clock: Clock;
  readonly random: () => number;
  readonly observe: (event: UplinkEvent) => void;
}

/** Payload bytes of one batch at most; well below the 128 kB that some brokers take. */
const batchBytes = 96 * 1024;
const batchEntries = 1000;
/** However small the packets are that a broker takes: below this it is no broker for us. */
const leastBytes = 1024;
/** Room for topic, packet header and v5 properties under a broker's Maximum Packet Size. */
const packetOverhead = 256;
/** Fresh spans that may wait for room; what is beyond is left to the backlog. */
const freshSpans = 64;
/** A batch first sent later than this after its commit is late. */
const lateAfter = 60_000;
/** After a connect the platform says what it has; the backlog waits so long for that, to repeat nothing. */
const receiptHold = 2000;

/** How a batch goes out: fresh, out of the backlog, or again because it is under suspicion. */
type Way = 'fresh' | 'backlog' | Suspect;

/**
 * What goes out and when: fresh spans first, then what is under suspicion, the backlog in the room that is left. Holds
 * what is in flight; everything else is in the store. Told of a connection by `open` and `close`.
 */
export class Sender {
  readonly #options: SenderOptions;
  readonly #topic: string;
  readonly #inFlight = new InFlight();
  readonly #suspects = new Suspects();
  readonly #answers: Answers;
  readonly #refusals: Backoff;
  /** The broker, or the store, cannot take more just now. */
  readonly #pause: Hold;
  readonly #holdBacklog: Hold;
  /** Until the next suspect is due. */
  readonly #nextSuspect: Hold;
  #connection: BrokerConnection | null = null;
  #pace = new Pace();
  #fresh: Span[] = [];
  /** Publishes without their PUBACK, and the bytes of the late ones among them. */
  #publishing = 0;
  #lateBytes = 0;
  /** Payloads above this were found too large for the broker. */
  #largest = batchBytes;
  #mayHaveBacklog = true;
  #isFetching = false;
  #isTryingAlone = false;
  #lastStream: Stream = 'records';
  #isHoldShort = false;
  #isStopping = false;

  constructor(options: SenderOptions) {
    const { address, random, clock, store, observe, settings } = options;
    this.#options = options;
    this.#topic = topicOf(address, 'data');
    this.#refusals = new Backoff(1000, 60_000, random);
    const pump = (): void => this.#pump();
    this.#pause = new Hold(clock, pump);
    this.#holdBacklog = new Hold(clock, pump);
    this.#nextSuspect = new Hold(clock, pump);
    const onEnded = (): void => {
      this.#mayHaveBacklog = true;
      this.#pump();
    };
    const { id: uplink, acknowledge } = settings;
    this.#answers = new Answers({ uplink, acknowledge, store, clock, observe, inFlight: this.#inFlight, onEnded });
  }

  /** A connection is up: begin again from the store. */
  open(connection: BrokerConnection): void {
    this.#connection = connection;
    this.#pace = new Pace();
    this.#mayHaveBacklog = true;
    this.#isHoldShort = false;
    this.#suspects.connected(this.#options.clock.monotonic());
    if (this.#options.settings.acknowledge === 'platform') this.#holdBacklog.set(receiptHold);
    this.#pump();
  }

  /**
   * The connection is gone: forget what was on its way; the store still has it. `lost`: why it ended, where it was not us
   * who ended it. Gives back whether a batch that was tried by itself ended it.
   */
  close(lost: string | null): boolean {
    const wasAlone = this.#isTryingAlone;
    if (lost !== null) this.#struck(this.#inFlight.open, lost);
    this.#connection = null;
    this.#inFlight.forget();
    this.#fresh = [];
    this.#publishing = 0;
    this.#lateBytes = 0;
    this.#isTryingAlone = false;
    for (const hold of [this.#pause, this.#holdBacklog, this.#nextSuspect]) hold.end();
    return wasAlone;
  }

  /** The store has committed a span. */
  offer(span: Span): void {
    if (this.#isUnwanted(span)) {
      void this.#answers.letGo(span, [[span.from, span.to]]);
      return;
    }
    this.#mayHaveBacklog = true;
    if (this.#connection === null || this.#isStopping || this.#inFlight.touches(span)) return;
    this.#fresh.push(span);
    if (this.#fresh.length > freshSpans) this.#fresh.shift();
    this.#pump();
  }

  /** The platform says what it has and what it will never take. */
  receipt(receipt: Receipt): void {
    const proven = provenPart(receipt, this.#inFlight, this.#options.store);
    if (!(proven instanceof Promise)) this.#received(proven);
    else void proven.then((part) => part !== null && this.#received(part));
  }

  #received(receipt: Receipt): void {
    this.#answers.receipt(receipt);
    if (this.#holdBacklog.isUp && !this.#isHoldShort) this.#holdBacklog.set(receiptHold / 10);
    this.#isHoldShort = true;
    this.#pump();
  }

  /** Sends nothing new from now on. */
  halt(): void {
    this.#isStopping = true;
    this.#fresh = [];
  }

  #isUnwanted({ stream }: { readonly stream: Stream }): boolean {
    return stream === 'samples' && !this.#options.settings.sampleStream;
  }

  /** Whether one more publish may go out. Late batches leave a place for a fresh one where there is more than one. */
  #hasRoom(connection: BrokerConnection, late: boolean): boolean {
    const { window } = this.#options.settings;
    const publishes = Math.min(window, connection.receiveMaximum);
    if (this.#isTryingAlone || this.#inFlight.total >= 4 * window) return false;
    if (!late) return this.#inFlight.size < window && this.#publishing < publishes;
    // A last bit of allowance would make a batch of a few records: wait for a worthwhile one.
    if (this.#lateBytes > 0.75 * this.#pace.allowance) return false;
    return this.#inFlight.size < Math.max(1, window - 1) && this.#publishing < Math.max(1, publishes - 1);
  }

  #pump(): void {
    const connection = this.#connection;
    if (connection === null || this.#isStopping || this.#pause.isUp) return;
    while (this.#fresh.length > 0 && this.#connection === connection && this.#hasRoom(connection, false)) {
      const span = this.#fresh.shift();
      if (span === undefined) break;
      const rest = this.#send(connection, span, batchBytes, batchEntries, 'fresh');
      if (rest !== null) this.#fresh.unshift(rest);
    }
    if (this.#isFetching || this.#fresh.length > 0 || !this.#hasRoom(connection, true)) return;
    const suspect = this.#suspects.next((stretch) => this.#inFlight.touches(stretch));
    const wait = (suspect?.notBefore ?? 0) - this.#options.clock.monotonic();
    if (suspect !== undefined && wait <= 0) {
      // What is under way is let finish first; nothing is added to it.
      if (!suspect.isAlone || this.#publishing === 0) void this.#fetch(connection, suspect);
      return;
    }
    if (suspect !== undefined) this.#nextSuspect.set(wait);
    if (this.#mayHaveBacklog && !this.#holdBacklog.isUp) void this.#fetch(connection, 'backlog');
  }

  /** Takes the oldest stretch, or the suspect, out of the store and sends what fits of it. */
  async #fetch(connection: BrokerConnection, way: Exclude<Way, 'fresh'>): Promise<void> {
    this.#isFetching = true;
    const bytes = Math.min(batchBytes, this.#pace.allowance - this.#lateBytes);
    const span = await attempt(this.#ask(way, bytes));
    this.#isFetching = false;
    if (span === undefined) return this.#pauseSending();
    if (span === null) {
      if (way !== 'backlog') this.#suspects.forget(way);
      this.#pump();
      return;
    }
    this.#mayHaveBacklog = true;
    this.#lastStream = span.stream;
    if (this.#isUnwanted(span)) await this.#answers.letGo(span, [[span.from, span.to]]);
    else if (this.#connection === connection && !this.#isStopping && !this.#inFlight.touches(span)) {
      // A commit that came while the store was asked may be in both.
      this.#fresh = this.#fresh.filter((one) => !isOverlap(one, span));
      this.#send(connection, span, bytes, this.#pace.entriesIn(span.stream, bytes), way);
    }
    this.#pump();
  }

  #ask(way: Exclude<Way, 'fresh'>, bytes: number): Promise<Span | null> {
    const { store, clock, settings } = this.#options;
    if (way !== 'backlog') return stretchOfStore(store, settings.id, way);
    this.#mayHaveBacklog = false;
    const limit = Math.min(batchEntries, Math.max(this.#pace.entriesIn(this.#lastStream, bytes), 1));
    const except = this.#inFlight.ranges([...this.#fresh, ...this.#suspects.stretches]);
    // A batch is late or it is not: what became late while it waited does not go out in one with what is fresh.
    return store.pending(settings.id, limit, except, clock.wall() - lateAfter);
  }

  /** Publishes the beginning of a span; gives back what did not fit. */
  #send(connection: BrokerConnection, span: Span, bytes: number, entries: number, way: Way): Span | null {
    const { batcher, clock } = this.#options;
    const packet = (connection.maximumPacketSize ?? Number.POSITIVE_INFINITY) - packetOverhead;
    // One entry is sent whatever the pace asks for; only a hard bound of contract or broker stops it.
    const hard = Math.min(packet, 4 * batchBytes);
    const late = clock.wall() - span.committedAt > lateAfter;
    let cut = batcher.cut(span, late, entries, Math.min(bytes, hard, this.#largest));
    if ('tooLarge' in cut) cut = batcher.cut(span, late, 1, hard);
    if ('tooLarge' in cut) {
      this.#answers.setAside(span.stream, span.epoch, cut.tooLarge, `${cut.bytes} bytes, the broker takes ${hard}`);
      return cut.rest;
    }
    this.#publish(connection, cut.batch, way);
    return cut.rest;
  }

  #publish(connection: BrokerConnection, { span, payload, contentType, late }: ReadyBatch, way: Way): void {
    const { clock, settings, observe } = this.#options;
    const again = this.#inFlight.wasSent(span);
    const [bytes, entries, isBacklog] = [payload.byteLength, span.entries.length, way !== 'fresh'];
    const flight = this.#inFlight.begin(span, bytes);
    const sent = this.#pace.sent(bytes, clock.monotonic());
    this.#publishing++;
    if (isBacklog) this.#lateBytes += bytes;
    this.#isTryingAlone = typeof way === 'object' && way.isAlone;
    this.#pace.encoded(span.stream, entries, bytes);
    observe({ kind: 'uplink-sent', uplink: settings.id, stream: span.stream, entries, bytes, late, again });
    void connection.publish({ topic: this.#topic, payload, retain: false, contentType }).then((outcome) => {
      if (this.#connection !== connection) return;
      // One that is lost is still open when the connection is closed: it may be what closed it.
      if (outcome.outcome === 'lost') return;
      this.#publishing--;
      this.#isTryingAlone = false;
      if (isBacklog) this.#lateBytes -= bytes;
      if (outcome.outcome === 'accepted') this.#pace.answered(sent, clock.monotonic());
      this.#published(flight, outcome);
      this.#pump();
    });
  }

  #published(flight: Flight, outcome: PublishOutcome): void {
    if (outcome.outcome === 'refused') {
      this.#struck([flight], outcome.reason);
      this.#answers.end(flight);
      this.#pauseSending();
      return;
    }
    flight.isTaken = true;
    this.#refusals.reset();
    const tooLarge = this.#suspects.passed(flight);
    if (tooLarge !== null) this.#largest = Math.max(leastBytes, Math.min(this.#largest, Math.floor(tooLarge * 0.75)));
    this.#answers.taken(flight);
  }

  #struck(flights: readonly Flight[], reason: string): void {
    for (const { stream, epoch, from } of this.#suspects.struck(flights, this.#options.clock.monotonic())) {
      this.#answers.setAside(stream, epoch, from, `the broker never takes it: ${reason}`);
    }
  }

  #pauseSending(): void {
    if (this.#connection === null || this.#pause.isUp) return;
    this.#mayHaveBacklog = true;
    this.#pause.set(this.#refusals.next());
  }
}
