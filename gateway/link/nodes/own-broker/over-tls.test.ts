import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { afterAll, afterEach, expect, test } from 'vitest';
import { freePort } from '../../../../test-rigs/links/free-port.ts';
import { MqttNode } from '../../../../test-rigs/links/mqtt-node.ts';
import { TestAuthority } from '../../../../test-rigs/surroundings/certificates.ts';
import { SimulatedClock } from '../../../../test-rigs/surroundings/simulated-clock.ts';
import type { NodeLinkEvent, NodeMessage } from '../node-link.ts';
import { AedesNodeLink } from './aedes-node-link.ts';
import type { ReadCertificate } from './listener.ts';

const authority = new TestAuthority();
const made = authority.issue({ name: 'gateway', alternatives: ['DNS:localhost'] });
const ca = readFileSync(authority.certificate, 'utf8');
const pair = { cert: readFileSync(made.certificate, 'utf8'), key: readFileSync(made.key, 'utf8') };
afterAll(() => authority.remove());

const clock = new SimulatedClock();
const events: NodeLinkEvent[] = [];
const heard: NodeMessage[] = [];
let link: AedesNodeLink;
let port: number;

async function start(certificate: ReadCertificate): Promise<void> {
  port = await freePort();
  events.length = 0;
  heard.length = 0;
  link = new AedesNodeLink({
    ...{ id: 'nodes', listen: { host: '127.0.0.1', port }, certificate, clock },
    accounts: { check: () => 'right' },
    observe: (event) => void events.push(event),
  });
  link.start((message) => void heard.push(message));
  await expect.poll(() => events.length).toBe(1);
}
afterEach(() => link.stop());

const node = (url: string, more: object) =>
  MqttNode.listening({ url, user: 'esp-1', chip: 'aaaa01', password: 'x', more: { connectTimeout: 3000, ...more } });

test('a node connects over TLS, says and hears; its address is known', async () => {
  await start(async () => pair);
  const far = await node(`mqtts://localhost:${port}`, { ca });
  await far.say('hello', '{}');
  expect(heard.map(({ kind }) => kind)).toEqual(['hello']);
  expect(link.send('esp-1', 'have', '[0,0]')).toBe(true);
  await expect.poll(() => far.heard.length).toBe(1);
  expect(events.at(-1)).toMatchObject({ kind: 'node-connected', address: '127.0.0.1' });
  await far.leave();
  await expect.poll(() => events.at(-1)?.kind).toBe('node-disconnected');
});

test('a renewed certificate is shown within an hour, and a broken one in its place is not', async () => {
  const renewed = authority.issue({ name: 'renewed', alternatives: ['DNS:localhost'] });
  const files = [
    pair,
    { cert: readFileSync(renewed.certificate, 'utf8'), key: readFileSync(renewed.key, 'utf8') },
    { cert: 'broken', key: pair.key },
  ];
  await start(async () => files.shift() ?? { fault: 'gone' });
  const shown = async (): Promise<unknown> => {
    const far = await node(`mqtts://localhost:${port}`, { ca });
    const { subject } = (far.client.stream as TLSSocket).getPeerCertificate();
    await far.leave();
    return subject.CN;
  };
  const first = await shown();
  await clock.advance(3_600_100);
  const second = await shown();
  await clock.advance(3_600_100);
  expect([first, second, await shown()]).toEqual(['gateway', 'renewed', 'renewed']);
});

test('a node without TLS, or one that never begins it, is cut off and harms nobody', async () => {
  await start(async () => pair);
  const good = await node(`mqtts://localhost:${port}`, { ca });
  await expect(node(`mqtt://127.0.0.1:${port}`, {})).rejects.toThrow();
  const mute = connect(port, '127.0.0.1').on('error', () => undefined);
  const cut = new Promise((resolve) => mute.resume().once('close', resolve));
  await new Promise((resolve) => mute.once('connect', resolve));
  await new Promise((resolve) => setTimeout(resolve, 50));
  await clock.advance(10_100);
  await cut;
  await good.say('hello', '{}');
  expect(good.isConnected).toBe(true);
  expect(events.filter(({ kind }) => kind === 'node-turned-away')).toEqual([
    expect.objectContaining({ why: 'no-tls', address: '127.0.0.1' }),
    expect.objectContaining({ why: 'stalled' }),
  ]);
});

test('a node that does not accept a certificate which has ended is told, with its address', async () => {
  const day = 86_400_000;
  const [from, until] = [new Date(Date.now() - 3 * day), new Date(Date.now() - day)];
  const ended = authority.issue({ name: 'gateway', alternatives: ['DNS:localhost'], from, until });
  const read = (name: string): string => readFileSync(name, 'utf8');
  await start(async () => ({ cert: read(ended.certificate), key: read(ended.key) }));
  // As a chip's TLS does it, and other than Node's, it says why it leaves.
  const options = ['-connect', `127.0.0.1:${port}`, '-CAfile', authority.certificate, '-verify_return_error'];
  const chip = spawn('openssl', ['s_client', ...options], { stdio: 'ignore' });
  await once(chip, 'exit');
  await expect.poll(() => events.at(-1)).toMatchObject({ why: 'no-tls', address: '127.0.0.1', count: 1 });
});

test.each([
  [
    'is not there',
    async () => ({ fault: 'has no certificate: secrets/nodes.pem is not there; put it there, mode 0600' }),
  ],
  ['is none', async () => ({ cert: 'no certificate', key: pair.key })],
] as [string, ReadCertificate][])(
  'a certificate that %s is told, and nobody is let in without TLS',
  async (_, read) => {
    await start(read);
    expect(events[0]).toMatchObject({ kind: 'link-closed', fault: { kind: 'refused' } });
    await expect(node(`mqtt://127.0.0.1:${port}`, {})).rejects.toThrow();
  },
);
