import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SimulatedClock } from '../../test-rigs/surroundings/simulated-clock.ts';
import { LocalTime } from '../clock.ts';
import type { AuditRecord } from '../record/record.ts';
import type { StoreEvent } from './port.ts';
import { openStore, type SqliteStore } from './sqlite-store.ts';

let directory: string;
let clock: SimulatedClock;
let events: StoreEvent[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'walk-'));
  clock = new SimulatedClock();
  events = [];
});

afterEach(() => rmSync(directory, { recursive: true }));

async function opened(): Promise<SqliteStore> {
  const store = await openStore({
    directory,
    gateway: 'zl-0001',
    site: 'site-1',
    clock,
    localTime: new LocalTime('Asia/Shanghai'),
    observe: (event) => events.push(event),
    uplinks: [],
    keepSamples: false,
  });
  if ('refusal' in store) throw new Error(store.message);
  clock.settleWith(() => store.idle());
  return store;
}

async function commits(store: SqliteStore, count: number, perCommit: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    for (let index = 0; index < perCommit; index++) {
      const details = { n, index };
      const record: AuditRecord = { kind: 'audit', at: '', who: 'test', action: 'entry', details, revision: 1 };
      void store.append(record).catch(() => undefined);
    }
    await clock.advance(1000);
  }
}

const lost = (): number =>
  events.reduce(
    (sum, event) => sum + (event.kind === 'store-retention' && event.reason === 'lost' ? event.entries : 0),
    0,
  );

test('a block that was changed long ago is found without anybody asking for it, and told once', async () => {
  const first = await opened();
  await commits(first, 60, 3);
  await first.close();
  const database = new DatabaseSync(join(directory, 'store', 'store.sqlite'));
  const row = database.prepare('SELECT last, body FROM records_blocks ORDER BY last LIMIT 1 OFFSET 20').get();
  database
    .prepare('UPDATE records_blocks SET body = ? WHERE last = ?')
    .run(String(row?.body).replace('"index":1', '"index":7'), Number(row?.last));
  database.close();
  const second = await opened();
  expect(lost()).toBe(0);
  await commits(second, 200, 1);
  expect(lost()).toBe(3);
  await second.close();
});
