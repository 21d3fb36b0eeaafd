import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LocalTime, systemClock, type WallTime } from '../clock.ts';
import { normal, type Reading } from '../reading/reading.ts';
import type { Entry, GapRecord, PeriodRecord } from '../record/record.ts';
import type { Delivery } from './delivery-port.ts';
import { openStore, type SqliteStore } from './sqlite-store.ts';

const localTime = new LocalTime('Asia/Shanghai');
/** Long before the commits, as minutes are. */
const start = Date.parse('2026-11-24T00:00:00+08:00');
const minute = 60_000;
let directory: string;
let store: SqliteStore;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'delivery-'));
  store = await opened();
});
afterEach(async () => {
  await store.close();
  rmSync(directory, { recursive: true });
});

async function opened(): Promise<SqliteStore> {
  const site = { directory, gateway: 'zl-0001', site: 'site-1', keepSamples: true, uplinks: ['district'] };
  const found = await openStore({ ...site, clock: systemClock, localTime, observe: () => undefined });
  if ('refusal' in found) throw new Error(found.message);
  return found;
}

async function again(): Promise<void> {
  await store.close();
  store = await opened();
}

function minuteOf(n: number, average: number, revision = 1): PeriodRecord {
  const from = localTime.stamp((start + n * minute) as WallTime);
  const numbers = { average, minimum: average, maximum: average, count: 1, expected: 1 };
  return {
    ...{ kind: 'minute', point: 'gate', factor: 'pm10', from, ...numbers, ...normal, revision, origin: 'measured' },
  };
}

function gap(first: number, end: number): GapRecord {
  const [from, to] = [first, end].map((n) => localTime.stamp((start + n * minute) as WallTime)) as [string, string];
  return { kind: 'gap', from, to, reason: 'gateway-not-running', basis: 'inferred', revision: 1 };
}

function reading(n: number): Reading {
  const when = { at: (start + n * minute + 30_000) as WallTime, monotonic: systemClock.monotonic() };
  return { instrument: 'dust-2', point: 'gate', factor: 'pm10', ...when, value: n, mark: normal, origin: 'measured' };
}

const delivery = (seq: number, given: Partial<Delivery> = {}): Delivery => ({
  ...{ records: [minuteOf(seq, seq)], late: [], samples: [[reading(seq)]] },
  marks: [{ source: 'esp-1', boot: 17, seq }],
  ...given,
});

/** What was said of minutes, by their average. */
async function said(...minutes: readonly number[]): Promise<unknown> {
  const asked = minutes.map((n) => ({ point: 'gate', factor: 'pm10' as const, from: start + n * minute }));
  const found = await store.said(asked);
  return found?.map((one) => (typeof one === 'object' && 'average' in one ? [one.average, one.revision] : one));
}

async function committed(): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (let span = await store.pending('district', 500, []); span !== null; ) {
    entries.push(...span.entries.map(({ entry }) => entry));
    await store.acknowledge('district', span.stream, span.epoch, [[span.from, span.to]]);
    span = await store.pending('district', 500, []);
  }
  return entries;
}

test('what a source told, what it became and how far the source is heard are durable together, behind what came before', async () => {
  void store.append(minuteOf(0, 7));
  expect(await store.deliver(delivery(1))).toBe(true);
  await again();
  expect(await store.marks()).toEqual([{ source: 'esp-1', boot: 17, seq: 1 }]);
  const entries = await committed();
  expect(entries.flatMap((one) => (one.kind === 'minute' ? [one.average] : []))).toEqual([7, 1]);
  expect(entries.flatMap((one) => (one.kind === 'samples' ? [one.values] : []))).toEqual([[[1]]]);
});

test('a mark never goes back, and a mark alone is durable too', async () => {
  const bare = { records: [], samples: [] };
  for (const [boot, seq] of [
    [17, 5],
    [17, 3],
    [16, 900],
    [18, 2],
  ] as const) {
    expect(await store.deliver(delivery(0, { ...bare, marks: [{ source: 'esp-1', boot, seq }] }))).toBe(true);
    if (boot < 18) expect(await store.marks()).toEqual([{ source: 'esp-1', boot: 17, seq: 5 }]);
  }
  await again();
  expect(await store.marks()).toEqual([{ source: 'esp-1', boot: 18, seq: 2 }]);
});

test('the newest word on a minute is found: the only one, a revision, also after a restart', async () => {
  for (let n = 0; n < 40; n++) {
    void store.append(minuteOf(n, n));
    if (n % 3 === 0) await store.flush();
  }
  expect(await said(0, 17, 39)).toEqual([
    [0, 1],
    [17, 1],
    [39, 1],
  ]);
  await store.deliver(delivery(1, { records: [], late: [minuteOf(17, 170, 2)] }));
  expect(await said(17, 18)).toEqual([
    [170, 2],
    [18, 1],
  ]);
  await again();
  expect(await said(17, 18)).toEqual([
    [170, 2],
    [18, 1],
  ]);
});

test('what the clock said twice is found by its later word', async () => {
  void store.append(minuteOf(3, 3));
  await store.flush();
  void store.append(minuteOf(3, 33, 2));
  expect(await said(3)).toEqual([[33, 2]]);
});

test('of a minute within a gap the gap is the word until its first record came; of one that nothing stands for nobody knows', async () => {
  void store.append(minuteOf(0, 0));
  void store.append(gap(1, 60));
  expect(await said(1, 59, 60)).toEqual([{ gap: 1 }, { gap: 1 }, 'unknown']);
  await store.deliver(delivery(1, { records: [], late: [minuteOf(59, 5, 2)] }));
  expect(await said(59)).toEqual([[5, 2]]);
});

test('of a series that the word on a minute does not speak of nothing was said: it was not expected then', async () => {
  const asked = [
    { point: 'gate', factor: 'pm10' as const, from: start + 3 * minute },
    { point: 'yard', factor: 'pm10' as const, from: start + 3 * minute },
  ];
  for (const n of [2, 3, 4]) {
    void store.append(minuteOf(n, n));
    await store.flush();
    await wait(3);
  }
  expect(await store.said(asked)).toMatchObject([{ average: 3 }, { gap: 0 }]);
  // It is the newest word, too.
  expect(await store.said([{ ...asked[1], from: start + 4 * minute } as never])).toEqual([{ gap: 0 }]);
});

test('but where something is not held any more it may have spoken of it: nobody knows', async () => {
  for (const n of [0, 1, 2, 3]) {
    void store.append(minuteOf(n, n));
    await store.flush();
    await wait(3);
  }
  await store.close();
  const database = new DatabaseSync(join(directory, 'store', 'store.sqlite'));
  const [last] = database.prepare('SELECT last FROM records_blocks ORDER BY last LIMIT 1 OFFSET 2').all();
  database.prepare('DELETE FROM records_blocks WHERE last = ?').run(last?.last ?? 0);
  database.close();
  store = await opened();
  const yard = { point: 'yard', factor: 'pm10' as const, from: start + 3 * minute };
  expect(await store.said([yard, { ...yard, from: start }])).toEqual(['unknown', { gap: 0 }]);
});

test('a first word that comes very late is found at once, however much was said before it', async () => {
  const at = localTime.stamp(start as WallTime);
  for (let n = 0; n < 20_500; n++) {
    void store.append({ kind: 'audit', at, who: 'test', action: 'entry', details: n, revision: 1 });
  }
  await store.deliver(delivery(1, { records: [], late: [minuteOf(5, 55, 1)] }));
  expect(await said(5)).toEqual([[55, 1]]);
});

test('a revision of a minute counts for what the clock set back will say, so that no revision is ever used twice', async () => {
  void store.append(minuteOf(3, 3));
  await store.deliver(delivery(1, { records: [], late: [minuteOf(3, 33, 2)] }));
  const continues = localTime.stamp(start as WallTime);
  const at = localTime.stamp(start as WallTime);
  const audit = { kind: 'audit', at, who: 'gateway', action: 'clock-jumped', details: { continues } } as const;
  await store.append({ ...audit, revision: 1 });
  expect(await store.labels()).toMatchObject({ revision: 3 });
  await again();
  expect(await store.labels()).toMatchObject({ revision: 3, late: 2 });
});

test('a store of the layout before is opened with all it holds, and takes marks from then on', async () => {
  void store.append(minuteOf(0, 7));
  await store.close();
  const database = new DatabaseSync(join(directory, 'store', 'store.sqlite'));
  database.exec('DROP TABLE marks; DROP TABLE revised; ALTER TABLE timeline DROP COLUMN late; PRAGMA user_version = 3');
  database.close();
  store = await opened();
  expect(await store.marks()).toEqual([]);
  expect(await store.labels()).toMatchObject({ until: start + minute, revision: 1 });
  await store.deliver(delivery(1));
  expect(await store.marks()).toEqual([{ source: 'esp-1', boot: 17, seq: 1 }]);
  expect(await said(0)).toEqual([[7, 1]]);
});

test('a damaged store is set aside, and the new one knows how far sources are heard and which minutes were said late', async () => {
  void store.append(minuteOf(3, 3));
  await store.deliver(delivery(1, { records: [], late: [minuteOf(3, 33, 2), minuteOf(1, 11, 1)] }));
  const old = -60 * 24 * 60;
  await store.deliver(delivery(1, { records: [], late: [minuteOf(old, 7, 1)] }));
  await store.close();
  const database = new DatabaseSync(join(directory, 'store', 'store.sqlite'));
  database.exec("UPDATE records_blocks SET body = 'no such texts' WHERE last = (SELECT max(last) FROM records_blocks)");
  database.close();
  store = await opened();
  expect(await store.marks()).toEqual([{ source: 'esp-1', boot: 17, seq: 1 }]);
  // One of two months ago is kept no longer: no source has readings so old.
  expect(await said(3, 1, old)).toEqual([[33, 2], [11, 1], 'unknown']);
  expect(await store.labels()).toMatchObject({ late: 2 });
});

const module = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);

/** Delivers one minute after the other, beginning behind the mark that stands. */
const delivering = (site: string): string => `
  import { openStore } from ${module('./sqlite-store.ts')};
  import { LocalTime, systemClock } from ${module('../clock.ts')};
  const localTime = new LocalTime('Asia/Shanghai');
  const store = await openStore({ directory: ${JSON.stringify(site)}, gateway: 'zl-0001', site: 'site-1', clock: systemClock,
    localTime, uplinks: ['district'], keepSamples: true, observe: () => undefined, windows: { records: 2, samples: 5 } });
  const mark = { flag: 'N', reason: null, basis: null };
  for (let seq = ((await store.marks())[0]?.seq ?? 0) + 1; ; seq++) {
    const at = ${start} + seq * 60_000;
    const record = { kind: 'minute', point: 'gate', factor: 'pm10', from: localTime.stamp(at), average: seq, minimum: seq, maximum: seq,
      count: 1, expected: 1, ...mark, revision: 1, origin: 'measured' };
    const reading = { instrument: 'dust-2', point: 'gate', factor: 'pm10', at, monotonic: at, value: seq, mark, origin: 'measured' };
    void store.append({ kind: 'audit', at: record.from, who: 'test', action: 'entry', details: seq, revision: 1 });
    const done = store.deliver({ records: [record], late: [], samples: [[reading]], marks: [{ source: 'esp-1', boot: 1, seq }] });
    if (seq % 4 === 0) await done.then(() => process.stdout.write('.'));
  }
`;

test('after five kills the mark stands exactly behind the last minute and the last sample', async () => {
  await store.close();
  for (let kill = 0; kill < 5; kill++) {
    const arguments_ = ['--input-type=module', '--eval', delivering(directory)];
    const child = spawn(process.execPath, arguments_, { stdio: ['ignore', 'pipe', 'inherit'] });
    const exit = once(child, 'exit');
    await once(child.stdout, 'data');
    await wait(20 + randomInt(80));
    child.kill('SIGKILL');
    expect((await exit)[1]).toBe('SIGKILL');
  }
  store = await opened();
  const last = (await store.marks())?.[0]?.seq ?? 0;
  const entries = await committed();
  const minutes = entries.flatMap((one) => (one.kind === 'minute' ? [one.average] : []));
  const sampled = entries.flatMap((one) => (one.kind === 'samples' ? (one.values[0] ?? []) : []));
  expect(last).toBeGreaterThan(5);
  expect(minutes).toEqual(Array.from({ length: last }, (_, index) => index + 1));
  expect(sampled).toEqual(minutes);
});
