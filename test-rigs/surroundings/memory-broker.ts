import { type Cancel, type Clock, pause } from '../../gateway/clock.ts';
import type {
  Broker,
  BrokerConnection,
  BrokerFault,
  ConnectOptions,
  Message,
  PublishOutcome,
} from '../../gateway/uplink/broker.ts';

interface Subscription {
  readonly pattern: string;
  readonly connection: MemoryConnection;
}

/**
 * A broker without a network, for stories on the simulated clock. It keeps retained messages and wills, and can be put
 * into the states that real ones get into: away, silent, refusing.
 */
export class MemoryBroker implements Broker {
  /** What a v5 broker may say in its CONNACK. */
  receiveMaximum = 65_535;
  maximumPacketSize: number | null = null;
  /** Publishes get no PUBACK, as behind a half-open connection. They are not delivered either. */
  isSilent = false;
  /** Reason to refuse publishes with; null takes them. */
  refusal: string | null = null;
  /** Reason to refuse one publish with; null takes it. */
  refuses: (message: Message) => string | null = () => null;
  /** A publish that makes it end the connection, as brokers do whose limits are not told. */
  kills: (message: Message) => boolean = () => false;
  /** What is taken from publishers but never handed on, as when a broker dies between PUBACK and delivery. */
  swallow: (message: Message) => boolean = () => false;
  /** Milliseconds that one publish takes, and bytes per millisecond of the one line all share; 0: at once. */
  latency = 0;
  bytesPerMillisecond = Number.POSITIVE_INFINITY;
  /** Every message that was accepted, oldest first, the newest 100,000. */
  readonly accepted: Message[] = [];
  readonly clock: Clock;
  readonly answerTimeout: number;
  /** Most publishes that were without a PUBACK at once. */
  mostOpen = 0;
  lineFreeAt = 0;
  readonly #connections = new Set<MemoryConnection>();
  readonly #retained = new Map<string, Message>();
  #subscriptions: Subscription[] = [];
  #isAway = false;

  constructor(clock: Clock, answerTimeout = 20_000) {
    this.clock = clock;
    this.answerTimeout = answerTimeout;
  }

  /** Whether it was cut. */
  get isAway(): boolean {
    return this.#isAway;
  }

  async connect(options: ConnectOptions): Promise<BrokerConnection | BrokerFault> {
    if (this.#isAway) return { kind: 'unreachable', message: 'the broker in memory is away' };
    const connection = new MemoryConnection(this, options);
    this.#connections.add(connection);
    return connection;
  }

  /** Every connection drops and none is taken. */
  cut(): void {
    this.#isAway = true;
    for (const connection of [...this.#connections]) connection.drop('the broker in memory was cut');
  }

  restore(): void {
    this.#isAway = false;
  }

  /** Forgets what a broker without persistence forgets when it is killed. */
  forget(): void {
    this.#retained.clear();
  }

  subscribe(pattern: string, connection: MemoryConnection): void {
    this.#subscriptions.push({ pattern, connection });
    for (const message of this.#retained.values()) if (isMatch(pattern, message.topic)) connection.deliver(message);
  }

  leave(connection: MemoryConnection, will: Message | null): void {
    this.#connections.delete(connection);
    this.#subscriptions = this.#subscriptions.filter((one) => one.connection !== connection);
    if (will !== null) this.route(will);
  }

  /** Hands a message to everybody who subscribed to its topic. */
  route(message: Message): void {
    this.accepted.push(message);
    if (this.accepted.length > 100_000) this.accepted.shift();
    if (message.retain) this.#retained.set(message.topic, message);
    if (this.swallow(message)) return;
    for (const { pattern, connection } of this.#subscriptions) {
      if (isMatch(pattern, message.topic)) connection.deliver(message);
    }
  }
}

/** MQTT topic filters, section 4.7: `+` is one level, `#` the rest. */
function isMatch(pattern: string, topic: string): boolean {
  const [wanted, levels] = [pattern.split('/'), topic.split('/')];
  for (const [i, level] of wanted.entries()) {
    if (level === '#') return true;
    if (levels[i] === undefined || (level !== '+' && level !== levels[i])) return false;
  }
  return wanted.length === levels.length;
}

class MemoryConnection implements BrokerConnection {
  readonly receiveMaximum: number;
  readonly maximumPacketSize: number | null;
  readonly #broker: MemoryBroker;
  readonly #options: ConnectOptions;
  readonly #waiting: { message: Message; settle: (outcome: PublishOutcome) => void }[] = [];
  readonly #open = new Set<(outcome: PublishOutcome) => void>();
  #isOver = false;

  constructor(broker: MemoryBroker, options: ConnectOptions) {
    this.receiveMaximum = broker.receiveMaximum;
    this.maximumPacketSize = broker.maximumPacketSize;
    this.#broker = broker;
    this.#options = options;
  }

  publish(message: Message): Promise<PublishOutcome> {
    return new Promise((settle) => {
      this.#waiting.push({ message, settle });
      this.#next();
    });
  }

  #next(): void {
    if (this.#isOver) {
      for (const { settle } of this.#waiting.splice(0)) settle({ outcome: 'lost', reason: 'not connected' });
      return;
    }
    while (this.#open.size < this.receiveMaximum) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#send(next.message, next.settle);
    }
  }

  #send(message: Message, settle: (outcome: PublishOutcome) => void): void {
    const { clock, answerTimeout } = this.#broker;
    let cancel: Cancel = () => {};
    const finish = (outcome: PublishOutcome): void => {
      cancel();
      settle(outcome);
    };
    this.#open.add(finish);
    this.#broker.mostOpen = Math.max(this.#broker.mostOpen, this.#open.size);
    cancel = clock.after(answerTimeout, () => this.drop(`no PUBACK within ${answerTimeout / 1000} s`));
    this.#onArrival(message, () => {
      if (this.#broker.isSilent || this.#isOver) return;
      if (this.#broker.kills(message)) return this.drop('the broker in memory closed the connection');
      this.#open.delete(finish);
      const reason = this.#broker.refusal ?? this.#broker.refuses(message);
      finish(reason === null ? { outcome: 'accepted' } : { outcome: 'refused', reason });
      if (reason === null) this.#broker.route({ ...message, payload: Uint8Array.from(message.payload) });
      this.#next();
    });
  }

  /** After the time that the line takes; in a later turn of the event loop in any case. */
  #onArrival({ payload, topic }: Message, action: () => void): void {
    const { clock, latency, bytesPerMillisecond } = this.#broker;
    if (latency === 0 && bytesPerMillisecond === Number.POSITIVE_INFINITY) {
      queueMicrotask(action);
      return;
    }
    const begin = Math.max(clock.monotonic(), this.#broker.lineFreeAt);
    this.#broker.lineFreeAt = begin + (payload.byteLength + topic.length) / bytesPerMillisecond;
    clock.after(this.#broker.lineFreeAt + latency - clock.monotonic(), action);
  }

  async subscribe(topic: string): Promise<string | null> {
    const { clock, latency } = this.#broker;
    if (latency > 0) await pause(clock, latency);
    if (this.#isOver) return 'not connected';
    this.#broker.subscribe(topic, this);
    return null;
  }

  deliver({ topic, payload }: Message): void {
    queueMicrotask(() => {
      if (!this.#isOver) this.#options.onMessage(topic, payload);
    });
  }

  drop(reason: string): void {
    if (this.#isOver) return;
    this.#end(reason, this.#options.will ?? null);
    this.#options.onClosed(reason);
  }

  async close(): Promise<void> {
    if (!this.#isOver) this.#end('closed by us', null);
  }

  #end(reason: string, will: Message | null): void {
    this.#isOver = true;
    for (const finish of this.#open) finish({ outcome: 'lost', reason });
    this.#open.clear();
    this.#next();
    this.#broker.leave(this, will);
  }
}
