import { createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { AedesBroker } from '../../test-rigs/surroundings/aedes-broker.ts';
import { MemoryBroker } from '../../test-rigs/surroundings/memory-broker.ts';
import { MosquittoBroker } from '../../test-rigs/surroundings/mosquitto-broker.ts';
import { systemClock } from '../clock.ts';
import { type Broker, type BrokerConnection, type BrokerFault, isBrokerFault, type Message } from './broker.ts';
import { type MqttJsOptions, mqttJsBroker } from './mqtt-js-broker.ts';

const cleaning: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleaning.splice(0).reverse()) await clean();
});

const message = (topic: string, text: string, retain = false): Message => ({
  topic,
  payload: Buffer.from(text),
  retain,
  contentType: 'text/plain',
});

/** A connection with everything it was told. */
async function join(broker: Broker, will = message('will', 'gone')) {
  const heard: string[] = [];
  let wake = (): void => {};
  let end = (_reason: string): void => {};
  const closed = new Promise<string>((resolve) => {
    end = resolve;
  });
  const connection = await broker.connect({
    will,
    onMessage(topic, payload) {
      heard.push(`${topic} ${Buffer.from(payload)}`);
      wake();
    },
    onClosed: (reason) => end(reason),
  });
  if (isBrokerFault(connection)) throw new Error(connection.message);
  cleaning.push(() => connection.close());
  const hears = async (count: number): Promise<string[]> => {
    while (heard.length < count) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    return heard;
  };
  return { connection, hears, closed };
}

interface Setting {
  /** Gives a broker under another client name each time. */
  readonly client: (name: string) => Broker;
  readonly cut: () => Promise<void>;
}

const over =
  (url: string, protocol: '3.1.1' | '5', more: Partial<MqttJsOptions> = {}) =>
  (clientId: string) =>
    mqttJsBroker({ url, protocol, clientId, clock: systemClock, ...more });

const settings: Record<string, () => Promise<Setting>> = {
  'in memory': async () => {
    const broker = new MemoryBroker(systemClock);
    return { client: () => broker, cut: async () => broker.cut() };
  },
  'mqtt.js 3.1.1 with aedes': async () => {
    const broker = await AedesBroker.start();
    cleaning.push(() => broker.stop());
    return { client: over(broker.url, '3.1.1'), cut: () => broker.cut() };
  },
  'mqtt.js 3.1.1 with mosquitto': async () => {
    const broker = await MosquittoBroker.start();
    cleaning.push(() => broker.stop());
    return { client: over(broker.url, '3.1.1'), cut: () => broker.kill() };
  },
  'mqtt.js 5 with mosquitto': async () => {
    const broker = await MosquittoBroker.start();
    cleaning.push(() => broker.stop());
    return { client: over(broker.url, '5'), cut: () => broker.kill() };
  },
};

describe.each(Object.entries(settings))('a broker %s', (_name, open) => {
  test('takes messages and hands them to who subscribed, in order', async () => {
    const { client } = await open();
    const [sender, receiver] = [await join(client('a')), await join(client('b'))];
    expect(await receiver.connection.subscribe('site/+/data')).toBeNull();
    const outcomes = await Promise.all(
      ['1', '2', '3'].map((text) => sender.connection.publish(message('site/x/data', text))),
    );
    expect(outcomes).toEqual(Array(3).fill({ outcome: 'accepted' }));
    expect(await receiver.hears(3)).toEqual(['site/x/data 1', 'site/x/data 2', 'site/x/data 3']);
  });

  test('keeps a retained message for who comes later', async () => {
    const { client } = await open();
    const { connection } = await join(client('a'));
    await connection.publish(message('status', 'here', true));
    const later = await join(client('b'));
    await later.connection.subscribe('status');
    expect(await later.hears(1)).toEqual(['status here']);
  });

  test('says no will for one that leaves politely', async () => {
    const { client } = await open();
    const [leaver, receiver] = [await join(client('a')), await join(client('b'))];
    await receiver.connection.subscribe('#');
    await leaver.connection.publish(message('last', 'words'));
    await leaver.connection.close();
    await receiver.connection.publish(message('after', 'it'));
    expect(await receiver.hears(2)).toEqual(['last words', 'after it']);
  });

  test('that goes away loses what is open, tells once, and takes nothing any more', async () => {
    const { client, cut } = await open();
    const { connection, closed } = await join(client('a'));
    await cut();
    expect(await closed).not.toBe('');
    expect(await connection.publish(message('x', 'y'))).toMatchObject({ outcome: 'lost' });
    expect(await connection.subscribe('x')).not.toBeNull();
    const again: BrokerConnection | BrokerFault = await client('a').connect({
      will: message('will', 'gone'),
      onMessage: () => {},
      onClosed: () => {},
    });
    expect(again).toMatchObject({ kind: 'unreachable' });
  });
});

const connack5 = (properties: number[]): number[] => [
  0x20,
  3 + properties.length,
  0,
  0,
  properties.length,
  ...properties,
];

/** A server that answers CONNECT and SUBSCRIBE, keeps every PUBLISH, and sends PUBACKs only when told. */
async function silentServer(connack: number[]) {
  const published: Buffer[] = [];
  let wake = (): void => {};
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    let bytes: Buffer = Buffer.alloc(0);
    socket.on('error', () => {});
    socket.on('data', (more) => {
      bytes = Buffer.concat([bytes, more]);
      // Every packet here is shorter than 128 bytes: fixed header of two bytes (MQTT 5.0 section 2.1).
      while (bytes.length >= 2 && bytes.length >= 2 + (bytes[1] ?? 0)) {
        const packet = bytes.subarray(0, 2 + (bytes[1] ?? 0));
        bytes = bytes.subarray(packet.length);
        const type = (packet[0] ?? 0) >> 4;
        if (type === 1) socket.write(Buffer.from(connack));
        if (type === 12) socket.write(Buffer.from([0xd0, 0]));
        if (type === 3) published.push(Buffer.from(packet));
        wake();
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleaning.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const gets = async (count: number): Promise<Buffer[]> => {
    while (published.length < count) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    return published;
  };
  /** PUBACK for a PUBLISH with topic "t". */
  const acknowledge = (packet: Buffer, reason = 0): void => {
    const id = packet.subarray(5, 7);
    for (const socket of sockets) socket.write(Buffer.from([0x40, 3, ...id, reason]));
  };
  return { url: `mqtt://127.0.0.1:${port}`, gets, acknowledge, published, sockets };
}

test('a PUBACK that never comes ends the connection, and what was open is lost', async () => {
  const server = await silentServer([0x20, 2, 0, 0]);
  const { connection, closed } = await join(over(server.url, '3.1.1', { answerTimeout: 50 })('a'));
  expect(await connection.publish(message('t', '1'))).toMatchObject({ outcome: 'lost' });
  expect(await closed).toContain('no PUBACK');
});

test('a new connection sends nothing that the last one left open', async () => {
  const server = await silentServer([0x20, 2, 0, 0]);
  const client = over(server.url, '3.1.1', { answerTimeout: 50 })('a');
  const first = await join(client);
  await first.connection.publish(message('t', 'old'));
  const second = await join(client);
  void second.connection.publish(message('t', 'new'));
  const packets = await server.gets(2);
  expect(packets.map((packet) => packet.subarray(-3).toString())).toEqual(['old', 'new']);
});

test('never more publishes are open than the Receive Maximum of the broker', async () => {
  const server = await silentServer(connack5([0x21, 0, 1]));
  const { connection } = await join(over(server.url, '5')('a'));
  expect(connection.receiveMaximum).toBe(1);
  const outcomes = Promise.all(['1', '2', '3'].map((text) => connection.publish(message('t', text))));
  for (let n = 1; n <= 3; n++) {
    const packets = await server.gets(n);
    // A turn of the event loop in which a second packet could have come.
    await new Promise((resolve) => setImmediate(resolve));
    expect(server.published).toHaveLength(n);
    server.acknowledge(packets[n - 1] ?? Buffer.alloc(7));
  }
  expect(await outcomes).toEqual(Array(3).fill({ outcome: 'accepted' }));
});

test('a PUBACK that says no is a refusal, and the connection goes on', async () => {
  const server = await silentServer(connack5([0x27, 0, 0, 8, 0]));
  const { connection } = await join(over(server.url, '5')('a'));
  expect(connection.maximumPacketSize).toBe(2048);
  const outcome = connection.publish(message('t', '1'));
  const [packet] = await server.gets(1);
  server.acknowledge(packet ?? Buffer.alloc(7), 0x97);
  expect(await outcome).toMatchObject({ outcome: 'refused' });
  void connection.publish(message('t', '2'));
  expect(await server.gets(2)).toHaveLength(2);
});

test('a broker that ends the connection with a reason is quoted', async () => {
  const server = await silentServer(connack5([]));
  const { closed } = await join(over(server.url, '5')('a'));
  // DISCONNECT with 0x8E, session taken over (MQTT 5.0 section 3.14).
  for (const socket of server.sockets) socket.end(Buffer.from([0xe0, 1, 0x8e]));
  expect(await closed).toMatch(/same client id.*0x8e/);
});

test('an attempt to connect is given up when nobody wants it any more', async () => {
  const server = await silentServer([]);
  const wanted = new AbortController();
  const attempt = over(
    server.url,
    '5',
  )('a').connect({
    will: message('w', ''),
    onMessage: () => {},
    onClosed: () => {},
    signal: wanted.signal,
  });
  wanted.abort();
  expect(await attempt).toMatchObject({ kind: 'unreachable' });
});

test('a broker that denies the login says so, with what to check', async () => {
  const server = await silentServer([0x20, 2, 0, 5]);
  const broker = over(server.url, '3.1.1')('a');
  const fault = await broker.connect({ will: message('w', ''), onMessage: () => {}, onClosed: () => {} });
  expect(fault).toMatchObject({ kind: 'denied', message: expect.stringContaining('password') });
});

test('a message larger than the packets that the broker takes is refused without being sent', async () => {
  const server = await silentServer(connack5([0x27, 0, 0, 1, 0]));
  const { connection } = await join(over(server.url, '5')('a'));
  expect(await connection.publish(message('t', 'x'.repeat(250)))).toMatchObject({ outcome: 'refused' });
  void connection.publish(message('t', 'small'));
  expect((await server.gets(1)).map((packet) => packet.subarray(-5).toString())).toEqual(['small']);
});
