import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openExport, readPart } from '../../gateway/contract/export/read-export.ts';
import { isFault } from '../../gateway/contract/fields.ts';
import { type ExportTask, exportStore } from '../../gateway/export/export-store.ts';
import { newSigningKey, publicKeyText, readSigningKey } from '../../gateway/record/signature.ts';
import { type ExportedSite, everything, exportedSite, exportTask, minutes } from '../surroundings/exported-site.ts';
import { isClean } from './audit.ts';
import { heard, signed } from './heard.ts';
import { importExport, piecesOf } from './import-export.ts';

let site: ExportedSite;
const stops: (() => Promise<void>)[] = [];
beforeEach(async () => {
  site = await exportedSite();
});
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
  rmSync(site.root, { recursive: true, force: true });
});

async function exported(name: string, more: Partial<ExportTask> = {}): Promise<string> {
  expect(await exportStore(exportTask(site, name, { partBytes: 20_000, ...more }))).toMatchObject({ state: 'whole' });
  return site.out(name);
}

/** A platform that trusts the site's key. */
const platformOf = () => heard(stops, { enrolled: { 'zl-0001': site.keys.publicKey }, keepEntries: true });

test('an export is taken as if it had been received, and a second time changes nothing', async () => {
  await site.append(minutes(400));
  const directory = await exported('all');
  const { platform } = await platformOf();
  expect(await importExport(platform, directory)).toEqual({ taken: 401, again: 0, faults: [] });
  const rows = platform.table.rows().map(({ seq, hash, entry }) => ({ seq, hash, entry }));
  expect(await importExport(platform, directory)).toEqual({ taken: 0, again: 401, faults: [] });
  expect(platform.table.rows().map(({ seq, hash, entry }) => ({ seq, hash, entry }))).toEqual(rows);
  const audit = platform.audit();
  expect([isClean(audit), audit.missing, audit.late]).toEqual([true, [], 401]);
});

test('what came by MQTT in part is filled up by exactly the gap, and the gateway is told that it may let go', async () => {
  await site.append(minutes(30));
  const directory = await exported('all');
  const { platform, say, receipts } = await platformOf();
  const open = await openExport(directory);
  if (isFault(open)) throw new Error(open.fault);
  for (const part of open.manifest.parts) {
    for await (const read of readPart(directory, part)) {
      if ('detail' in read) throw new Error(read.detail);
      for (const [from, to] of [
        [1, 10],
        [21, 31],
      ] as const) {
        const entries = read.entries.filter(({ seq }) => seq >= from && seq <= to);
        const { stream, epoch } = read;
        const before = read.entries.find(({ seq }) => seq === from - 1)?.hash ?? read.before;
        const span = {
          stream,
          epoch,
          from,
          to,
          before,
          after: entries.at(-1)?.hash ?? '',
          site: 'site-1',
          late: false,
        };
        const batch = {
          ...span,
          entries: entries.map(({ seq, text }) => ({ seq, entry: JSON.parse(text) })),
          absent: [],
        };
        await say('data', signed(batch, site.keys.privateKey));
      }
    }
  }
  expect(platform.audit().missing).toMatchObject([{ first: 11, last: 20 }]);
  expect(await importExport(platform, directory)).toEqual({ taken: 10, again: 21, faults: [] });
  const audit = platform.audit();
  expect([isClean(audit), audit.missing, audit.conflicts]).toEqual([true, [], []]);
  expect(receipts().at(-1)).toMatchObject({ have: [[1, 31]] });
});

test('what was left out of an export stays missing, however little it is', async () => {
  await site.append(minutes(40));
  const directory = await exported('noise', { choice: { ...everything, factors: ['noise'] } });
  const { platform } = await platformOf();
  expect(await importExport(platform, directory)).toMatchObject({ taken: 21, faults: [] });
  // The odd seqs are here, the even ones are pm10.
  expect(platform.audit().missing.map(({ first, last }) => [first, last])).toEqual(
    Array.from({ length: 20 }, (_, i) => [2 + 2 * i, 2 + 2 * i]),
  );
  expect(platform.audit().chainBreaks).toEqual([]);
  const rest = await exported('rest');
  expect(await importExport(platform, rest)).toEqual({ taken: 20, again: 21, faults: [] });
  expect(isClean(platform.audit())).toBe(true);
});

test('a changed byte is refused with its file and line, and nothing is taken', async () => {
  await site.append(minutes(200));
  const directory = await exported('all');
  const file = join(directory, 'records-00001.jsonl');
  const whole = readFileSync(file);
  const { platform } = await platformOf();
  // A walk over the whole file, the same every time: any byte, anywhere.
  for (let at = 11, n = 0; n < 40; n++, at = (at + 7919) % whole.length) {
    const changed = Buffer.from(whole);
    changed[at] = (changed[at] ?? 0) ^ 1;
    writeFileSync(file, changed);
    const line = whole.subarray(0, at).toString().split('\n').length;
    const { taken, faults } = await importExport(platform, directory);
    expect([at, taken, faults[0]]).toEqual([at, 0, expect.stringMatching(/^records-00001.jsonl line \d+: /)]);
    expect([line, line + 1]).toContain(Number(/line (\d+)/.exec(faults[0] ?? '')?.[1]));
  }
  expect(platform.table.keys).toBe(0);
});

test('an export by a key that is not trusted, or is no longer, is refused; one by an heir of the trusted key is taken', async () => {
  await site.append(minutes(5));
  const old = await exported('old');
  const { platform } = await platformOf();
  const foreign = readSigningKey(newSigningKey());
  const stolen = await exported('stolen', { privateKey: foreign });
  expect((await importExport(platform, stolen)).faults[0]).toMatch(/publicKey is not the last of keys/);
  const own = [{ publicKey: publicKeyText(foreign), previous: null, signature: null }];
  const forged = await exported('forged', { privateKey: foreign, keys: own });
  expect((await importExport(platform, forged)).faults[0]).toMatch(/not the one that is trusted of zl-0001/);
  await site.keys.rotate('zl-0001');
  expect(await importExport(platform, await exported('new'))).toMatchObject({ taken: 6, faults: [] });
  expect((await importExport(platform, old)).faults[0]).toMatch(/not the one that is trusted of zl-0001/);
});

test('the pieces of a stretch follow each other by their hashes', () => {
  const stretch = {
    stream: 'records',
    epoch: 'e',
    from: 1,
    to: 9,
    before: 'a',
    after: 'i',
    site: '',
    committed: '',
  } as const;
  const entry = (seq: number) => ({ seq, hash: `h${seq}`, text: '{"kind":"gap"}' });
  const pieces = piecesOf({
    ...stretch,
    absent: [[6, 7, 'expired', 'g']],
    left: [
      [1, 2, 'b'],
      [5, 5, 'e'],
    ],
    entries: [3, 4, 8, 9].map(entry),
  });
  expect(pieces.map(({ from, to, before, absent, links }) => [from, to, before, absent.length, links.length])).toEqual([
    [3, 4, 'b', 0, 2],
    [6, 9, 'e', 1, 2],
  ]);
});

test('the platform as a process takes an export without a broker, and exits 1 where it refuses', async () => {
  await site.append(minutes(20));
  const directory = await exported('all');
  const main = join(import.meta.dirname, 'main.ts');
  const args = ['--file', join(site.root, 'platform.sqlite'), '--import', directory];
  const run = (key: string) =>
    spawnSync(process.execPath, [main, ...args, '--enrolled', `zl-0001=${key}`], { encoding: 'utf8' });
  const taken = run(site.keys.publicKey);
  expect([taken.status, taken.stderr]).toEqual([0, '21 entries taken, 0 were here\n']);
  expect(run(site.keys.publicKey).stderr).toBe('0 entries taken, 21 were here\n');
  expect(run('A'.repeat(43).concat('=')).status).toBe(1);
});
