import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockSite } from './site-lock.ts';

let directory: string;
const children: ChildProcess[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'site-'));
});

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(directory, { recursive: true });
});

/** A process that tries to take the site, says what came of it, and stays. */
async function contender(): Promise<{ child: ChildProcess; result: { refusal?: string; pid?: number } }> {
  const program = `
    import { lockSite } from ${JSON.stringify(new URL('./site-lock.ts', import.meta.url).href)};
    globalThis.held = lockSite(${JSON.stringify(directory)});
    console.log(JSON.stringify(globalThis.held));
    setInterval(() => undefined, 1000);
  `;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const [line] = await once(child.stdout, 'data');
  return { child, result: JSON.parse(String(line)) };
}

test('a second process on a site is refused and told which process holds it', async () => {
  const { child } = await contender();
  expect(lockSite(directory)).toMatchObject({
    refusal: 'in-use',
    pid: child.pid,
    message: expect.stringContaining(`in use by process ${child.pid}`),
  });
});

test('the same process cannot take a site twice, and can again once it has let go', () => {
  const first = lockSite(directory);
  if ('refusal' in first) throw new Error(first.message);
  expect(lockSite(directory)).toMatchObject({ refusal: 'in-use', pid: process.pid });
  first.release();
  const second = lockSite(directory);
  if ('refusal' in second) throw new Error(second.message);
  second.release();
});

test('what a killed process held is free at once', async () => {
  const { child } = await contender();
  child.kill('SIGKILL');
  await once(child, 'exit');
  const lock = lockSite(directory);
  if ('refusal' in lock) throw new Error(lock.message);
  lock.release();
});

test('a process id left behind from before a reboot holds nothing, whoever bears it now', () => {
  writeFileSync(join(directory, 'site.pid'), '1\n');
  const lock = lockSite(directory);
  if ('refusal' in lock) throw new Error(lock.message);
  lock.release();
});

test('of many processes that start at once exactly one gets the site', async () => {
  const results = await Promise.all(Array.from({ length: 6 }, contender));
  expect(results.filter(({ result }) => result.refusal === undefined)).toHaveLength(1);
  expect(results.filter(({ result }) => result.refusal === 'in-use')).toHaveLength(5);
});
