import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SimulatedClock } from '../../test-rigs/surroundings/simulated-clock.ts';
import { type Clock, LocalTime, type WallTime } from '../clock.ts';
import type { Reading } from '../reading/reading.ts';
import { canonicalJson } from '../record/canonical.ts';
import { chainNext } from '../record/chain.ts';
import type { Committed, PeriodRecord, StreamRecord } from '../record/record.ts';
import type { Span, StoreEvent, StoreRefusal } from './port.ts';
import { openStore, type SqliteStore } from './sqlite-store.ts';
import type { StoreOptions } from './store-options.ts';

let directory: string;
let clock: SimulatedClock;
let events: StoreEvent[];
let running: SqliteStore[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'store-'));
  clock = new SimulatedClock();
  events = [];
  running = [];
});

afterEach(async () => {
  for (const store of running) await store.close();
  rmSync(directory, { recursive: true });
});

function tryOpen(options: Partial<StoreOptions> = {}): Promise<SqliteStore | StoreRefusal> {
  return openStore({
    directory,
    gateway: 'zl-0001',
    site: 'site-1',
    clock,
    localTime: new LocalTime('Asia/Shanghai'),
    observe: (event) => events.push(event),
    uplinks: ['district'],
    keepSamples: true,
    busyTimeout: 10,
    ...options,
  });
}

async function opened(options: Partial<StoreOptions> = {}): Promise<SqliteStore> {
  const store = await tryOpen(options);
  if ('refusal' in store) throw new Error(store.message);
  clock.settleWith(() => store.idle());
  running.push(store);
  return store;
}

function minute(n: number, point = 'north-gate'): PeriodRecord {
  const from = new LocalTime('Asia/Shanghai').stamp((Date.parse('2026-11-24T00:00:00+08:00') + n * 60_000) as WallTime);
  const numbers = { average: n, minimum: n, maximum: n, count: 15, expected: 15 };
  const mark = { flag: 'N', reason: null, basis: null } as const;
  return { kind: 'minute', point, factor: 'pm10', from, ...numbers, ...mark, revision: 1, origin: 'measured' };
}

function reading(n: number): Reading {
  const when = { at: clock.wall(), monotonic: clock.monotonic() };
  const mark = { flag: 'N', reason: null, basis: null } as const;
  return { instrument: 'dust-1', point: 'north-gate', factor: 'pm10', ...when, value: n, mark, origin: 'measured' };
}

/** The simulated clock, with something done right after every timer: while a commit that it began is on its way. */
function clockThat(doesThen: () => void): Clock {
  return {
    monotonic: () => clock.monotonic(),
    wall: () => clock.wall(),
    after: (delay, action) =>
      clock.after(delay, () => {
        action();
        doesThen();
      }),
  };
}

/** Appends and lets the window pass. */
async function commit(store: SqliteStore, records: readonly StreamRecord[]): Promise<Committed[]> {
  const committed = Promise.all(records.map((record) => store.append(record)));
  await clock.advance(1000);
  return committed;
}

/** Everything the uplink has not let go, as spans of at most `limit`, letting each go on the way. */
async function drain(store: SqliteStore, limit: number): Promise<Span[]> {
  const spans: Span[] = [];
  for (let span = await store.pending('district', limit, []); span !== null; ) {
    spans.push(span);
    await store.acknowledge('district', span.stream, span.epoch, [[span.from, span.to]]);
    span = await store.pending('district', limit, []);
  }
  return spans;
}

/** The hash after the span's last entry, recomputed as a receiver does: an absent stretch brings its own. */
function recomputed(span: Span): string {
  let hash = span.before;
  for (let seq = span.from; seq <= span.to; seq++) {
    const absent = span.absent.find(([first, last]) => first <= seq && seq <= last);
    const held = span.entries.find((entry) => entry.seq === seq);
    if ((absent === undefined) === (held === undefined)) throw new Error(`seq ${seq} is not accounted for once`);
    if (absent !== undefined) [, seq, , hash] = absent;
    else hash = chainNext(hash, seq, canonicalJson(held?.entry));
  }
  return hash;
}

function withDatabase<T>(work: (database: DatabaseSync) => T): T {
  const database = new DatabaseSync(join(directory, 'store', 'store.sqlite'));
  try {
    return work(database);
  } finally {
    database.close();
  }
}

test('an appended record is durable when its window has passed, and not told to anybody before', async () => {
  const store = await opened();
  const told: Span[] = [];
  store.onCommitted((span) => told.push(span));
  const order: string[] = [];
  store.onCommitted(() => order.push('listener'));
  const committed = store.append(minute(1)).then((key) => {
    order.push('append');
    return key;
  });
  await clock.advance(999);
  expect(told).toEqual([]);
  expect((await store.heads()).map(({ seq }) => seq)).toEqual([1, 1]);
  await clock.advance(1);
  expect(order).toEqual(['listener', 'append']);
  const [span] = told;
  expect(span).toMatchObject({ stream: 'records', from: 2, to: 2, site: 'site-1', committedAt: clock.wall() });
  expect(span?.entries).toEqual([{ seq: 2, entry: minute(1) }]);
  expect(await committed).toMatchObject({ stream: 'records', seq: 2, hash: span?.after });
});

test('a new store begins its epoch with an audit record in each stream', async () => {
  const store = await opened();
  const [records, samples] = await drain(store, 10);
  for (const span of [records, samples]) {
    expect(span?.epoch).toMatch(/^1-[0-9a-f]{8}$/);
    expect(span?.entries).toHaveLength(1);
    expect(span?.entries[0]).toMatchObject({
      seq: 1,
      entry: { kind: 'audit', action: 'epoch-begun', details: { previousEpoch: null, why: 'new store' } },
    });
  }
});

test('a restart goes on with the same epoch, the next seq and the same chain', async () => {
  const first = await opened();
  const before = await commit(first, [minute(1), minute(2)]);
  await first.close();
  const second = await opened();
  const after = await commit(second, [minute(3)]);
  expect(after[0]).toMatchObject({ epoch: before[0]?.epoch, seq: 4 });
  expect(after[0]?.hash).toBe(chainNext(before[1]?.hash ?? '', 4, canonicalJson(minute(3))));
  expect(await second.coveredUntil()).toBe('2026-11-24T00:04:00.000+08:00');
});

test('closing commits what is open', async () => {
  const first = await opened();
  const key = first.append(minute(1));
  const sampled = first.sample([reading(1)]);
  await first.close();
  expect(await key).toMatchObject({ stream: 'records', seq: 2 });
  expect(await sampled).toMatchObject({ stream: 'samples', seq: 2 });
  const second = await opened();
  expect((await second.heads()).map(({ seq }) => seq)).toEqual([2, 2]);
});

for (const [what, statement] of [
  ['changed', `UPDATE records_blocks SET body = replace(body, '"average":2', '"average":7')`],
  ['cut short', 'UPDATE records_blocks SET entries = entries - 1, last = last - 1 WHERE entries > 1'],
  ['removed with all before it', 'DELETE FROM records_blocks'],
] as const) {
  test(`an entry at the tail that was ${what} begins a new epoch that names the old one`, async () => {
    const first = await opened();
    const [key] = await commit(first, [minute(1), minute(2)]);
    await first.close();
    withDatabase((database) => database.exec(statement));
    const second = await opened();
    const heads = await second.heads();
    expect(heads[0]?.epoch).toMatch(/^2-[0-9a-f]{8}$/);
    expect(heads.map(({ seq }) => seq)).toEqual([1, 1]);
    const begun = (await drain(second, 100)).find(({ epoch, stream }) => epoch !== key?.epoch && stream === 'samples');
    expect(begun?.entries[0]?.entry).toMatchObject({
      action: 'epoch-begun',
      details: {
        previousEpoch: key?.epoch,
        previousLastSeq: 1,
        why: expect.stringContaining('tail not proven: records'),
      },
    });
    expect(events).toContainEqual(expect.objectContaining({ kind: 'store-recovered' }));
  });
}

test('a missing entry in the middle is accounted for as lost, and what follows it is still sent', async () => {
  const first = await opened();
  for (let n = 1; n <= 40; n++) await commit(first, [minute(2 * n), minute(2 * n + 1)]);
  await first.close();
  withDatabase((database) => database.exec('DELETE FROM records_blocks WHERE last % 65536 = 9'));
  const second = await opened();
  const spans = (await drain(second, 10)).filter(({ stream }) => stream === 'records');
  let next = 1;
  for (const span of spans) {
    expect(span.from).toBe(next);
    next = span.to + 1;
  }
  expect(next).toBe(82);
  const absent = spans.flatMap((span) => span.absent);
  expect(absent).toEqual([[8, 9, 'lost', expect.stringMatching(/^[0-9a-f]{64}$/)]]);
  for (const span of spans) expect(recomputed(span)).toBe(span.after);
});

test('a file that is no database any more is set aside whole, and the loss is a gap record in a new epoch', async () => {
  const first = await opened();
  const [old] = await commit(first, [minute(1)]);
  await first.close();
  const noise = Buffer.alloc(20_000, 'this is no database ');
  writeFileSync(join(directory, 'store', 'store.sqlite'), noise);
  const second = await opened();
  expect(await second.coveredUntil()).toBe('2026-11-24T00:00:01.000+08:00');
  await expect.poll(() => events.some((event) => event.kind === 'store-salvage' && event.finished)).toBe(true);
  const kept = readdirSync(join(directory, 'store')).filter((name) => name.includes('.damaged-'));
  expect(kept).toHaveLength(1);
  const [records] = await drain(second, 10);
  expect(records?.entries.map(({ entry }) => entry.kind)).toEqual(['audit', 'event', 'gap']);
  expect(records?.epoch).toMatch(/^2-/);
  expect(records?.entries[0]?.entry).toMatchObject({
    details: { previousEpoch: old?.epoch, previousLastSeq: null, why: expect.stringContaining('store-lost') },
  });
  expect(records?.entries[1]?.entry).toMatchObject({ event: 'store-salvaged', details: { recovered: 0 } });
  expect(records?.entries[2]?.entry).toMatchObject({ reason: 'store-lost', basis: 'inferred' });
  expect(events).toContainEqual(expect.objectContaining({ kind: 'store-recovered' }));
});

test('a store that does not answer says so, and never that nothing is held', async () => {
  const store = await opened();
  await commit(store, [minute(1)]);
  withDatabase((database) => database.exec('ALTER TABLE records_blocks RENAME TO elsewhere'));
  await expect(store.backlog('district')).rejects.toThrow('did not answer');
  expect(events.filter(({ kind }) => kind === 'store-fault')).not.toEqual([]);
  withDatabase((database) => database.exec('ALTER TABLE elsewhere RENAME TO records_blocks'));
});

test('a database of a newer layout is refused and left as it is', async () => {
  const first = await opened();
  await first.close();
  withDatabase((database) => database.exec('PRAGMA user_version = 99'));
  expect(await tryOpen()).toMatchObject({ refusal: 'newer', message: expect.stringContaining('layout 99') });
  expect(withDatabase((database) => database.prepare('PRAGMA user_version').get())).toEqual({ user_version: 99 });
  withDatabase((database) => database.exec('PRAGMA user_version = 2'));
});

test('another gateway id begins another epoch, because the chain starts from the id', async () => {
  const first = await opened();
  await first.close();
  const second = await opened({ gateway: 'zl-0002' });
  expect((await second.heads())[0]?.epoch).toMatch(/^2-/);
});

test('spans of any length carry the hashes that a receiver recomputes, across commits and restarts', async () => {
  const first = await opened();
  const keys: Committed[] = [];
  for (const size of [1, 300, 7, 513]) {
    keys.push(
      ...(await commit(
        first,
        Array.from({ length: size }, (_, n) => minute(n)),
      )),
    );
  }
  await first.close();
  for (const limit of [1000, 97, 10]) {
    const store = await opened({ uplinks: ['district', `limit-${limit}`] });
    const hashes = new Map(keys.map(({ seq, hash }) => [seq, hash]));
    let next = 1;
    for (;;) {
      const span = await store.pending(`limit-${limit}`, limit, []);
      if (span === null) break;
      await store.acknowledge(`limit-${limit}`, span.stream, span.epoch, [[span.from, span.to]]);
      expect(recomputed(span)).toBe(span.after);
      expect(span.to - span.from + 1).toBeLessThanOrEqual(limit);
      if (span.stream !== 'records') continue;
      expect(span.from).toBe(next);
      if (span.from > 2) expect(span.before).toBe(hashes.get(span.from - 1));
      next = span.to + 1;
    }
    expect(next).toBe(823);
    await store.close();
  }
});

test('a span does not cross a change of the site version', async () => {
  const store = await opened();
  await commit(store, [minute(1)]);
  store.setSite('site-2');
  await commit(store, [minute(2)]);
  const spans = (await drain(store, 100)).filter(({ stream }) => stream === 'records');
  expect(spans.map(({ from, to, site }) => [from, to, site])).toEqual([
    [1, 2, 'site-1'],
    [3, 3, 'site-2'],
  ]);
});

test('what a new commit holds is not pending before its listeners have been told', async () => {
  let early: Promise<Span | null> | undefined;
  // The answer is made when the commit is durable and nobody knows it yet.
  const eager = clockThat(() => {
    early = store.pending('district', 10, []);
  });
  const store = await opened({ clock: eager });
  await drain(store, 10);
  const [key] = await commit(store, [minute(1)]);
  expect(await early).toBe(null);
  expect(await store.pending('district', 10, [])).toMatchObject({ from: 2, to: 2, after: key?.hash });
});

test('a refused entry is set aside for its uplink alone, and stays so after a restart', async () => {
  const uplinks = ['district', 'province'];
  const first = await opened({ uplinks });
  const [key] = await commit(first, [minute(1)]);
  if (key === undefined) throw new Error('nothing was committed');
  await first.refuse('district', key, 'unknown point');
  expect(await first.backlog('district')).toMatchObject({ records: 1, samples: 1, refused: 1 });
  expect(await first.backlog('province')).toMatchObject({ records: 2, samples: 1, refused: 0 });
  await first.close();
  const second = await opened({ uplinks });
  expect(await second.backlog('district')).toMatchObject({ records: 1, refused: 1 });
});

test('a receipt of an unknown epoch is told and lets go of nothing', async () => {
  const store = await opened();
  await commit(store, [minute(1)]);
  await store.acknowledge('district', 'records', '7-00000000', [[1, 1]]);
  expect(await store.backlog('district')).toMatchObject({ records: 2 });
  expect(events.filter(({ kind }) => kind === 'store-fault')).toHaveLength(1);
});

test('while the disk refuses, records are kept, the oldest samples are dropped and counted, and all is told', async () => {
  const store = await opened({
    bound: { entries: 1000, readings: 20, records: 1000 },
    windows: { records: 1000, samples: 1000 },
  });
  const blocker = new DatabaseSync(join(directory, 'store', 'store.sqlite'));
  blocker.exec('BEGIN IMMEDIATE');
  const records: Promise<Committed>[] = [];
  const samples: Promise<Committed | 'dropped'>[] = [];
  for (let n = 0; n < 50; n++) {
    records.push(store.append(minute(n)));
    samples.push(store.sample([reading(n)]));
    await clock.advance(100);
  }
  expect(events.filter(({ kind }) => kind === 'store-fault').length).toBeGreaterThan(1);
  expect(events.filter(({ kind }) => kind === 'store-committed')).toEqual([]);
  blocker.exec('ROLLBACK');
  blocker.close();
  await clock.advance(60_000);
  const seqs = (await Promise.all(records)).map(({ seq }) => seq);
  // In the order they came, whichever commit took them.
  expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b));
  const outcomes = (await Promise.all(samples)).map((outcome) => (outcome === 'dropped' ? 'dropped' : 'committed'));
  expect(outcomes).toEqual([...Array<string>(30).fill('dropped'), ...Array<string>(20).fill('committed')]);
  const counted = events.flatMap((event) => (event.kind === 'store-dropped' ? [event.entries] : []));
  expect(counted.reduce((sum, entries) => sum + entries, 0)).toBe(30);
  const told = (await drain(store, 1000)).flatMap(({ entries }) => entries.map(({ entry }) => entry));
  const recorded = told.flatMap((entry) => (entry.kind === 'event' ? [entry.details as { readings: number }] : []));
  expect(recorded.reduce((sum, { readings }) => sum + readings, 0)).toBe(30);
  expect(events).toContainEqual(expect.objectContaining({ kind: 'store-recovered' }));
});

test('what a source will let go of with its mark is not dropped, however long the disk refuses', async () => {
  const store = await opened({ bound: { entries: 20, readings: 5, records: 5 } });
  const blocker = new DatabaseSync(join(directory, 'store', 'store.sqlite'));
  blocker.exec('BEGIN IMMEDIATE');
  const marks = [{ source: 'esp-1', boot: 17, seq: 3 }];
  const delivered = store.deliver({ records: [minute(100)], late: [minute(101)], samples: [[reading(100)]], marks });
  const dropped: unknown[] = [];
  for (let n = 0; n < 40; n++) {
    store.append(minute(n)).catch(() => dropped.push(n));
    void store.sample([reading(n)]);
    await clock.advance(1000);
  }
  blocker.close();
  await clock.advance(60_000);
  expect([await delivered, await store.marks(), dropped.length]).toEqual([true, marks, 37]);
  const kept = (await drain(store, 1000)).flatMap(({ entries }) => entries.map(({ entry }) => entry));
  const minutes = kept.flatMap((entry) => (entry.kind === 'minute' ? [entry.from] : []));
  expect(minutes).toEqual(expect.arrayContaining([minute(100).from, minute(101).from]));
  const sampled = kept.flatMap((entry) => (entry.kind === 'samples' ? entry.values.flat() : []));
  expect(sampled).toContain(reading(100).value);
});

test('a record that comes while a commit is failing stands behind those that the commit held', async () => {
  let later: Promise<Committed> | undefined;
  const eager = clockThat(() => {
    later ??= store.append(minute(2));
  });
  const store = await opened({ clock: eager });
  const blocker = new DatabaseSync(join(directory, 'store', 'store.sqlite'));
  blocker.exec('BEGIN IMMEDIATE');
  const earlier = store.append(minute(1));
  await clock.advance(1000);
  blocker.close();
  await clock.advance(60_000);
  expect([(await earlier).seq, (await later)?.seq]).toEqual([2, 3]);
});

test('of several that wait for a commit none is told that all is durable before it is', async () => {
  const store = await opened();
  const blocker = new DatabaseSync(join(directory, 'store', 'store.sqlite'));
  blocker.exec('BEGIN IMMEDIATE');
  void store.append(minute(1));
  const flushed = [store.flush(), store.flush(), store.flush()];
  expect(await Promise.all(flushed)).toEqual([false, false, false]);
  blocker.close();
  expect(await store.flush()).toBe(true);
});

test('the newest period records come first, of one point or of all, with their own hash', async () => {
  const store = await opened();
  const keys = await commit(store, [minute(1), minute(1, 'fan'), minute(2), minute(2, 'fan')]);
  expect((await store.recent(3)).map(({ key }) => key)).toEqual([keys[3], keys[2], keys[1]]);
  expect(await store.recent(10, 'fan')).toEqual([
    { key: keys[3], entry: minute(2, 'fan') },
    { key: keys[1], entry: minute(1, 'fan') },
  ]);
});

test('a store that keeps no samples says so at once and commits none', async () => {
  const store = await opened({ keepSamples: false });
  expect(await store.sample([reading(1)])).toBe('dropped');
  await clock.advance(20_000);
  expect((await store.heads()).map(({ seq }) => seq)).toEqual([1, 1]);
});

test('a value that is no number is refused when it is given, and spoils no commit', async () => {
  const store = await opened();
  await expect(store.append({ ...minute(1), average: Number.NaN })).rejects.toThrow(TypeError);
  await expect(store.sample([reading(Number.POSITIVE_INFINITY)])).rejects.toThrow(TypeError);
  expect(await commit(store, [minute(2)])).toMatchObject([{ seq: 2 }]);
});

test('a site directory that cannot be used is refused with what to check', async () => {
  writeFileSync(join(directory, 'file'), '');
  expect(await tryOpen({ directory: join(directory, 'file') })).toMatchObject({
    refusal: 'unusable',
    message: expect.stringContaining('check that it is there and writable'),
  });
});
