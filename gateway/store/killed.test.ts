import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { LocalTime, systemClock } from '../clock.ts';
import { canonicalJson } from '../record/canonical.ts';
import { chainNext } from '../record/chain.ts';
import { type Committed, type Stream, streams } from '../record/record.ts';
import { openStore, type SqliteStore } from './sqlite-store.ts';

/*
 * The oracle is outside the store: a file that the killed process wrote to through a descriptor of ours, one line for
 * every append that resolved. What stands there must be in the store, with the same hash.
 */
let directory: string;
let ledger: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'killed-'));
  ledger = join(directory, 'ledger');
});

afterEach(() => rmSync(directory, { recursive: true }));

const module = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);

/** Opens the site's store in a process of its own, with commits every few milliseconds. */
const opening = (site: string, windows: number): string => `
  import { writeSync } from 'node:fs';
  import { openStore } from ${module('./sqlite-store.ts')};
  import { LocalTime, systemClock } from ${module('../clock.ts')};
  import { canonicalJson } from ${module('../record/canonical.ts')};
  import { chainNext } from ${module('../record/chain.ts')};
  const tell = (key) => writeSync(3, JSON.stringify(key) + '\\n');
  const record = (n) => ({ kind: 'audit', at: '', who: 'test', action: 'entry', details: { n, filler: 'x'.repeat(n % 700) }, revision: 1 });
  const reading = (n) => ({ instrument: 'dust-1', point: 'gate', factor: 'pm10', at: systemClock.wall(), monotonic: systemClock.monotonic(),
    value: n, mark: { flag: 'N', reason: null, basis: null }, origin: 'measured' });
  const store = await openStore({ directory: ${JSON.stringify(site)}, gateway: 'zl-0001', site: 'site-1', clock: systemClock,
    localTime: new LocalTime('Asia/Shanghai'), uplinks: ['district'], keepSamples: true, observe: () => undefined,
    windows: { records: ${windows}, samples: ${windows} } });
  const pause = () => new Promise((resolve) => setTimeout(resolve, 1));
`;

/** Appends without end and tells what has resolved. */
const honest = `
  for (let n = 0; ; n++) {
    void store.append(record(n)).then(tell);
    if (n % 5 === 0) void store.sample([reading(n)]).then(tell);
    if (n % 20 === 0) await pause();
  }
`;

/** Does what a store without a commit would do: tells every entry as soon as it is appended. */
const premature = `
  let { after: hash, to: seq, epoch } = await store.pending('district', 1000, []);
  for (let n = 0; ; n++) {
    void store.append(record(n));
    hash = chainNext(hash, ++seq, canonicalJson(record(n)));
    tell({ stream: 'records', epoch, seq, hash });
    await pause();
  }
`;

/** Runs the program until it has told something of these streams, and some more; then kills it as `kill -9` does. */
async function runAndKill(program: string, of: readonly Stream[]): Promise<void> {
  const descriptor = openSync(ledger, 'a');
  const arguments_ = ['--input-type=module', '--eval', program];
  const child = spawn(process.execPath, arguments_, { stdio: ['ignore', 'ignore', 'inherit', descriptor] });
  closeSync(descriptor);
  // It would go on for ever if the test ended here.
  onTestFinished(() => void child.kill('SIGKILL'));
  const exit = once(child, 'exit');
  const before = statSync(ledger).size;
  const isTold = (stream: Stream): boolean =>
    readFileSync(ledger).subarray(before).includes(JSON.stringify({ stream }).slice(1, -1));
  while (!of.every(isTold) && child.exitCode === null) await wait(2);
  await wait(randomInt(60));
  child.kill('SIGKILL');
  expect((await exit)[1]).toBe('SIGKILL');
}

function told(): Committed[] {
  // A line that the kill cut short was not told.
  const lines = readFileSync(ledger, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line));
}

async function opened(): Promise<SqliteStore> {
  const localTime = new LocalTime('Asia/Shanghai');
  const site = { directory: join(directory, 'site'), gateway: 'zl-0001', site: 'site-1', keepSamples: true };
  const store = await openStore({
    ...site,
    clock: systemClock,
    localTime,
    uplinks: ['district'],
    observe: () => undefined,
  });
  if ('refusal' in store) throw new Error(store.message);
  return store;
}

/** Hash of every entry the store holds, by its key, recomputed from the entries; the chain must have no break. */
async function held(): Promise<Map<string, string>> {
  const store = await opened();
  const hashes = new Map<string, string>();
  const last = new Map<string, string>();
  for (let span = await store.pending('district', 500, []); span !== null; ) {
    const { stream, epoch, from, to } = span;
    if (from > 1) expect(span.before).toBe(last.get(`${stream} ${epoch}`));
    let hash = span.before;
    for (const { seq, entry } of span.entries) {
      hash = chainNext(hash, seq, canonicalJson(entry));
      hashes.set(`${stream} ${epoch} ${seq}`, hash);
    }
    expect(hash).toBe(span.after);
    last.set(`${stream} ${epoch}`, hash);
    await store.acknowledge('district', stream, epoch, [[from, to]]);
    span = await store.pending('district', 500, []);
  }
  await store.close();
  return hashes;
}

/** What was told and is not in the store as it was told. */
function lost(keys: readonly Committed[], hashes: ReadonlyMap<string, string>): Committed[] {
  return keys.filter(({ stream, epoch, seq, hash }) => hashes.get(`${stream} ${epoch} ${seq}`) !== hash);
}

test('whatever was told as committed is in the store after many kills, in one unbroken epoch', async () => {
  // Twenty, and fewer where so much else runs that a start takes seconds.
  const enough = performance.now() + 30_000;
  let kills = 0;
  for (; kills < 20 && performance.now() < enough; kills++)
    await runAndKill(opening(join(directory, 'site'), 3) + honest, streams);
  const keys = told();
  const hashes = await held();
  expect(lost(keys, hashes)).toEqual([]);
  for (const stream of streams)
    expect(keys.filter((key) => key.stream === stream).length).toBeGreaterThanOrEqual(kills);
  expect(new Set(keys.map(({ epoch }) => epoch)).size).toBe(1);
  // Two blocks may resolve several calls with one key, but one key never stands for two entries.
  expect(new Map(keys.map(({ stream, seq, hash }) => [`${stream} ${seq}`, hash])).size).toBe(
    new Set(keys.map((key) => JSON.stringify(key))).size,
  );
});

test('the same account finds what is missing when entries are told before their commit', async () => {
  await runAndKill(opening(join(directory, 'site'), 60_000) + premature, ['records']);
  const keys = told();
  expect(keys.length).toBeGreaterThan(0);
  expect(lost(keys, await held())).toEqual(keys);
});

test('a second process on the same site is refused with the id of the first', async () => {
  const store = await opened();
  const program = `${opening(join(directory, 'site'), 3)} tell(store);`;
  const descriptor = openSync(ledger, 'a');
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'ignore', 'inherit', descriptor],
  });
  closeSync(descriptor);
  await once(child, 'exit');
  await store.close();
  expect(told()).toMatchObject([{ refusal: 'in-use', pid: process.pid }]);
});
