import type { RigClock } from '../stepped-clock.ts';
import type { FarConnection, FarSide, FarSideEvents, FarSideOptions } from './far-side.ts';

/** A message that reached the broker. */
export interface Reached {
  readonly clientId: string;
  readonly topic: string;
  readonly payload: string;
  readonly qos: number;
  readonly at: number;
}

/** A broker in memory, with every state that real ones and the network in between get into. */
export class ScriptedBroker implements FarSide {
  /** Nobody takes a connection. Those that stand are cut off. */
  #isAway = false;
  /** CONNACK code; 0 takes everybody. */
  refuses: (options: FarSideOptions) => number = () => 0;
  /** Takes TCP and says nothing. */
  isSilent = false;
  /** Nothing passes in either direction, and nobody notices: a half-open connection. */
  isMute = false;
  /** PUBACKs that get lost on the way, although the message has come. */
  losesPuback: (message: Reached) => boolean = () => false;
  /** Publishes that get lost on the way. */
  losesPublish: (message: Reached) => boolean = () => false;
  /** Publishes on which the broker ends the connection, message and PUBACK lost. */
  kills: (message: Reached) => boolean = () => false;
  /** Milliseconds in each direction. */
  latency = 20;
  /** Everything that came, oldest first. */
  readonly reached: Reached[] = [];
  /** Called with each message that came. */
  onMessage: (message: Reached) => void = () => undefined;
  onConnect: (options: FarSideOptions) => void = () => undefined;
  /** A node that was connected is not any more, however that came. */
  onDisconnect: (options: FarSideOptions) => void = () => undefined;
  /** Attempts to connect, by outcome known so far. */
  attempts = 0;
  readonly clock: RigClock;
  readonly #connections = new Set<ScriptedConnection>();

  constructor(clock: RigClock) {
    this.clock = clock;
  }

  get isAway(): boolean {
    return this.#isAway;
  }

  set isAway(isAway: boolean) {
    this.#isAway = isAway;
    if (isAway) this.drop(false);
  }

  /** Client ids that are connected. */
  get connected(): string[] {
    return [...this.#connections].filter(({ isUp }) => isUp).map(({ options }) => options.clientId);
  }

  connect(options: FarSideOptions, events: FarSideEvents): FarConnection {
    this.attempts += 1;
    const connection = new ScriptedConnection(this, options, events, () => this.#connections.delete(connection));
    this.#connections.add(connection);
    connection.open();
    return connection;
  }

  /** Ends every connection, orderly or as a router does that forgets them. */
  drop(isOrderly = true): void {
    for (const connection of [...this.#connections]) connection.drop(isOrderly);
  }

  /** Hands a message to whoever has subscribed. True if somebody is there. */
  send(topic: string, payload: string): boolean {
    const heard = [...this.#connections].filter((connection) => connection.isUp && connection.hears(topic));
    for (const connection of heard) connection.deliver(topic, payload);
    return heard.length > 0;
  }

  came(message: Reached): void {
    this.reached.push(message);
    this.onMessage(message);
  }
}

class ScriptedConnection implements FarConnection {
  isUp = false;
  readonly options: FarSideOptions;
  readonly #broker: ScriptedBroker;
  readonly #events: FarSideEvents;
  readonly #onEnd: () => void;
  readonly #topics = new Set<string>();
  #isOver = false;

  constructor(broker: ScriptedBroker, options: FarSideOptions, events: FarSideEvents, onEnd: () => void) {
    this.#broker = broker;
    this.options = options;
    this.#events = events;
    this.#onEnd = onEnd;
  }

  open(): void {
    this.#later(2, () => {
      if (this.#broker.isAway) return this.#end(() => this.#events.onUnreachable());
      this.#events.onSocket();
      if (this.#broker.isSilent) return;
      this.#later(2, () => this.#answer());
    });
  }

  #answer(): void {
    const code = this.#broker.refuses(this.options);
    this.isUp = code === 0;
    this.#events.onAnswer(code);
    if (code === 0) this.#broker.onConnect(this.options);
  }

  publish(topic: string, payload: string, qos: number, _retain: boolean, messageId: number): void {
    this.#later(1, () => {
      const message = { clientId: this.options.clientId, topic, payload, qos, at: this.#broker.clock.monotonic() };
      if (this.#broker.kills(message)) return this.drop(false);
      if (this.#broker.losesPublish(message)) return;
      this.#broker.came(message);
      if (qos === 0 || this.#broker.losesPuback(message)) return;
      this.#later(1, () => this.#events.onPuback(messageId));
    });
  }

  subscribe(topics: ReadonlyMap<string, number>, messageId: number): void {
    this.#later(1, () => {
      for (const topic of topics.keys()) this.#topics.add(topic);
      this.#later(1, () => this.#events.onSuback(messageId));
    });
  }

  ping(): void {
    this.#later(2, () => this.#events.onPingAnswer());
  }

  close(): void {
    this.#end(() => undefined);
  }

  hears(topic: string): boolean {
    return [...this.#topics].some((pattern) => matches(pattern, topic));
  }

  deliver(topic: string, payload: string): void {
    this.#later(1, () => this.#events.onMessage(topic, payload));
  }

  drop(isOrderly: boolean): void {
    this.#end(() => this.#events.onClosed(isOrderly));
  }

  #end(say: () => void): void {
    if (this.#isOver) return;
    const wasUp = this.isUp;
    this.#isOver = true;
    this.isUp = false;
    this.#onEnd();
    if (wasUp) this.#broker.onDisconnect(this.options);
    say();
  }

  #later(ways: number, act: () => void): void {
    this.#broker.clock.after(this.#broker.latency * ways, () => {
      if (!this.#isOver && !this.#broker.isMute) act();
    });
  }
}

/** MQTT 3.1.1, 4.7: `+` for one level, `#` at the end for all that follow. */
function matches(pattern: string, topic: string): boolean {
  const levels = topic.split('/');
  const wanted = pattern.split('/');
  if (wanted.at(-1) === '#') return wanted.slice(0, -1).every((one, at) => one === '+' || one === levels[at]);
  return wanted.length === levels.length && wanted.every((one, at) => one === '+' || one === levels[at]);
}
