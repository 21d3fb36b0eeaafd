import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { answerFile, type PageFiles, readPageFiles } from './page-files.ts';

let directory: string;
let files: PageFiles;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fenceline-page-'));
  await mkdir(join(directory, 'assets'));
  await writeFile(join(directory, 'index.html'), '<!doctype html>');
  await writeFile(join(directory, 'assets/page-1a2b.js'), 'export {};');
  await writeFile(join(directory, '.built-from'), 'not for anybody');
  files = await readPageFiles(directory);
});
afterAll(() => rm(directory, { recursive: true, force: true }));

test('the page is asked for again each time, its hashed parts never', () => {
  expect(answerFile(files, '/', undefined)?.headers.get('cache-control')).toBe('no-cache');
  expect(answerFile(files, '/assets/page-1a2b.js', undefined)?.headers.get('cache-control')).toContain('immutable');
});

test('a file that the browser has is not sent again', async () => {
  const first = answerFile(files, '/', undefined);
  const tag = first?.headers.get('etag') ?? '';
  expect(await first?.text()).toBe('<!doctype html>');
  const second = answerFile(files, '/', `"other", W/${tag}`);
  expect([second?.status, await second?.text()]).toEqual([304, '']);
  expect(answerFile(files, '/', '"other"')?.status).toBe(200);
});

test('only kinds of files that a page is made of are served', () => {
  expect(answerFile(files, '/.built-from', undefined)).toBeNull();
  expect(answerFile(files, '/assets', undefined)).toBeNull();
});

test('a directory that is not there holds no page', async () => {
  expect((await readPageFiles(join(directory, 'none'))).size).toBe(0);
});
