import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type ExportedSite,
  everything,
  exportedSite,
  exportTask,
  minutes,
} from '../../test-rigs/surroundings/exported-site.ts';
import { newSigningKey, publicKeyText, readSigningKey } from '../record/signature.ts';
import { exportStore } from './export-store.ts';

const verifier = join(import.meta.dirname, '../../docs/verify-export.py');
let site: ExportedSite;
let former: string;
beforeAll(async () => {
  site = await exportedSite();
  former = site.keys.publicKey;
  await site.append(minutes(900), 30);
  await site.keys.rotate('zl-0001');
  const choice = { ...everything, kinds: [...everything.kinds, 'samples'], factors: ['noise'] };
  await exportStore(exportTask(site, 'noise', { choice }));
  await exportStore(exportTask(site, 'all', { partBytes: 20_000 }));
  await exportStore(exportTask(site, 'tables', { content: 'csv' }));
});
afterAll(() => rmSync(site.root, { recursive: true, force: true }));

function verified(out: string, ...more: string[]): { code: number | null; told: string } {
  const { status, stdout, stderr } = spawnSync('python3', [verifier, site.out(out), ...more], { encoding: 'utf8' });
  return { code: status, told: stdout + stderr };
}

test('a real export holds, with what was left out, as tables, and for whoever trusts the key of before the rotation', () => {
  expect(verified('all')).toEqual({
    code: 0,
    told: expect.stringMatching(/^everything holds: 901 entries of zl-0001/),
  });
  expect(verified('all', '--key', former).code).toBe(0);
  expect(verified('noise')).toEqual({ code: 0, told: expect.stringContaining('everything holds') });
  expect(verified('tables')).toEqual({ code: 0, told: expect.stringContaining('everything holds') });
});

type Change = (text: string, lines: readonly string[]) => string;
const inLine =
  (start: string, from: string | RegExp, to: string): Change =>
  (_, lines) =>
    lines.map((line) => (line.startsWith(start) ? line.replace(from, to) : line)).join('\n');
const first = 'records-00001.jsonl';

test.each<[string, string, Change, RegExp]>([
  ['a value that was changed', first, inLine('{"seq":5,', '"count":15', '"count":14'), /line 6: the entry of seq 5/],
  ['a hash that was changed', first, inLine('{"seq":5,', /"hash":"./, '"hash":"g'), /line 6: this is no line/],
  ['a line taken out', first, (_, lines) => lines.toSpliced(5, 1).join('\n'), /line 6: seq 5 is expected, 6 is here/],
  ['a line added', first, (_, lines) => lines.toSpliced(5, 0, lines[5] ?? '').join('\n'), /line 7: seq 6 is expected/],
  [
    'two lines swapped',
    first,
    (_, [a = '', b = '', c = '', ...rest]) => [a, c, b, ...rest].join('\n'),
    /line 2: seq 1 is/,
  ],
  ['a stretch that was changed', first, inLine('{"sum"', 'site-1', 'site-2'), /line 1: the stretch was changed/],
  ['an end that was cut off', first, (_, lines) => `${lines.slice(0, 9).join('\n')}\n`, /ends within a stretch/],
  ['a space more', first, (text) => `${text} `, /line \d+: this is no line/],
  ['a part that is empty', first, () => '', /does not end where/],
  [
    'a manifest that was changed',
    'manifest.json',
    (text) => text.replace('"0.1.0"', '"0.1.1"'),
    /signature does not hold/,
  ],
  ['no signature', 'manifest.sig', () => '', /signature does not hold/],
])('%s is found', (_, name, change, told) => {
  const path = join(site.out('all'), name);
  const whole = readFileSync(path);
  try {
    writeFileSync(path, change(whole.toString(), whole.toString().split('\n')));
    expect(verified('all')).toEqual({ code: 1, told: expect.stringMatching(told) });
  } finally {
    writeFileSync(path, whole);
  }
});

test('a key that does not lead to the one that signed, a part that is gone, and a table that was changed are found', () => {
  const foreign = publicKeyText(readSigningKey(newSigningKey()));
  expect(verified('all', '--key', foreign)).toEqual({ code: 1, told: expect.stringContaining('is not one that') });
  const table = join(site.out('tables'), 'minute-noise-00001.csv');
  writeFileSync(table, readFileSync(table, 'utf8').replace(',15,', ',16,'));
  expect(verified('tables').told).toContain('minute-noise-00001.csv: it is not the file that was signed for');
  rmSync(join(site.out('noise'), 'records-00001.jsonl'));
  expect(verified('noise')).toEqual({ code: 1, told: expect.stringContaining('records-00001.jsonl: No such file') });
  rmSync(join(site.out('noise'), 'manifest.json'));
  expect(verified('noise').code).toBe(2);
});
