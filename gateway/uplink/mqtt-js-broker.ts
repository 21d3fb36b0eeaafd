import { TLSSocket } from 'node:tls';
import mqtt, { type IConnackPacket, type MqttClient } from 'mqtt';
import type { Cancel, Clock } from '../clock.ts';
import {
  type Broker,
  type BrokerConnection,
  type BrokerFault,
  type ConnectOptions,
  type Message,
  type PublishOutcome,
  pingAfter,
} from './broker.ts';
import { type CertificateFacts, factsOf } from './connecting/certificate.ts';
import type { Credentials } from './connecting/credentials.ts';
import { disconnectReason } from './connecting/disconnect-reasons.ts';
import { tlsFault } from './connecting/tls-faults.ts';

/** Where the broker is and who we are to it. Times are milliseconds. */
export interface MqttJsOptions {
  readonly url: string;
  readonly protocol: '3.1.1' | '5';
  readonly clientId: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly tls?: Credentials['tls'];
  readonly clock: Clock;
  /** How long a CONNACK may take. */
  readonly connectTimeout?: number;
  /** How long a PUBACK or SUBACK may take: MQTT itself knows no such limit, and a broker that stays silent holds all. */
  readonly answerTimeout?: number;
  /** Seconds. */
  readonly keepalive?: number;
}

/**
 * MQTT through mqtt.js. The library stores, replays and reconnects by itself, in memory and without bound; here it is
 * given a new client per connection, never reconnects, and never publishes while not connected, so that the store of
 * the gateway stays the only memory there is.
 */
export function mqttJsBroker(options: MqttJsOptions): Broker {
  return { connect: (how) => connect(options, how) };
}

function connect(options: MqttJsOptions, how: ConnectOptions): Promise<BrokerConnection | BrokerFault> {
  return new Promise((resolve) => {
    let problem: Error | undefined;
    const client = newClient(options, how.will);
    client.on('error', (error) => {
      problem = error;
    });
    client.on('disconnect', ({ reasonCode = 0 }) => {
      problem = new Error(disconnectReason(reasonCode));
    });
    const giveUp = (): void => {
      how.signal?.removeEventListener('abort', giveUp);
      client.end(true);
      resolve(faultOf(options.url, problem));
    };
    client.once('close', giveUp);
    how.signal?.addEventListener('abort', giveUp);
    client.once('connect', (connack) => {
      client.off('close', giveUp);
      how.signal?.removeEventListener('abort', giveUp);
      const connection = new MqttJsConnection(client, connack, options, how);
      client.once('close', () =>
        connection.lost(problem?.message ?? 'the broker closed the connection without a reason'),
      );
      resolve(connection);
    });
  });
}

function newClient(options: MqttJsOptions, will: Message | undefined): MqttClient {
  const { url, protocol, clientId, username, password, tls = {} } = options;
  return mqtt.connect(url, {
    ...tls,
    protocolVersion: protocol === '5' ? 5 : 4,
    clientId,
    clean: true,
    reconnectPeriod: 0,
    // The library would keep 65 536 buffers, 7 MB, to spare itself writing two bytes.
    writeCache: false,
    queueQoSZero: false,
    // A topic is spelt out once a connection where the broker keeps aliases (5.0 section 3.3.2.3.4).
    autoAssignTopicAlias: true,
    resubscribe: false,
    keepalive: options.keepalive ?? pingAfter,
    connectTimeout: options.connectTimeout ?? 15_000,
    ...(will && { will: { topic: will.topic, payload: Buffer.from(will.payload), qos: 1, retain: will.retain } }),
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
  });
}

/** CONNACK codes that no retry mends: 3.1.1 table 3.1 (2 identifier, 4 and 5 login); 5.0 section 3.2.2.2. */
const denials = new Set([2, 4, 5, 0x85, 0x86, 0x87, 0x8a, 0x8c]);

function faultOf(url: string, problem: (Error & { readonly code?: unknown }) | undefined): BrokerFault {
  const place = placeOf(url);
  if (typeof problem?.code === 'number' && denials.has(problem.code)) {
    const message = `${place} denies us: ${problem.message}; check user, password file and access list`;
    return { kind: 'denied', message };
  }
  const tls = tlsFault(problem);
  if (tls !== null) return { kind: 'denied', message: `${place}: ${tls}` };
  return { kind: 'unreachable', message: `${place}: ${problem?.message || 'no connection'}` };
}

/** Host and port, without a login somebody may have put into the address. */
function placeOf(url: string): string {
  return URL.canParse(url) ? `${new URL(url).protocol}//${new URL(url).host}` : 'the broker';
}

/** Header, packet id and properties of a publish: at most so many bytes. */
const packetOverhead = 64;

interface OpenPublish {
  readonly message: Message;
  readonly settle: (outcome: PublishOutcome) => void;
}

class MqttJsConnection implements BrokerConnection {
  readonly receiveMaximum: number;
  readonly maximumPacketSize: number | null;
  readonly certificate: CertificateFacts | null;
  readonly #client: MqttClient;
  readonly #clock: Clock;
  readonly #answerTimeout: number;
  readonly #protocol: '3.1.1' | '5';
  readonly #onClosed: (reason: string) => void;
  readonly #waiting: OpenPublish[] = [];
  readonly #open = new Set<(reason: string) => void>();
  #isOver = false;

  constructor(client: MqttClient, connack: IConnackPacket, options: MqttJsOptions, how: ConnectOptions) {
    this.#client = client;
    this.#clock = options.clock;
    this.#answerTimeout = options.answerTimeout ?? 20_000;
    this.#protocol = options.protocol;
    this.#onClosed = how.onClosed;
    this.receiveMaximum = connack.properties?.receiveMaximum ?? 65_535;
    this.maximumPacketSize = connack.properties?.maximumPacketSize ?? null;
    const shown = client.stream instanceof TLSSocket ? client.stream.getPeerX509Certificate() : undefined;
    this.certificate = shown === undefined ? null : factsOf(shown);
    client.on('message', (topic, payload) => {
      if (!this.#isOver) how.onMessage(topic, payload);
    });
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
      this.#send(next);
    }
  }

  #send({ message, settle }: OpenPublish): void {
    const { topic, payload, retain, contentType } = message;
    const bytes = Buffer.byteLength(topic) + payload.byteLength + packetOverhead;
    if (this.maximumPacketSize !== null && bytes > this.maximumPacketSize) {
      // Sent all the same it would cost the connection (MQTT 5.0, 3.2.2.3.6).
      const reason = `${bytes} bytes, the broker takes packets of ${this.maximumPacketSize}`;
      settle({ outcome: 'refused', reason, isTooLarge: true });
      return;
    }
    const done = this.#expect(`PUBACK for ${topic}`, (reason) => settle({ outcome: 'lost', reason }));
    const properties = this.#protocol === '5' && contentType !== null ? { properties: { contentType } } : {};
    this.#client.publish(topic, Buffer.from(payload), { qos: 1, retain, ...properties }, (error) => {
      if (!done()) return;
      settle(outcomeOf(error));
      this.#next();
    });
  }

  subscribe(topic: string, qos: 0 | 1 = 1): Promise<string | null> {
    return new Promise((resolve) => {
      if (this.#isOver) return resolve('not connected');
      const done = this.#expect(`SUBACK for ${topic}`, resolve);
      this.#client.subscribe(topic, { qos }, (error, granted) => {
        if (!done()) return;
        const refused = granted?.find(({ qos }) => qos >= 128);
        resolve(error?.message ?? (refused ? `the broker does not let us subscribe to ${topic}` : null));
      });
    });
  }

  /** Registers something that the broker owes us. The function given back says whether it was still owed. */
  #expect(what: string, onLost: (reason: string) => void): () => boolean {
    const cancel: Cancel = this.#clock.after(this.#answerTimeout, () => {
      this.lost(`no ${what} within ${this.#answerTimeout / 1000} s`);
    });
    const lose = (reason: string): void => {
      cancel();
      onLost(reason);
    };
    this.#open.add(lose);
    return () => {
      cancel();
      return this.#open.delete(lose);
    };
  }

  /** The connection is of no use any more: whatever is open is lost, and the client goes with its memory. */
  lost(reason: string): void {
    if (this.#isOver) return;
    this.#end(reason);
    this.#client.end(true);
    this.#onClosed(reason);
  }

  #end(reason: string): void {
    this.#isOver = true;
    for (const lose of this.#open) lose(reason);
    this.#open.clear();
    this.#next();
  }

  close(): Promise<void> {
    if (this.#isOver) return Promise.resolve();
    const isQuiet = this.#open.size === 0;
    this.#end('closed by us');
    return new Promise((resolve) => {
      const cancel = this.#clock.after(1000, () => {
        this.#client.end(true);
        resolve();
      });
      this.#client.end(!isQuiet, () => {
        cancel();
        resolve();
      });
    });
  }
}

function outcomeOf(error: (Error & { readonly code?: unknown }) | undefined | null): PublishOutcome {
  if (error === undefined || error === null) return { outcome: 'accepted' };
  const reason = error.message;
  if (typeof error.code !== 'number' || error.code < 0x80) return { outcome: 'lost', reason };
  // Packet too large (MQTT 5.0, 3.4.2.1).
  return { outcome: 'refused', reason, isTooLarge: error.code === 0x95 };
}
