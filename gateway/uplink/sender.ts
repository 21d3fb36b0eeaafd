import type { Clock } from '../clock.ts';
import type { Receipt } from '../contract/receipt.ts';
import { type Address, topicOf } from '../contract/topics.ts';
import type { Stream } from '../record/record.ts';
import type { Span, Store } from '../store/port.ts';
import { Backoff } from './backoff.ts';
import type { Batcher, ReadyBatch } from './batcher.ts';
import type { BrokerConnection, PublishOutcome } from './broker.ts';
import { type Flight, InFlight } from './in-flight.ts';
import { BacklogTurn } from './pacing/backlog-turn.ts';
import { placeOf } from './pacing/spread.ts';
import type { Traffic } from './pacing/traffic.ts';
import type { UplinkEvent, UplinkPace } from './port.ts';
import { Answers, attempt } from './sending/answers.ts';
import { FreshSpans } from './sending/fresh-spans.ts';
import { Hold } from './sending/hold.ts';
import { provenPart } from './sending/proofs.ts';
import { Room } from './sending/room.ts';
import { stretchOfStore } from './sending/stretch-of-store.ts';
import { type Suspect, Suspects } from './sending/suspects.ts';
import type { UplinkSettings } from './settings.ts';

export interface SenderOptions {
  readonly settings: UplinkSettings;
  readonly address: Address;
  readonly store: Store;
  readonly batcher: Batcher;
  readonly clock: Clock;
  readonly random: () => number;
  readonly traffic: Traffic;
  readonly observe: (event: UplinkEvent) => void;
}

/** Payload bytes of one batch at most; well below the 128 kB that some brokers take. */
const batchBytes = 96 * 1024;
/** More would save a byte a record and hold up the event loop, and with it the serial lines, twice as long. */
export const batchEntries = 400;
/** However small the packets are that a broker takes: below this it is no broker for us. */
const leastBytes = 1024;
/** Room for topic, packet header and v5 properties under a broker's Maximum Packet Size. */
const packetOverhead = 256;
/** A batch first sent later than this after its commit is late. */
const lateAfter = 60_000;

/** How a batch goes out: fresh, out of the backlog, or again because it is under suspicion. */
type Way = 'fresh' | 'backlog' | Suspect;

/**
 * What goes out and when: fresh records first; then, turn by turn, fresh samples and the backlog, with what is under
 * suspicion before it, in the room that is left. Holds what is in flight; everything else is in the store. Told of a
 * connection by `open` and `close`.
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
  readonly #backlogTurn: BacklogTurn;
  /** Until the next suspect is due. */
  readonly #nextSuspect: Hold;
  #connection: BrokerConnection | null = null;
  readonly #room: Room;
  readonly #fresh = new FreshSpans();
  /** Fresh samples go next, not the backlog: neither starves the other on a line that carries too little. */
  #isSamplesTurn = true;
  /** Payloads above this were found too large for the broker. */
  #largest = batchBytes;
  #mayHaveBacklog = true;
  #isFetching = false;
  #lastStream: Stream = 'records';
  #isStopping = false;

  constructor(options: SenderOptions) {
    const { address, random, clock, store, observe, settings, traffic } = options;
    this.#options = options;
    this.#topic = topicOf(address, 'data');
    this.#room = new Room(settings.window, this.#inFlight);
    this.#refusals = new Backoff(1000, 60_000, random);
    const pump = (): void => this.#pump();
    this.#pause = new Hold(clock, pump);
    const { backlogShare: share, spreadBacklog } = settings;
    const place = placeOf(address.gateway, settings.id);
    this.#backlogTurn = new BacklogTurn({ clock, traffic, share, spread: spreadBacklog * 1000, place, over: pump });
    this.#nextSuspect = new Hold(clock, pump);
    const onEnded = (): void => {
      this.#mayHaveBacklog = true;
      this.#pump();
    };
    const onVanished = (bytes: number, answered: number): void => this.#shrink(Math.max(answered, bytes * 0.25));
    const { id: uplink, acknowledge } = settings;
    const told = { inFlight: this.#inFlight, onEnded, onVanished };
    this.#answers = new Answers({ uplink, acknowledge, store, clock, observe, ...told });
  }

  /** A connection is up: begin again from the store. `delay`: seconds that an answer takes on an idle line, if known. */
  open(connection: BrokerConnection, delay: number | null = null): void {
    this.#connection = connection;
    this.#room.open(delay);
    this.#mayHaveBacklog = true;
    this.#suspects.connected(this.#options.clock.monotonic());
    this.#backlogTurn.connected(this.#options.settings.acknowledge === 'platform');
    void this.#lookAtOutage(connection);
    this.#pump();
  }

  /** How fast it goes, and what holds the backlog. */
  get pace(): Pick<UplinkPace, 'bytesPerSecond' | 'backlogWaits' | 'backlogTurnIn'> {
    return {
      bytesPerSecond: this.#connection === null ? null : this.#room.rate,
      backlogWaits: this.#backlogTurn.waits,
      backlogTurnIn: this.#backlogTurn.turnIn,
    };
  }

  /** How long the outage was decides when the backlog's turn is. */
  async #lookAtOutage(connection: BrokerConnection): Promise<void> {
    const { store, settings, clock } = this.#options;
    const { oldestCommittedAt } = (await attempt(store.backlog(settings.id))) ?? { oldestCommittedAt: null };
    if (this.#connection !== connection) return;
    this.#backlogTurn.outage(oldestCommittedAt === null ? 0 : clock.wall() - oldestCommittedAt);
    this.#pump();
  }

  /**
   * The connection is gone: forget what was on its way; the store still has it. `lost`: why it ended, where it was not us
   * who ended it. Gives back whether a batch that was tried by itself ended it.
   */
  close(lost: string | null): boolean {
    const wasAlone = this.#room.isTryingAlone;
    if (lost !== null) this.#struck(this.#inFlight.open, lost);
    this.#connection = null;
    this.#inFlight.forget();
    this.#fresh.forget();
    this.#room.close();
    for (const hold of [this.#pause, this.#backlogTurn, this.#nextSuspect]) hold.end();
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
    if (span.stream === 'samples' && this.#options.traffic.isUsedUp) return;
    this.#fresh.add(span);
    this.#pump();
  }

  /** The store claims something again that had been let go. */
  lookAgain(): void {
    this.#mayHaveBacklog = true;
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
    this.#backlogTurn.receipt();
    this.#pump();
  }

  /** The gateway is about to stop: what the backlog waits for does not matter any more. */
  hurry(): void {
    this.#backlogTurn.hurry();
    this.#pump();
  }

  /** Sends nothing new from now on. */
  halt(): void {
    this.#isStopping = true;
    this.#fresh.forget();
  }

  #isUnwanted({ stream }: { readonly stream: Stream }): boolean {
    return stream === 'samples' && !this.#options.settings.sampleStream;
  }

  #pump(): void {
    const connection = this.#connection;
    if (connection === null || this.#isStopping || this.#pause.isUp) return;
    while (this.#fresh.has('records') && this.#room.has(connection, false)) {
      this.#sendFresh(connection, 'records', batchBytes, batchEntries);
    }
    if (this.#fresh.has('records')) return;
    while (!this.#isFetching && this.#room.has(connection, true)) {
      const hasSamples = this.#fresh.has('samples');
      if (!hasSamples || !this.#isSamplesTurn) {
        this.#isSamplesTurn = true;
        if (this.#turnOfBacklog(connection) || !hasSamples) return;
      }
      this.#isSamplesTurn = false;
      const bytes = Math.min(batchBytes, this.#room.forBulk);
      this.#sendFresh(connection, 'samples', bytes, this.#room.entriesIn('samples', bytes));
    }
  }

  #sendFresh(connection: BrokerConnection, stream: Stream, bytes: number, entries: number): void {
    const span = this.#fresh.take(stream);
    if (span !== undefined) this.#fresh.putBack(this.#send(connection, span, bytes, entries, 'fresh'));
  }

  /** Asks the store for something that is to go now. False when nothing is: the line is free for others. */
  #turnOfBacklog(connection: BrokerConnection): boolean {
    const suspect = this.#suspects.next((stretch) => this.#inFlight.touches(stretch));
    const wait = (suspect?.notBefore ?? 0) - this.#options.clock.monotonic();
    if (suspect !== undefined && wait <= 0) {
      // What is under way is let finish first; nothing is added to it.
      if (!suspect.isAlone || this.#room.isEmpty) void this.#fetch(connection, suspect);
      return true;
    }
    if (suspect !== undefined) this.#nextSuspect.set(wait);
    if (!this.#mayHaveBacklog || !this.#backlogTurn.ask()) return false;
    void this.#fetch(connection, 'backlog');
    return true;
  }

  /** Takes the oldest stretch, or the suspect, out of the store and sends what fits of it. */
  async #fetch(connection: BrokerConnection, way: Exclude<Way, 'fresh'>): Promise<void> {
    this.#isFetching = true;
    const bytes = Math.min(batchBytes, this.#room.forBulk);
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
    if (this.#isUnwanted(span)) {
      if (!(await this.#answers.letGo(span, [[span.from, span.to]]))) return this.#pauseSending();
    } else if (this.#connection === connection && !this.#isStopping && !this.#inFlight.touches(span)) {
      // A commit that came while the store was asked may be in both.
      this.#fresh.leaveOut(span);
      this.#send(connection, span, bytes, this.#room.entriesIn(span.stream, bytes), way);
    }
    this.#pump();
  }

  #ask(way: Exclude<Way, 'fresh'>, bytes: number): Promise<Span | null> {
    const { store, clock, settings } = this.#options;
    if (way !== 'backlog') return stretchOfStore(store, settings.id, way);
    this.#mayHaveBacklog = false;
    const limit = Math.min(batchEntries, Math.max(this.#room.entriesIn(this.#lastStream, bytes), 1));
    const except = this.#inFlight.ranges([...this.#fresh.stretches, ...this.#suspects.stretches]);
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

  #publish(connection: BrokerConnection, { span, payload, late }: ReadyBatch, way: Way): void {
    const { clock, settings, observe } = this.#options;
    const again = this.#inFlight.wasSent(span);
    const [bytes, entries] = [payload.byteLength, span.entries.length];
    const isBulk = way !== 'fresh' || span.stream === 'samples';
    const flight = this.#inFlight.begin(span, bytes, isBulk);
    const isAlone = typeof way === 'object' && way.isAlone;
    const underWay = this.#room.sent({ stream: span.stream, entries, bytes, isBulk, isAlone }, clock.monotonic());
    if (way === 'backlog') this.#backlogTurn.sent(bytes, this.#room.rate);
    this.#options.traffic.message(bytes + this.#topic.length);
    observe({ kind: 'uplink-sent', uplink: settings.id, stream: span.stream, entries, bytes, late, again });
    void connection.publish({ topic: this.#topic, payload, retain: false, contentType: null }).then((outcome) => {
      if (this.#connection !== connection) return;
      // One that is lost is still open when the connection is closed: it may be what closed it.
      if (outcome.outcome === 'lost') return;
      this.#room.answered(underWay, outcome.outcome === 'accepted', clock.monotonic());
      this.#published(flight, outcome);
      this.#pump();
    });
  }

  #published(flight: Flight, outcome: PublishOutcome): void {
    if (outcome.outcome === 'refused') {
      // Where its size is the reason there is nothing to find out: the same entries go in smaller batches.
      if (outcome.isTooLarge && flight.from < flight.to) this.#shrink(flight.bytes / 2);
      else this.#struck([flight], outcome.reason);
      this.#answers.end(flight);
      this.#pauseSending();
      return;
    }
    flight.isTaken = true;
    this.#refusals.reset();
    const tooLarge = this.#suspects.passed(flight);
    if (tooLarge !== null) this.#shrink(tooLarge * 0.75);
    this.#answers.taken(flight);
  }

  /** Larger payloads than this were found to be too much. */
  #shrink(bytes: number): void {
    this.#largest = Math.max(leastBytes, Math.min(this.#largest, Math.floor(bytes)));
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
