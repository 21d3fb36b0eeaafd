import { existsSync, linkSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SampleHttpPorts } from '../../test-rigs/surroundings/http-ports.ts';
import { systemClock } from '../clock.ts';
import type { HttpEvent } from './events.ts';
import { type Asked, answeredSchema, askRefusedSchema, type ExploreAnswer } from './lines/ask-route.ts';
import { DemandedReads } from './lines/demanded-reads.ts';
import { readSchema } from './lines/read-picture.ts';
import { pictureSchema } from './picture.ts';
import { createSocketApi, startSocket } from './socket.ts';

let root: string;
let path: string;
let ports: SampleHttpPorts;
let events: HttpEvent[];
let open: { close(): Promise<void> }[];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'fenceline-socket-'));
  path = join(root, 'run', 'gateway.sock');
  ports = new SampleHttpPorts();
  events = [];
  open = [];
});
afterEach(async () => {
  await Promise.all(open.map((one) => one.close()));
  rmSync(root, { recursive: true, force: true });
});

/** Answers register 7 of slave 3 with 230; every other link than rs485-1 is unused, and rs485-2 is another master's. */
async function explore(link: string, asked: Asked): Promise<ExploreAnswer> {
  if (link === 'rs485-2') return { kind: 'refused', reason: 'other-master', message: 'rs485-2: another master' };
  if (link !== 'rs485-1') return { kind: 'unused' };
  const isHere = asked.address === 3 && asked.start === 7;
  const answered = {
    outcome: isHere ? 'ok' : 'no-bytes',
    data: isHere ? '00e6' : null,
    exception: null,
    took: 21,
  } as const;
  return { kind: 'answer', answered };
}

const rotated = { publicKey: 'a', fingerprint: 'b', keys: 2 };
let rotateKey = async () => rotated;

function options(at = path) {
  const reads = new DemandedReads({ read: (instrument) => ports.read(instrument), clock: systemClock });
  const observe = (event: HttpEvent): void => void events.push(event);
  return {
    path: at,
    picture: () => ports.now,
    reads,
    explore,
    rotateKey: () => rotateKey(),
    clock: systemClock,
    observe,
  };
}

async function start(at = path): Promise<void> {
  const started = await startSocket(options(at));
  if ('kind' in started) throw new Error(started.message);
  open.push(started);
}

function ask(method: string, route: string, body?: object): Promise<{ status: number; body: unknown }> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath: path, method, path: route, agent: false }, async (answer) => {
      let text = '';
      for await (const part of answer) text += part;
      resolve({ status: answer.statusCode ?? 0, body: JSON.parse(text) });
    });
    asked.on('error', reject);
    if (body) asked.setHeader('content-type', 'application/json');
    asked.end(body && JSON.stringify(body));
  });
}

test('whoever may open it sees the picture and has an instrument read, without a login', async () => {
  await start();
  expect(pictureSchema.parse((await ask('GET', '/api/v1/picture')).body)).toEqual(ports.now);
  const { status, body } = await ask('POST', '/api/v1/instruments/dust-1/read');
  expect([status, readSchema.parse(body).instrument, ports.readOnes]).toEqual([200, 'dust-1', ['dust-1']]);
});

test('only its owner may open it, and enter the directory it stands in', async () => {
  await start();
  expect([statSync(path).mode & 0o777, statSync(dirname(path)).mode & 0o777]).toEqual([0o600, 0o700]);
});

test('a directory that others may enter is closed to them', async () => {
  mkdirSync(dirname(path), { mode: 0o755 });
  await start();
  expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
});

test('one that a killed gateway left is replaced, and it goes with the gateway', async () => {
  // A socket whose server is gone: the file is linked to another name before the server takes its own away.
  mkdirSync(dirname(path));
  const gone = createServer().listen(`${path}.other`);
  await new Promise((resolve) => gone.once('listening', resolve));
  linkSync(`${path}.other`, path);
  await new Promise((resolve) => gone.close(resolve));
  expect(statSync(path).isSocket()).toBe(true);
  await start();
  expect((await ask('GET', '/api/v1/picture')).status).toBe(200);
  await open.pop()?.close();
  expect(existsSync(path)).toBe(false);
});

test('a file of that name which is no socket is left alone, and told', async () => {
  mkdirSync(dirname(path));
  writeFileSync(path, 'mine');
  expect(await startSocket(options())).toEqual({
    kind: 'taken',
    message: `${path}: is there and no socket; move it away`,
  });
  expect(statSync(path).size).toBe(4);
});

test('a path that is too long for a socket is told with its length and what to do', async () => {
  const long = join(root, 'x'.repeat(108 - Buffer.byteLength(root)), 'gateway.sock');
  const fault = await startSocket(options(long));
  expect(fault).toMatchObject({
    kind: 'address',
    message: expect.stringContaining(`has ${Buffer.byteLength(long)} bytes`),
  });
});

test('a site directory that is gone or may not be written is told', async () => {
  writeFileSync(join(root, 'run'), 'a file where the directory should be');
  expect(await startSocket(options())).toMatchObject({ kind: 'denied', message: expect.stringContaining(path) });
});

test('the key is rotated at the word of whoever may open it, and one too many is refused', async () => {
  await start();
  expect(await ask('POST', '/api/v1/key/rotate')).toEqual({ status: 200, body: rotated });
  rotateKey = () => Promise.reject(new RangeError('the chain is full'));
  const { status, body } = await ask('POST', '/api/v1/key/rotate');
  expect([status, JSON.stringify(body)]).toEqual([409, expect.stringContaining('the chain is full')]);
});

test('there is nothing else behind it', async () => {
  const app = createSocketApi(options());
  for (const [method, route] of [
    ['GET', '/api/v1/records'],
    ['GET', '/metrics'],
    ['POST', '/api/v1/session'],
    ['GET', '/'],
  ] as const) {
    expect([route, (await app.request(route, { method })).status]).toEqual([route, 404]);
  }
});

test('a mistake of our own is answered with 500 and told', async () => {
  ports.read = () => Promise.reject(new TypeError('our own mistake'));
  const answer = await createSocketApi(options()).request('/api/v1/instruments/dust-1/read', { method: 'POST' });
  expect(answer.status).toBe(500);
  expect(events).toEqual([
    expect.objectContaining({ kind: 'http-fault', message: expect.stringContaining('our own') }),
  ]);
});

describe('questions of a search', () => {
  const question = { address: 3, functionCode: 3, start: 7, count: 1, timeout: 500 };

  test('are asked on the line, and what came of it is told', async () => {
    await start();
    const { status, body } = await ask('POST', '/api/v1/links/rs485-1/ask', question);
    expect(status).toBe(200);
    expect(answeredSchema.parse(body)).toEqual({ outcome: 'ok', data: '00e6', exception: null, took: 21 });
  });

  test('are refused with the reason where another master polls, and where no instrument runs', async () => {
    await start();
    const taken = await ask('POST', '/api/v1/links/rs485-2/ask', question);
    expect([taken.status, askRefusedSchema.parse(taken.body).reason]).toEqual([409, 'other-master']);
    expect((await ask('POST', '/api/v1/links/rs485-3/ask', question)).status).toBe(404);
  });

  test.each([{ functionCode: 6 }, { address: 0 }, { address: 256 }, { count: 0 }, { timeout: 60_000 }, { value: 1 }])(
    'that are none are turned down: %o',
    async (wrong) => {
      await start();
      expect((await ask('POST', '/api/v1/links/rs485-1/ask', { ...question, ...wrong })).status).toBe(400);
    },
  );
});
