import { rmSync } from 'node:fs';
import { buffer, text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ExportedSite, exportedSite, minutes } from '../../test-rigs/surroundings/exported-site.ts';
import { TableProcesses } from './table-process.ts';

let site: ExportedSite;
beforeEach(async () => {
  site = await exportedSite();
});
afterEach(() => rmSync(site.root, { recursive: true, force: true }));

const day = { from: '2026-11-24', to: '2026-11-24', language: 'zh' } as const;

test('a table of a day comes as one file with its headings, one at a time, and the next one when it has ended', async () => {
  await site.append(minutes(1600));
  const tables = new TableProcesses(site.directory);
  const first = tables.begin({ ...day, table: 'minute-noise' });
  expect(tables.begin({ ...day, table: 'events' })).toBe(null);
  if (first === null) throw new Error('busy');
  const rows = (await buffer(first as never)).toString().split('\r\n');
  // Every second minute of the day is noise; the rest of the 1600 are of the day after.
  expect([rows[0], rows.length]).toEqual([
    expect.stringMatching(/^\ufeff开始时间（当地）,时区,监测点位,噪声 均值/),
    721,
  ]);
  expect(rows.at(-2)).toMatch(/^2026-11-24 23:58:00,UTC\+08:00,north-gate,/);
  const second = tables.begin({ ...day, table: 'events' });
  expect((await buffer(second as never)).toString()).toMatch(/^\ufeff时间（当地）,时区,[^\n]*\r\n$/);
});

test('a table that cannot be made fails, so that half of one is not taken for the whole', async () => {
  const tables = new TableProcesses(site.out('nowhere'));
  const table = tables.begin({ ...day, table: 'events' });
  await expect(text(table as never)).rejects.toThrow(/was not made whole: .*is no directory/);
});

test('the process ends when nobody reads any more', async () => {
  await site.append(minutes(3000));
  const tables = new TableProcesses(site.directory);
  const table = tables.begin({ ...day, table: 'minute-noise' });
  await table?.cancel();
  await expect.poll(() => tables.begin({ ...day, table: 'events' }) !== null).toBe(true);
  tables.close();
});
