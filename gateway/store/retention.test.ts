import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SimulatedClock } from '../../test-rigs/surroundings/simulated-clock.ts';
import { LocalTime } from '../clock.ts';
import type { Reading } from '../reading/reading.ts';
import { canonicalJson } from '../record/canonical.ts';
import { chainNext } from '../record/chain.ts';
import { type EventRecord, type Stream, streams } from '../record/record.ts';
import { SeqSet } from '../record/seq-set.ts';
import { RecordDropped, type StoreEvent } from './port.ts';
import { openStore, type SqliteStore } from './sqlite-store.ts';
import type { StoreOptions } from './store-options.ts';

const day = 86_400_000;
const localTime = new LocalTime('Asia/Shanghai');
let directory: string;
let clock: SimulatedClock;
let events: StoreEvent[];
let store: SqliteStore;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'retention-'));
  clock = new SimulatedClock();
  events = [];
});

afterEach(async () => {
  await store.close();
  rmSync(directory, { recursive: true });
});

async function open(options: Partial<StoreOptions>): Promise<void> {
  const found = await openStore({
    ...{ directory, gateway: 'zl-0001', site: 'site-1', clock, localTime, busyTimeout: 10, keepSamples: true },
    uplinks: ['district', 'city'],
    observe: (event) => events.push(event),
    ...options,
  });
  if ('refusal' in found) throw new Error(found.message);
  store = found;
  clock.settleWith(() => found.idle());
}

const noise = (n: number): string =>
  Array.from({ length: 40 }, (_, i) => ((n + 1) * (i + 7) * 2_654_435_761) % 1e9).join();

function event(n: number): EventRecord {
  const details = { n, noise: noise(n) };
  return { kind: 'event', at: localTime.stamp(clock.wall()), event: 'test', details, revision: 1 };
}

function reading(n: number): Reading {
  const mark = { flag: 'N', reason: null, basis: null } as const;
  const place = { instrument: 'dust-1', point: 'gate', factor: 'pm10' } as const;
  return { ...place, at: clock.wall(), monotonic: clock.monotonic(), value: n, mark, origin: 'measured' };
}

/** One commit of each stream, `apart` milliseconds after the one before. */
async function commits(count: number, apart: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    const waiting = [store.append(event(n)), store.sample(Array.from({ length: 300 }, (_, i) => reading(n * i)))];
    await clock.advance(Math.max(apart, 11_000));
    await Promise.all(waiting);
  }
}

async function acknowledgeAll(uplink: string, stream: Stream): Promise<void> {
  const head = (await store.heads()).find((one) => one.stream === stream);
  if (head !== undefined) await store.acknowledge(uplink, stream, head.epoch, [[1, head.seq]]);
}

/** Everything an uplink is offered: seqs that are entries, and what is absent by reason; the chain must hold throughout. */
async function offered(uplink: string): Promise<Record<Stream, { held: SeqSet; absent: Record<string, SeqSet> }>> {
  const all = {
    records: { held: new SeqSet(), absent: {}, end: 0 },
    samples: { held: new SeqSet(), absent: {}, end: 0 },
  };
  const after: Record<string, string> = {};
  for (let span = await store.pending(uplink, 100, []); span !== null; span = await store.pending(uplink, 100, [])) {
    const { held, absent }: { held: SeqSet; absent: Record<string, SeqSet> } = all[span.stream];
    // What was acknowledged before is not offered: there the spans do not touch.
    if (all[span.stream].end > 0 && all[span.stream].end === span.from - 1)
      expect(span.before).toBe(after[span.stream]);
    all[span.stream].end = span.to;
    let hash = span.before;
    const gone = [...span.absent];
    for (let seq = span.from; seq <= span.to; seq++) {
      const entry = span.entries.find((one) => one.seq === seq)?.entry;
      if (entry !== undefined) {
        held.add(seq, seq);
        hash = chainNext(hash, seq, canonicalJson(entry));
        continue;
      }
      const [first, last, reason, end] = gone.shift() ?? [0, 0, 'nothing accounts for it', ''];
      expect(first).toBe(seq);
      absent[reason] ??= new SeqSet();
      absent[reason].add(first, last);
      hash = end;
      seq = last;
    }
    expect(hash).toBe(span.after);
    after[span.stream] = hash;
    await store.acknowledge(uplink, span.stream, span.epoch, [[span.from, span.to]]);
  }
  return all;
}

const letGo = (stream: Stream, reason: string): number =>
  events.reduce(
    (sum, one) =>
      one.kind === 'store-retention' && one.stream === stream && one.reason === reason ? sum + one.entries : sum,
    0,
  );

test('what every uplink has let go expires by the newest commit, each stream by its own age, and is told as absent', async () => {
  await open({ retention: { records: 40 * day, samples: 14 * day, limit: null } });
  await commits(10, 5 * day);
  for (const stream of streams) await acknowledgeAll('district', stream);
  await commits(1, 1000);
  // The other uplink has none of it yet, so nothing may go.
  expect(events.filter(({ kind }) => kind === 'store-retention')).toEqual([]);
  for (const stream of streams) await acknowledgeAll('city', stream);
  await commits(6, 1000);
  const heads = Object.fromEntries((await store.heads()).map((one) => [one.stream, one]));
  // Commits lie 5 days apart: of 50 days, the samples of the last 14 and the records of the last 40 are left.
  expect(heads.samples?.oldest).toBe(letGo('samples', 'expired') + 1);
  expect(heads.records?.oldest).toBe(letGo('records', 'expired') + 1);
  expect(letGo('samples', 'expired')).toBeGreaterThan(letGo('records', 'expired'));
  expect(letGo('records', 'expired')).toBeGreaterThan(0);
  await store.close();
  await open({ uplinks: ['new'] });
  const { records, samples } = await offered('new');
  expect(records.absent.expired?.ranges).toEqual([[1, letGo('records', 'expired')]]);
  expect(samples.absent.expired?.ranges).toEqual([[1, letGo('samples', 'expired')]]);
  expect(records.held.ranges).toEqual([[letGo('records', 'expired') + 1, heads.records?.seq]]);
});

test('a stream that lets something go all the time keeps the other one from nothing', async () => {
  await open({ uplinks: [], retention: { records: 60_000, samples: 60_000, limit: null } });
  await commits(60, 11_000);
  for (const { oldest, seq } of await store.heads()) expect(seq - oldest).toBeLessThan(25);
  expect(letGo('records', 'expired')).toBeGreaterThan(30);
  expect(letGo('samples', 'expired')).toBeGreaterThan(30);
});

test('a clock that was wrong by years lets nothing expire: age is measured against the newest commit', async () => {
  await open({ uplinks: [], retention: { records: 40 * day, samples: 14 * day, limit: null } });
  await commits(3, 1000);
  clock.jumpWall(-20 * 365 * day);
  await commits(20, 1000);
  expect(events.filter(({ kind }) => kind === 'store-retention')).toEqual([]);
});

test('over its limit the store lets go of acknowledged samples first, and of unacknowledged records last', async () => {
  await open({ uplinks: ['district'], retention: { records: 999 * day, samples: 999 * day, limit: 60_000 } });
  await commits(40, 1000);
  const order = events.flatMap((one) => (one.kind === 'store-retention' ? [`${one.stream} ${one.reason}`] : []));
  expect(order.length).toBeGreaterThan(0);
  expect(new Set(order.slice(0, 1))).toEqual(new Set(['samples disk-full']));
  expect(letGo('records', 'disk-full')).toBe(0);
  await acknowledgeAll('district', 'samples');
  await commits(40, 1000);
  expect(letGo('samples', 'expired')).toBeGreaterThan(0);
  await commits(200, 1000);
  expect(letGo('records', 'disk-full')).toBeGreaterThan(0);
  const size = events.findLast((one) => one.kind === 'store-size');
  expect(size).toMatchObject({ limit: 60_000 });
  const { records } = await offered('district');
  expect(records.absent['disk-full']?.count).toBe(letGo('records', 'disk-full'));
});

test('records that a refusing disk keeps waiting too long are dropped oldest first, and a gap says so when it works again', async () => {
  await open({ bound: { entries: 1000, readings: 1000, records: 5 }, windows: { records: 1000, samples: 1000 } });
  const blocker = new DatabaseSync(join(directory, 'store', 'store.sqlite'));
  blocker.exec('BEGIN IMMEDIATE');
  const stamps: string[] = [];
  const outcomes: Promise<'kept' | 'dropped'>[] = [];
  for (let n = 0; n < 12; n++) {
    stamps.push(localTime.stamp(clock.wall()));
    const outcome = store.append(event(n)).then(
      () => 'kept' as const,
      (error: unknown) => {
        expect(error).toBeInstanceOf(RecordDropped);
        return 'dropped' as const;
      },
    );
    outcomes.push(outcome);
    await clock.advance(1000);
  }
  blocker.exec('ROLLBACK');
  blocker.close();
  await clock.advance(60_000);
  const kept = await Promise.all(outcomes);
  const dropped = kept.filter((outcome) => outcome === 'dropped').length;
  expect(kept).toEqual([...Array<string>(dropped).fill('dropped'), ...Array<string>(12 - dropped).fill('kept')]);
  expect(dropped).toBeGreaterThan(5);
  const counted = events.flatMap((one) =>
    one.kind === 'store-dropped' && one.stream === 'records' ? [one.entries] : [],
  );
  expect(counted.reduce((sum, entries) => sum + entries, 0)).toBe(dropped);
  const entries: unknown[] = [];
  for (let span = await store.pending('city', 100, []); span !== null; span = await store.pending('city', 100, [])) {
    entries.push(...span.entries.map(({ entry }) => entry));
    await store.acknowledge('city', span.stream, span.epoch, [[span.from, span.to]]);
  }
  const gap = { from: stamps[0], to: stamps[dropped - 1], reason: 'store-lost', basis: 'observed' };
  expect(entries).toContainEqual(expect.objectContaining({ kind: 'gap', ...gap }));
  expect(entries).toContainEqual(expect.objectContaining({ kind: 'event', event: 'records-dropped' }));
});
