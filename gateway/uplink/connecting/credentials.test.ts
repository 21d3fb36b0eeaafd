import { chmodSync, copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { type Made, TestAuthority } from '../../../test-rigs/surroundings/certificates.ts';
import type { WallTime } from '../../clock.ts';
import { readCredentials } from './credentials.ts';

const day = 86_400_000;
const now = Date.parse('2028-01-01T00:00:00Z') as WallTime;
const authority = new TestAuthority();
const secrets = mkdtempSync(join(tmpdir(), 'fenceline-secrets-'));
const gateway = authority.issue({ name: 'zl-0001', from: new Date(now - day), until: new Date(now + 40 * day) });
afterAll(() => {
  authority.remove();
  rmSync(secrets, { recursive: true });
});

function place(name: string, file: string, mode = 0o600): void {
  copyFileSync(file, join(secrets, name));
  chmodSync(join(secrets, name), mode);
}

function placePair({ certificate, key }: Made): void {
  place('gateway.pem', certificate);
  place('gateway.key', key);
}

beforeEach(() => {
  place('ca.pem', authority.certificate);
  placePair(gateway);
  writeFileSync(join(secrets, 'password'), 'correct horse\n', { mode: 0o600 });
  chmodSync(join(secrets, 'password'), 0o600);
});

const settings = {
  url: 'mqtts://broker.example:8883',
  username: 'zl-0001',
  passwordFile: 'password',
  tls: { ca: 'ca.pem', certificate: 'gateway.pem', key: 'gateway.key' },
};

const read = (at = now, change: object = {}) => readCredentials({ secrets, settings: { ...settings, ...change } }, at);
const said = async (at = now, change: object = {}): Promise<string[]> => {
  const { findings } = await read(at, change);
  return findings.map(({ field, isGrave, fault, remedy }) => `${field}${isGrave ? '!' : ''} ${fault.en}; ${remedy.en}`);
};

test('files that are in order are read, with nothing to say about them', async () => {
  const { credentials, findings, certificate } = await read();
  expect(findings).toEqual([]);
  expect(credentials).toMatchObject({ username: 'zl-0001', password: 'correct horse' });
  expect(credentials?.tls?.key).toContain('PRIVATE KEY');
  expect(certificate?.until).toBe(now + 40 * day);
});

test('a certificate is warned about from 30 days before its end on, in days, and once it has ended', async () => {
  expect(await said((now + 10 * day) as WallTime)).toEqual([]);
  expect(await said((now + 10 * day + 1000) as WallTime)).toEqual([
    expect.stringMatching(/^tls\.certificate this gateway's certificate ends in 29 days, on 2028-02-10; put a new/),
  ]);
  const ended = await read((now + 41 * day) as WallTime);
  expect(ended.findings[0]?.fault.zh).toBe('本网关的证书已于 2028-02-10 到期');
  // It is tried all the same: the clock may be wrong.
  expect(ended.credentials).not.toBeNull();
});

test('a clock that stands before the certificate begins is named, not the certificate', async () => {
  const [first] = await said(0 as WallTime);
  expect(first).toMatch(/it is 1970-01-01T00:00Z here; check the clock/);
});

test.each([
  ['a file that is not there', { tls: { ca: 'other.pem' } }, /^tls\.ca! secrets\/other\.pem cannot be read \(ENOENT\)/],
  ['a password that is not there', { passwordFile: 'other' }, /^passwordFile! secrets\/other cannot be read/],
  ['a key in the place of a certificate', { tls: { ca: 'gateway.key' } }, /^tls\.ca! the file holds no certificate/],
  [
    'a certificate in the place of a key',
    { tls: { certificate: 'gateway.pem', key: 'ca.pem' } },
    /^tls\.key! the file holds no private key.*without a passphrase/,
  ],
])('%s keeps the link from being made, and says what to do', async (_, change, words) => {
  expect((await read(now, change)).credentials).toBeNull();
  expect((await said(now, change))[0]).toMatch(words);
});

test('a key that belongs to another certificate is told before the broker has to', async () => {
  place('gateway.key', authority.issue({ name: 'other' }).key);
  expect(await said()).toEqual([expect.stringMatching(/^tls\.key! the key is not the one of the certificate/)]);
});

test('a secret that others may read is warned about with the command that mends it; a certificate is none', async () => {
  chmodSync(join(secrets, 'gateway.key'), 0o644);
  chmodSync(join(secrets, 'gateway.pem'), 0o644);
  expect(await said()).toEqual([
    'tls.key secrets/gateway.key has mode 0644: others may read it; chmod 600 secrets/gateway.key',
  ]);
});

test('a password over a network without TLS is warned about, over loopback it is not', async () => {
  const { tls: _, ...plain } = settings;
  const over = async (url: string) => (await readCredentials({ secrets, settings: { ...plain, url } }, now)).findings;
  expect((await over('mqtt://broker.example:1883'))[0]?.fault.en).toBe('the password crosses the network unencrypted');
  expect(await over('mqtt://127.0.0.1:1883')).toEqual([]);
});

test('no finding ever holds a secret', async () => {
  chmodSync(join(secrets, 'password'), 0o644);
  place('gateway.key', authority.issue({ name: 'other' }).key, 0o644);
  const { findings } = await read();
  expect(findings.length).toBeGreaterThan(2);
  expect(JSON.stringify(findings)).not.toMatch(/correct horse|PRIVATE KEY/);
});
