import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { mosquittoUsersFile, mostNodeAccounts, NodeAccounts } from './node-accounts.ts';

let secrets: string;
beforeEach(() => {
  secrets = mkdtempSync(join(tmpdir(), 'fenceline-nodes-'));
});
afterEach(() => rmSync(secrets, { recursive: true }));

const open = (): Promise<NodeAccounts> => NodeAccounts.open({ secrets });
const of = (node: string, chip: string) => ({
  ...{ node, chip, type: 'esp8266', at: '2026-11-26T10:00:00.000+08:00', by: 'technician wang' },
});
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const file = (): string => join(secrets, 'nodes.json');

test('an account proves node, chip and password together, and says which of them is wrong', async () => {
  const accounts = await open();
  const password = await accounts.offer(of('esp-1', 'aaaa01'));
  expect(password).toMatch(/^[a-z0-9]{24}$/);
  expect(accounts.check('esp-1', 'aaaa01', bytes(password))).toBe('right');
  expect(accounts.check('esp-1', 'aaaa02', bytes(password))).toBe('wrong-chip');
  expect(accounts.check('esp-1', 'aaaa01', bytes('other'))).toBe('wrong-password');
  expect(accounts.check('esp-1', 'aaaa01', undefined)).toBe('wrong-password');
  expect(accounts.check('esp-2', 'aaaa01', bytes(password))).toBe('unknown-node');
});

test('no two passwords are the same, and none stands in the file, which only its owner may read', async () => {
  const accounts = await open();
  const passwords = [await accounts.offer(of('esp-1', 'aaaa01')), await accounts.offer(of('esp-2', 'aaaa02'))];
  expect(new Set(passwords).size).toBe(2);
  const text = readFileSync(file(), 'utf8');
  for (const password of passwords) expect(text).not.toContain(password);
  expect(JSON.stringify(accounts.list())).not.toMatch(/salt|hash|mosquitto/);
  expect(statSync(file()).mode & 0o777).toBe(0o600);
});

test('an account outlives the process from the moment its password is given out', async () => {
  const password = await (await open()).offer(of('esp-1', 'aaaa01'));
  chmodSync(file(), 0o644);
  const again = await open();
  expect(again.check('esp-1', 'aaaa01', bytes(password))).toBe('right');
  expect(statSync(file()).mode & 0o777).toBe(0o600);
});

test('a mosquitto lets the old chip in until the one that takes its place has its account: a user has one line', async () => {
  const accounts = await NodeAccounts.open({ secrets }, { forMosquitto: true });
  const lines = (): string[] => readFileSync(join(secrets, mosquittoUsersFile), 'utf8').trimEnd().split('\n');
  await accounts.offer(of('esp-1', 'aaaa01'));
  await accounts.confirm('esp-1', 'aaaa01');
  const [old] = lines();
  await accounts.offer(of('esp-1', 'bbbb01'));
  expect(lines()).toEqual([old]);
  await accounts.confirm('esp-1', 'bbbb01');
  expect(lines()).toEqual([expect.stringMatching(/^esp-1:\$7\$101\$/)]);
  expect(lines()).not.toEqual([old]);
});

test('a chip that takes the place of another is the node from its confirmation on; until then the old one is', async () => {
  const accounts = await open();
  const old = await accounts.offer(of('esp-1', 'aaaa01'));
  expect(await accounts.confirm('esp-1', 'aaaa01')).toEqual([]);
  const offered = await accounts.offer(of('esp-1', 'bbbb01'));
  expect(accounts.check('esp-1', 'aaaa01', bytes(old))).toBe('right');
  expect(accounts.check('esp-1', 'bbbb01', bytes(offered))).toBe('right');
  expect(await accounts.confirm('esp-1', 'bbbb01')).toEqual(['esp-1']);
  expect(accounts.check('esp-1', 'aaaa01', bytes(old))).toBe('wrong-password');
  expect(accounts.list()).toEqual([{ ...of('esp-1', 'bbbb01'), confirmed: true }]);
});

test('an offer that is refused leaves what was before', async () => {
  const accounts = await open();
  const old = await accounts.offer(of('esp-1', 'aaaa01'));
  await accounts.confirm('esp-1', 'aaaa01');
  const offered = await accounts.offer(of('esp-1', 'bbbb01'));
  await accounts.withdraw('esp-1', 'bbbb01');
  expect(accounts.check('esp-1', 'aaaa01', bytes(old))).toBe('right');
  expect(accounts.check('esp-1', 'bbbb01', bytes(offered))).toBe('wrong-password');
  await accounts.withdraw('esp-1', 'aaaa01');
  expect(accounts.list()).toHaveLength(1);
});

test('a chip that is given another name loses the one it had', async () => {
  const accounts = await open();
  await accounts.offer(of('esp-1', 'aaaa01'));
  await accounts.confirm('esp-1', 'aaaa01');
  await accounts.offer(of('esp-9', 'aaaa01'));
  expect(await accounts.confirm('esp-9', 'aaaa01')).toEqual(['esp-1']);
  expect(accounts.list().map(({ node }) => node)).toEqual(['esp-9']);
});

test('a forgotten node is gone at once and for good', async () => {
  const accounts = await open();
  const password = await accounts.offer(of('esp-1', 'aaaa01'));
  expect(await accounts.remove('esp-1')).toBe(true);
  expect(await accounts.remove('esp-1')).toBe(false);
  expect(accounts.check('esp-1', 'aaaa01', bytes(password))).toBe('unknown-node');
  expect((await open()).list()).toEqual([]);
});

test('changes at once all hold, and there is a bound', async () => {
  const accounts = await open();
  const chips = Array.from({ length: mostNodeAccounts }, (_, number) => (0xa000 + number).toString(16));
  await Promise.all(chips.map((chip) => accounts.offer(of(`esp-${chip}`, chip))));
  expect((await open()).list()).toHaveLength(mostNodeAccounts);
  await expect(accounts.offer(of('esp-one-more', 'ffff'))).rejects.toThrow(/at most 64 nodes; forget one first/);
});

test.each(['', '{', '{"version":1}', '{"version":2,"accounts":[]}'])(
  'a file that says %j is named, with a remedy',
  async (text) => {
    writeFileSync(file(), text);
    await expect(open()).rejects.toThrow(
      /nodes\.json holds no accounts of nodes; move it away and adopt the nodes again/,
    );
  },
);
