import { existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  type ExportedSite,
  everything,
  exportedSite,
  exportTask,
  minutes,
} from '../../test-rigs/surroundings/exported-site.ts';
import { openExport, readPart } from '../contract/export/read-export.ts';
import { isFault } from '../contract/fields.ts';
import { recordKinds } from './choice.ts';
import { type ExportOutcome, type ExportTask, exportStore } from './export-store.ts';

let site: ExportedSite;
beforeEach(async () => {
  site = await exportedSite();
});
afterEach(() => rmSync(site.root, { recursive: true, force: true }));

const task = (out: string, more: Partial<ExportTask> = {}): ExportTask => exportTask(site, out, more);

async function exported(of: ExportTask, observe?: Parameters<typeof exportStore>[1]): Promise<ExportOutcome> {
  const outcome = await exportStore(of, observe);
  if ('message' in outcome) throw new Error(outcome.message);
  return outcome;
}

/** Everything an export says, and whether it holds. */
async function readBack(out: string) {
  const open = await openExport(site.out(out), site.keys.publicKey);
  if (isFault(open)) throw new Error(open.fault);
  const entries: { seq: number; text: string }[] = [];
  const faults: string[] = open.fault === null ? [] : [open.fault.detail];
  for (const part of open.manifest.parts) {
    for await (const read of readPart(open.directory, part)) {
      if ('detail' in read) faults.push(`${read.file} ${read.line}: ${read.detail}`);
      else entries.push(...read.entries);
    }
  }
  return { ...open, entries, faults };
}

test('everything that is kept goes out in parts of bounded size, chained and signed, with FAT names', async () => {
  await site.append(minutes(600));
  const outcome = await exported(task('all', { partBytes: 50_000 }));
  expect(outcome).toMatchObject({ state: 'whole', fault: null, entries: 601, kept: 0 });
  expect(outcome.parts).toBeGreaterThan(2);
  const { manifest, entries, faults } = await readBack('all');
  expect(faults).toEqual([]);
  expect(entries.map(({ seq }) => seq)).toEqual(Array.from({ length: 601 }, (_, i) => i + 1));
  expect(Math.max(...manifest.parts.map(({ bytes }) => bytes))).toBeLessThan(50_000 + 300_000);
  for (const [index, part] of manifest.parts.entries()) {
    expect(part.before).toBe(manifest.parts[index - 1]?.after ?? part.before);
  }
  const names = readdirSync(site.out('all'));
  expect(names.filter((name) => !/^[a-z0-9][a-z0-9.-]*$/.test(name))).toEqual([]);
  expect(names).toEqual(expect.arrayContaining(['manifest.json', 'manifest.sig', 'records-00001.jsonl']));
  expect(names).not.toContain('progress.json');
});

test('a range takes what begins in it, its end not included, and says what it left out with the hash behind it', async () => {
  await site.append(minutes(300));
  const choice = {
    ...everything,
    from: '2026-11-24T01:00:00.000+08:00',
    to: '2026-11-24T02:00:00.000+08:00',
    kinds: ['minute'],
    factors: ['pm10'],
  };
  expect(await exported(task('hour', { choice }))).toMatchObject({ state: 'whole', entries: 30 });
  const { entries, faults } = await readBack('hour');
  expect(faults).toEqual([]);
  const starts = entries.map(({ text }) => (JSON.parse(text) as { from: string }).from);
  expect([starts[0], starts.at(-1)]).toEqual(['2026-11-24T01:01:00.000+08:00', '2026-11-24T01:59:00.000+08:00']);
});

test('interrupted, and some of it damaged since, it goes on with the parts that are still what was written', async () => {
  await site.append(minutes(2000));
  const interrupted = new AbortController();
  const first = await exported(task('cut', { partBytes: 10_000, signal: interrupted.signal }), ({ parts }) => {
    if (parts === 4) interrupted.abort();
  });
  expect(first).toMatchObject({ state: 'stopped', fault: null, parts: 4 });
  expect(existsSync(join(site.out('cut'), 'manifest.json'))).toBe(false);
  const third = join(site.out('cut'), 'records-00003.jsonl');
  truncateSync(third, 1000);
  await site.append(minutes(50, 5000));
  const second = await exported(task('cut', { partBytes: 10_000 }));
  expect(second).toMatchObject({ state: 'whole', kept: 2, entries: 2001 });
  expect((await readBack('cut')).faults).toEqual([]);
});

test.each(['jsonl', 'csv'] as const)(
  'cut off between any two writes (%s), it leaves nothing half and goes on',
  async (content) => {
    await site.append(minutes(2000));
    const interrupted = new AbortController();
    const of = task('cut', { partBytes: 10_000, content });
    await exported({ ...of, signal: interrupted.signal }, ({ parts }) => parts >= 4 && interrupted.abort());
    const directory = site.out('cut');
    // As a power cut leaves it between a part and the word that it is there, with what was being written torn.
    const progress = JSON.parse(readFileSync(join(directory, 'progress.json'), 'utf8')) as { steps: unknown[] };
    progress.steps.pop();
    writeFileSync(join(directory, 'progress.json'), JSON.stringify(progress));
    writeFileSync(join(directory, 'progress.json.new'), '{"for');
    writeFileSync(join(directory, 'records-00007.jsonl.new'), '{"sum":');
    const done = await exported(of);
    expect(done).toMatchObject({ state: 'whole', entries: 2001 });
    expect(done.kept).toBeGreaterThan(1);
    if (content === 'jsonl') expect((await readBack('cut')).faults).toEqual([]);
    const named = JSON.parse(readFileSync(join(directory, 'manifest.json'), 'utf8')) as { parts: { file: string }[] };
    const names = [...named.parts.map(({ file }) => file), 'manifest.json', 'manifest.sig'];
    expect(readdirSync(directory).sort()).toEqual(names.sort());
  },
);

test('another question does not go on where this one stopped, and nothing is put among strange files', async () => {
  await site.append(minutes(500));
  await exported(task('one'));
  const again = await exported(task('one'));
  expect([again.state, again.fault?.message]).toEqual(['refused', expect.stringContaining('a finished export')]);
  const stop = new AbortController();
  stop.abort();
  // Stopped before its first part.
  await site.append(minutes(3000, 3000));
  expect((await exported(task('two', { signal: stop.signal }))).state).toBe('stopped');
  const other = await exported(task('two', { choice: { ...everything, factors: ['noise'] } }));
  expect(other.fault?.message).toMatch(/another export/);
  writeFileSync(site.out('file'), 'no directory');
  expect((await exported(task('file/below'))).fault?.why).toBe('no-directory');
  expect((await exported(task('.'))).fault?.message).toMatch(/not empty/);
});

test('a stick that is not mounted is not made up for by a directory', async () => {
  await site.append(minutes(1));
  const outcome = await exported(task('stick/november'));
  expect(outcome).toMatchObject({ state: 'refused', fault: { why: 'no-directory' } });
});

test('samples go out on request, in parts of their own', async () => {
  await site.append(minutes(10), 50);
  const choice = { ...everything, kinds: [...recordKinds, 'samples'] };
  expect((await exported(task('samples', { choice }))).state).toBe('whole');
  const { manifest, faults } = await readBack('samples');
  expect(faults).toEqual([]);
  expect(new Set(manifest.parts.map(({ stream }) => stream))).toEqual(new Set(['records', 'samples']));
});

test('tables have units in their headings, empty cells for what is missing, and no formula that runs', async () => {
  const [first, second] = minutes(2);
  const hostile = {
    kind: 'audit',
    at: '2026-11-24T03:00:00.000+08:00',
    who: '=HYPERLINK("http://x")',
    action: '-1+2',
  } as const;
  await site.append([
    {
      ...first,
      average: null,
      minimum: null,
      maximum: null,
      count: 0,
      flag: 'B',
      reason: 'not-answering',
      basis: 'observed',
    } as never,
    second as never,
    { ...hostile, details: { text: 'a,"b"' }, revision: 1 },
  ]);
  await exported(task('tables', { content: 'csv', choice: { ...everything, from: '2026-11-24T00:00:00.000+08:00' } }));
  const read = (name: string): string => readFileSync(join(site.out('tables'), name), 'utf8');
  const minute = read('minute-pm10-00001.csv');
  expect(minute.startsWith('\ufeffstart (local time),offset,point,PM10 average (µg/m³),')).toBe(true);
  const [, row] = minute.split('\r\n');
  expect(row).toMatch(
    /^2026-11-24 00:01:00,UTC\+08:00,north-gate,,,,0,15,B,not-answering,observed,measured,0,1,1-[0-9a-f]{8},2$/,
  );
  const events = read('events-00001.csv');
  expect(events).toContain(`'-1+2`);
  expect(events).toContain(`"'=HYPERLINK(""http://x"")"`);
  const open = await openExport(site.out('tables'), site.keys.publicKey);
  expect(isFault(open) ? open.fault : open.fault).toBe(null);
  await exported(task('zh', { content: 'csv', language: 'zh', bom: false }));
  expect(readFileSync(join(site.out('zh'), 'minute-noise-00001.csv'), 'utf8')).toMatch(
    /^开始时间（当地）,时区,监测点位,噪声 均值 \(dB\)/,
  );
});
