import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { SampleHttpPorts } from '../../../test-rigs/surroundings/http-ports.ts';
import { SimulatedClock } from '../../../test-rigs/surroundings/simulated-clock.ts';
import { Accounts } from '../access/accounts.ts';
import { createApi } from '../api.ts';
import { DemandedReads } from '../lines/demanded-reads.ts';
import type { AdoptionBody, NodePorts } from './node-routes.ts';

let site: string;
let accounts: Accounts;
let asked: { asked: AdoptionBody; by: string }[];
let api: ReturnType<typeof createApi>;

const nodes: NodePorts = {
  accounts: () => [
    {
      node: 'dust-1',
      chip: 'aaaa01',
      type: 'esp8266',
      at: '2026-11-26T10:00:00.000+08:00',
      by: 'page wang',
      confirmed: true,
    },
  ],
  adopt: async (body, by) => {
    asked.push({ asked: body, by });
    return { kind: 'refused', node: 'esp-7f3a12', chip: '7f3a12', why: 'code', wrong: 1 };
  },
  forget: async (node) => node === 'dust-1',
};

function open(ports: NodePorts | undefined): void {
  const clock = new SimulatedClock();
  const sample = Object.assign(new SampleHttpPorts(), { nodes: ports });
  const reads = new DemandedReads({ read: (instrument) => sample.read(instrument), clock });
  api = createApi({ ports: sample, reads, accounts, clock, observe: () => undefined, page: new Map() });
}

beforeAll(async () => {
  site = await mkdtemp(join(tmpdir(), 'fenceline-api-'));
  accounts = await Accounts.open(site);
  await accounts.setPassword('mist cannon 9');
});
afterAll(() => rm(site, { recursive: true, force: true }));
beforeEach(() => {
  asked = [];
  open(nodes);
});

async function ask(path: string, body?: object, more: Record<string, string> = {}) {
  const headers = { 'x-fenceline': 'page', 'content-type': 'application/json', ...more };
  const init = body === undefined ? { headers: more } : { method: 'POST', headers, body: JSON.stringify(body) };
  const response = await api.app.request(path, init, { address: '192.0.2.7' });
  return { status: response.status, body: await response.json(), headers: response.headers };
}

async function loggedIn(): Promise<Record<string, string>> {
  const { headers } = await ask('/api/v1/session', { password: 'mist cannon 9' });
  return { cookie: (headers.get('set-cookie') ?? '').split(';')[0] ?? '' };
}

test('a node is adopted by who has logged in, whose name stands in the records', async () => {
  const session = await loggedIn();
  const answer = await ask('/api/v1/nodes/adopt', { chip: '7F3A12', code: '492817', node: 'dust-2' }, session);
  expect(answer).toMatchObject({ status: 200, body: { kind: 'refused', why: 'code', wrong: 1 } });
  expect(asked).toEqual([{ asked: { chip: '7f3a12', code: '492817', node: 'dust-2' }, by: 'page administrator' }]);
});

test.each([
  [{ chip: '7f3a12', code: '49281' }, 'code'],
  [{ chip: '7f3a12', code: 492817 }, 'code'],
  [{ chip: '../x', code: '492817' }, 'chip'],
  [{ chip: '7f3a12', code: '492817', node: 'new' }, 'node'],
  [{ chip: '7f3a12', code: '492817', node: 'Dust' }, 'node'],
  [{ chip: '7f3a12', code: '492817', password: 'x' }, 'body'],
])('%j is malformed', async (body, field) => {
  const answer = await ask('/api/v1/nodes/adopt', body, await loggedIn());
  expect([answer.status, answer.body.faults[0].field]).toEqual([400, field]);
  expect(asked).toEqual([]);
});

test('a viewer may see the nodes and do nothing with them; a stranger sees nothing', async () => {
  const token = await readFile(join(site, 'secrets', 'read-token'), 'utf8');
  const viewer = { authorization: `Bearer ${token.trim()}` };
  expect((await ask('/api/v1/nodes')).status).toBe(401);
  expect((await ask('/api/v1/nodes/adopt', { chip: '7f3a12', code: '492817' })).status).toBe(401);
  expect((await ask('/api/v1/nodes', undefined, viewer)).body.accounts).toHaveLength(1);
  expect((await ask('/api/v1/nodes/adopt', { chip: '7f3a12', code: '492817' }, viewer)).status).toBe(403);
  expect((await ask('/api/v1/nodes/dust-1/forget', {}, viewer)).status).toBe(403);
  expect(asked).toEqual([]);
});

test('a node that there is not cannot be forgotten, and is told which there are', async () => {
  const session = await loggedIn();
  expect((await ask('/api/v1/nodes/dust-1/forget', {}, session)).body).toEqual({ node: 'dust-1' });
  const answer = await ask('/api/v1/nodes/dust-9/forget', {}, session);
  expect([answer.status, answer.body.faults[0].remedy]).toEqual([404, 'name one of: dust-1']);
});

test('a site without a link to nodes says so', async () => {
  open(undefined);
  const answer = await ask('/api/v1/nodes/adopt', { chip: '7f3a12', code: '492817' }, await loggedIn());
  expect([answer.status, answer.body.faults[0].remedy]).toEqual([409, expect.stringContaining('kind "nodes"')]);
});
