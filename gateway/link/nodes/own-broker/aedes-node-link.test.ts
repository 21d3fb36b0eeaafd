import { afterEach, describe, expect, test } from 'vitest';
import { freePort } from '../../../../test-rigs/links/free-port.ts';
import { MqttNode } from '../../../../test-rigs/links/mqtt-node.ts';
import {
  connectPacket,
  isCut,
  NodeBrokerScene,
  publishPacket,
  text,
} from '../../../../test-rigs/links/node-broker-scene.ts';
import { SimulatedClock } from '../../../../test-rigs/surroundings/simulated-clock.ts';
import type { NodeLinkEvent } from '../node-link.ts';
import { AedesNodeLink } from './aedes-node-link.ts';

const open = (): Promise<NodeBrokerScene> => NodeBrokerScene.open((options) => new AedesNodeLink(options));

const rowsOf = (node: string): string => `fenceline-node/v1/${node}/rows`;

let scene: NodeBrokerScene;
afterEach(() => scene.close());

describe('a log-in', () => {
  test.each([
    ['with a wrong password', 'esp-1', { password: 'two' }, 4, 'wrong-password'],
    ['without a password', 'esp-1', { password: '' }, 4, 'wrong-password'],
    ['as a node that has no account', 'esp-3', { password: 'x' }, 4, 'unknown-node'],
    ["as a node, from another node's chip", 'esp-1', { chip: 'aaaa02' }, 2, 'wrong-chip'],
    ['with a client id that is no chip id', 'esp-1', { chip: '__proto__' }, 2, 'wrong-chip'],
    ['over MQTT 5', 'esp-1', { more: { protocolVersion: 5 } }, undefined, 'malformed'],
    [
      "with a will on another node's topic",
      'esp-1',
      { more: { will: { topic: 'fenceline-node/v1/esp-2/gone', payload: Buffer.from('1'), qos: 0 } } },
      5,
      'foreign-topic',
    ],
    [
      'with a will that stays',
      'esp-1',
      { more: { will: { topic: 'fenceline-node/v1/esp-1/gone', payload: Buffer.from('1'), qos: 0, retain: true } } },
      5,
      'malformed',
    ],
  ])('%s is refused, and told with its address', async (_, user, other, code, why) => {
    scene = await open();
    const error = await scene.node(user, other).catch((error: unknown) => error as { code?: number });
    expect(error).toBeInstanceOf(Error);
    if (code !== undefined) expect((error as { code?: number }).code).toBe(code);
    expect(scene.events.slice(1)).toEqual([
      expect.objectContaining({ kind: 'node-turned-away', why, node: user, address: '127.0.0.1', count: 1 }),
    ]);
  });

  test('of a node that is connected already ends the older connection, and its will is not heard', async () => {
    scene = await open();
    const older = await scene.node('esp-1');
    const newer = await scene.node('esp-1');
    await expect.poll(() => older.isConnected).toBe(false);
    await newer.say('hello', '{}');
    expect(newer.isConnected).toBe(true);
    expect(scene.link.send('esp-1', 'have', '[0,0]')).toBe(true);
    expect(scene.heard.map(({ kind }) => kind)).toEqual(['hello']);
    expect(scene.events.map(({ kind }) => kind)).toEqual([
      ...['link-opened', 'node-connected', 'node-disconnected', 'node-connected'],
    ]);
    expect(scene.events[2]).toMatchObject({ node: 'esp-1', why: 'it connected anew' });
  });

  test('with a will whose topic was cut short, as an ESP32 does it, is taken; the will is heard by nobody', async () => {
    scene = await open();
    const will = { topic: 'fenceline-node/v1/esp-1/gon', payload: Buffer.from('1'), qos: 0 };
    const node = await scene.node('esp-1', { more: { will } });
    node.vanish();
    await expect.poll(() => scene.events.at(-1)?.kind).toBe('node-disconnected');
    expect(scene.heard).toEqual([]);
    expect(scene.turnedAway()).toEqual([]);
  });

  test('without an account under the chip id of an adopted node ends nothing', async () => {
    scene = await open();
    const steady = await scene.steady('esp-1');
    const stranger = await scene.newNode('aaaa01');
    await stranger.say('hello', '{}');
    await steady.say();
    await steady.check();
    expect(scene.heardNew.map(({ chip }) => chip)).toEqual(['aaaa01']);
  });
});

describe('a node', () => {
  test.each([
    ["another node's topic", 'fenceline-node/v1/esp-2/rows'],
    ['the topic of a node without an account', 'fenceline-node/v1/new/aaaa01/hello'],
    ['what only the gateway says', 'fenceline-node/v1/esp-1/have'],
    ['a topic of its own that there is not', 'fenceline-node/v1/esp-1/rows/more'],
    ['$SYS', '$SYS/broker/version'],
  ])('that publishes under %s is cut off and told; nobody hears it', async (_, topic) => {
    scene = await open();
    const other = await scene.steady('esp-2');
    const node = await scene.node('esp-1');
    await node.publish(topic, '{}').catch(() => undefined);
    await expect.poll(() => node.isConnected).toBe(false);
    await other.say();
    await other.check();
    expect(scene.heard.filter(({ node, kind }) => node === 'esp-1' && kind !== 'gone')).toEqual([]);
    expect(scene.heardNew).toEqual([]);
    expect(other.node.heard).toEqual([]);
    expect(scene.turnedAway()).toEqual(['foreign-topic']);
  });

  test.each([
    'fenceline-node/v1/esp-2/have',
    'fenceline-node/v1/+/have',
    'fenceline-node/v1/esp-1/+',
    'fenceline-node/v1/esp-1/rows',
    '#',
    '$SYS/#',
    '+/+/+/+',
  ])('may not subscribe to %s', async (topic) => {
    scene = await open();
    const other = await scene.node('esp-2');
    const node = await scene.node('esp-1');
    const refused = await node.client.subscribeAsync(topic, { qos: 1 }).catch((error: Error) => error.message);
    expect(String(refused)).toMatch(/Unspecified error|128/);
    await other.say('rows', 'secret');
    expect(scene.link.send('esp-2', 'have', '[1,1]')).toBe(true);
    await expect.poll(() => other.heard.length).toBe(1);
    expect(node.heard).toEqual([]);
    expect(scene.turnedAway()).toEqual(['foreign-topic']);
  });

  test('is not served what it has not subscribed to', async () => {
    scene = await open();
    const node = await MqttNode.connect({ url: scene.url, user: 'esp-1', chip: 'aaaa01', password: 'one' });
    expect(scene.link.send('esp-1', 'have', '[0,0]')).toBe(false);
    await node.client.subscribeAsync('fenceline-node/v1/esp-1/have');
    expect(scene.link.send('esp-1', 'have', '[0,0]')).toBe(true);
    await node.client.unsubscribeAsync('fenceline-node/v1/esp-1/have');
    expect(scene.link.send('esp-1', 'have', '[0,0]')).toBe(false);
  });

  test('that was forgotten is cut off at once', async () => {
    scene = await open();
    const node = await scene.node('esp-1');
    scene.link.turnOut('esp-1');
    await expect.poll(() => node.isConnected).toBe(false);
    await expect.poll(() => scene.events.at(-1)).toMatchObject({ why: 'turned away: forgotten' });
    expect(scene.turnedAway()).toEqual(['forgotten']);
  });

  test('that asks for no keep-alive is given the longest there is', async () => {
    scene = await open();
    const socket = await scene.rawNode('esp-1', { keepalive: 0 });
    await scene.clock.advance(899_000);
    expect(socket.destroyed).toBe(false);
    await scene.clock.advance(2000);
    expect(await isCut(socket)).toBe(true);
    expect(scene.turnedAway()).toEqual(['stalled']);
  });
});

describe('a packet', () => {
  const retained = publishPacket(rowsOf('esp-1'), '{}', { retain: true });
  const announced = Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f]);
  const bad: [string, Buffer, string][] = [
    ['that is to be retained', retained, 'malformed'],
    ['of QoS 2', publishPacket(rowsOf('esp-1'), '{}', { qos: 2, messageId: 1 }), 'malformed'],
    ['of QoS 3', Buffer.from([0x36, 2, 0, 0]), 'malformed'],
    ['that announces 256 MB', announced, 'oversized'],
    ['of 2300 bytes', publishPacket(rowsOf('esp-1'), Buffer.alloc(2300)), 'oversized'],
    ['with 2049 bytes of payload', publishPacket(rowsOf('esp-1'), Buffer.alloc(2049)), 'oversized'],
    ['whose length never ends', Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff, 0x01]), 'malformed'],
    ['that only a broker sends', Buffer.from([0x20, 2, 0, 0]), 'malformed'],
    ['that is a second CONNECT', connectPacket({ clientId: 'aaaa01' }), 'malformed'],
    ['whose topic is longer than it', Buffer.from([0x30, 3, 0xff, 0xff, 0x61]), 'malformed'],
    [
      'whose topic has a wildcard',
      publishPacket('fenceline-node/v1/esp-1/x', '{}').map((b) => (b === 120 ? 43 : b)) as Buffer,
      'malformed',
    ],
    ['whose topic has a hundred levels', publishPacket('a/'.repeat(100), '{}'), 'malformed'],
    ['of a SUBSCRIBE to nothing', Buffer.from([0x82, 2, 0, 1]), 'malformed'],
  ];
  test.each(bad)('%s cuts its sender off, and nobody else', async (_, packet, why) => {
    scene = await open();
    const other = await scene.steady('esp-2');
    const socket = await scene.rawNode('esp-1');
    const cut = isCut(socket);
    socket.write(packet);
    expect(await cut).toBe(true);
    await expect.poll(() => scene.turnedAway()).toEqual([why]);
    await other.say();
    await other.check();
    expect(scene.heard.filter(({ node }) => node === 'esp-1')).toEqual([]);
  });

  test('that comes in single bytes is as good as one that comes whole', async () => {
    scene = await open();
    const socket = await scene.rawNode('esp-1');
    for (const byte of publishPacket(rowsOf('esp-1'), '[1]')) {
      socket.write(Buffer.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await expect.poll(() => scene.heard.map(({ payload }) => text(payload))).toEqual(['[1]']);
  });

  test('that is begun and not ended in 10 s cuts its sender off', async () => {
    scene = await open();
    const socket = await scene.rawNode('esp-1');
    socket.write(publishPacket(rowsOf('esp-1'), '[1]').subarray(0, 10));
    await new Promise((resolve) => setTimeout(resolve, 30));
    await scene.clock.advance(9900);
    expect(socket.destroyed).toBe(false);
    await scene.clock.advance(200);
    expect(await isCut(socket)).toBe(true);
    expect(scene.turnedAway()).toEqual(['stalled']);
  });

  test('after another of random bytes, or of random bytes behind a good head, never harms a node that behaves', async () => {
    scene = await open();
    const other = await scene.steady('esp-2');
    const seed = Date.now() % 1_000_000;
    console.info(`seed ${seed}`);
    const random = lcg(seed);
    const bytes = (most: number): Buffer =>
      Buffer.from(Array.from({ length: Math.floor(random() * most) }, () => Math.floor(random() * 256)));
    /** Heads as nodes send them, with anything behind. */
    const packets = (): Buffer[] =>
      [0x30, 0x32, 0x3a, 0x40, 0x82, 0xa2, 0xc0].map((head) => {
        const body = bytes(60);
        return Buffer.concat([Buffer.of(head, body.length), body]);
      });
    for (let round = 0; round < 90; round += 1) {
      const socket = await scene.raw();
      // Another chip each time: one that has done so is held off.
      const start = connectPacket({ clientId: (0xd000 + round).toString(16), username: 'new' });
      const [noise, order] = [bytes(300), packets().sort(() => random() - 0.5)];
      socket.write(Buffer.concat([[noise], [start, noise], [start, ...order]][round % 3] ?? []));
      await other.say();
      socket.end();
      await scene.clock.advance(2000);
    }
    await other.check();
    expect(scene.heard.filter(({ node, kind }) => node === 'esp-1' && kind !== 'gone')).toEqual([]);
  });
});

function lcg(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

test('a port that is taken is told, and opened as soon as it is free', async () => {
  const port = await freePort();
  const { createServer } = await import('node:net');
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(port, '127.0.0.1', resolve));
  const events: NodeLinkEvent[] = [];
  const clock = new SimulatedClock();
  const listen = { host: '127.0.0.1', port };
  const observe = (event: NodeLinkEvent): void => void events.push(event);
  const link = new AedesNodeLink({ id: 'nodes', listen, clock, accounts: { check: () => 'right' }, observe });
  link.start(() => undefined);
  await expect.poll(() => events.length).toBe(1);
  expect(events[0]).toMatchObject({ kind: 'link-closed', fault: { kind: 'taken' } });
  expect(events[0]).toMatchObject({ fault: { message: expect.stringMatching(/^nodes: 127\.0\.0\.1:\d+ is in use/) } });
  await new Promise((resolve) => holder.close(resolve));
  await clock.advance(1100);
  await expect.poll(() => events.at(-1)?.kind).toBe('link-opened');
  await link.stop();
});

test('an address that this machine does not have is told as absent', async () => {
  const events: NodeLinkEvent[] = [];
  const link = new AedesNodeLink({
    ...{ id: 'nodes', listen: { host: '203.0.113.7', port: 1883 }, clock: new SimulatedClock() },
    accounts: { check: () => 'right' },
    observe: (event) => void events.push(event),
  });
  link.start(() => undefined);
  await expect.poll(() => events.length).toBe(1);
  expect(events[0]).toMatchObject({ kind: 'link-closed', fault: { kind: 'absent' } });
  await link.stop();
});
