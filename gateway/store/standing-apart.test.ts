import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { minuteRecord } from '../../test-rigs/surroundings/sample-records.ts';
import { SimulatedClock } from '../../test-rigs/surroundings/simulated-clock.ts';
import { LocalTime } from '../clock.ts';
import type { Committed } from '../record/record.ts';
import type { Span, StoreEvent } from './port.ts';
import { openStore, type SqliteStore } from './sqlite-store.ts';

let directory: string;
let clock: SimulatedClock;
let events: StoreEvent[];
let store: SqliteStore | undefined;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'apart-'));
  clock = new SimulatedClock();
  events = [];
});

afterEach(async () => {
  await closed();
  rmSync(directory, { recursive: true });
});

async function closed(): Promise<void> {
  await store?.close();
  store = undefined;
}

async function opened(machine?: string): Promise<SqliteStore> {
  const options = { directory, gateway: 'zl-0001', site: 'site-1', clock, localTime: new LocalTime('Asia/Shanghai') };
  const observe = (event: StoreEvent): void => void events.push(event);
  const on = machine === undefined ? {} : { machine };
  const made = await openStore({ ...options, ...on, observe, uplinks: ['district'], keepSamples: true });
  if ('refusal' in made) throw new Error(made.message);
  clock.settleWith(() => made.idle());
  store = made;
  return made;
}

async function committed(made: SqliteStore, n: number): Promise<Committed> {
  const done = made.append(minuteRecord(n));
  await clock.advance(1000);
  return done;
}

async function spans(made: SqliteStore): Promise<Span[]> {
  const found: Span[] = [];
  for (;;) {
    const span = await made.pending(
      'district',
      100,
      found.map(({ stream, epoch, from, to }) => ({ stream, epoch, ranges: [[from, to]] })),
    );
    if (span === null) return found;
    found.push(span);
  }
}

const apart = () => events.filter((event) => event.kind === 'store-epoch');

test('a store that is opened on another machine begins an epoch, which names the old one and why', async () => {
  const { epoch, seq } = await committed(await opened('board:aaaa'), 1);
  await closed();
  const made = await opened('board:bbbb');
  expect(apart()).toMatchObject([{ previous: epoch, reason: 'another-machine' }]);
  const next = await committed(made, 2);
  expect(next.epoch).not.toBe(epoch);
  const begun = (await spans(made)).find((span) => span.epoch === next.epoch && span.stream === 'records');
  const details = { previousEpoch: epoch, previousLastSeq: seq, why: 'the store was made on another machine' };
  expect(begun?.entries[0]?.entry).toMatchObject({ action: 'epoch-begun', details });
  await closed();
  expect((await committed(await opened('board:bbbb'), 3)).epoch).toBe(next.epoch);
});

test.each([
  ['nothing tells the machine now', 'board:aaaa', undefined],
  ['nothing told it before', undefined, 'board:aaaa'],
  ['it is told by something else', 'board:aaaa', 'installation:bbbb'],
])('where %s, the epoch goes on', async (_, before, now) => {
  const { epoch } = await committed(await opened(before), 1);
  await closed();
  expect((await committed(await opened(now), 2)).epoch).toBe(epoch);
  expect(apart()).toEqual([]);
});

test('a platform that has other entries under our keys makes a new epoch begin at once, and only the first time', async () => {
  const made = await opened();
  const keys = [await committed(made, 1), await committed(made, 2)] as const;
  const { epoch } = keys[0];
  const proofs = [
    [keys[0].seq, keys[0].hash],
    [keys[1].seq, 'ab'.repeat(32)],
  ] as const;
  expect(await made.vouch('records', epoch, proofs)).toEqual(['ours', 'foreign']);
  expect(apart()).toMatchObject([{ previous: epoch, reason: 'another-writer' }]);
  const next = await committed(made, 3);
  expect(next).toMatchObject({ seq: 2 });
  expect(next.epoch).not.toBe(epoch);
  expect(await made.vouch('records', epoch, proofs)).toEqual(['ours', 'foreign']);
  expect(apart()).toHaveLength(1);
  expect((await made.heads()).map((head) => head.epoch)).toEqual([next.epoch, next.epoch]);
  // Nothing of either epoch is let go by it.
  expect((await spans(made)).map((span) => [span.epoch, span.stream, span.to])).toEqual([
    [epoch, 'records', 3],
    [epoch, 'samples', 1],
    [next.epoch, 'records', 2],
    [next.epoch, 'samples', 1],
  ]);
  await closed();
  expect((await committed(await opened(), 4)).epoch).toBe(next.epoch);
});

test('a receipt beyond the last seq does so as well, and lets go of nothing', async () => {
  const made = await opened();
  const { epoch } = await committed(made, 1);
  await made.acknowledge('district', 'records', epoch, [[1, 9]]);
  expect(apart()).toMatchObject([{ previous: epoch, reason: 'another-writer' }]);
  expect(await made.backlog('district')).toMatchObject({ records: 3 });
  expect((await committed(made, 2)).seq).toBe(2);
});

test('in the middle of a commit, and of what is large, a hash is known as well; of what is not here nothing is', async () => {
  const made = await opened();
  const keys: Promise<Committed>[] = [];
  for (let n = 1; n <= 600; n++) keys.push(made.append(minuteRecord(n)));
  await clock.advance(1000);
  const done = await Promise.all(keys);
  const some = [0, 100, 255, 256, 599].map((index) => done[index] as Committed);
  const proofs = some.map(({ seq, hash }) => [seq, hash] as const);
  expect(await made.vouch('records', some[0]?.epoch ?? '', proofs)).toEqual(some.map(() => 'ours'));
  expect(await made.vouch('records', '9-00000000', proofs)).toEqual(some.map(() => 'unknown'));
  expect(apart()).toEqual([]);
});

test('foreign receipts without end begin ten epochs and no more', async () => {
  const made = await opened();
  for (let n = 1; n <= 14; n++) {
    const { epoch, seq } = await committed(made, n);
    await made.vouch('records', epoch, [[seq, 'ab'.repeat(32)]]);
  }
  expect(apart()).toHaveLength(10);
});
