import {
  closeSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { seededRandom } from '../../test-rigs/stories/seeded-random.ts';
import { SimulatedClock } from '../../test-rigs/surroundings/simulated-clock.ts';
import { LocalTime } from '../clock.ts';
import type { Reading } from '../reading/reading.ts';
import { canonicalJson } from '../record/canonical.ts';
import { chainNext } from '../record/chain.ts';
import type { AuditRecord, Committed, Entry, GapRecord } from '../record/record.ts';
import type { Span, StoreEvent } from './port.ts';
import { openStore, type SqliteStore } from './sqlite-store.ts';

const site = '0123456789abcdef';
const commits = 160;

/** A store that was closed in order, the keys that it told, and a copy of it that was cut off with its log full. */
let sound: string;
let cutOff: string;
let told: Committed[];

let directory: string;
let events: StoreEvent[];
let running: SqliteStore[];
let clock: SimulatedClock;

function record(n: number): AuditRecord {
  const filler = Array.from({ length: n % 37 }, (_, index) => `${n * index}`).join(' ');
  return { kind: 'audit', at: '', who: 'test', action: 'entry', details: { n, filler }, revision: 1 };
}

function readings(n: number): Reading[] {
  return Array.from({ length: 40 }, (_, index) => {
    const when = { at: clock.wall(), monotonic: clock.monotonic() };
    const mark = { flag: 'N', reason: null, basis: null } as const;
    const value = Math.sin(n * 40 + index);
    return { instrument: 'dust-1', point: `p${index}`, factor: 'pm10', ...when, value, mark, origin: 'measured' };
  });
}

async function opened(): Promise<SqliteStore> {
  const localTime = new LocalTime('Asia/Shanghai');
  const observe = (event: StoreEvent): number => events.push(event);
  const shared = { gateway: 'zl-0001', site, clock, localTime, observe, uplinks: ['district'], keepSamples: true };
  const windows = { records: 1000, samples: 1000 };
  const store = await openStore({ directory, ...shared, windows });
  if ('refusal' in store) throw new Error(store.message);
  clock.settleWith(() => store.idle());
  running.push(store);
  return store;
}

async function commit(store: SqliteStore, n: number): Promise<Committed[]> {
  const records = Array.from({ length: 1 + (n % 5) }, (_, index) => store.append(record(n * 10 + index)));
  const sampled = store.sample(readings(n));
  await clock.advance(1000);
  const keys: Committed[] = await Promise.all(records);
  const key = await sampled;
  return key === 'dropped' ? keys : [...keys, key];
}

/** Waits until a file that was set aside has been read to its end. */
async function salvaged(): Promise<void> {
  await expect
    .poll(() => events.some((event) => event.kind === 'store-salvage' && event.finished), { timeout: 20_000 })
    .toBe(true);
}

/** Everything the uplink has not let go, of the current epoch and of older ones. */
async function drain(store: SqliteStore): Promise<Span[]> {
  const spans: Span[] = [];
  for (
    let span = await store.pending('district', 500, []);
    span !== null;
    span = await store.pending('district', 500, [])
  ) {
    spans.push(span);
    await store.acknowledge('district', span.stream, span.epoch, [[span.from, span.to]]);
  }
  return spans;
}

interface Drained {
  /** Key to the hash of every entry that was held; a receiver recomputes it. */
  readonly held: ReadonlyMap<string, string>;
  readonly absent: ReadonlySet<string>;
  readonly entries: readonly Entry[];
}

const nameOf = ({ stream, epoch, seq }: { stream: string; epoch: string; seq: number }): string =>
  `${stream} ${epoch} ${seq}`;

function receive(spans: readonly Span[]): Drained {
  const held = new Map<string, string>();
  const absent = new Set<string>();
  for (const { stream, epoch, before, after, from, to, entries, absent: stretches } of spans) {
    let hash = before;
    for (let seq = from; seq <= to; seq++) {
      const stretch = stretches.find(([first, last]) => first <= seq && seq <= last);
      if (stretch === undefined) {
        hash = chainNext(hash, seq, canonicalJson(entries.find((one) => one.seq === seq)?.entry));
        held.set(nameOf({ stream, epoch, seq }), hash);
      } else {
        hash = stretch[3];
        absent.add(nameOf({ stream, epoch, seq }));
      }
    }
    expect(hash).toBe(after);
  }
  return { held, absent, entries: spans.flatMap((span) => span.entries.map(({ entry }) => entry)) };
}

/** Nothing that comes out of the store differs from what was committed; returns how many of them came out. */
function compared({ held }: Drained): number {
  let found = 0;
  for (const key of told) {
    const hash = held.get(nameOf(key));
    if (hash === undefined) continue;
    expect(hash).toBe(key.hash);
    found += 1;
  }
  return found;
}

const file = (): string => join(directory, 'store', 'store.sqlite');

function overwrite(at: number, bytes: Buffer): void {
  const open = openSync(file(), 'r+');
  writeSync(open, bytes, 0, bytes.length, at);
  closeSync(open);
}

function use(folder: string): void {
  directory = mkdtempSync(join(tmpdir(), 'salvage-'));
  cpSync(folder, directory, { recursive: true });
}

const gaps = (entries: readonly Entry[]): GapRecord[] => entries.filter((entry) => entry.kind === 'gap');
const account = (entries: readonly Entry[]): unknown =>
  entries.flatMap((entry) => (entry.kind === 'event' && entry.event === 'store-salvaged' ? [entry.details] : []))[0];

beforeAll(async () => {
  clock = new SimulatedClock();
  events = [];
  running = [];
  directory = mkdtempSync(join(tmpdir(), 'salvage-sound-'));
  sound = directory;
  told = [];
  const store = await opened();
  for (let n = 0; n < commits; n++) told.push(...(await commit(store, n)));
  cutOff = mkdtempSync(join(tmpdir(), 'salvage-cut-'));
  mkdirSync(join(cutOff, 'store'));
  for (const name of readdirSync(join(sound, 'store'))) {
    if (!name.endsWith('-shm')) copyFileSync(join(sound, 'store', name), join(cutOff, 'store', name));
  }
  await store.close();
});

afterAll(() => {
  for (const folder of [sound, cutOff]) rmSync(folder, { recursive: true });
});

beforeEach(() => {
  events = [];
  running = [];
});

afterEach(async () => {
  for (const store of running) await store.close();
  if (directory !== sound) rmSync(directory, { recursive: true });
});

describe('a store whose header is destroyed', () => {
  test('gives back every entry, under its old key and with its hash, and nobody is told of a loss', async () => {
    use(sound);
    overwrite(0, Buffer.alloc(1024, 7));
    const store = await opened();
    await salvaged();
    const drained = receive(await drain(store));
    expect(compared(drained)).toBe(told.length);
    expect([...drained.absent]).toEqual([]);
    expect(account(drained.entries)).toMatchObject({ lost: 0 });
    expect(events.filter(({ kind }) => kind === 'store-retention')).toEqual([]);
  });

  test('is kept as it was, byte for byte', async () => {
    use(sound);
    overwrite(0, Buffer.alloc(1024, 7));
    const before = readFileSync(file());
    await opened();
    await salvaged();
    const names = readdirSync(join(directory, 'store')).filter((name) => /\.damaged-[^.]*\.[^.]*$/.test(name));
    expect(names).toHaveLength(1);
    expect(readFileSync(join(directory, 'store', names[0] ?? '')).equals(before)).toBe(true);
    expect(readdirSync(join(directory, 'store')).filter((name) => name.endsWith('.unread'))).toEqual([]);
  });

  test('goes on with new commits at once, in an epoch of their own, before the old ones are read', async () => {
    use(sound);
    overwrite(0, Buffer.alloc(1024, 7));
    const store = await opened();
    const [key] = await commit(store, 1);
    expect(key?.epoch).toMatch(/^2-/);
    const first = await store.pending('district', 10, []);
    expect(first?.epoch).toBe(key?.epoch);
  });

  test('what the newest commits left in the log only comes back as well', async () => {
    use(cutOff);
    expect(statSync(`${file()}-wal`).size).toBeGreaterThan(100_000);
    overwrite(0, Buffer.alloc(1024, 7));
    const log = openSync(`${file()}-wal`, 'r+');
    // The first frame is torn: SQLite would take nothing of the log.
    writeSync(log, Buffer.alloc(100, 1), 0, 100, 200);
    closeSync(log);
    const store = await opened();
    await salvaged();
    expect(compared(receive(await drain(store)))).toBeGreaterThan(told.length * 0.95);
  });
});

describe('damage in the middle', () => {
  const runs = Array.from({ length: 10 }, (_, run) => ({ run, seed: run === 9 ? Date.now() % 1_000_000 : run + 1 }));

  test.each(runs)('random pages, seed $seed: every entry comes out unchanged or is told as lost', async ({ seed }) => {
    const random = seededRandom(seed);
    use(sound);
    const pages = statSync(file()).size / 1024;
    for (let n = 0; n < 12; n++) {
      const noise = Buffer.from(Array.from({ length: 1024 }, () => Math.floor(random() * 256)));
      overwrite(Math.floor(random() * pages) * 1024 + (n === 0 ? 0 : 1), noise.subarray(n === 0 ? 0 : 1));
    }
    // Its beginning too, so that it is noticed at once.
    overwrite(100, Buffer.alloc(16, 255));
    const store = await opened();
    await salvaged();
    const drained = receive(await drain(store));
    const found = compared(drained);
    expect(found).toBeGreaterThan(told.length * 0.7);
    const epoch = told[0]?.epoch ?? '';
    const last = { records: 0, samples: 0 };
    for (const key of drained.held.keys()) {
      const [stream, of, seq] = key.split(' ');
      if (of === epoch && (stream === 'records' || stream === 'samples'))
        last[stream] = Math.max(last[stream], Number(seq));
    }
    // Up to the last entry that was found, everything is accounted for.
    for (const key of told) {
      if (key.seq > last[key.stream]) continue;
      expect(drained.held.has(nameOf(key)) !== drained.absent.has(nameOf(key)), nameOf(key)).toBe(true);
    }
    const missing = told.filter((key) => key.seq < last[key.stream] && !drained.held.has(nameOf(key)));
    if (missing.some(({ stream }) => stream === 'records')) expect(gaps(drained.entries).length).toBeGreaterThan(1);
  });

  test('a file that ends in its middle gives back what stands before, and a gap from there on', async () => {
    use(sound);
    truncateSync(file(), Math.floor(statSync(file()).size / 2048) * 1024);
    const store = await opened();
    await salvaged();
    const drained = receive(await drain(store));
    expect(compared(drained)).toBeGreaterThan(told.length * 0.3);
    expect(gaps(drained.entries).at(-1)).toMatchObject({ reason: 'store-lost', basis: 'inferred' });
  });

  test('found while the store works, it is left for a new file: the commit is made, and the old entries come back', async () => {
    use(sound);
    const store = await opened();
    const ledger = await commit(store, 500);
    const heads = await store.heads();
    // Pages of indexes in the middle: the tail is proven at the opening without them.
    const damaged = new DatabaseSync(file());
    damaged.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    damaged.close();
    const size = statSync(file()).size;
    for (let at = 20 * 1024; at < size / 2; at += 1024) {
      const byte = readFileSync(file())[at];
      if (byte === 5) overwrite(at, Buffer.alloc(64, 255));
    }
    for (let at = 30 * 1024; at < size / 2; at += 7 * 1024) overwrite(at, Buffer.alloc(16, 255));
    await expect
      .poll(async () => {
        await store.pending('district', 500, []);
        await store.recent(100_000);
        return events.some(({ kind }) => kind === 'store-recovered');
      })
      .toBe(true);
    await salvaged();
    const next = await commit(store, 501);
    expect(next[0]?.epoch).not.toBe(heads[0]?.epoch);
    const drained = receive(await drain(store));
    expect(compared(drained)).toBeGreaterThan(told.length * 0.5);
    for (const key of [...ledger, ...next]) expect(drained.held.get(nameOf(key))).toBe(key.hash);
  });
});

test('a commit time that is damaged does not make the store live in the future, and its entries come back', async () => {
  use(sound);
  const database = new DatabaseSync(file());
  const change = database.prepare('UPDATE records_blocks SET committed_at = ? WHERE last = ?');
  const rows = database.prepare('SELECT last FROM records_blocks ORDER BY last').all();
  change.run(2 ** 52, Number(rows[20]?.last));
  change.run(Date.UTC(2060, 0), Number(rows[30]?.last));
  change.run(-(2 ** 52), Number(rows[40]?.last));
  database.close();
  overwrite(0, Buffer.alloc(1024, 7));
  const before = await opened();
  await salvaged();
  await before.close();
  const store = await opened();
  await commit(store, 900);
  const spans = await drain(store);
  expect(compared(receive(spans))).toBe(told.length);
  expect(Math.max(...spans.map(({ committedAt }) => committedAt))).toBeLessThanOrEqual(clock.wall());
});

test('a stop in the middle costs nothing: the next start goes on and tells of the file once', async () => {
  use(sound);
  overwrite(0, Buffer.alloc(1024, 7));
  const first = await opened();
  await expect.poll(() => events.some((event) => event.kind === 'store-salvage')).toBe(true);
  await first.close();
  const interrupted = readdirSync(join(directory, 'store')).some((name) => name.endsWith('.unread'));
  const second = await opened();
  if (interrupted) await salvaged();
  const drained = receive(await drain(second));
  expect(compared(drained)).toBe(told.length);
  const salvages = drained.entries.filter((entry) => entry.kind === 'event' && entry.event === 'store-salvaged');
  expect(salvages).toHaveLength(1);
});

test('a setting aside that was cut short is finished, and the log goes with its file', async () => {
  use(cutOff);
  const name = `${file()}.damaged-20261124T000000.000Z`;
  writeFileSync(
    `${name}.unread`,
    JSON.stringify({ setAsideAt: clock.wall(), gateway: 'zl-0001', madeAt: clock.wall() - 1000 }),
  );
  cpSync(`${file()}-wal`, `${name}-wal`);
  rmSync(`${file()}-wal`);
  const store = await opened();
  expect(existsSync(name)).toBe(true);
  await salvaged();
  expect(compared(receive(await drain(store)))).toBe(told.length);
});

test('what an uplink had let go before the damage is not sent again where the claims can still be read', async () => {
  use(sound);
  const before = await opened();
  const span = await before.pending('district', 200, []);
  await before.acknowledge('district', span?.stream ?? 'records', span?.epoch ?? '', [[1, span?.to ?? 0]]);
  await before.close();
  const database = new DatabaseSync(file());
  const root = database.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'samples_blocks'").get()?.rootpage;
  database.close();
  overwrite((Number(root) - 1) * 1024, Buffer.alloc(16, 255));
  const store = await opened();
  await salvaged();
  const drained = receive(await drain(store));
  const again = told.filter(
    (key) => key.stream === span?.stream && key.seq <= (span?.to ?? 0) && drained.held.has(nameOf(key)),
  );
  expect(again).toEqual([]);
  expect(compared(drained)).toBeGreaterThan(0);
});
