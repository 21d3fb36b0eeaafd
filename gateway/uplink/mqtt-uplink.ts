import { type Clock, type LocalTime, pause } from '../clock.ts';
import { isFault, readMessage } from '../contract/fields.ts';
import { receiptSchema } from '../contract/receipt.ts';
import { type Address, topicOf } from '../contract/topics.ts';
import type { Store } from '../store/port.ts';
import { Backoff } from './backoff.ts';
import { Batcher, type SigningKey } from './batcher.ts';
import { type Broker, type BrokerConnection, isBrokerFault } from './broker.ts';
import { SendHours } from './pacing/send-hours.ts';
import { placeOf } from './pacing/spread.ts';
import { Traffic, type TrafficBook } from './pacing/traffic.ts';
import type { Uplink, UplinkEvent, UplinkPace, UplinkState } from './port.ts';
import { Replies } from './replies.ts';
import { type Identity, messageOf, SelfDescription } from './self-description.ts';
import { Sender } from './sender.ts';
import type { UplinkSettings } from './settings.ts';

export interface MqttUplinkOptions {
  readonly settings: UplinkSettings;
  /** Area and id of the gateway: its topics. */
  readonly gateway: Address;
  readonly identity: Identity;
  /** Private Ed25519 key that signs the batches from now on. */
  readonly key: SigningKey;
  readonly store: Store;
  readonly clock: Clock;
  readonly localTime: LocalTime;
  readonly observe: (event: UplinkEvent) => void;
  readonly broker: Broker;
  /** Takes every message on the command topic; without it the topic is not subscribed to. */
  readonly onCommand?: (payload: Uint8Array) => void;
  /** Where the month's bytes are kept over a restart; null counts from each start. */
  readonly trafficBook?: TrafficBook | null;
  /** Numbers from 0 to 1, for jitter. */
  readonly random?: () => number;
}

/** While it drains before a stop: milliseconds between two looks at what is held, and between two tries to connect. */
const drainLook = 50;
const drainRetry = 300;
/** Between two looks at the clock of a site that may send at certain hours only. */
const hoursLook = 10_000;
/** Over so long the gateways that may send from the same time on connect. */
const openingSpread = 60_000;
/** Between two writes of the month's bytes where nobody meters them: flash wears out by writing. */
const trafficLook = 3_600_000;

/** Not every broker says why it ends a connection; mosquitto 2.0.11 gives no reason when a session is taken over. */
const shortLives = 'one connection after another ends within 30 s: is there a second gateway with this identity?';

/** The store's tail to one platform over MQTT, by version 1 of the contract. */
export class MqttUplink implements Uplink {
  readonly id: string;
  readonly #options: MqttUplinkOptions;
  readonly #sender: Sender;
  readonly #replies: Replies;
  readonly #self: SelfDescription;
  readonly #traffic: Traffic;
  readonly #hours: SendHours;
  readonly #reconnect: Backoff;
  readonly #stopped = new AbortController();
  #connection: BrokerConnection | null = null;
  /** Raised to end the pause between two tries to connect. */
  #pausing = new AbortController();
  #isDraining = false;
  #endConnection = (_reason: string): void => {};
  #running: Promise<void> = Promise.resolve();
  #unsubscribe: (() => void)[] = [];
  /** Connections in a row that ended soon. */
  #short = 0;
  /** Seconds that an answer takes on the idle line. */
  #delay: number | null = null;
  #isOutOfHours = false;

  constructor(options: MqttUplinkOptions) {
    const { settings, gateway, key, store, clock, observe, random = Math.random } = options;
    this.id = settings.id;
    this.#options = options;
    this.#reconnect = new Backoff(1000, settings.reconnectWithin * 1000, random);
    this.#replies = new Replies(() => observe({ kind: 'uplink-reply-dropped', uplink: settings.id }));
    const batcher = new Batcher(gateway.gateway, key);
    const { localTime, trafficBook = null } = options;
    const { megabytesPerMonth, sendWithin = [] } = settings;
    const limit = megabytesPerMonth === undefined ? null : megabytesPerMonth * 1e6;
    this.#traffic = new Traffic(settings.id, limit, {
      isSecure: settings.url.startsWith('mqtts'),
      keepAlive: settings.keepAlive * 1000,
      clock,
      localTime,
      book: trafficBook,
    });
    this.#hours = new SendHours(sendWithin, localTime);
    const traffic = this.#traffic;
    const onBirthRefused = (reason: string): void =>
      this.#state('connected', `${settings.url}; the broker does not take our birth document: ${reason}`);
    const { identity } = options;
    this.#self = new SelfDescription({ settings, gateway, identity, store, clock, localTime, traffic, onBirthRefused });
    this.#sender = new Sender({ settings, address: gateway, store, batcher, clock, observe, random, traffic });
  }

  get pace(): UplinkPace {
    const month = { ...this.#traffic.month, limit: this.#traffic.limit };
    return { ...this.#sender.pace, month, opensAt: this.#hours.opensAt(this.#options.clock.wall()) };
  }

  start(): void {
    const { store, identity } = this.#options;
    this.#unsubscribe = [
      store.onCommitted((span) => this.#sender.offer(span)),
      identity.onChanged(() => void this.#self.birth()),
    ];
    this.#running = Promise.all([this.#run(), this.#keepTraffic()]).then(() => undefined);
  }

  reply(document: object): void {
    this.#replies.add({ ...messageOf(this.#options.gateway, 'reply', document), retain: false });
  }

  get hasReplied(): boolean {
    return this.#replies.isEmpty;
  }

  lookAgain(): void {
    this.#sender.lookAgain();
  }

  async stop(grace: number): Promise<void> {
    for (const unsubscribe of this.#unsubscribe.splice(0)) unsubscribe();
    await this.#drain(grace);
    const connection = this.#connection;
    if (connection !== null) {
      const soon = pause(this.#options.clock, Math.min(1000, grace));
      await Promise.race([this.#self.goodbye(), soon]);
    }
    this.#stopped.abort();
    this.#endConnection('stopped');
    await connection?.close();
    await this.#running;
    this.#traffic.close();
    this.#state('stopped', 'stopped');
  }

  /** Goes on sending, and trying to connect, until nothing is held any more or the grace is over. */
  async #drain(grace: number): Promise<void> {
    const { clock, store } = this.#options;
    const until = clock.monotonic() + grace;
    this.#isDraining = true;
    this.#sender.hurry();
    this.#pausing.abort();
    while (clock.monotonic() < until) {
      // Outside its hours nothing can be got rid of.
      if (this.#connection === null && !this.#hours.isOpen(clock.wall())) break;
      const held = await store.backlog(this.id).catch(() => null);
      if (held !== null && held.records + held.samples === 0 && this.#replies.isEmpty) break;
      await pause(clock, Math.min(drainLook, until - clock.monotonic()));
    }
    this.#sender.halt();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped;
    const { clock } = this.#options;
    while (!signal.aborted) {
      await this.#hoursToCome(signal);
      if (signal.aborted) return;
      this.#state('connecting', this.#options.settings.url);
      const why = await this.#connectOnce(signal);
      if (signal.aborted) return;
      if (!this.#hours.isOpen(clock.wall())) continue;
      const wait = this.#isDraining ? drainRetry : this.#reconnect.next();
      this.#state('waiting', `${why}; next try in ${Math.ceil(wait / 1000)} s`);
      this.#pausing = new AbortController();
      await pause(this.#options.clock, wait, AbortSignal.any([signal, this.#pausing.signal]));
    }
  }

  /** Waits while the site may not send, and then for this gateway's own moment of the first minute. */
  async #hoursToCome(signal: AbortSignal): Promise<void> {
    const { clock, gateway } = this.#options;
    let told: string | null = null;
    for (let opens = this.#hours.opensAt(clock.wall()); opens !== null && !signal.aborted; ) {
      if (opens !== told) this.#state('scheduled', `sends from ${opens}, the site's time`);
      told = opens;
      await pause(clock, hoursLook, signal);
      opens = this.#hours.opensAt(clock.wall());
    }
    // A district opens its gateways at one time of the clock: they are not to knock in one second.
    if (told !== null) await pause(clock, placeOf(gateway.gateway, this.id) * openingSpread, signal);
  }

  /** Ends the connection when the hours in which the site may send are over. */
  async #hoursToEnd(over: AbortSignal): Promise<void> {
    const { clock, settings } = this.#options;
    if (settings.sendWithin === undefined) return;
    while (this.#hours.isOpen(clock.wall())) {
      await pause(clock, hoursLook, over);
      if (over.aborted) return;
    }
    this.#isOutOfHours = true;
    const connection = this.#connection;
    await this.#self.goodbye();
    this.#endConnection('the hours in which the site may send are over');
    await connection?.close();
  }

  async #keepTraffic(): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted && this.#options.trafficBook) {
      await pause(this.#options.clock, trafficLook, signal);
      this.#traffic.keep();
    }
  }

  /** Lives through one connection; resolves to why it ended. */
  async #connectOnce(signal: AbortSignal): Promise<string> {
    const { broker } = this.#options;
    const will = this.#self.begin();
    const closed = new Promise<string>((resolve) => {
      this.#endConnection = resolve;
    });
    const onClosed = this.#endConnection;
    const onMessage = (topic: string, payload: Uint8Array): void => this.#received(topic, payload);
    const connection = await broker.connect({ will, onMessage, onClosed, signal });
    if (isBrokerFault(connection)) return connection.message;
    if (signal.aborted) {
      await connection.close();
      return 'stopped';
    }
    this.#connection = connection;
    this.#self.open(connection);
    this.#traffic.connected();
    const fault = await this.#listen(connection);
    if (fault !== null) await connection.close();
    const why = fault ?? (await this.#serve(connection, closed));
    this.#connection = null;
    this.#self.close();
    return why;
  }

  /** Subscribes; resolves to null or to why the connection is of no use. */
  async #listen(connection: BrokerConnection): Promise<string | null> {
    if (this.#options.settings.acknowledge === 'platform') {
      const asked = this.#options.clock.monotonic();
      // One that is lost costs a batch sent twice; an acknowledgement of every one costs a metered line a megabyte a month.
      const fault = await connection.subscribe(topicOf(this.#options.gateway, 'receipt'), 0);
      if (fault !== null) return fault;
      this.#delay = (this.#options.clock.monotonic() - asked) / 1000;
    }
    await this.#listenForCommands(connection);
    return null;
  }

  /** A broker that does not let us hear commands still takes what was measured. */
  async #listenForCommands(connection: BrokerConnection): Promise<void> {
    const { onCommand, gateway, observe } = this.#options;
    if (onCommand === undefined) return;
    const topic = topicOf(gateway, 'command');
    const fault = await connection.subscribe(topic);
    if (fault !== null) observe({ kind: 'uplink-deaf', uplink: this.id, topic, fault });
  }

  async #serve(connection: BrokerConnection, closed: Promise<string>): Promise<string> {
    const { clock, settings } = this.#options;
    this.#state('connected', settings.url);
    void this.#self.birth();
    void this.#self.status();
    const over = new AbortController();
    this.#sender.open(connection, this.#delay);
    this.#replies.open(connection);
    this.#isOutOfHours = false;
    const steady = Promise.all([this.#self.repeatStatus(over.signal), this.#hoursToEnd(over.signal)]);
    const begun = clock.monotonic();
    const why = await closed;
    over.abort();
    this.#replies.close();
    const isOurs = this.#stopped.signal.aborted || this.#isOutOfHours;
    const wasTrial = this.#sender.close(isOurs ? null : why);
    // Only a connection that held for a while is a reason to try again soon, or one that we put at risk ourselves.
    const hasHeld = clock.monotonic() - begun > 30_000;
    if (wasTrial || hasHeld) this.#reconnect.reset();
    this.#short = wasTrial || hasHeld || isOurs ? 0 : this.#short + 1;
    await steady;
    return this.#short < 3 ? why : `${why}; ${shortLives}`;
  }

  #received(topic: string, payload: Uint8Array): void {
    this.#traffic.message(payload.length + topic.length);
    if (topic === topicOf(this.#options.gateway, 'command')) this.#options.onCommand?.(payload);
    if (topic !== topicOf(this.#options.gateway, 'receipt')) return;
    const receipt = readMessage(receiptSchema, payload);
    if (isFault(receipt)) {
      this.#options.observe({ kind: 'uplink-malformed', uplink: this.id, topic, fault: receipt.fault });
    } else this.#sender.receipt(receipt);
  }

  #state(state: UplinkState, detail: string): void {
    this.#options.observe({ kind: 'uplink-state', uplink: this.id, state, detail });
  }
}
