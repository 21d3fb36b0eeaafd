import mqtt, { type MqttClient } from 'mqtt';
import type { FarConnection, FarSide, FarSideEvents, FarSideOptions } from './far-side.ts';

/** A real broker at the other end, over TCP: mqtt.js says there what the chip's client would. Real time. */
export class MqttJsFarSide implements FarSide {
  readonly #url: string;
  /** The network is gone: nothing connects, and what stands was cut off. */
  #isCut = false;
  /** What nodes gave to be published, oldest first, whatever became of it. */
  readonly published: { readonly topic: string; readonly payload: string }[] = [];
  readonly #clients = new Set<MqttClient>();

  /** `url` takes the place of the host and port that the node has in its configuration. */
  constructor(url: string) {
    this.#url = url;
  }

  get isCut(): boolean {
    return this.#isCut;
  }

  set isCut(isCut: boolean) {
    this.#isCut = isCut;
    if (isCut) for (const client of [...this.#clients]) client.stream.destroy();
  }

  connect(options: FarSideOptions, events: FarSideEvents): FarConnection {
    if (this.#isCut) {
      setImmediate(() => events.onUnreachable());
      return { publish: () => undefined, subscribe: () => undefined, ping: () => undefined, close: () => undefined };
    }
    const { clientId, user, password, keepAlive, will } = options;
    const client = mqtt.connect(this.#url, {
      ...{ protocolVersion: 4, clientId, keepalive: keepAlive, clean: true, reconnectPeriod: 0 },
      ...(user === undefined ? {} : { username: user }),
      ...(password === undefined ? {} : { password }),
      ...(will === undefined ? {} : { will: { ...will, payload: bytes(will.message), qos: will.qos as 0 | 1 } }),
    });
    this.#clients.add(client);
    return new MqttJsConnection(client, {
      events,
      onPublish: (topic, payload) => void this.published.push({ topic, payload }),
      onEnd: () => void this.#clients.delete(client),
    });
  }
}

interface ConnectionParts {
  readonly events: FarSideEvents;
  readonly onPublish: (topic: string, payload: string) => void;
  readonly onEnd: () => void;
}

class MqttJsConnection implements FarConnection {
  readonly #client: MqttClient;
  readonly #events: FarSideEvents;
  readonly #onPublish: ConnectionParts['onPublish'];
  #isOver = false;
  #isUp = false;

  constructor(client: MqttClient, { events, onPublish, onEnd }: ConnectionParts) {
    this.#client = client;
    this.#events = events;
    this.#onPublish = onPublish;
    client.on('connect', () => {
      this.#isUp = true;
      this.#say(() => events.onSocket());
      this.#say(() => events.onAnswer(0));
    });
    client.on('error', (error: Error & { code?: unknown }) => {
      if (this.#isUp) return;
      this.#end(() => {
        // A number is what the CONNACK said; a text is the system's.
        if (typeof error.code !== 'number') return events.onUnreachable();
        events.onSocket();
        events.onAnswer(error.code);
      });
    });
    client.on('message', (topic, payload) => this.#say(() => events.onMessage(topic, payload.toString('latin1'))));
    client.on('close', () => {
      onEnd();
      this.#end(() => (this.#isUp ? events.onClosed(true) : events.onUnreachable()));
    });
  }

  publish(topic: string, payload: string, qos: number, retain: boolean, messageId: number): void {
    this.#onPublish(topic, payload);
    this.#client.publish(topic, bytes(payload), { qos: qos as 0 | 1, retain }, (error) => {
      if (!error && qos > 0) this.#say(() => this.#events.onPuback(messageId));
    });
  }

  subscribe(topics: ReadonlyMap<string, number>, messageId: number): void {
    const wanted = Object.fromEntries([...topics].map(([topic, qos]) => [topic, { qos: qos as 0 | 1 }]));
    this.#client.subscribe(wanted, (error) => {
      if (!error) this.#say(() => this.#events.onSuback(messageId));
    });
  }

  ping(): void {
    setImmediate(() => this.#say(() => this.#events.onPingAnswer()));
  }

  close(isOrderly: boolean): void {
    this.#isOver = true;
    if (isOrderly) this.#client.end();
    else this.#client.stream.destroy();
  }

  #say(act: () => void): void {
    if (!this.#isOver) act();
  }

  #end(act: () => void): void {
    if (this.#isOver) return;
    this.#isOver = true;
    act();
    this.#client.end(true);
  }
}

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');
