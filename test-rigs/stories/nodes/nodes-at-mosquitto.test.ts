import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../../gateway/clock.ts';
import type {
  NewNodeMessageKind,
  NodeLinkEvent,
  NodeMessage,
  NodeMessageKind,
} from '../../../gateway/link/nodes/node-link.ts';
import { SiteNodeLink } from '../../../gateway/link/nodes/site-broker/site-node-link.ts';
import { mosquittoUsersFile, NodeAccounts } from '../../../gateway/site/node-accounts.ts';
import { mqttJsBroker } from '../../../gateway/uplink/mqtt-js-broker.ts';
import { MqttNode } from '../../links/mqtt-node.ts';
import { type FarNode, nodeLinkSuite } from '../../links/node-link-suite.ts';
import { gatewayLogin, NodesMosquitto } from '../../surroundings/nodes-mosquitto.ts';

const chips: Readonly<Record<string, string>> = { 'esp-1': 'aaaa01', 'esp-2': 'aaaa02', 'esp-7f3a12': '7f3a12' };

/** A mosquitto of the site with three nodes that have an account, and the gateway's link to it, not started. */
async function atMosquitto() {
  const secrets = mkdtempSync(join(tmpdir(), 'fenceline-nodes-'));
  const accounts = await NodeAccounts.open({ secrets }, { forMosquitto: true });
  const passwords = new Map<string, string>();
  for (const [node, chip] of Object.entries(chips)) {
    passwords.set(node, await accounts.offer({ node, chip, type: 'esp8266', at: '', by: 'test' }));
    await accounts.confirm(node, chip);
  }
  const mosquitto = await NodesMosquitto.start(join(secrets, mosquittoUsersFile));
  const { url } = mosquitto;
  const events: NodeLinkEvent[] = [];
  const link = new SiteNodeLink({
    id: 'nodes',
    broker: mqttJsBroker({
      url,
      protocol: '3.1.1',
      clientId: 'fenceline-320404-zl-0001-nodes',
      clock: systemClock,
      ...gatewayLogin,
    }),
    knows: (node) => accounts.list().some((one) => one.node === node),
    clock: systemClock,
    observe: (event) => void events.push(event),
  });
  return {
    ...{ link, events, accounts, mosquitto, url },
    node: (user: string, more: { password?: string; chip?: string } = {}) =>
      MqttNode.listening({ url, user, chip: chips[user] ?? 'ffff', password: passwords.get(user) ?? '', ...more }),
    newNode: (chip: string) => MqttNode.listening({ url, user: 'new', chip, password: 'new' }),
    async remove() {
      await link.stop();
      await mosquitto.stop();
      rmSync(secrets, { recursive: true });
    },
  };
}

const far = <Kind extends string>(node: MqttNode): FarNode<Kind> => ({
  heard: node.heard,
  say: (kind, payload) => node.say(kind, payload),
  leave: () => node.leave(),
});

nodeLinkSuite("a mosquitto of the site's", async () => {
  const bench = await atMosquitto();
  return {
    ...bench,
    node: async (id) => far<NodeMessageKind>(await bench.node(id)),
    newNode: async (chip) => far<NewNodeMessageKind>(await bench.newNode(chip)),
  };
});

describe('with the documented access list', () => {
  let site: Awaited<ReturnType<typeof atMosquitto>>;
  const heard: NodeMessage[] = [];
  afterEach(() => site.remove());

  const started = async () => {
    heard.length = 0;
    site = await atMosquitto();
    site.link.start((message) => void heard.push(message));
    await expect.poll(() => site.events.length).toBe(1);
    return site;
  };

  test.each([
    ['a wrong password', 'esp-1', { password: 'x' }],
    ['no account', 'esp-9', { password: 'x' }],
    ['no password', 'esp-1', { password: '' }],
  ])('nobody is let in with %s', async (_, user, more) => {
    await started();
    await expect(site.node(user, more)).rejects.toThrow(/Not authorized|bad user name/i);
  });

  test('a node reaches nothing of another one, by whatever topic', async () => {
    await started();
    const other = await site.node('esp-2');
    const node = await site.node('esp-1');
    await node.client
      .subscribeAsync(['#', 'fenceline-node/v1/+/have', 'fenceline-node/v1/esp-2/have'])
      .catch(() => null);
    for (const topic of ['esp-2/rows', 'new/aaaa02/hello', 'esp-2/have', 'esp-1/have']) {
      await node.publish(`fenceline-node/v1/${topic}`, 'forged').catch(() => undefined);
    }
    await other.say('hello', 'secret');
    await node.say('hello', 'own');
    await expect.poll(() => heard.length).toBe(2);
    expect(site.link.send('esp-2', 'have', '[1,1]')).toBe(true);
    await expect.poll(() => other.heard.length).toBe(1);
    expect(heard.map(({ node, payload }) => `${node} ${new TextDecoder().decode(payload)}`).sort()).toEqual([
      'esp-1 own',
      'esp-2 secret',
    ]);
    expect(node.heard).toEqual([]);
  });

  test('one without an account hears the offer to its own chip and no other', async () => {
    await started();
    site.link.hearNew(() => undefined);
    const [one, two] = [await site.newNode('cccc01'), await site.newNode('cccc02')];
    await two.client.subscribeAsync('fenceline-node/v1/new/cccc01/adopt').catch(() => null);
    await one.say('hello', '{}');
    await expect.poll(() => site.link.adopt('cccc01', 'account')).toBe(true);
    await expect.poll(() => one.heard.length).toBe(1);
    expect(two.heard).toEqual([]);
  });

  test('a forgotten node is not heard from that moment on, and cut off as soon as mosquitto is told; others stay', async () => {
    await started();
    const [node, other] = [await site.node('esp-1'), await site.node('esp-2')];
    await node.say('hello', '{}');
    await other.say('hello', '{}');
    await expect.poll(() => heard.length).toBe(2);
    await site.accounts.remove('esp-1');
    site.link.turnOut('esp-1');
    await node.say('rows', 'late');
    await other.say('rows', '1');
    await expect.poll(() => heard.length).toBe(3);
    expect(heard.at(-1)?.node).toBe('esp-2');
    expect(site.events.some((event) => event.kind === 'node-turned-away' && event.why === 'unknown-node')).toBe(true);
    site.mosquitto.tell();
    await expect.poll(() => node.isConnected).toBe(false);
    expect(other.isConnected).toBe(true);
    await expect(site.node('esp-1')).rejects.toThrow();
  });

  test('a node that was adopted gets in as soon as mosquitto is told', async () => {
    await started();
    const password = await site.accounts.offer({ node: 'dust-9', chip: 'dddd01', type: 'esp8266', at: '', by: 'test' });
    await expect(site.node('dust-9', { chip: 'dddd01', password })).rejects.toThrow();
    site.mosquitto.tell();
    await expect
      .poll(() =>
        site.node('dust-9', { chip: 'dddd01', password }).then(
          ({ isConnected }) => isConnected,
          () => false,
        ),
      )
      .toBe(true);
  });

  test('a flood of one node is left out, and nobody else is', async () => {
    await started();
    const [node, other] = [await site.node('esp-1'), await site.node('esp-2')];
    await node.say('hello', '{}');
    for (let count = 0; count < 300; count += 1) void node.say('rows', '[]').catch(() => undefined);
    await expect
      .poll(() => site.events.some((event) => event.kind === 'node-turned-away' && event.why === 'flood'))
      .toBe(true);
    await other.say('rows', 'calm');
    await expect.poll(() => heard.some(({ node }) => node === 'esp-2')).toBe(true);
    expect(heard.filter(({ node }) => node === 'esp-1').length).toBeLessThan(200);
    expect(site.link.send('esp-1', 'have', '[0,0]')).toBe(false);
  });

  test('a broker that dies is told as lost, its nodes as gone; all are heard again once it is back', async () => {
    await started();
    const node = await site.node('esp-1');
    await node.say('hello', '{}');
    await expect.poll(() => heard.length).toBe(1);
    await site.mosquitto.broker.kill();
    await expect.poll(() => site.events.at(-1)?.kind).toBe('link-closed');
    expect(site.events.at(-1)).toMatchObject({ fault: { kind: 'lost' } });
    expect(site.events.some(({ kind }) => kind === 'node-disconnected')).toBe(true);
    await site.mosquitto.broker.restart();
    await expect.poll(() => site.events.at(-1)?.kind).toBe('link-opened');
    await (await site.node('esp-1')).say('hello', 'again');
    await expect.poll(() => heard.length).toBe(2);
  });
});

test('a broker that denies the gateway is told with what to check', async () => {
  const secrets = mkdtempSync(join(tmpdir(), 'fenceline-nodes-'));
  const mosquitto = await NodesMosquitto.start(join(secrets, mosquittoUsersFile));
  const events: NodeLinkEvent[] = [];
  const { url } = mosquitto;
  const login = { username: gatewayLogin.username, password: 'wrong' };
  const broker = mqttJsBroker({ url, protocol: '3.1.1', clientId: 'x', clock: systemClock, ...login });
  const observe = (event: NodeLinkEvent): void => void events.push(event);
  const link = new SiteNodeLink({ id: 'nodes', broker, knows: () => true, clock: systemClock, observe });
  link.start(() => undefined);
  await expect.poll(() => events.length).toBeGreaterThan(0);
  expect(events[0]).toMatchObject({
    kind: 'link-closed',
    fault: { kind: 'denied', message: expect.stringMatching(/check user, password/) },
  });
  await link.stop();
  await mosquitto.stop();
  rmSync(secrets, { recursive: true });
});
