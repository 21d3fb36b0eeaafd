import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SimulatedClock } from '../../../test-rigs/surroundings/simulated-clock.ts';
import { LocalTime } from '../../clock.ts';
import { canonicalJson } from '../../record/canonical.ts';
import { chainNext } from '../../record/chain.ts';
import { openStore, type SqliteStore } from '../sqlite-store.ts';

/*
 * `released/layout-N.sqlite` was written by the release that had layout N, and `layout-N.keys` is what that release told
 * of it: heads, end of cover and backlogs in the first line, then the key and hash of every entry.
 */
const released = new URL('released/', import.meta.url).pathname;
const [told = '', ...keys] = readFileSync(join(released, 'layout-1.keys'), 'utf8').trim().split('\n');

let directory: string;
let file: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'older-'));
  file = join(directory, 'store', 'store.sqlite');
  mkdirSync(join(directory, 'store'));
  copyFileSync(join(released, 'layout-1.sqlite'), file);
  copyFileSync(join(released, 'layout-1.epochs'), join(directory, 'store', 'epochs'));
});

afterEach(() => rmSync(directory, { recursive: true }));

async function opened(uplinks: readonly string[], clock = new SimulatedClock()): Promise<SqliteStore> {
  const store = await openStore({
    directory,
    gateway: 'zl-0002',
    site: 'site-2',
    clock,
    localTime: new LocalTime('Asia/Shanghai'),
    observe: () => undefined,
    uplinks,
    keepSamples: true,
  });
  if ('refusal' in store) throw new Error(store.message);
  clock.settleWith(() => store.idle());
  return store;
}

/** Key and hash of every entry that the uplink is given, recomputed; what is lost is left out. */
async function drained(store: SqliteStore, uplink: string, limit: number): Promise<string[]> {
  const found: string[] = [];
  for (let span = await store.pending(uplink, limit, []); span !== null; ) {
    let hash = span.before;
    for (const { seq, entry } of span.entries) {
      hash = chainNext(hash, seq, canonicalJson(entry));
      found.push(`${span.stream} ${span.epoch} ${seq} ${hash}`);
    }
    if (span.absent.length === 0) expect(hash).toBe(span.after);
    await store.acknowledge(uplink, span.stream, span.epoch, [[span.from, span.to]]);
    span = await store.pending(uplink, limit, []);
  }
  return found;
}

test('a store of layout 1 opens with heads, claims, refused and cover as they were', async () => {
  const store = await opened(['district', 'province']);
  const backlog = [await store.backlog('district'), await store.backlog('province')];
  const now = { heads: await store.heads(), covered: await store.coveredUntil(), backlog };
  expect(now).toEqual(JSON.parse(told));
  await store.close();
});

for (const limit of [1000, 7]) {
  test(`every entry of layout 1 is given under its key with its hash, ${limit} at a time`, async () => {
    const store = await opened(['new']);
    expect((await drained(store, 'new', limit)).sort()).toEqual([...keys].sort());
    await store.close();
  });
}

test('while the store works, all rows of layout 1 become blocks, and every entry is given as before', async () => {
  const clock = new SimulatedClock();
  const store = await opened(['new'], clock);
  const tables = (): unknown[] => {
    const database = new DatabaseSync(file, { readOnly: true });
    const found = database.prepare("SELECT name FROM sqlite_schema WHERE name IN ('records', 'samples_seals')").all();
    database.close();
    return found;
  };
  expect(tables()).toHaveLength(2);
  for (let n = 0; n < 400 && tables().length > 0; n++) {
    const details = { n };
    void store.append({ kind: 'audit', at: '', who: 'test', action: 'entry', details, revision: 1 });
    await clock.advance(1000);
  }
  expect(tables()).toEqual([]);
  const given = await drained(store, 'new', 1000);
  expect(given).toEqual(expect.arrayContaining([...keys]));
  await store.close();
});

test('what was missing under a seal of layout 1 stays lost up to the end of the seal, the rest is kept', async () => {
  const database = new DatabaseSync(file);
  const row = database.prepare('SELECT place FROM records WHERE place % 65536 = 100').get();
  database.prepare('DELETE FROM records WHERE place = ?').run(row?.place ?? 0);
  database.close();
  const store = await opened(['new']);
  const given = new Set(await drained(store, 'new', 50));
  const missing = keys.filter((key) => !given.has(key)).map((key) => key.split(' ').slice(0, 3).join(' '));
  const epoch = keys[0]?.split(' ')[1];
  expect(missing[0]).toBe(`records ${epoch} 100`);
  expect(missing.length).toBeLessThan(256);
  await store.close();
});

test('a step of migration that fails leaves the file as it was and is told with what to do', async () => {
  const database = new DatabaseSync(file);
  database.exec('CREATE TABLE gone (in_the_way INTEGER)');
  database.close();
  const options = { directory, gateway: 'zl-0002', site: 'site-2', localTime: new LocalTime('Asia/Shanghai') };
  const rest = { clock: new SimulatedClock(), observe: () => undefined, uplinks: [], keepSamples: true };
  expect(await openStore({ ...options, ...rest })).toMatchObject({
    refusal: 'unusable',
    message: expect.stringMatching(/layout 1 could not be brought to layout 2: .*; the file is as it was; make room/),
  });
  const after = new DatabaseSync(file);
  expect(after.prepare('PRAGMA user_version').get()).toEqual({ user_version: 1 });
  expect(after.prepare('SELECT count(*) AS entries FROM records').get()).toEqual({ entries: 382 });
  after.close();
});
