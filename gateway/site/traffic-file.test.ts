import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { TrafficFile } from './traffic-file.ts';

let directory: string;
let told: string[];
const path = (): string => join(directory, 'traffic.json');
const open = (): Promise<TrafficFile> => TrafficFile.open(path(), (message) => told.push(message));

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'traffic-'));
  told = [];
});
afterEach(() => rmSync(directory, { recursive: true }));

test('what was counted is there after a restart, each uplink by itself', async () => {
  const first = await open();
  expect(first.read('district')).toBeNull();
  first.write('district', { month: '2026-11', bytes: 17 });
  first.write('province', { month: '2026-11', bytes: 4 });
  await first.close();
  const second = await open();
  expect(second.read('district')).toEqual({ month: '2026-11', bytes: 17 });
  expect(second.read('province')).toEqual({ month: '2026-11', bytes: 4 });
  expect(told).toEqual([]);
});

test('a damaged file is told, and the count begins anew', async () => {
  writeFileSync(path(), '{"version":1,"uplinks":{"district":{"month":"2026-11","bytes":-4}}}');
  const file = await open();
  expect(file.read('district')).toBeNull();
  expect(told).toEqual([expect.stringMatching(/traffic\.json cannot be read, the month's bytes are counted from 0/)]);
});
