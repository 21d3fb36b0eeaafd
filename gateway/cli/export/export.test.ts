import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ExportedSite, exportedSite, minutes } from '../../../test-rigs/surroundings/exported-site.ts';
import { systemClock, type WallTime } from '../../clock.ts';
import { newSigningKey, publicKeyText, readSigningKey } from '../../record/signature.ts';
import { runCommandLine } from '../command-line.ts';
import type { Language } from '../terminal.ts';

let site: ExportedSite;
beforeEach(async () => {
  site = await exportedSite();
});
afterEach(() => rmSync(site.root, { recursive: true, force: true }));

async function fenceline(language: Language, ...args: string[]): Promise<{ code: number; told: string }> {
  const told: string[] = [];
  const say = (line: string): void => void told.push(line);
  const code = await runCommandLine(args, { language, input: process.stdin, print: say, complain: say });
  return { code, told: told.join('\n') };
}

const run = (language: Language, out: string, ...more: string[]) =>
  fenceline(language, 'export', '--site', site.directory, '--out', site.out(out), ...more);

test('a day is exported and verified, and both say what they did in both languages', async () => {
  await site.append(minutes(1500));
  const done = await run('en', 'day', '--from', '2026-11-24', '--to', '2026-11-24', '--kinds', 'minute');
  expect(done).toEqual({ code: 0, told: expect.stringMatching(/^written: 1439 entries in 1 files/) });
  expect(done.told).toContain('from 2026-11-24T00:00:00.000+08:00 to 2026-11-25T00:00:00.000+08:00 (not included)');
  const verified = await fenceline('en', 'verify', site.out('day'), '--key', site.keys.publicKey);
  expect(verified).toEqual({ code: 0, told: expect.stringContaining('everything holds') });
  const zh = await run('zh', 'day-zh', '--csv', '--factors', 'noise');
  expect(zh).toEqual({ code: 0, told: expect.stringMatching(/^导出完成：\d+ 个文件/) });
  expect((await fenceline('zh', 'verify', site.out('day-zh'))).told).toContain('全部成立');
});

test('what nobody has and age will take is told by the doctor with the command, until it is exported', async () => {
  const years = (n: number) => ({ ...systemClock, wall: () => (Date.now() - n * 31_557_600_000) as WallTime });
  await site.append(minutes(5), 0, { clock: years(4.98) });
  await site.append(minutes(5, 10), 0, { clock: years(0) });
  const doctor = async (language: Language): Promise<string> =>
    (await fenceline(language, 'doctor', '--site', site.directory)).told;
  expect(await doctor('en')).toMatch(
    /days of records, since 202\d-\d\d-\d\d, not yet exported or acknowledged, will be let go/,
  );
  expect(await doctor('zh')).toMatch(/天的记录尚未导出或被平台确认，将自 \d{4}-\d\d-\d\d 起被清除/);
  expect((await run('en', 'some', '--factors', 'noise')).code).toBe(0);
  expect(await doctor('en')).toContain('not yet exported');
  expect((await run('en', 'all')).code).toBe(0);
  expect(await doctor('en')).toContain('none will be let go within a month');
});

test('each kind of damage to an export is found, with its file and line', async () => {
  await site.append(minutes(300));
  await run('en', 'e');
  const file = join(site.out('e'), 'records-00001.jsonl');
  const whole = readFileSync(file, 'utf8');
  const lines = whole.split('\n');
  const at = lines.findIndex((line) => line.startsWith('{"seq":7,'));
  const damaged = async (change: () => void): Promise<string> => {
    writeFileSync(file, whole);
    change();
    const { code, told } = await fenceline('en', 'verify', site.out('e'), '--json');
    expect(code).toBe(1);
    return (JSON.parse(told) as { findings: { detail: string }[] }).findings.map(({ detail }) => detail).join('\n');
  };
  const put = (changed: readonly string[]) => () => writeFileSync(file, changed.join('\n'));
  const value = lines.with(at, (lines[at] ?? '').replace('"count":15', '"count":14'));
  expect(await damaged(put(value))).toMatch(
    new RegExp(`^records-00001.jsonl line ${at + 1}: seq 7: the entry does not`),
  );
  expect(await damaged(put(lines.toSpliced(at, 1)))).toMatch(
    /^records-00001.jsonl line \d+: seq 7 is expected, 8 is here/,
  );
  expect(await damaged(put(lines.toSpliced(at, 0, lines[at] ?? '')))).toMatch(/seq 8 is expected, 7 is here/);
  expect(await damaged(put(lines.slice(0, at)))).toMatch(/the part ends within/);
  const stretch = lines.with(0, (lines[0] ?? '').replace('site-1', 'site-2'));
  expect(await damaged(put(stretch))).toMatch(/^records-00001.jsonl line 1: the stretch is not the one/);
  expect(await damaged(() => rmSync(file))).toMatch(/^records-00001.jsonl: the file is missing/);
  writeFileSync(file, whole);
  const manifest = join(site.out('e'), 'manifest.json');
  writeFileSync(manifest, readFileSync(manifest, 'utf8').replace('"version": "0.1.0"', '"version": "0.1.1"'));
  expect((await fenceline('en', 'verify', site.out('e'))).told).toMatch(/manifest.sig is not the signature/);
});

test('an export that another key signed is told from one that the trusted key leads to', async () => {
  await site.append(minutes(5));
  const before = site.keys.publicKey;
  await site.keys.rotate('zl-0001');
  await run('en', 'rotated');
  expect((await fenceline('en', 'verify', site.out('rotated'), '--key', before)).code).toBe(0);
  const foreign = publicKeyText(readSigningKey(newSigningKey()));
  const { code, told } = await fenceline('en', 'verify', site.out('rotated'), '--key', foreign);
  expect([code, told]).toEqual([1, expect.stringContaining('does not vouch for it')]);
});

test.each([
  [['--from', 'yesterday'], '--from takes a time'],
  [['--from', '2026-02-30'], '--from takes a time'],
  [['--from', '2026-11-02', '--to', '2026-11-01'], '--to is not after --from'],
  [['--kinds', 'minutes'], 'there is no minutes'],
  [['--instruments', 'dust-9'], 'the site has no dust-9; it has dust-1'],
  [['--part', '5GB'], '--part takes 1MB to 2GB'],
])('%j is told in one line', async (more, message) => {
  expect(await run('en', 'wrong', ...more)).toEqual({ code: 2, told: expect.stringContaining(message) });
  expect(existsSync(site.out('wrong'))).toBe(false);
});

test('a medium that takes no more says so and what was written, and the same command goes on when there is room', async () => {
  await site.append(minutes(9000));
  const args = ['export', '--site', site.directory, '--out', site.out('full'), '--part', '1MB', '--lang', 'zh'];
  const main = join(import.meta.dirname, '../main.ts');
  // No file larger than 900 000 bytes: the first part fails in its middle. Node does not die of the signal.
  const limited = [
    '--fsize=900000:900000',
    process.execPath,
    '--import',
    `data:text/javascript,process.on('SIGXFSZ',()=>{})`,
  ];
  const child = spawn('prlimit', [...limited, main, ...args]);
  const [told, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  expect([code, told]).toEqual([
    1,
    expect.stringMatching(/已满[\s\S]*已写入：0 个文件[\s\S]*再次执行同一命令即可续传/),
  ]);
  expect(readdirSync(site.out('full'))).toEqual(['progress.json']);
  const done = await fenceline('zh', ...args);
  expect(done).toEqual({ code: 0, told: expect.stringMatching(/导出完成：3 个文件，共 9001 条/) });
  for (const name of readdirSync(site.out('full'))) {
    expect(statSync(join(site.out('full'), name)).size).toBeLessThan(1_300_000);
  }
});
