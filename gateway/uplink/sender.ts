import type { Cancel, Clock } from '../clock.ts';
import type { Receipt } from '../contract/receipt.ts';
import { type Address, topicOf } from '../contract/topics.ts';
import type { Stream } from '../record/record.ts';
import type { SeqRanges } from '../record/seq-set.ts';
import type { Span, Store } from '../store/port.ts';
import { Backoff } from './backoff.ts';
import type { Batcher, ReadyBatch } from './batcher.ts';
import type { BrokerConnection, PublishOutcome } from './broker.ts';
import { type Flight, InFlight } from './in-flight.ts';
import { Pace } from './pace.ts';
import type { UplinkEvent } from './port.ts';
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
/** Room for topic, packet header and v5 properties under a broker's Maximum Packet Size. */
const packetOverhead = 256;
/** Fresh spans that may wait for room; what is beyond is left to the backlog. */
const freshSpans = 64;
/** A batch first sent later than this after its commit is late. */
const lateAfter = 60_000;
/** After a connect the platform says what it has; the backlog waits so long for that, to repeat nothing. */
const receiptHold = 2000;
const shortestReceiptTimeout = 20_000;
const longestReceiptTimeout = 600_000;

/**
 * What goes out and when: fresh spans first, the backlog in the room that is left. Holds what is in flight; everything
 * else is in the store. Told of a connection by `open` and `close`.
 */
export class Sender {
  readonly #options: SenderOptions;
  readonly #topic: string;
  readonly #inFlight = new InFlight();
  readonly #refusals: Backoff;
  /** Milliseconds a platform may take to a receipt; doubles each time it was not enough. */
  #receiptTimeout = shortestReceiptTimeout;
  #connection: BrokerConnection | null = null;
  #pace = new Pace();
  #fresh: Span[] = [];
  /** Publishes without their PUBACK, and the bytes of the late ones among them. */
  #publishing = 0;
  #lateBytes = 0;
  #mayHaveBacklog = true;
  #isFetching = false;
  #lastStream: Stream = 'records';
  #pausedBy: Cancel | null = null;
  #holdBacklog: Cancel | null = null;
  #isHoldShort = false;
  #isStopping = false;

  constructor(options: SenderOptions) {
    this.#options = options;
    this.#topic = topicOf(options.address, 'data');
    this.#refusals = new Backoff(1000, 60_000, options.random);
  }

  /** A connection is up: begin again from the store. */
  open(connection: BrokerConnection): void {
    this.#connection = connection;
    this.#pace = new Pace();
    this.#mayHaveBacklog = true;
    this.#isHoldShort = false;
    if (this.#options.settings.acknowledge === 'platform') this.#hold(receiptHold);
    this.#pump();
  }

  /** The connection is gone: forget what was on its way; the store still has it. */
  close(): void {
    this.#connection = null;
    this.#inFlight.forget();
    this.#fresh = [];
    this.#publishing = 0;
    this.#lateBytes = 0;
    this.#pausedBy?.();
    this.#pausedBy = null;
    this.#holdBacklog?.();
    this.#holdBacklog = null;
  }

  /** The store has committed a span. */
  offer(span: Span): void {
    if (this.#isUnwanted(span)) {
      void this.#letGo(span, [[span.from, span.to]]);
      return;
    }
    this.#mayHaveBacklog = true;
    if (this.#connection === null || this.#isStopping || this.#inFlight.touches(span)) return;
    this.#fresh.push(span);
    if (this.#fresh.length > freshSpans) this.#fresh.shift();
    this.#pump();
  }

  /** The platform says what it has and what it will never take. */
  receipt({ stream, epoch, have, refused }: Receipt): void {
    const place = { stream, epoch };
    const entries = this.#inFlight.answered(place, have);
    for (const [seq, reason] of refused) {
      const isNews = this.#inFlight.answered(place, [[seq, seq]]) > 0;
      if (isNews) this.#tell({ kind: 'uplink-refused', uplink: this.#id, stream, seq, reason });
      void this.#attempt(this.#options.store.refuse(this.#id, { stream, epoch, seq }, reason));
    }
    if (entries > 0) {
      this.#receiptTimeout = shortestReceiptTimeout;
      this.#tell({ kind: 'uplink-acknowledged', uplink: this.#id, stream, entries });
    }
    const answered = this.#inFlight.of(place).filter(({ rest }) => rest.isEmpty);
    for (const flight of answered) flight.isLettingGo = true;
    const told = have.length === 0 ? Promise.resolve() : this.#letGo(place, have);
    void told.then(() => {
      for (const flight of answered) this.#end(flight);
    });
    if (this.#holdBacklog !== null && !this.#isHoldShort) this.#hold(receiptHold / 10);
    this.#isHoldShort = true;
    this.#pump();
  }

  /** Sends nothing new from now on. */
  halt(): void {
    this.#isStopping = true;
    this.#fresh = [];
  }

  get #id(): string {
    return this.#options.settings.id;
  }

  #tell(event: UplinkEvent): void {
    this.#options.observe(event);
  }

  #isUnwanted({ stream }: { readonly stream: Stream }): boolean {
    return stream === 'samples' && !this.#options.settings.sampleStream;
  }

  /** Whether one more publish may go out. Late batches leave a place for a fresh one where there is more than one. */
  #hasRoom(connection: BrokerConnection, late: boolean): boolean {
    const { window } = this.#options.settings;
    const publishes = Math.min(window, connection.receiveMaximum);
    if (this.#inFlight.total >= 4 * window) return false;
    if (!late) return this.#inFlight.size < window && this.#publishing < publishes;
    // A last bit of allowance would make a batch of a few records: wait for a worthwhile one.
    if (this.#lateBytes > 0.75 * this.#pace.allowance) return false;
    return this.#inFlight.size < Math.max(1, window - 1) && this.#publishing < Math.max(1, publishes - 1);
  }

  #pump(): void {
    const connection = this.#connection;
    if (connection === null || this.#isStopping || this.#pausedBy !== null) return;
    while (this.#fresh.length > 0 && this.#connection === connection && this.#hasRoom(connection, false)) {
      const span = this.#fresh.shift();
      if (span === undefined) break;
      const rest = this.#send(connection, span, batchBytes, batchEntries, false);
      if (rest !== null) this.#fresh.unshift(rest);
    }
    const mayFetch = this.#mayHaveBacklog && !this.#isFetching && this.#holdBacklog === null;
    if (mayFetch && this.#fresh.length === 0 && this.#hasRoom(connection, true)) void this.#fetch(connection);
  }

  /** Takes the oldest stretch out of the store and sends what fits of it. */
  async #fetch(connection: BrokerConnection): Promise<void> {
    this.#isFetching = true;
    this.#mayHaveBacklog = false;
    const bytes = Math.min(batchBytes, this.#pace.allowance - this.#lateBytes);
    const limit = Math.min(batchEntries, Math.max(this.#pace.entriesIn(this.#lastStream, bytes), 1));
    const { store, clock } = this.#options;
    const except = this.#inFlight.ranges(this.#fresh);
    // A batch is late or it is not: what became late while it waited does not go out in one with what is fresh.
    const border = clock.wall() - lateAfter;
    const span = await this.#attempt(store.pending(this.#id, limit, except, border));
    this.#isFetching = false;
    if (span === undefined) return this.#pauseSending();
    if (span === null) {
      this.#pump();
      return;
    }
    this.#mayHaveBacklog = true;
    this.#lastStream = span.stream;
    if (this.#isUnwanted(span)) await this.#letGo(span, [[span.from, span.to]]);
    else if (this.#connection === connection && !this.#isStopping && !this.#inFlight.touches(span)) {
      // A commit that came while the store was asked may be in both.
      this.#fresh = this.#fresh.filter((one) => !isTouching(one, span));
      this.#send(connection, span, bytes, this.#pace.entriesIn(span.stream, bytes), true);
    }
    this.#pump();
  }

  /** Publishes the beginning of a span; gives back what did not fit. */
  #send(connection: BrokerConnection, span: Span, bytes: number, entries: number, isBacklog: boolean): Span | null {
    const { batcher, clock, store } = this.#options;
    const packet = (connection.maximumPacketSize ?? Number.POSITIVE_INFINITY) - packetOverhead;
    // One entry is sent whatever the pace asks for; only a hard bound of contract or broker stops it.
    const hard = Math.min(packet, 4 * batchBytes);
    const late = clock.wall() - span.committedAt > lateAfter;
    let cut = batcher.cut(span, late, entries, Math.min(bytes, hard));
    if ('tooLarge' in cut) cut = batcher.cut(span, late, 1, hard);
    if ('tooLarge' in cut) {
      const { stream, epoch } = span;
      const reason = `${cut.bytes} bytes, the broker takes ${hard}`;
      this.#tell({ kind: 'uplink-refused', uplink: this.#id, stream, seq: cut.tooLarge, reason });
      void this.#attempt(store.refuse(this.#id, { stream, epoch, seq: cut.tooLarge }, reason));
      return cut.rest;
    }
    this.#publish(connection, cut.batch, isBacklog);
    return cut.rest;
  }

  #publish(connection: BrokerConnection, { span, payload, contentType, late }: ReadyBatch, isBacklog: boolean): void {
    const { clock } = this.#options;
    const again = this.#inFlight.wasSent(span);
    const flight = this.#inFlight.begin(span);
    const [bytes, entries] = [payload.byteLength, span.entries.length];
    const sent = this.#pace.sent(bytes, clock.monotonic());
    this.#publishing++;
    if (isBacklog) this.#lateBytes += bytes;
    this.#pace.encoded(span.stream, entries, bytes);
    this.#tell({ kind: 'uplink-sent', uplink: this.#id, stream: span.stream, entries, bytes, late, again });
    void connection.publish({ topic: this.#topic, payload, retain: false, contentType }).then((outcome) => {
      if (this.#connection !== connection) return;
      this.#publishing--;
      if (isBacklog) this.#lateBytes -= bytes;
      if (outcome.outcome === 'accepted') this.#pace.answered(sent, clock.monotonic());
      this.#published(flight, outcome);
      this.#pump();
    });
  }

  #published(flight: Flight, outcome: PublishOutcome): void {
    if (outcome.outcome === 'lost') return;
    if (outcome.outcome === 'refused') {
      this.#end(flight);
      this.#pauseSending();
      return;
    }
    this.#refusals.reset();
    if (this.#options.settings.acknowledge === 'broker') {
      const ranges: SeqRanges = [[flight.from, flight.to]];
      const entries = this.#inFlight.answered(flight, ranges);
      this.#tell({ kind: 'uplink-acknowledged', uplink: this.#id, stream: flight.stream, entries });
      flight.isLettingGo = true;
      void this.#letGo(flight, ranges).then(() => this.#end(flight));
    } else if (!flight.isLettingGo) {
      const allowed = this.#receiptTimeout;
      flight.timeout = this.#options.clock.after(allowed, () => {
        // Flights that were given the same time run out together; that is one reason to wait longer, not many.
        if (allowed === this.#receiptTimeout) this.#receiptTimeout = Math.min(longestReceiptTimeout, allowed * 2);
        this.#end(flight);
      });
    }
  }

  /** The flight is over; what it carried and nobody answered for comes again from the store. */
  #end(flight: Flight): void {
    this.#inFlight.end(flight);
    this.#mayHaveBacklog = true;
    this.#pump();
  }

  async #letGo({ stream, epoch }: { stream: Stream; epoch: string }, ranges: SeqRanges): Promise<void> {
    await this.#attempt(this.#options.store.acknowledge(this.#id, stream, epoch, ranges));
  }

  /** The broker, or the store, cannot take more just now. */
  #pauseSending(): void {
    if (this.#connection === null || this.#pausedBy !== null) return;
    this.#mayHaveBacklog = true;
    this.#pausedBy = this.#options.clock.after(this.#refusals.next(), () => {
      this.#pausedBy = null;
      this.#pump();
    });
  }

  #hold(milliseconds: number): void {
    this.#holdBacklog?.();
    this.#holdBacklog = this.#options.clock.after(milliseconds, () => {
      this.#holdBacklog = null;
      this.#pump();
    });
  }

  /** A store at fault has told so itself; here it is only another try later. */
  #attempt<T>(work: Promise<T>): Promise<T | undefined> {
    return work.catch(() => undefined);
  }
}

function isTouching(a: Span, b: Span): boolean {
  return a.stream === b.stream && a.epoch === b.epoch && a.from <= b.to && a.to >= b.from;
}
