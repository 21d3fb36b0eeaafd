import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SampleHttpPorts } from '../../test-rigs/surroundings/http-ports.ts';
import { SimulatedClock } from '../../test-rigs/surroundings/simulated-clock.ts';
import { Accounts } from './access/accounts.ts';
import { createApi } from './api.ts';
import { DemandedReads } from './lines/demanded-reads.ts';

const path = '/api/v1/clock/time';
const fromPage = { 'x-fenceline': 'page', 'content-type': 'application/json' };
let site: string;
let accounts: Accounts;
let ports: SampleHttpPorts;
let api: ReturnType<typeof createApi>;

beforeEach(async () => {
  site = await mkdtemp(join(tmpdir(), 'fenceline-clock-'));
  accounts = await Accounts.open(site);
  const clock = new SimulatedClock();
  ports = new SampleHttpPorts();
  const reads = new DemandedReads({ read: (instrument) => ports.read(instrument), clock });
  api = createApi({ ports, reads, accounts, clock, observe: () => undefined, page: new Map() });
  await accounts.setPassword('mist cannon 9');
});
afterEach(() => rm(site, { recursive: true, force: true }));

async function post(where: string, body: object, headers: Record<string, string>) {
  const sent = { method: 'POST', headers: { ...fromPage, ...headers }, body: JSON.stringify(body) };
  const answer = await api.app.request(where, sent, { address: '192.0.2.7' });
  return { status: answer.status, body: await answer.json(), cookie: answer.headers.get('set-cookie') ?? '' };
}

async function technician(): Promise<{ cookie: string }> {
  const { cookie } = await post('/api/v1/session', { password: 'mist cannon 9' }, {});
  return { cookie: cookie.split(';')[0] ?? '' };
}

test('a technician says the time, in whatever zone, and is told what became of it', async () => {
  const cookie = await technician();
  const taken = await post(path, { time: '2026-11-24T03:45:00.000Z' }, cookie);
  expect([taken.status, taken.body]).toEqual([200, { taken: true, why: { zh: '已采用', en: 'taken' } }]);
  const said = { zh: '时间已可信', en: 'the time is trusted already' };
  ports.offered = { taken: false, said };
  expect((await post(path, { time: '2026-11-24T11:46:00+08:00' }, cookie)).body).toEqual({ taken: false, why: said });
  expect(ports.times).toEqual([Date.parse('2026-11-24T03:45:00Z'), Date.parse('2026-11-24T03:46:00Z')]);
});

test('a viewer may not, and a time without its offset is no moment', async () => {
  const authorization = `Bearer ${(await readFile(join(site, 'secrets/read-token'), 'utf8')).trim()}`;
  expect((await post(path, { time: '2026-11-24T03:45:00Z' }, { authorization })).status).toBe(403);
  const cookie = await technician();
  for (const body of [{ time: '2026-11-24T03:45:00' }, { time: 1_795_000_000 }, {}]) {
    expect(await post(path, body, cookie)).toMatchObject({ status: 400, body: { faults: [{ field: 'time' }] } });
  }
  expect(ports.times).toEqual([]);
});
