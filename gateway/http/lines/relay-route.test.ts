import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SampleHttpPorts } from '../../../test-rigs/surroundings/http-ports.ts';
import { boardPicture } from '../../../test-rigs/surroundings/sample-board.ts';
import { SimulatedClock } from '../../../test-rigs/surroundings/simulated-clock.ts';
import { Accounts } from '../access/accounts.ts';
import { createApi } from '../api.ts';
import { DemandedReads } from './demanded-reads.ts';
import { switchedSchema } from './relay-route.ts';

let site: string;
let accounts: Accounts;
let ports: SampleHttpPorts;
let api: ReturnType<typeof createApi>;
const headers = { 'x-fenceline': 'page', 'content-type': 'application/json' };

beforeEach(async () => {
  site = await mkdtemp(join(tmpdir(), 'fenceline-relays-'));
  accounts = await Accounts.open(site);
  const clock = new SimulatedClock();
  ports = new SampleHttpPorts();
  ports.now = boardPicture();
  const reads = new DemandedReads({ read: (instrument) => ports.read(instrument), clock });
  api = createApi({ ports, reads, accounts, clock, observe: () => undefined, page: new Map() });
});
afterEach(() => rm(site, { recursive: true, force: true }));

async function post(path: string, body: unknown, more: Record<string, string> = {}) {
  const init = { method: 'POST', headers: { ...headers, ...more }, body: JSON.stringify(body) };
  const response = await api.app.request(`/api/v1/${path}`, init, { address: '192.0.2.7' });
  return { status: response.status, headers: response.headers, body: JSON.parse(await response.text()) };
}

async function loggedIn(): Promise<{ cookie: string }> {
  await accounts.setPassword('mist cannon 9');
  const answer = await post('session', { password: 'mist cannon 9' });
  return { cookie: (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '' };
}

/** Somebody who may switch what a technician may. */
async function technician(): Promise<{ cookie: string }> {
  await accounts.setPassword('mist cannon 9');
  const path = join(site, 'secrets', 'accounts.json');
  const file = JSON.parse(await readFile(path, 'utf8'));
  const [first] = file.accounts;
  await writeFile(path, JSON.stringify({ ...file, accounts: [first, { ...first, name: 'li', role: 'technician' }] }));
  const answer = await post('session', { account: 'li', password: 'mist cannon 9' });
  return { cookie: (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '' };
}

describe('switching a relay from the page', () => {
  test('says how it stands then, and who asked goes along', async () => {
    const answer = await post('instruments/io/relays/lamp', { on: true, seconds: 600 }, await loggedIn());
    expect(answer.status).toBe(200);
    expect(switchedSchema.parse(answer.body)).toEqual({
      state: 'on',
      next: null,
      until: '2026-11-24T11:46:02.120+08:00',
    });
    await post('instruments/io/relays/lamp', { on: false }, await loggedIn());
    expect(ports.orders).toEqual(['administrator io lamp on 600', 'administrator io lamp off']);
  });

  test('that cannot be done now says why, and what to do', async () => {
    ports.switched = { kind: 'refused', reason: 'locked-out', detail: 'the switch is open', remedy: 'close it' };
    const answer = await post('instruments/io/relays/mist-cannon', { on: true, seconds: 60 }, await loggedIn());
    expect([answer.status, answer.body.faults]).toEqual([
      409,
      [{ field: 'locked-out', fault: 'the switch is open', remedy: 'close it' }],
    ]);
  });

  test.each<[string, string, unknown, number]>([
    ['of a board that there is not', 'instruments/other/relays/lamp', { on: true, seconds: 60 }, 404],
    ['that the site does not allow', 'instruments/io/relays/siren', { on: true, seconds: 60 }, 404],
    ['without an end', 'instruments/io/relays/lamp', { on: true }, 400],
    ['off for a time', 'instruments/io/relays/lamp', { on: false, seconds: 60 }, 400],
    ['for no time', 'instruments/io/relays/lamp', { on: true, seconds: 0 }, 400],
    ['for part of a second', 'instruments/io/relays/lamp', { on: true, seconds: 1.5 }, 400],
  ])('%s is refused, and nothing is asked', async (_, path, body, status) => {
    const answer = await post(path, body, await loggedIn());
    expect([answer.status, ports.orders]).toEqual([status, []]);
  });

  test('on that is for administrators is refused to a technician; off is his as well', async () => {
    const cookie = await technician();
    const on = { on: true, seconds: 60 };
    const answer = await post('instruments/io/relays/mist-cannon', on, cookie);
    expect([answer.status, answer.body.faults[0].field]).toEqual([403, 'role']);
    expect((await post('instruments/io/relays/lamp', on, cookie)).status).toBe(200);
    expect((await post('instruments/io/relays/mist-cannon', { on: false }, cookie)).status).toBe(200);
    expect(ports.orders).toEqual(['li io lamp on 60', 'li io mist-cannon off']);
  });

  test('is not for viewers, nor for anybody from another page', async () => {
    const token = (await readFile(join(site, 'secrets/read-token'), 'utf8')).trim();
    const body = { on: true, seconds: 60 };
    expect((await post('instruments/io/relays/lamp', body, { authorization: `Bearer ${token}` })).status).toBe(403);
    expect((await post('instruments/io/relays/lamp', body)).status).toBe(401);
    const foreign = { ...(await loggedIn()), origin: 'https://elsewhere.example' };
    expect((await post('instruments/io/relays/lamp', body, foreign)).status).toBe(403);
    expect(ports.orders).toEqual([]);
  });
});
