import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { trustedKeys } from '../record/key-chain.ts';
import { KeyRing } from '../site/key-ring.ts';
import { prepareSiteDirectory, siteDirectory } from '../site/site-directory.ts';
import { lockSite } from '../store/site-lock.ts';
import { runCommandLine } from './command-line.ts';
import type { Language } from './terminal.ts';

let root = '';
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'fenceline-key-'));
  await prepareSiteDirectory(siteDirectory(root));
  writeFileSync(join(root, 'site.json'), '{ "gateway": { "id": "zl-0001" } }');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

async function key(verb: string, more: string[] = [], { language = 'en' as Language, input = '' } = {}) {
  const told: string[] = [];
  const say = (text: string): void => void told.push(text);
  const stdin = new PassThrough();
  stdin.end(input);
  const terminal = { language, input: stdin as never, print: say, complain: say };
  const code = await runCommandLine(['key', verb, '--site', root, ...more], terminal);
  return { code, told: told.join('\n') };
}

test('a site that never ran has no key, and is told when it gets one', async () => {
  expect(await key('show')).toEqual({ code: 1, told: expect.stringContaining('makes one at its first start') });
  expect(await key('show', [], { language: 'zh' })).toEqual({ code: 1, told: expect.stringContaining('尚无密钥') });
});

test('the fingerprint is shown in both languages', async () => {
  const ring = await KeyRing.open(siteDirectory(root));
  expect(await key('show')).toEqual({ code: 0, told: expect.stringMatching(/fingerprint {2}(\d{5} ){5}\d{5}\n/) });
  const { told } = await key('show', [], { language: 'zh' });
  expect(told).toMatch(/密钥指纹 {2}(\d{5} ){5}\d{5}\n/);
  expect(told).toContain(ring.publicKey);
});

test('without a gateway the key is rotated here, only after it was confirmed, and waits to be recorded', async () => {
  const { publicKey } = await KeyRing.open(siteDirectory(root));
  expect((await key('rotate', [], { input: 'n\n' })).code).toBe(1);
  expect((await KeyRing.open(siteDirectory(root))).publicKey).toBe(publicKey);
  const { code, told } = await key('rotate', ['--yes']);
  expect([code, told]).toEqual([0, expect.stringContaining('recorded at its next start')]);
  const after = await KeyRing.open(siteDirectory(root));
  expect(trustedKeys('zl-0001', publicKey, after.chain)).toEqual([publicKey, after.publicKey]);
  expect(after.unrecorded.at(-1)?.publicKey).toBe(after.publicKey);
});

test('a site that is held by a gateway which does not answer keeps its key', async () => {
  const { publicKey } = await KeyRing.open(siteDirectory(root));
  const lock = lockSite(root);
  if ('refusal' in lock) throw new Error(lock.message);
  try {
    expect((await key('rotate', ['--yes'])).code).toBe(1);
  } finally {
    lock.release();
  }
  expect((await KeyRing.open(siteDirectory(root))).publicKey).toBe(publicKey);
});

test('another word than show and rotate is refused', async () => {
  expect(await key('burn')).toEqual({ code: 2, told: expect.stringContaining('say show or rotate') });
});
