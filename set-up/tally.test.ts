import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TALLY_FILE } from './tally-reporter.mjs';

const project = dirname(import.meta.dirname);
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fenceline-tally-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe('the counts of a test run', () => {
  function tallyOf(files: Record<string, string>) {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
    const tally = join(directory, 'tally.json');
    const vitest = join(project, 'node_modules/vitest/vitest.mjs');
    const reporter = join(import.meta.dirname, 'tally-reporter.mjs');
    spawnSync(process.execPath, [vitest, 'run', '--root', directory, '--globals', '--reporter', reporter], {
      env: { ...process.env, [TALLY_FILE]: tally },
      stdio: 'ignore',
    });
    return JSON.parse(readFileSync(tally, 'utf8'));
  }

  test('hold every passed and every failed test', () => {
    const text = "test('a', () => {}); test('b', () => {}); test('c', () => { throw new Error('c'); });";
    expect(tallyOf({ 'a.test.js': text })).toEqual({ passed: 2, failed: 1 });
  });

  test('hold one failed for a file that cannot be loaded, and one for an error outside of any test', () => {
    const outside =
      "test('a', () => {}); setTimeout(() => { throw new Error('late'); }, 0); test('b', () => new Promise((r) => setTimeout(r, 50)));";
    expect(tallyOf({ 'a.test.js': "import './missing.js';", 'b.test.js': outside })).toEqual({ passed: 2, failed: 2 });
  });
});

describe('.ci/run', () => {
  /** Runs .ci/run with an npm that says and ends as told. */
  function ciRun(test: { says: string; code: number }, check: { code: number }) {
    const npm = join(directory, 'bin/npm');
    mkdirSync(dirname(npm));
    const script = `#!/bin/sh\nif [ "$1" = test ]; then echo '${test.says}'; exit ${test.code}; fi\necho checked; exit ${check.code}\n`;
    writeFileSync(npm, script, { mode: 0o755 });
    const ran = spawnSync(join(project, '.ci/run'), {
      encoding: 'utf8',
      env: { ...process.env, CI: 'true', PATH: `${dirname(npm)}:${process.env.PATH}` },
    });
    return { lastLine: ran.stdout.trim().split('\n').at(-1), status: ran.status };
  }

  test('ends with the counts of the tests when all is well', () => {
    expect(ciRun({ says: '12 passed, 0 failed', code: 0 }, { code: 0 })).toEqual({
      lastLine: '12 passed, 0 failed',
      status: 0,
    });
  });

  test('counts failing checks as one failed', () => {
    expect(ciRun({ says: '12 passed, 2 failed', code: 1 }, { code: 1 })).toEqual({
      lastLine: '12 passed, 3 failed',
      status: 1,
    });
    rmSync(join(directory, 'bin'), { recursive: true });
    expect(ciRun({ says: '12 passed, 0 failed', code: 0 }, { code: 1 })).toEqual({
      lastLine: '12 passed, 1 failed',
      status: 1,
    });
  });

  test('counts a test run that broke off as failed', () => {
    expect(ciRun({ says: 'out of memory', code: 134 }, { code: 0 })).toEqual({
      lastLine: '0 passed, 1 failed',
      status: 1,
    });
  });
});
