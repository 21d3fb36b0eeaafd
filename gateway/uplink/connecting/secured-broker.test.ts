import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Made, TestAuthority } from '../../../test-rigs/surroundings/certificates.ts';
import { MosquittoBroker } from '../../../test-rigs/surroundings/mosquitto-broker.ts';
import { systemClock, type WallTime } from '../../clock.ts';
import { type BrokerConnection, type BrokerFault, isBrokerFault } from '../broker.ts';
import { mqttJsBroker } from '../mqtt-js-broker.ts';
import type { UplinkEvent } from '../port.ts';
import { uplinkSettings } from '../settings.ts';
import { renewalOf, SecuredBroker } from './secured-broker.ts';

const day = 86_400_000;
const secrets = mkdtempSync(join(tmpdir(), 'fenceline-secrets-'));
const authority = new TestAuthority();
const stranger = new TestAuthority('Somebody else');
const server = authority.issue({ name: 'broker', alternatives: ['DNS:localhost', 'DNS:broker.example'] });
const gateway = authority.issue({ name: 'zl-0001', until: new Date(Date.now() + 20 * day) });
const password = 'correct horse battery';

/** A mosquitto that wants a client certificate, a user and a password, and shows this certificate. */
async function secured({ certificate, key }: Made): Promise<MosquittoBroker> {
  const users = join(secrets, 'mosquitto.users');
  execFileSync('mosquitto_passwd', ['-b', '-c', users, 'zl-0001', password]);
  chmodSync(users, 0o644);
  return MosquittoBroker.start([
    ...[`cafile ${authority.certificate}`, `certfile ${certificate}`, `keyfile ${key}`, 'require_certificate true'],
    ...['allow_anonymous false', `password_file ${users}`, 'user root'],
  ]);
}

let broker: MosquittoBroker;
beforeAll(async () => {
  broker = await secured(server);
});
afterAll(async () => {
  await broker.stop();
  for (const one of [authority, stranger]) one.remove();
  rmSync(secrets, { recursive: true });
});

const open: BrokerConnection[] = [];
afterEach(async () => {
  for (const connection of open.splice(0)) await connection.close();
});

function put(name: string, file: string): void {
  copyFileSync(file, join(secrets, name));
  chmodSync(join(secrets, name), 0o600);
}

async function connect(change: object = {}, host = 'localhost', port = broker.port) {
  put('ca.pem', authority.certificate);
  put('gateway.pem', gateway.certificate);
  put('gateway.key', gateway.key);
  put('stranger.pem', stranger.certificate);
  writeFileSync(join(secrets, 'password'), `${password}\n`, { mode: 0o600 });
  const settings = uplinkSettings.parse({
    ...{ id: 'district', kind: 'mqtt', url: `mqtts://${host}:${port}`, username: 'zl-0001', passwordFile: 'password' },
    tls: { ca: 'ca.pem', certificate: 'gateway.pem', key: 'gateway.key' },
    ...change,
  });
  const events: UplinkEvent[] = [];
  const { url, protocol } = settings;
  const secure = new SecuredBroker({
    ...{ uplink: 'district', files: { secrets, settings }, clock: systemClock, observe: (event) => events.push(event) },
    open: (credentials) => mqttJsBroker({ url, protocol, clientId: 'zl-0001', clock: systemClock, ...credentials }),
  });
  const will = { topic: 'gone', payload: new Uint8Array(), retain: false, contentType: 'text/plain' };
  const connection = await secure.connect({ will, onMessage: () => {}, onClosed: () => {} });
  if (!isBrokerFault(connection)) open.push(connection);
  return { connection, events };
}

const fault = async (change: object, host?: string, port?: number): Promise<BrokerFault> => {
  const { connection } = await connect(change, host, port);
  if (!isBrokerFault(connection)) throw new Error('it connected');
  return connection;
};

test('with the right authority, certificate, key and password there is a connection, and both certificates are told', async () => {
  const { connection, events } = await connect();
  expect(isBrokerFault(connection)).toBe(false);
  expect(events).toEqual([
    expect.objectContaining({
      kind: 'uplink-credentials',
      findings: [expect.objectContaining({ field: 'tls.certificate', isGrave: false })],
      certificates: [
        expect.objectContaining({ whose: 'gateway', names: ['CN=zl-0001'] }),
        expect.objectContaining({ whose: 'broker', names: ['DNS:localhost', 'DNS:broker.example'] }),
      ],
    }),
  ]);
  expect(JSON.stringify(events)).not.toContain(password);
});

test('a connection is made anew one day before its certificate ends, or after two thirds of a short life', () => {
  const now = Date.parse('2028-01-01T00:00:00Z') as WallTime;
  const one = (from: number, until: number) => ({ names: [], from: from as WallTime, until: until as WallTime });
  const next = one(now, now + 90 * day);
  expect(renewalOf(one(now - 80 * day, now + 10 * day), next, now)).toBe(now + 9 * day);
  expect(renewalOf(one(now, now + 0.3 * day), next, now)).toBe(now + 0.2 * day);
  // The same file, none at all, or one that has ended itself: there is nothing to connect anew with.
  expect(renewalOf(next, next, now)).toBeNull();
  expect(renewalOf(next, null, now)).toBeNull();
  expect(renewalOf(next, one(now - 2 * day, now - day), now)).toBeNull();
});

test('a certificate for another name is refused, with the names that it has', async () => {
  const { message, kind } = await fault({}, '127.0.0.1');
  expect(kind).toBe('denied');
  expect(message).toMatch(/its certificate is for DNS:localhost, DNS:broker\.example, not for 127\.0\.0\.1: correct/);
});

test('a name that the certificate has may be written where the address is another one', async () => {
  const tls = { ca: 'ca.pem', certificate: 'gateway.pem', key: 'gateway.key' };
  const { connection } = await connect({ tls: { ...tls, serverName: 'broker.example' } }, '127.0.0.1');
  expect(isBrokerFault(connection)).toBe(false);
  const { message } = await fault({ tls: { ...tls, serverName: 'other.example' } });
  expect(message).toMatch(/not for other\.example/);
});

test.each([
  [
    'an authority that did not sign the broker',
    { ca: 'stranger.pem', certificate: 'gateway.pem', key: 'gateway.key' },
    /not signed by an authority that we trust.*tls\.ca/,
  ],
  [
    'no authority at all',
    { certificate: 'gateway.pem', key: 'gateway.key' },
    /not signed by an authority that we trust/,
  ],
  ['no client certificate where one is wanted', { ca: 'ca.pem' }, /name one in tls\.certificate/],
])('with %s there is no connection, and the message says what to do', async (_, tls, words) => {
  expect((await fault({ tls })).message).toMatch(words);
});

test('a client certificate of an authority that the broker does not know is refused with words', async () => {
  const other = stranger.issue({ name: 'zl-0001' });
  put('other.pem', other.certificate);
  put('other.key', other.key);
  const { message } = await fault({ tls: { ca: 'ca.pem', certificate: 'other.pem', key: 'other.key' } });
  expect(message).toMatch(/does not accept our certificate/);
});

test('a wrong password is told as one, without the password', async () => {
  writeFileSync(join(secrets, 'wrong'), 'battery staple', { mode: 0o600 });
  const { kind, message } = await fault({ passwordFile: 'wrong' });
  expect(kind).toBe('denied');
  expect(message).toMatch(/check user, password file and access list/);
  expect(message).not.toContain('battery staple');
});

test('a broker whose certificate has ended is refused, and one whose certificate soon ends is warned about', async () => {
  const from = new Date(Date.now() - 9 * day);
  const old = await secured(
    authority.issue({ name: 'old', alternatives: ['DNS:localhost'], from, until: new Date(Date.now() - day) }),
  );
  try {
    expect((await fault({}, 'localhost', old.port)).message).toMatch(/CERT_HAS_EXPIRED.*check the clock/);
  } finally {
    await old.stop();
  }
  const until = new Date(Date.now() + 9.5 * day);
  const soon = await secured(authority.issue({ name: 'soon', alternatives: ['DNS:localhost'], until }));
  try {
    const { events } = await connect({}, 'localhost', soon.port);
    const said = events.flatMap((event) => (event.kind === 'uplink-credentials' ? event.findings : []));
    expect(said.map(({ fault }) => fault.en)).toContainEqual(
      expect.stringMatching(/^the broker's certificate ends in 9 days/),
    );
  } finally {
    await soon.stop();
  }
});
