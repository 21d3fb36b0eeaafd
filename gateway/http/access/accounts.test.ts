import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Accounts, setPassword } from './accounts.ts';

let site: string;

beforeEach(async () => {
  site = await mkdtemp(join(tmpdir(), 'fenceline-accounts-'));
});
afterEach(() => rm(site, { recursive: true, force: true }));

const secret = (name: string): string => join(site, 'secrets', name);

async function codeOf(accounts: Accounts): Promise<string> {
  const code = await accounts.setUpCode();
  if (code === null) throw new Error('there is no set-up code');
  return code;
}

test('a new site has no password, and a set-up code that only its owner can read', async () => {
  const accounts = await Accounts.open(site);
  expect(await accounts.condition()).toEqual({ state: 'set-up' });
  expect((await readFile(secret('setup-code'), 'utf8')).trim()).toBe(await codeOf(accounts));
  expect((await stat(secret('setup-code'))).mode & 0o777).toBe(0o600);
  expect((await stat(join(site, 'secrets'))).mode & 0o777).toBe(0o700);
});

test('the set-up code stays the same over a restart until it is used', async () => {
  const code = await codeOf(await Accounts.open(site));
  expect(await codeOf(await Accounts.open(site))).toBe(code);
});

test('the set-up code sets the first password, in small letters and without its dash too, and then is gone', async () => {
  const accounts = await Accounts.open(site);
  const code = await codeOf(accounts);
  const typed = code.toLowerCase().replace('-', ' ');
  expect(await accounts.setUp(typed, 'mist cannon 9')).toMatchObject({ name: 'administrator', role: 'administrator' });
  expect(await accounts.condition()).toEqual({ state: 'ready' });
  expect(await readdir(join(site, 'secrets'))).not.toContain('setup-code');
  expect(await accounts.setUp(code, 'another password')).toBe('already-set');
  expect(await accounts.check('administrator', 'another password')).toBeNull();
});

test('a wrong set-up code sets nothing', async () => {
  const accounts = await Accounts.open(site);
  expect(await accounts.setUp('AAAA-AAAA', 'mist cannon 9')).toBe('wrong-code');
  expect(await accounts.condition()).toEqual({ state: 'set-up' });
});

test('two who use the set-up code at once: one password holds, the other is told', async () => {
  const accounts = await Accounts.open(site);
  const code = await codeOf(accounts);
  const [first, second] = await Promise.all([
    accounts.setUp(code, 'the first one'),
    accounts.setUp(code, 'the second'),
  ]);
  expect(first).toMatchObject({ name: 'administrator' });
  expect(second).toBe('already-set');
  expect(await accounts.check('administrator', 'the second')).toBeNull();
});

test('the account file holds no password and is for its owner only', async () => {
  expect(await setPassword(site, 'mist cannon 9')).toBeNull();
  expect(await readFile(secret('accounts.json'), 'utf8')).not.toContain('mist');
  expect((await stat(secret('accounts.json'))).mode & 0o777).toBe(0o600);
  expect(await readdir(join(site, 'secrets'))).toEqual(['accounts.json', 'read-token']);
});

test('only the right password of the right account opens, over a restart too', async () => {
  await setPassword(site, 'mist cannon 9');
  const accounts = await Accounts.open(site);
  expect(await accounts.check('administrator', 'mist cannon 9')).toMatchObject({ name: 'administrator' });
  expect(await accounts.check('administrator', 'mist cannon 8')).toBeNull();
  expect(await accounts.check('somebody', 'mist cannon 9')).toBeNull();
});

test('a password written with other code points for the same characters still opens', async () => {
  await setPassword(site, 'caf\u00e9 Ａ１２３');
  const accounts = await Accounts.open(site);
  expect(await accounts.check('administrator', 'cafe\u0301 A123')).toMatchObject({ name: 'administrator' });
});

test('a password set from the command line holds at once in a running gateway', async () => {
  const running = await Accounts.open(site);
  await setPassword(site, 'from the terminal');
  expect(await running.setUpCode()).toBeNull();
  expect(await running.check('administrator', 'from the terminal')).toMatchObject({ role: 'administrator' });
});

test('a password that is too short is not taken, and says how long it has to be', async () => {
  expect(await setPassword(site, 'short')).toBe('has 5 characters, at least 8 are needed');
  expect(await (await Accounts.open(site)).condition()).toEqual({ state: 'set-up' });
});

test('a damaged account file opens to nobody, names the remedy, and is mended by a new password', async () => {
  await setPassword(site, 'mist cannon 9');
  await writeFile(secret('accounts.json'), '{ "version": 1, "accounts": [] }');
  const accounts = await Accounts.open(site);
  expect(await accounts.condition()).toMatchObject({
    state: 'unreadable',
    message: expect.stringContaining('fenceline password'),
  });
  expect(await accounts.setUpCode()).toBeNull();
  expect(await accounts.check('administrator', 'mist cannon 9')).toBeNull();
  await setPassword(site, 'mist cannon 10');
  expect(await accounts.check('administrator', 'mist cannon 10')).toMatchObject({ name: 'administrator' });
});

test('a secret file that others may read is closed to them when it is read', async () => {
  await setPassword(site, 'mist cannon 9');
  const content = await readFile(secret('accounts.json'));
  await rm(secret('accounts.json'));
  await writeFile(secret('accounts.json'), content, { mode: 0o644 });
  await Accounts.open(site);
  expect((await stat(secret('accounts.json'))).mode & 0o777).toBe(0o600);
});

test('the read token is kept over a restart and nothing else is taken for it', async () => {
  await Accounts.open(site);
  const token = (await readFile(secret('read-token'), 'utf8')).trim();
  const again = await Accounts.open(site);
  expect(again.isReadToken(token)).toBe(true);
  expect(again.isReadToken(token.slice(1))).toBe(false);
  expect(again.isReadToken('')).toBe(false);
});
