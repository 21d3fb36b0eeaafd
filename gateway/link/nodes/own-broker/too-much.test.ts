import { generate, type Packet } from 'mqtt-packet';
import { afterEach, describe, expect, test } from 'vitest';
import type { MqttNode } from '../../../../test-rigs/links/mqtt-node.ts';
import {
  connectPacket,
  isCut,
  NodeBrokerScene,
  publishPacket,
  text,
} from '../../../../test-rigs/links/node-broker-scene.ts';
import { AedesNodeLink } from './aedes-node-link.ts';

const open = (): Promise<NodeBrokerScene> => NodeBrokerScene.open((options) => new AedesNodeLink(options));

const rowsOf = (node: string): string => `fenceline-node/v1/${node}/rows`;

let scene: NodeBrokerScene;
afterEach(() => scene.close());

describe('too much', () => {
  test('of messages cuts a node off and holds it off for 5 s, then 10 s; others are heard meanwhile', async () => {
    scene = await open();
    const other = await scene.steady('esp-2');
    for (const hold of [5000, 10_000]) {
      const socket = await scene.rawNode('esp-1');
      const cut = isCut(socket);
      const packet = publishPacket(rowsOf('esp-1'), '[1]');
      socket.write(Buffer.concat(Array.from({ length: 400 }, () => packet)));
      expect(await cut).toBe(true);
      await other.say();
      const early = await scene.node('esp-1').catch((error: unknown) => error as { code?: number });
      expect((early as { code?: number }).code).toBe(3);
      await scene.clock.advance(hold - 200);
      await expect(scene.node('esp-1')).rejects.toThrow();
      await scene.clock.advance(400);
    }
    const node = await scene.node('esp-1');
    await node.say('rows', 'in peace');
    await other.check();
    expect(text(scene.heard.at(-1)?.payload ?? new Uint8Array())).toBe('in peace');
    expect(scene.heard.filter(({ node }) => node === 'esp-1').length).toBeLessThan(300);
    expect(new Set(scene.turnedAway())).toEqual(new Set(['flood', 'held-off']));
  });

  test('of hellos without an account cuts that chip off', async () => {
    scene = await open();
    const stranger = await scene.newNode('bbbb01');
    for (let count = 0; count < 30; count += 1) void stranger.say('hello', '{}').catch(() => undefined);
    await expect.poll(() => stranger.isConnected).toBe(false);
    expect(scene.heardNew.length).toBeLessThanOrEqual(20);
    expect(scene.turnedAway()).toEqual(['flood']);
  });

  test('of one chip: who calls itself as one that waits for its account is not let in from another address', async () => {
    scene = await open();
    const waiting = await scene.newNode('bbbb01');
    const impostor = await scene.raw('127.0.0.2');
    const cut = isCut(impostor);
    impostor.write(connectPacket({ clientId: 'bbbb01', username: 'new' }));
    expect(await cut).toBe(true);
    expect(waiting.isConnected).toBe(true);
    expect(scene.turnedAway()).toEqual(['wrong-chip']);
  });

  test('of what a node does not take is not given to it, and it is cut off after 20 s', async () => {
    scene = await open();
    const other = await scene.node('esp-2');
    const socket = await scene.rawNode('esp-1');
    socket.pause();
    const subscribe = {
      cmd: 'subscribe',
      messageId: 1,
      subscriptions: [{ topic: 'fenceline-node/v1/esp-1/chunk', qos: 1 }],
    };
    socket.write(generate(subscribe as Packet));
    const chunk = new Uint8Array(2048);
    await expect.poll(() => scene.link.send('esp-1', 'chunk', chunk)).toBe(true);
    // The system's own buffers of a loopback connection take some megabytes.
    let given = 0;
    for (let quiet = 0; quiet < 20; ) {
      if (scene.link.send('esp-1', 'chunk', chunk)) [given, quiet] = [given + 1, 0];
      else quiet += 1;
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(given * 2048).toBeLessThan(16_000_000);
    expect(scene.link.send('esp-1', 'chunk', chunk)).toBe(false);
    expect(scene.link.send('esp-2', 'chunk', chunk)).toBe(true);
    await expect.poll(() => other.heard.length).toBe(1);
    await scene.clock.advance(20_100);
    await expect.poll(() => scene.turnedAway()).toEqual(['stalled']);
  });

  test('given to a node in one turn is bounded too, and there is room again once it is written', async () => {
    scene = await open();
    const node = await scene.node('esp-1');
    const given = Array.from({ length: 100 }, () => scene.link.send('esp-1', 'chunk', new Uint8Array(2000)));
    expect(given.filter(Boolean)).toHaveLength(4);
    await expect.poll(() => node.heard.length).toBe(4);
    expect(scene.link.send('esp-1', 'chunk', new Uint8Array(2000))).toBe(true);
  });

  test('of connections from one address: a thousand cost a node nothing, and few are told of', async () => {
    scene = await open();
    const other = await scene.steady('esp-2');
    const before = process.memoryUsage().rss;
    for (let hundred = 0; hundred < 10; hundred += 1) {
      for (const socket of await Promise.all(Array.from({ length: 100 }, () => scene.raw()))) socket.resume();
      await other.say();
    }
    await other.check();
    const standing = (): number => scene.sockets.filter((socket) => !socket.closed).length;
    await expect.poll(standing).toBeLessThanOrEqual(12);
    expect(process.memoryUsage().rss - before).toBeLessThan(60_000_000);
    expect(scene.turnedAway().length).toBeLessThanOrEqual(2);
    // Those that are left say nothing and go after 10 s; the count of the others is told.
    await scene.clock.advance(10_100);
    await expect.poll(standing).toBe(0);
    const counted = scene.events.reduce((sum, event) => sum + (event.kind === 'node-turned-away' ? event.count : 0), 0);
    expect(counted).toBeGreaterThanOrEqual(1000 - 12);
    const late = await scene.node('esp-1');
    expect(late.isConnected).toBe(true);
  });

  test('of chips without an account: the one that is there longest gives way', async () => {
    scene = await open();
    const nodes: MqttNode[] = [];
    for (let count = 0; count < 17; count += 1) {
      nodes.push(await scene.newNode(`cccc${count.toString(16).padStart(2, '0')}`));
      await scene.clock.advance(1000);
    }
    await expect.poll(() => nodes.map(({ isConnected }) => isConnected).indexOf(true)).toBe(1);
    expect(scene.turnedAway()).toEqual(['full']);
  });
});
