import { connect, createServer } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { freePort } from '../../test-rigs/links/free-port.ts';
import { TcpCaller } from '../../test-rigs/links/tcp-caller.ts';
import { systemClock } from '../clock.ts';
import type { Arrival, LinkEvent } from './link.ts';
import { TcpServerLink } from './tcp-server-link.ts';

let port: number;
const events: LinkEvent[] = [];
const cleanUp: (() => Promise<void>)[] = [];

beforeEach(async () => {
  port = await freePort();
  events.length = 0;
});

afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo();
});

function linkOf(more: { senders?: string[]; host?: string } = {}): TcpServerLink {
  const observe = (event: LinkEvent): void => void events.push(event);
  const link = new TcpServerLink({
    id: 'logger',
    settings: { host: '127.0.0.1', port, ...more },
    clock: systemClock,
    observe,
  });
  cleanUp.push(() => link.close());
  return link;
}

function call(localAddress?: string): TcpCaller {
  const caller = new TcpCaller(port, localAddress);
  cleanUp.push(() => caller.stop());
  return caller;
}

const read = async (link: TcpServerLink): Promise<number[]> => [...((await link.read(20_000)) as Arrival).bytes];

test('a port to which nobody connects says so and what to do, and goes on listening', async () => {
  const link = linkOf();
  const fault = await link.open();
  expect(fault?.kind).toBe('absent');
  expect(fault?.message).toContain(`nobody has connected to port ${port}; set the device to connect`);
  const caller = call();
  await expect.poll(() => caller.isConnected).toBe(true);
  // What a device said before it was read from is not lost.
  caller.send(Uint8Array.of(1, 2));
  expect(await link.open()).toBeNull();
  expect(await read(link)).toEqual([1, 2]);
});

test('a second device is turned away and told while the first is there; the first goes on', async () => {
  const link = linkOf();
  const first = call();
  expect(await link.open()).toBeNull();
  const second = call('127.0.0.2');
  await expect
    .poll(() => events.find(({ kind }) => kind === 'link-stranger'))
    .toEqual({
      kind: 'link-stranger',
      link: 'logger',
      peer: '127.0.0.2',
      why: 'second',
    });
  await second.stop();
  first.send(Uint8Array.of(5));
  expect(await read(link)).toEqual([5]);
});

test('a device that connects again takes the place of its dead connection', async () => {
  const link = linkOf();
  const opening = link.open();
  // It connects once, and does not notice that nobody hears it any more.
  const dead = connect({ host: '127.0.0.1', port }).on('error', () => undefined);
  cleanUp.push(async () => void dead.destroy());
  expect(await opening).toBeNull();
  const reading = link.read(10_000);
  const again = call();
  expect(await reading).toMatchObject({ kind: 'lost' });
  expect(await link.open()).toBeNull();
  expect(link.generation).toBe(2);
  again.send(Uint8Array.of(6));
  expect(await read(link)).toEqual([6]);
});

test('only the senders that the site names may connect', async () => {
  const link = linkOf({ senders: ['127.0.0.3'] });
  const opening = link.open();
  call();
  await expect
    .poll(() => events)
    .toContainEqual({
      kind: 'link-stranger',
      link: 'logger',
      peer: '127.0.0.1',
      why: 'not-a-sender',
    });
  const known = call('127.0.0.3');
  expect(await opening).toBeNull();
  known.send(Uint8Array.of(7));
  expect(await read(link)).toEqual([7]);
});

test('an IPv4 device on a port that is listened on for IPv6 too is known by its address', async () => {
  const link = linkOf({ host: '::', senders: ['127.0.0.1'] });
  call();
  expect(await link.open()).toBeNull();
});

test('a port that another program listens on is taken, and an address that is not ours is refused', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve));
  expect(await linkOf().open()).toMatchObject({ kind: 'taken' });
  await new Promise<void>((resolve) => other.close(() => resolve()));
  expect(await linkOf({ host: '203.0.113.7' }).open()).toMatchObject({ kind: 'refused' });
});

test('once it is closed nobody listens on the port', async () => {
  const link = linkOf();
  call();
  expect(await link.open()).toBeNull();
  await link.close();
  const next = createServer();
  await new Promise<void>((resolve, reject) => next.once('error', reject).listen(port, '127.0.0.1', resolve));
  await new Promise<void>((resolve) => next.close(() => resolve()));
});
