import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SampleHttpPorts } from '../../test-rigs/surroundings/http-ports.ts';
import { SimulatedClock } from '../../test-rigs/surroundings/simulated-clock.ts';
import { Accounts } from './access/accounts.ts';
import { createApi } from './api.ts';
import type { HttpEvent } from './events.ts';
import { DemandedReads } from './lines/demanded-reads.ts';
import { pictureSchema } from './picture.ts';

let site: string;
let accounts: Accounts;
let clock: SimulatedClock;
let ports: SampleHttpPorts;
let events: HttpEvent[];
let api: ReturnType<typeof createApi>;

beforeEach(async () => {
  site = await mkdtemp(join(tmpdir(), 'fenceline-api-'));
  accounts = await Accounts.open(site);
  clock = new SimulatedClock();
  ports = new SampleHttpPorts();
  events = [];
  const reads = new DemandedReads({ read: (instrument) => ports.read(instrument), clock });
  api = createApi({ ports, reads, accounts, clock, observe: (event) => events.push(event), page: new Map() });
});
afterEach(() => rm(site, { recursive: true, force: true }));

const fromPage = { 'x-fenceline': 'page', 'content-type': 'application/json' };

async function ask(path: string, init: RequestInit = {}, address = '192.0.2.7') {
  const response = await api.app.request(path, init, { address });
  const type = response.headers.get('content-type') ?? '';
  return {
    status: response.status,
    headers: response.headers,
    body: type.includes('json') ? await response.json() : null,
  };
}

function post(path: string, body: unknown, headers: Record<string, string> = fromPage, address?: string) {
  return ask(path, { method: 'POST', headers, body: typeof body === 'string' ? body : JSON.stringify(body) }, address);
}

/** Sets a password and logs in; the cookie to send along. */
async function loggedIn(): Promise<{ cookie: string }> {
  await accounts.setPassword('mist cannon 9');
  const { headers } = await post('/api/v1/session', { password: 'mist cannon 9' });
  return { cookie: (headers.get('set-cookie') ?? '').split(';')[0] ?? '' };
}

describe('the door', () => {
  test('nothing but health and the session is told to whoever has not logged in', async () => {
    for (const path of ['picture', 'events', 'records', 'instruments/dust-1', 'openapi.json', 'no-such-thing']) {
      expect([path, (await ask(`/api/v1/${path}`)).status]).toEqual([path, 401]);
    }
    expect((await ask('/metrics')).status).toBe(401);
    expect((await ask('/healthz')).status).toBe(200);
    expect((await ask('/api/v1/session')).body).toEqual({ state: 'set-up' });
  });

  test('the set-up code sets the password and logs in; the picture is then shown', async () => {
    const code = await accounts.setUpCode();
    const answer = await post('/api/v1/set-up', { code, password: 'mist cannon 9' });
    expect([answer.status, answer.body]).toEqual([
      200,
      { state: 'logged-in', account: 'administrator', role: 'administrator' },
    ]);
    const cookie = (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    expect((await ask('/api/v1/picture', { headers: { cookie } })).body.gateway.id).toBe('zl-0001');
    expect(events).toContainEqual(expect.objectContaining({ kind: 'http-password-set', account: 'administrator' }));
  });

  test('the session cookie is out of reach of scripts and of other sites', async () => {
    await accounts.setPassword('mist cannon 9');
    const { headers } = await post('/api/v1/session', { password: 'mist cannon 9' });
    expect(headers.get('set-cookie')).toMatch(/^fenceline_session=[\w-]{43}; .*Path=\/; HttpOnly; SameSite=Strict$/);
  });

  test('logging out ends the session', async () => {
    const { cookie } = await loggedIn();
    expect((await ask('/api/v1/session', { headers: { cookie } })).body.state).toBe('logged-in');
    await ask('/api/v1/session', { method: 'DELETE', headers: { ...fromPage, cookie } });
    expect((await ask('/api/v1/session', { headers: { cookie } })).body).toEqual({ state: 'logged-out' });
    expect((await ask('/api/v1/picture', { headers: { cookie } })).status).toBe(401);
  });

  test('a wrong password is refused, told, and after five of them one has to wait, right or wrong', async () => {
    await accounts.setPassword('mist cannon 9');
    for (let time = 0; time < 5; time += 1) {
      expect((await post('/api/v1/session', { password: 'guess' })).status).toBe(401);
    }
    const sixth = await post('/api/v1/session', { password: 'mist cannon 9' });
    expect([sixth.status, sixth.headers.get('retry-after'), sixth.body.wait]).toEqual([429, '1', 1]);
    expect((await post('/api/v1/session', { password: 'mist cannon 9' }, fromPage, '192.0.2.8')).status).toBe(200);
    await clock.advance(1000);
    expect((await post('/api/v1/session', { password: 'mist cannon 9' })).status).toBe(200);
    const refused = events.filter((event) => event.kind === 'http-login-refused').map((event) => event.why);
    expect(refused).toEqual(['wrong', 'wrong', 'wrong', 'wrong', 'wrong', 'too-many-tries']);
  });

  test('guesses sent all at once are no cheaper than one after the other', async () => {
    await accounts.setPassword('mist cannon 9');
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => post('/api/v1/session', { password: 'guess' }).then(({ status }) => status)),
    );
    expect(answers.filter((status) => status === 401)).toHaveLength(5);
    expect(answers.filter((status) => status === 429)).toHaveLength(15);
  });

  test('the set-up code cannot be guessed faster than a password', async () => {
    for (let time = 0; time < 5; time += 1) {
      await post('/api/v1/set-up', { code: `AAAA-AAA${time}`, password: 'mist cannon 9' });
    }
    const code = await accounts.setUpCode();
    expect((await post('/api/v1/set-up', { code, password: 'mist cannon 9' })).status).toBe(429);
  });

  test('a program with the read token sees the picture and the metrics, and one without does not', async () => {
    const token = (await readFile(join(site, 'secrets/read-token'), 'utf8')).trim();
    const headers = { authorization: `Bearer ${token}` };
    expect((await ask('/api/v1/picture', { headers })).status).toBe(200);
    expect((await ask('/metrics', { headers })).status).toBe(200);
    expect((await ask('/api/v1/picture', { headers: { authorization: `Bearer ${token}x` } })).status).toBe(401);
  });

  test('metrics are told on the machine itself without a login, but not through a proxy on it', async () => {
    expect((await ask('/metrics', {}, '127.0.0.1')).status).toBe(200);
    expect((await ask('/metrics', { headers: { 'x-forwarded-for': '192.0.2.7' } }, '127.0.0.1')).status).toBe(401);
    expect((await ask('/metrics', { headers: { 'sec-fetch-site': 'cross-site' } }, '::1')).status).toBe(401);
  });
});

describe('another site in the same browser', () => {
  test.each([
    ['lacks our header', { 'content-type': 'application/json' }],
    ['comes from another origin', { ...fromPage, origin: 'http://evil.example', host: 'gateway.local' }],
    ['is sent by another site', { ...fromPage, 'sec-fetch-site': 'cross-site' }],
    ['has an origin that cannot be read', { ...fromPage, origin: 'null', host: 'gateway.local' }],
  ])('cannot log in or out when the request %s', async (_how, headers) => {
    await accounts.setPassword('mist cannon 9');
    expect((await post('/api/v1/session', { password: 'mist cannon 9' }, headers)).status).toBe(403);
    expect((await ask('/api/v1/session', { method: 'DELETE', headers })).status).toBe(403);
    expect(events).toContainEqual(expect.objectContaining({ kind: 'http-malformed', field: 'origin' }));
  });

  test('is no hindrance to the page itself', async () => {
    await accounts.setPassword('mist cannon 9');
    const headers = { ...fromPage, origin: 'http://gateway.local:8080', host: 'gateway.local:8080' };
    expect((await post('/api/v1/session', { password: 'mist cannon 9' }, headers)).status).toBe(200);
  });

  test('cannot put us in a frame, and our page loads nothing from elsewhere', async () => {
    for (const path of ['/', '/healthz', '/api/v1/picture', '/api/v1/session']) {
      const { headers } = await ask(path);
      expect(headers.get('content-security-policy')).toContain("default-src 'self'");
      expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
    }
  });
});

describe('what there is to see', () => {
  test('the picture is what the schema says', async () => {
    const { body, headers } = await ask('/api/v1/picture', { headers: await loggedIn() });
    expect(pictureSchema.parse(body)).toEqual(ports.now);
    expect(headers.get('cache-control')).toBe('no-store');
  });

  test('a missing value is null, never 0', async () => {
    const { body } = await ask('/api/v1/instruments/meter-1', { headers: await loggedIn() });
    expect(body.values.map((one: { value: unknown }) => one.value)).toEqual([null, null]);
  });

  test('an instrument that is not there is told with those that are', async () => {
    const { status, body } = await ask('/api/v1/instruments/dust-9', { headers: await loggedIn() });
    expect([status, body.faults[0].remedy]).toEqual([404, 'ask for one of: dust-1, meter-1, particles-1']);
  });

  test('records are asked for by point and number', async () => {
    const headers = await loggedIn();
    const { body } = await ask('/api/v1/records?point=fan&limit=5', { headers });
    expect(body.records[0]).toMatchObject({ key: { seq: 7 }, entry: { kind: 'minute', point: 'fan', count: 15 } });
    await ask('/api/v1/records', { headers });
    expect(ports.asked).toEqual([
      { limit: 5, point: 'fan' },
      { limit: 100, point: undefined },
    ]);
  });

  test('health is 503 with its faults when something is wrong', async () => {
    ports.health = { ok: false, faults: ['store: the disk is full; free some space'] };
    const { status, body } = await ask('/healthz');
    expect([status, body]).toEqual([503, { ok: false, faults: ['store: the disk is full; free some space'] }]);
  });

  test('the OpenAPI document describes every way in', async () => {
    const { body } = await ask('/api/v1/openapi.json', { headers: await loggedIn() });
    expect(Object.keys(body.paths).sort()).toEqual([
      '/api/v1/clock/time',
      '/api/v1/events',
      '/api/v1/instruments/{id}',
      '/api/v1/instruments/{id}/profile',
      '/api/v1/instruments/{id}/read',
      '/api/v1/instruments/{id}/relays/{relay}',
      '/api/v1/links/{id}/trace',
      '/api/v1/links/{id}/trace.txt',
      '/api/v1/nodes',
      '/api/v1/nodes/adopt',
      '/api/v1/nodes/{node}/forget',
      '/api/v1/picture',
      '/api/v1/records',
      '/api/v1/session',
      '/api/v1/set-up',
      '/api/v1/tables/{table}',
      '/healthz',
    ]);
    expect(Object.keys(body.components.schemas)).toContain('Picture');
  });
});

describe('a malformed request', () => {
  test.each([
    ['a limit past the bound', '/api/v1/records?limit=1001', 'limit'],
    ['a limit that is no number', '/api/v1/records?limit=many', 'limit'],
    ['an empty point', '/api/v1/records?point=', 'point'],
    ['a parameter that does not exist', '/api/v1/records?pont=fan', 'body'],
  ])('with %s is answered with field, fault and remedy, and told', async (_what, path, field) => {
    const { status, body } = await ask(path, { headers: await loggedIn() });
    expect(status).toBe(400);
    expect(body.faults).toEqual([{ field, fault: expect.any(String), remedy: expect.stringMatching(/^send /) }]);
    expect(events).toContainEqual(
      expect.objectContaining({ kind: 'http-malformed', from: '192.0.2.7', request: 'GET /api/v1/records', field }),
    );
    expect(ports.asked).toEqual([]);
  });

  test.each([
    ['that is not JSON', '{"password":'],
    ['without a password', {}],
    ['with a field that does not exist', { password: 'mist cannon 9', admin: true }],
    ['with a number for a password', { password: 12345678 }],
    ['with a password of 300 characters', { password: 'x'.repeat(300) }],
    ['of five kilobytes', { password: 'x'.repeat(5000) }],
  ])('to log in %s is answered with 400 and told', async (_what, body) => {
    await accounts.setPassword('mist cannon 9');
    const answer = await post('/api/v1/session', body);
    expect(answer.status).toBe(400);
    expect(answer.body.faults[0]).toMatchObject({ field: expect.any(String), remedy: expect.any(String) });
    expect(events).toContainEqual(expect.objectContaining({ kind: 'http-malformed', request: 'POST /api/v1/session' }));
  });

  test('to log in that is no JSON by its type is turned down and told', async () => {
    await accounts.setPassword('mist cannon 9');
    const form = { 'x-fenceline': 'page', 'content-type': 'application/x-www-form-urlencoded' };
    expect((await post('/api/v1/session', 'password=mist', form)).status).toBe(400);
    expect(events).toContainEqual(expect.objectContaining({ kind: 'http-malformed' }));
  });

  test('to set a short password names the length that is needed', async () => {
    const code = await accounts.setUpCode();
    const { status, body } = await post('/api/v1/set-up', { code, password: 'short' });
    expect([status, body.faults]).toEqual([
      400,
      [
        {
          field: 'password',
          fault: 'has 5 characters, at least 8 are needed',
          remedy: 'send a password of 8 to 200 characters',
        },
      ],
    ]);
  });
});

test('a mistake of our own is answered with 500 without its details, and told with them', async () => {
  const headers = await loggedIn();
  ports.recent = async () => {
    throw new Error('secret path /srv/site');
  };
  const { status, body } = await ask('/api/v1/records', { headers });
  expect(status).toBe(500);
  expect(JSON.stringify(body)).not.toContain('secret');
  expect(events).toContainEqual(
    expect.objectContaining({ kind: 'http-fault', message: expect.stringContaining('secret path') }),
  );
});

test('of an instrument it is told where its profile comes from, and of one that there is not, which there are', async () => {
  const { cookie } = await loggedIn();
  const known = await ask('/api/v1/instruments/dust-1/profile', { headers: { cookie } });
  expect(known.status).toBe(200);
  expect(known.body).toMatchObject({ confidence: 'C', unproven: true, sources: ['JXCT manual'] });
  const unknown = await ask('/api/v1/instruments/none/profile', { headers: { cookie } });
  expect(unknown.status).toBe(404);
  expect((await ask('/api/v1/instruments/dust-1/profile')).status).toBe(401);
});

describe('a table', () => {
  const november = '/api/v1/tables/minute-pm10.csv?from=2026-11-01&to=2026-11-30&lang=zh';

  test('is given to whoever is logged in, as a file with its days in the name', async () => {
    expect((await ask(november)).status).toBe(401);
    const { status, headers } = await ask(november, { headers: await loggedIn() });
    expect([status, headers.get('content-type')]).toEqual([200, 'text/csv; charset=utf-8']);
    expect(headers.get('content-disposition')).toBe(
      'attachment; filename="zl-0001-2026-11-01-2026-11-30-minute-pm10.csv"',
    );
    expect(ports.tables).toEqual(['minute-pm10 2026-11-01 2026-11-30 zh']);
  });

  test('is made one at a time, and of nothing but days and tables there can be', async () => {
    const headers = await loggedIn();
    ports.isBusy = true;
    expect((await ask(november, { headers })).status).toBe(409);
    for (const path of [
      'minute-pm10.csv?from=2026-11-02&to=2026-11-01',
      'minute-pm10.csv?from=2026-11-31&to=2026-12-01',
      'minute-pm10.csv?from=--help&to=2026-12-01',
      'secrets.csv?from=2026-11-01&to=2026-11-02',
      '..%2Fsecrets.csv?from=2026-11-01&to=2026-11-02',
    ]) {
      expect([path, (await ask(`/api/v1/tables/${path}`, { headers })).status]).toEqual([path, 400]);
    }
    expect(ports.tables).toHaveLength(1);
  });
});
