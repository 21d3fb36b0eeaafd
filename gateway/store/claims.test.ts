import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SimulatedClock } from '../../test-rigs/surroundings/simulated-clock.ts';
import { LocalTime } from '../clock.ts';
import { openStore, type SqliteStore } from './sqlite-store.ts';
import type { StoreOptions } from './store-options.ts';

const last = 60;
const uplinks = Array.from({ length: 400 }, (_, n) => `uplink-${n}`);
const unused = [...uplinks];
let directory: string;
let store: SqliteStore;
let epoch: string;

const clock = new SimulatedClock();

async function open(): Promise<SqliteStore> {
  const localTime = new LocalTime('Asia/Shanghai');
  const site = { directory, gateway: 'zl-0001', site: 'site-1', keepSamples: false };
  const options: StoreOptions = { ...site, clock, localTime, uplinks, observe: () => undefined };
  const result = await openStore(options);
  if ('refusal' in result) throw new Error(result.message);
  return result;
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'claims-'));
  store = await open();
  clock.settleWith(() => store.idle());
  // Commits of 1 to 10 entries, so that ranges begin and end within seals.
  for (let size = 1, seq = 1; seq < last; size = (size % 10) + 1) {
    const count = Math.min(size, last - seq);
    for (let n = 0; n < count; n++) {
      void store.append({ kind: 'audit', at: '', who: 'test', action: 'entry', details: seq + n + 1, revision: 1 });
    }
    seq += count;
    await clock.advance(1000);
  }
  const [head] = await store.heads();
  epoch = head?.epoch ?? '';
  expect(head?.seq).toBe(last);
});

afterAll(async () => {
  await store.close();
  rmSync(directory, { recursive: true });
});

const range = fc
  .tuple(fc.integer({ min: 1, max: last }), fc.integer({ min: 0, max: 12 }))
  .map(([first, more]) => [first, Math.min(last, first + more)] as const);
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ acknowledge: fc.array(range, { minLength: 1, maxLength: 4 }) }) },
  { weight: 2, arbitrary: fc.record({ again: fc.array(range, { minLength: 1, maxLength: 4 }) }) },
  { weight: 1, arbitrary: fc.record({ refuse: fc.integer({ min: 1, max: last }) }) },
  {
    weight: 2,
    arbitrary: fc.record({ flight: fc.array(range, { maxLength: 3 }), limit: fc.integer({ min: 1, max: 20 }) }),
  },
  { weight: 1, arbitrary: fc.constant({ restart: true }) },
);

function members(ranges: readonly (readonly [number, number])[]): number[] {
  return ranges.flatMap(([first, end]) => Array.from({ length: end - first + 1 }, (_, n) => first + n));
}

test('receipts let go of exactly what they name, and asking again takes back exactly that; pending gives the oldest rest', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const uplink = unused.pop();
      if (uplink === undefined) throw new Error('no uplink is left for another run');
      await store.acknowledge(uplink, 'samples', epoch, [[1, 1]]);
      const held = new Set(members([[1, last]]));
      const refused = new Set<number>();
      for (const action of steps) {
        if ('acknowledge' in action) {
          await store.acknowledge(uplink, 'records', epoch, action.acknowledge);
          for (const seq of members(action.acknowledge)) held.delete(seq);
        } else if ('refuse' in action) {
          await store.refuse(uplink, { stream: 'records', epoch, seq: action.refuse }, 'test');
          held.delete(action.refuse);
          refused.add(action.refuse);
        } else if ('again' in action) {
          const wanted = [...new Set(members(action.again))].filter((seq) => !held.has(seq));
          expect(await store.claimAgain(uplink, 'records', epoch, action.again)).toBe(wanted.length);
          for (const seq of wanted) {
            held.add(seq);
            refused.delete(seq);
          }
        } else if ('flight' in action) {
          const flight = [{ stream: 'records' as const, epoch, ranges: action.flight }];
          const span = await store.pending(uplink, action.limit, flight);
          const free = [...held].filter((seq) => !members(action.flight).includes(seq)).sort((a, b) => a - b);
          const start = Math.min(...free);
          const stretch = free.filter((seq, index) => seq === start + index).slice(0, action.limit);
          expect(span?.entries.map(({ seq }) => seq) ?? []).toEqual(stretch);
          expect(
            span?.entries.every(({ seq, entry }) => seq === 1 || ('details' in entry && entry.details === seq)) ?? true,
          ).toBe(true);
          expect([span?.from, span?.to]).toEqual([stretch[0], stretch.at(-1)]);
        } else {
          await store.close();
          store = await open();
        }
        const backlog = await store.backlog(uplink);
        expect([backlog.records, backlog.refused]).toEqual([held.size, refused.size]);
      }
    }),
    { numRuns: 60 },
  );
});
