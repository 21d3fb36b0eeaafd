import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SampleHttpPorts } from '../../../test-rigs/surroundings/http-ports.ts';
import { SimulatedClock } from '../../../test-rigs/surroundings/simulated-clock.ts';
import { Accounts } from '../access/accounts.ts';
import { createApi } from '../api.ts';
import { DemandedReads, mostWaiting } from './demanded-reads.ts';
import { traceSchema } from './line-picture.ts';
import { readSchema } from './read-picture.ts';

let site: string;
let accounts: Accounts;
let clock: SimulatedClock;
let ports: SampleHttpPorts;
let api: ReturnType<typeof createApi>;

beforeEach(async () => {
  site = await mkdtemp(join(tmpdir(), 'fenceline-lines-'));
  accounts = await Accounts.open(site);
  clock = new SimulatedClock();
  ports = new SampleHttpPorts();
  const reads = new DemandedReads({ read: (instrument) => ports.read(instrument), clock });
  api = createApi({ ports, reads, accounts, clock, observe: () => undefined, page: new Map() });
});
afterEach(() => rm(site, { recursive: true, force: true }));

async function ask(path: string, init: RequestInit = {}) {
  const { status, headers, ...response } = await answerTo(path, init);
  return { status, headers, body: JSON.parse(response.text) };
}

async function answerTo(path: string, init: RequestInit = {}) {
  const response = await api.app.request(path, init, { address: '192.0.2.7' });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** Sets a password and logs in; the cookie to send along. */
async function loggedIn(): Promise<{ cookie: string }> {
  await accounts.setPassword('mist cannon 9');
  const body = JSON.stringify({ password: 'mist cannon 9' });
  const headers = { 'x-fenceline': 'page', 'content-type': 'application/json' };
  const answer = await answerTo('/api/v1/session', { method: 'POST', headers, body });
  return { cookie: (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '' };
}

/** As a viewer: with the site's read token. */
async function viewer(): Promise<{ authorization: string }> {
  return { authorization: `Bearer ${(await readFile(join(site, 'secrets/read-token'), 'utf8')).trim()}` };
}

describe('what went over a line', () => {
  test('is told as the schema says, newest last, as many as asked for and after the number that is known', async () => {
    const headers = await loggedIn();
    const all = await ask('/api/v1/links/rs485-1/trace', { headers });
    expect(traceSchema.parse(all.body).transactions.map(({ number }) => number)).toEqual([
      9812, 9813, 9814, 9815, 9816,
    ]);
    expect(all.body).toMatchObject({ link: 'rs485-1', total: 9816, overwritten: 9811 });
    const some = await ask('/api/v1/links/rs485-1/trace?limit=2&after=9813', { headers });
    expect(some.body.transactions.map(({ number }: { number: number }) => number)).toEqual([9815, 9816]);
    expect(ports.traced).toEqual([
      { limit: 50, after: 0 },
      { limit: 2, after: 9813 },
    ]);
  });

  test('is told as text to save, in the language asked for, under a name that says where and when', async () => {
    const headers = await loggedIn();
    const answer = await answerTo('/api/v1/links/rs485-1/trace.txt?lang=zh', { headers });
    expect(answer.text).toBe('zh: transactions of rs485-1\n');
    expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    const disposition = 'attachment; filename="zl-0001-rs485-1-2026-11-24T114533.txt"';
    expect(answer.headers.get('content-disposition')).toBe(disposition);
  });

  test.each(['trace', 'trace.txt'])('of a link that is not there is answered with those that are: %s', async (what) => {
    const { status, body } = await ask(`/api/v1/links/rs485-9/${what}`, { headers: await loggedIn() });
    expect([status, body.faults[0].remedy]).toEqual([404, 'ask for one of: rs485-1, usb-1']);
  });

  test.each(['limit=0', 'limit=201', 'after=-1', 'after=x', 'lang=fr', 'since=1'])(
    'is not told for the malformed question %s',
    async (query) => {
      const what = query.startsWith('lang') ? 'trace.txt' : 'trace';
      const { status, body } = await ask(`/api/v1/links/rs485-1/${what}?${query}`, { headers: await loggedIn() });
      expect([status, body.faults.length]).toEqual([400, 1]);
    },
  );

  test('is told to a viewer, and to nobody who has not logged in', async () => {
    expect((await ask('/api/v1/links/rs485-1/trace', { headers: await viewer() })).status).toBe(200);
    expect((await ask('/api/v1/links/rs485-1/trace')).status).toBe(401);
    expect((await ask('/api/v1/links/rs485-1/trace.txt')).status).toBe(401);
  });
});

describe('reading an instrument now', () => {
  const read = async (id: string, headers: Record<string, string>) =>
    ask(`/api/v1/instruments/${id}/read`, { method: 'POST', headers: { 'x-fenceline': 'page', ...headers } });

  test('tells the readings and what went over the line for them', async () => {
    const { status, body } = await read('meter-1', await loggedIn());
    const told = readSchema.parse(body);
    expect(status).toBe(200);
    expect(told.readings[0]).toMatchObject({ ...{ value: null, flag: 'B', reason: 'no-answer', basis: 'observed' } });
    expect(told.transactions.map(({ instrument, outcome }) => [instrument, outcome])).toEqual([
      ['meter-1', 'no-bytes'],
    ]);
    expect(ports.readOnes).toEqual(['meter-1']);
  });

  test('is for technicians and administrators: a viewer is told so', async () => {
    const { status, body } = await read('meter-1', await viewer());
    expect([status, body.faults[0].field, body.faults[0].remedy]).toEqual([
      403,
      'role',
      'log in as a technician or administrator',
    ]);
    expect((await read('meter-1', {})).status).toBe(401);
    expect(ports.readOnes).toEqual([]);
  });

  test('is nothing that another site can make a browser do', async () => {
    const headers = { ...(await loggedIn()), 'sec-fetch-site': 'cross-site' };
    expect((await read('meter-1', headers)).status).toBe(403);
    expect((await ask('/api/v1/instruments/meter-1/read', { method: 'POST', headers: await loggedIn() })).status).toBe(
      403,
    );
    expect(ports.readOnes).toEqual([]);
  });

  test('of one that is not there, or left out, asks nothing of a line', async () => {
    const headers = await loggedIn();
    const unknown = await read('dust-9', headers);
    expect([unknown.status, unknown.body.faults[0].remedy]).toEqual([
      404,
      'ask for one of: dust-1, meter-1, particles-1',
    ]);
    const leftOut = await read('particles-1', headers);
    expect([leftOut.status, leftOut.body.faults[0].remedy]).toEqual([
      409,
      'instruments[2].profile: write plantower/pms5003, or add profiles/plantower/pms5004.yaml',
    ]);
    expect(ports.readOnes).toEqual([]);
  });

  test('is given up after 30 s, and says so', async () => {
    const headers = await loggedIn();
    ports.read = () => new Promise(() => undefined);
    const answer = read('meter-1', headers);
    await expect.poll(() => clock.pending).toBe(1);
    await clock.advance(30_000);
    const { status, body } = await answer;
    expect([status, body.faults[0].fault]).toEqual([504, 'the line had no time for meter-1 within 30 s']);
  });

  test('on a line that does not run is answered with 503', async () => {
    ports.read = () => Promise.reject(new RangeError('rs485-1: the line is not running'));
    expect((await read('meter-1', await loggedIn())).status).toBe(503);
  });

  test('by too many at once is turned down with how long to wait', async () => {
    const headers = await loggedIn();
    ports.read = () => new Promise(() => undefined);
    for (let one = 0; one < mostWaiting; one++) void read('meter-1', headers);
    await expect.poll(() => clock.pending).toBe(mostWaiting);
    const { status, headers: told, body } = await read('dust-1', headers);
    expect([status, told.get('retry-after'), body.wait]).toEqual([429, '5', 5]);
    await clock.advance(30_000);
  });
});
