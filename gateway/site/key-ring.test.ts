import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fingerprintOf, keyLinkHolds, trustedKeys } from '../record/key-chain.ts';
import { newSigningKey, publicKeyText, readSigningKey } from '../record/signature.ts';
import { type FileSteps, systemFileSteps } from './durable-file.ts';
import { KeyRing } from './key-ring.ts';
import { prepareSiteDirectory, siteDirectory } from './site-directory.ts';

let root: string;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'keys-'));
  await prepareSiteDirectory(siteDirectory(root));
});
afterEach(() => rmSync(root, { recursive: true }));

const opened = (): Promise<KeyRing> => KeyRing.open(siteDirectory(root));

test('the first start makes a key that begins the chain and waits to be recorded', async () => {
  const ring = await opened();
  expect(ring.chain).toEqual([{ publicKey: ring.publicKey, previous: null, signature: null }]);
  expect(ring.unrecorded).toHaveLength(1);
  expect(statSync(join(root, 'secrets', 'signing-key')).mode & 0o777).toBe(0o600);
  expect(statSync(join(root, 'secrets')).mode & 0o777).toBe(0o700);
  await ring.recorded(ring.unrecorded);
  const again = await opened();
  expect([again.publicKey, again.unrecorded]).toEqual([ring.publicKey, []]);
});

test('a key from before chains were kept begins one, and is recorded already', async () => {
  const pem = newSigningKey();
  writeFileSync(join(root, 'secrets', 'signing-key'), pem);
  const ring = await opened();
  expect(ring.publicKey).toBe(publicKeyText(readSigningKey(pem)));
  expect(ring.unrecorded).toEqual([]);
});

test('a rotated key is vouched for by the one before it, which is nowhere left', async () => {
  const ring = await opened();
  const [first, pem] = [ring.publicKey, readFileSync(join(root, 'secrets', 'signing-key'), 'utf8')];
  let told = 0;
  ring.onChanged(() => told++);
  await ring.rotate('zl-0001');
  await ring.rotate('zl-0001');
  expect(told).toBe(2);
  expect(trustedKeys('zl-0001', first, ring.chain).at(-1)).toBe(ring.publicKey);
  expect(ring.chain.slice(1).every((link) => keyLinkHolds('zl-0001', link))).toBe(true);
  expect(readFileSync(join(root, 'secrets', 'signing-key'), 'utf8')).not.toContain(pem.split('\n')[1]);
  expect((await opened()).publicKey).toBe(ring.publicKey);
});

/** File steps that fail from the n-th on, as a kill leaves the files. */
function stepsUntil(n: number): FileSteps {
  let left = n;
  const counted =
    <Arguments extends unknown[], Result>(step: (...given: Arguments) => Promise<Result>) =>
    (...given: Arguments): Promise<Result> =>
      left-- > 0 ? step(...given) : Promise.reject(new Error('killed'));
  const { writeAndFlush, rename, flushDirectory, remove } = systemFileSteps;
  return {
    writeAndFlush: counted(writeAndFlush),
    rename: counted(rename),
    flushDirectory: counted(flushDirectory),
    remove: counted(remove),
  };
}

test('a first start that is killed at any step leaves no key, or one that still waits to be recorded', async () => {
  for (let steps = 0; steps < 9; steps++) {
    rmSync(join(root, 'keys.json'), { force: true });
    rmSync(join(root, 'secrets'), { recursive: true });
    await KeyRing.open(siteDirectory(root), stepsUntil(steps)).catch(() => {});
    const ring = await opened();
    expect(ring.unrecorded.map(({ publicKey }) => publicKey)).toEqual([ring.publicKey]);
    expect((await opened()).publicKey).toBe(ring.publicKey);
    expect(statSync(join(root, 'secrets', 'signing-key')).mode & 0o777).toBe(0o600);
  }
});

test('a rotation that is killed at any step leaves a ring whose newest key the first one leads to', async () => {
  const first = (await opened()).publicKey;
  const newest = new Set<string>();
  for (let steps = 0; steps < 9; steps++) {
    const ring = await KeyRing.open(siteDirectory(root), stepsUntil(steps));
    await ring.rotate('zl-0001').catch(() => {});
    const after = await opened();
    expect(trustedKeys('zl-0001', first, after.chain).at(-1)).toBe(after.publicKey);
    // What already signed in the process that was killed is what signs after it.
    expect(after.publicKey).toBe(ring.publicKey);
    newest.add(after.publicKey);
  }
  expect(newest.size).toBeGreaterThan(2);
  expect(newest.has(first)).toBe(true);
});

test('two rotations at once come one after the other', async () => {
  const ring = await opened();
  await Promise.all([ring.rotate('zl-0001'), ring.rotate('zl-0001'), ring.recorded(ring.unrecorded)]);
  expect(trustedKeys('zl-0001', ring.chain[0]?.publicKey ?? '', ring.chain)).toHaveLength(3);
  expect(ring.unrecorded).toHaveLength(2);
  expect((await opened()).chain).toEqual(ring.chain);
});

test('a rotation that was cut off before the chain named the new key has not happened', async () => {
  const ring = await opened();
  writeFileSync(join(root, 'secrets', 'signing-key.next'), newSigningKey());
  expect((await opened()).publicKey).toBe(ring.publicKey);
  expect(existsSync(join(root, 'secrets', 'signing-key.next'))).toBe(false);
});

test.each(['kept', 'half overwritten'])('one that was cut off after it has, with the old key %s', async (old) => {
  const ring = await opened();
  const before = readFileSync(join(root, 'secrets', 'signing-key'), 'utf8');
  await ring.rotate('zl-0001');
  const made = readFileSync(join(root, 'secrets', 'signing-key'), 'utf8');
  writeFileSync(join(root, 'secrets', 'signing-key.next'), made);
  writeFileSync(
    join(root, 'secrets', 'signing-key'),
    old === 'kept' ? before : before.replace(/.{60}/, '0'.repeat(60)),
  );
  expect((await opened()).publicKey).toBe(ring.publicKey);
  expect(readFileSync(join(root, 'secrets', 'signing-key'), 'utf8')).toBe(made);
});

test('a link that another key signed, or that is for another gateway, leads nowhere', async () => {
  const ring = await opened();
  const first = ring.publicKey;
  await ring.rotate('zl-0001');
  expect(trustedKeys('zl-0002', first, ring.chain)).toEqual([first]);
  const forged = ring.chain.map((link) => (link.previous === null ? link : { ...link, publicKey: first }));
  expect(trustedKeys('zl-0001', first, forged)).toEqual([first]);
});

test('a damaged chain is named with what to do', async () => {
  await opened();
  writeFileSync(join(root, 'keys.json'), '[{}]');
  await expect(opened()).rejects.toThrow(/keys\.json is damaged/);
});

test('a fingerprint is six groups of five digits, the same for the same key', () => {
  expect(fingerprintOf('11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=')).toMatch(/^(\d{5} ){5}\d{5}$/);
  expect(fingerprintOf('a')).not.toBe(fingerprintOf('b'));
});
