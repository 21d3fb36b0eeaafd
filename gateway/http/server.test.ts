import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SampleHttpPorts } from '../../test-rigs/surroundings/http-ports.ts';
import { systemClock } from '../clock.ts';
import { Accounts } from './access/accounts.ts';
import type { HttpEvent } from './events.ts';
import { type Listening, listenHttp } from './hono-node-server.ts';
import { DemandedReads } from './lines/demanded-reads.ts';
import { startHttp } from './server.ts';

let site: string;
let ports: SampleHttpPorts;
let events: HttpEvent[];
let server: Listening;
let origin: string;
const headers = { 'x-fenceline': 'page', 'content-type': 'application/json' };

async function start(port: number) {
  const accounts = await Accounts.open(site);
  await accounts.setPassword('mist cannon 9');
  const observe = (event: HttpEvent): void => void events.push(event);
  const listen = { host: '127.0.0.1', port };
  const reads = new DemandedReads({ read: (instrument) => ports.read(instrument), clock: systemClock });
  return startHttp({ listen, ports, reads, accounts, clock: systemClock, observe, pageDirectory: join(site, 'page') });
}

beforeEach(async () => {
  site = await mkdtemp(join(tmpdir(), 'fenceline-http-'));
  ports = new SampleHttpPorts();
  events = [];
  const started = await start(0);
  if ('kind' in started) throw new Error(started.message);
  server = started;
  origin = `http://127.0.0.1:${server.port}`;
});
afterEach(async () => {
  await server.close();
  await rm(site, { recursive: true, force: true });
});

async function logIn(): Promise<string> {
  const body = JSON.stringify({ password: 'mist cannon 9' });
  const answer = await fetch(`${origin}/api/v1/session`, { method: 'POST', headers, body });
  return (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
}

test('over a real port: log in, and the picture comes as an event', async () => {
  const answer = await fetch(`${origin}/api/v1/events`, { headers: { cookie: await logIn() } });
  expect(answer.headers.get('content-type')).toBe('text/event-stream');
  const reader = answer.body?.getReader();
  let text = '';
  while (!text.includes('\n\nevent: picture\ndata: {"gateway":{"id":"zl-0001"')) {
    const part = await reader?.read();
    if (part === undefined || part.done) throw new Error(`ended after ${text}`);
    text += new TextDecoder().decode(part.value);
  }
  expect(events).toContainEqual(expect.objectContaining({ kind: 'http-login', from: '127.0.0.1' }));
  await reader?.cancel();
});

test('over a real port: logging out ends the session', async () => {
  const cookie = await logIn();
  const answer = await fetch(`${origin}/api/v1/session`, { method: 'DELETE', headers: { ...headers, cookie } });
  expect([answer.status, await answer.json()]).toEqual([200, { state: 'logged-out' }]);
  expect((await fetch(`${origin}/api/v1/picture`, { headers: { cookie } })).status).toBe(401);
});

test('over a real port: a download that nobody waits for any more is told so', async () => {
  let isCancelled = false;
  ports.table = () =>
    new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(65_536)),
      cancel: () => {
        isCancelled = true;
      },
    });
  const abort = new AbortController();
  const path = '/api/v1/tables/events.csv?from=2026-11-01&to=2026-11-30';
  const answer = await fetch(`${origin}${path}`, { headers: { cookie: await logIn() }, signal: abort.signal });
  expect((await answer.body?.getReader().read())?.done).toBe(false);
  abort.abort();
  await expect.poll(() => isCancelled).toBe(true);
});

/** What fetch asks for to send a stream, though the types of the DOM do not know it. */
const halfDuplex = { duplex: 'half' };

test.each([
  ['is too long', 'x'.repeat(5000)],
  ['does not state its length', new Blob(['{"password":"mist cannon 9"}']).stream()],
])('a body that %s is turned away and told', async (_how, body) => {
  const answer = await fetch(`${origin}/api/v1/session`, { method: 'POST', headers, body, ...halfDuplex });
  expect(answer.status).toBe(400);
  expect(events).toContainEqual(expect.objectContaining({ kind: 'http-malformed', field: 'body' }));
});

test('a connection that a browser holds in reserve is let go of untold, one that begins a request and stops is told', async () => {
  const told: string[] = [];
  const waiting = await listenHttp({
    ...{ listen: { host: '127.0.0.1', port: 0 }, patience: 100, answer: () => new Response() },
    malformed: (_, fault) => void told.push(fault),
  });
  if ('kind' in waiting) throw new Error(waiting.message);
  const unused = connect(waiting.port, '127.0.0.1');
  await once(unused.resume(), 'close');
  expect(told).toEqual([]);
  const begun = connect(waiting.port, '127.0.0.1').setEncoding('latin1');
  begun.write('GET / HT');
  await once(begun.resume(), 'close');
  expect(told).toEqual(['Request timeout']);
  await waiting.close();
});

test('a browser that goes away is no longer listened for', async () => {
  const leaving = new AbortController();
  const answer = await fetch(`${origin}/api/v1/events`, { headers: { cookie: await logIn() }, signal: leaving.signal });
  await answer.body?.getReader().read();
  expect(ports.listeners).toBe(1);
  leaving.abort();
  await expect.poll(() => ports.listeners).toBe(0);
});

test('closing lets go of open streams and frees the port', async () => {
  const answer = await fetch(`${origin}/api/v1/events`, { headers: { cookie: await logIn() } });
  const reader = answer.body?.getReader();
  await reader?.read();
  await server.close();
  const again = await start(server.port);
  expect(again).toHaveProperty('port', server.port);
  if (!('kind' in again)) server = again;
  await reader?.cancel().catch(() => undefined);
});

test('a port that is taken is a fault that names it and what to do', async () => {
  expect(await start(server.port)).toEqual({
    kind: 'taken',
    message: `page.listen 127.0.0.1:${server.port}: another program listens there; stop it or write another port`,
  });
});

test('bytes that are no HTTP are answered with 400, told, and stop nothing', async () => {
  const answer = await new Promise<string>((resolve, reject) => {
    let text = '';
    const socket = connect(server.port, '127.0.0.1', () => socket.write('\x01\x03\x00\x00\x00\x02\xc4\x0b\r\n\r\n'));
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1');
    });
    socket.on('close', () => resolve(text));
    socket.on('error', reject);
  });
  expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  expect(events).toContainEqual(expect.objectContaining({ kind: 'http-malformed', from: '127.0.0.1' }));
  expect((await fetch(`${origin}/healthz`)).status).toBe(200);
});

test('a page that was not built says how to build it', async () => {
  const answer = await fetch(`${origin}/`);
  expect([answer.status, await answer.text()]).toEqual([503, expect.stringContaining('vite build gateway/page')]);
});

test('a path outside the page reaches no file', async () => {
  await writeFile(join(site, 'outside.html'), 'secret');
  for (const path of ['/../outside.html', '/..%2foutside.html', '/%2e%2e/outside.html', '/assets/../../outside.html']) {
    expect(await (await fetch(`${origin}${path}`)).text()).not.toContain('secret');
  }
});
