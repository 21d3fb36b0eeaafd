import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runCommandLine } from './command-line.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'fenceline-check-'));
  mkdirSync(join(root, 'secrets'));
});
afterEach(() => rmSync(root, { recursive: true }));

async function check(nodes: object) {
  const site = {
    gateway: { id: 'zl-0001', area: '320404' },
    source: { name: '一号工地', kind: 'construction-site' },
    ...{ links: { nodes: { kind: 'nodes', ...nodes } }, points: [], instruments: [] },
  };
  writeFileSync(join(root, 'site.json'), JSON.stringify(site, null, 2));
  const told: string[] = [];
  const say = (text: string): void => void told.push(text);
  const terminal = { language: 'en' as const, input: process.stdin, print: say, complain: say };
  return { code: await runCommandLine(['check', '--site', root], terminal), told: told.join('\n') };
}

const atMosquitto = { url: 'mqtt://127.0.0.1:1883', username: 'fenceline-gateway', passwordFile: 'nodes-broker' };

test('a password for the broker of nodes that is not there is a fault, one that others may read a warning', async () => {
  const missing = await check(atMosquitto);
  expect([missing.code, missing.told]).toEqual([
    2,
    expect.stringMatching(/links\.nodes\.passwordFile.*secrets\/nodes-broker cannot be read/),
  ]);
  const file = join(root, 'secrets', 'nodes-broker');
  writeFileSync(file, 'quiet lake\n');
  chmodSync(file, 0o644);
  const open = await check(atMosquitto);
  expect([open.code, open.told]).toEqual([0, expect.stringMatching(/links\.nodes\.passwordFile.*chmod 600/)]);
});

test('a certificate for nodes that is not there, or none, is a fault', async () => {
  writeFileSync(join(root, 'secrets', 'nodes.key'), 'no key\n', { mode: 0o600 });
  const tls = { certificate: 'nodes.pem', key: 'nodes.key' };
  const { code, told } = await check({ listen: '127.0.0.1:8883', tls });
  expect(code).toBe(2);
  expect(told).toMatch(/links\.nodes\.tls\.certificate.*secrets\/nodes\.pem cannot be read/);
  expect(told).toMatch(/links\.nodes\.tls\.key.*no private key/);
});

test('a broker of the own without TLS needs no file', async () => {
  expect(await check({ listen: '127.0.0.1:1883' })).toEqual({ code: 0, told: expect.stringContaining('no faults') });
});
