import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { minuteRecord } from '../../../test-rigs/surroundings/sample-records.ts';
import { LocalTime, systemClock } from '../../clock.ts';
import type { KeyRecord, StreamRecord } from '../../record/record.ts';
import { KeyRing } from '../../site/key-ring.ts';
import { prepareSiteDirectory, siteDirectory } from '../../site/site-directory.ts';
import { openStore } from '../../store/sqlite-store.ts';
import { runCommandLine } from '../command-line.ts';
import type { Language } from '../terminal.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fenceline-verify-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

async function keptMinutes(...more: StreamRecord[]): Promise<void> {
  const options = { directory, gateway: 'zl-0001', site: 'site-1', localTime: new LocalTime('Asia/Shanghai') };
  const store = await openStore({ ...options, clock: systemClock, observe: () => {}, uplinks: [], keepSamples: false });
  if ('refusal' in store) throw new Error(store.message);
  for (let n = 1; n <= 4; n++) void store.append(minuteRecord(n));
  for (const record of more) void store.append(record);
  await store.close();
}

async function verify(language: Language, ...more: string[]): Promise<{ code: number; told: string }> {
  const told: string[] = [];
  const say = (text: string): void => void told.push(text);
  const terminal = { language, input: process.stdin, print: say, complain: say };
  const code = await runCommandLine(['verify', '--site', directory, ...more], terminal);
  return { code, told: told.join('\n') };
}

test('what holds is said in both languages, with what this cannot show, and exits 0', async () => {
  await keptMinutes();
  expect(await verify('en')).toEqual({
    code: 0,
    told: expect.stringMatching(/1\.\.5[\s\S]*everything holds\. Whoever has/),
  });
  expect(await verify('zh')).toEqual({
    code: 0,
    told: expect.stringMatching(/记录[\s\S]*成立[\s\S]*只有与他方所持内容/),
  });
});

test('the first break is named with stream, epoch and sequence numbers, and exits 1', async () => {
  await keptMinutes();
  const database = new DatabaseSync(join(directory, 'store', 'store.sqlite'));
  const id = database.prepare('SELECT id FROM epochs').get()?.id;
  database.exec("UPDATE records_blocks SET body = x'00' WHERE entries = 4");
  database.close();
  const { code, told } = await verify('en');
  expect([code, told]).toEqual([1, expect.stringContaining(`records ${id} 2..5: these entries are not the ones`)]);
  expect((await verify('zh')).told).toContain(`记录 ${id} 2..5：这些条目与提交时不一致`);
  const { code: jsonCode, told: json } = await verify('en', '--json');
  expect(jsonCode).toBe(1);
  const finding = { kind: 'altered', stream: 'records', epoch: id, first: 2, last: 5 };
  expect(JSON.parse(json)).toMatchObject({ holds: false, findings: [finding] });
});

test('a directory without a store exits 2 and says what is missing', async () => {
  expect(await verify('en')).toEqual({ code: 2, told: expect.stringContaining('holds no store') });
  expect((await verify('zh')).code).toBe(2);
});

test('a key that was rotated a moment ago and waits to be recorded is no finding; one that the records should know is', async () => {
  await prepareSiteDirectory(siteDirectory(directory));
  const ring = await KeyRing.open(siteDirectory(directory));
  const first = { kind: 'key', at: '2026-11-24T00:00:00.000+08:00', ...ring.chain[0], revision: 1 } as KeyRecord;
  await keptMinutes(first);
  await ring.recorded(ring.unrecorded);
  await ring.rotate('zl-0001');
  expect((await verify('en')).code).toBe(0);
  await ring.recorded(ring.unrecorded);
  expect(await verify('en')).toEqual({ code: 1, told: expect.stringContaining('the chain of keys does not hold') });
});
