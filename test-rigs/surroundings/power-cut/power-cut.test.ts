import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { seededRandom } from '../../stories/seeded-random.ts';
import type { DiskFaults } from './disk-switches.ts';
import type { Rules } from './legal-state.ts';
import { PowerCut } from './power-cut.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'power-cut-'));
});

afterEach(() => rmSync(directory, { recursive: true }));

const everyRules: readonly Rules[] = ['prefix', 'reordered'];
const opening = `
  import * as fs from 'node:fs';
  import { DatabaseSync } from 'node:sqlite';
  process.chdir(${'DIRECTORY'});
  const syncDirectory = (path) => { const d = fs.openSync(path, 'r'); fs.fsyncSync(d); fs.closeSync(d); };
  const told = [];
`;

/** Runs a program in the directory until it kills itself. */
function run(disk: PowerCut, program: string): string {
  const source = opening.replace('DIRECTORY', JSON.stringify(directory)) + program;
  const child = spawnSync(process.execPath, ['--input-type=module', '--eval', source], {
    env: { ...process.env, ...disk.environment },
    encoding: 'utf8',
  });
  expect([child.stderr, child.status ?? child.signal]).toEqual(['', expect.anything()]);
  return child.stdout;
}

const killed = `process.kill(process.pid, 'SIGKILL'); while (true);`;

/** Runs a program, and looks at what many cuts leave of the directory. */
function afterCuts<Look>(program: string, rules: Rules, look: () => Look, cuts = 60): Look[] {
  using disk = PowerCut.follow(directory);
  run(disk, program + killed);
  const random = seededRandom(1);
  return Array.from({ length: cuts }, () => {
    disk.cut({ rules, random });
    return look();
  });
}

const content = (name: string): string | null => {
  const path = join(directory, name);
  return existsSync(path) ? readFileSync(path, 'latin1') : null;
};

test.each(everyRules)('what was synced, with its name, is there after every cut (%s)', (rules) => {
  const seen = afterCuts(
    `const f = fs.openSync('a', 'w'); fs.writeSync(f, 'x'.repeat(3000)); fs.fsyncSync(f); syncDirectory('.');
     fs.writeSync(f, 'y'.repeat(3000));`,
    rules,
    () => content('a'),
  );
  expect(seen.every((text) => text?.startsWith('x'.repeat(3000)))).toBe(true);
});

test.each(everyRules)('what was written since the last sync is sometimes whole, torn or lost (%s)', (rules) => {
  writeFileSync(join(directory, 'a'), 'o'.repeat(4096));
  const write = `const f = fs.openSync('a', 'r+'); fs.writeSync(f, 'n'.repeat(4096), 0);`;
  const seen = afterCuts(write, rules, () => content('a') ?? '');
  expect(seen.every((text) => /^[no]{4096}$/.test(text))).toBe(true);
  expect(seen).toContain('o'.repeat(4096));
  expect(seen).toContain('n'.repeat(4096));
  expect(seen.some((text) => /no/.test(text) && text.length === 4096)).toBe(true);
  // Only a disk that reorders has a later sector before an earlier one.
  expect(seen.some((text) => /^o+n/.test(text))).toBe(rules === 'reordered');
});

test('the sectors of two writes to one place are of the old, the first or the second, each for itself', () => {
  writeFileSync(join(directory, 'a'), 'o'.repeat(2048));
  const write = `const f = fs.openSync('a', 'r+'); for (const c of '12') fs.writeSync(f, c.repeat(2048), 0);`;
  const seen = afterCuts(write, 'reordered', () => content('a') ?? '');
  expect(seen.some((text) => ['o', '1', '2'].every((letter) => text.includes(letter)))).toBe(true);
});

test.each(everyRules)('a file that grew without a sync has any of its sizes (%s)', (rules) => {
  const write = `const f = fs.openSync('a', 'w'); fs.fsyncSync(f); syncDirectory('.');
    for (let n = 0; n < 4; n++) fs.writeSync(f, 'x'.repeat(1000)); fs.ftruncateSync(f, 500);`;
  const sizes = afterCuts(write, rules, () => content('a')?.length ?? -1, 200);
  expect([...new Set(sizes)].sort((a, b) => a - b)).toEqual(expect.arrayContaining([0, 500, 1000, 2000, 3000, 4000]));
});

test.each(everyRules)(
  'a new name without a sync of its directory is sometimes gone, with the content (%s)',
  (rules) => {
    const write = `fs.mkdirSync('inner'); fs.writeFileSync('inner/a', 'whole', { flush: true });`;
    const seen = afterCuts(write, rules, () => [content('inner/a'), existsSync(join(directory, 'inner'))]);
    expect(seen).toContainEqual([null, false]);
    expect(seen).toContainEqual([null, true]);
    expect(seen).toContainEqual(['whole', true]);
  },
);

test.each(everyRules)('a rename without a sync of its directory is sometimes undone, never half done (%s)', (rules) => {
  writeFileSync(join(directory, 'a'), 'old');
  const rename = `fs.writeFileSync('a.new', 'new', { flush: true }); fs.renameSync('a.new', 'a');`;
  const seen = afterCuts(rename, rules, () => `${content('a')} ${content('a.new')}`);
  expect(new Set(seen)).toEqual(new Set(['old null', 'old new', 'new null']));
  const synced = afterCuts(`${rename} syncDirectory('.');`, rules, () => `${content('a')} ${content('a.new')}`);
  expect(new Set(synced)).toEqual(new Set(['new null']));
});

test('a rename that is synced, of a file that is not, leaves an empty or a torn file', () => {
  writeFileSync(join(directory, 'a'), 'old');
  const rename = `fs.writeFileSync('a.new', 'n'.repeat(100)); fs.renameSync('a.new', 'a'); syncDirectory('.');`;
  const seen = afterCuts(rename, 'prefix', () => content('a') ?? '');
  expect(seen).toContain('');
  expect(seen.some((text) => /^n+$/.test(text) && text.length < 100)).toBe(true);
});

test.each(everyRules)('a removed file sometimes comes back until the directory is synced (%s)', (rules) => {
  writeFileSync(join(directory, 'a'), 'here');
  expect(new Set(afterCuts(`fs.unlinkSync('a');`, rules, () => content('a')))).toEqual(new Set(['here', null]));
  writeFileSync(join(directory, 'a'), 'here');
  expect(new Set(afterCuts(`fs.unlinkSync('a'); syncDirectory('.');`, rules, () => content('a')))).toEqual(
    new Set([null]),
  );
});

test('a sync that the disk refused brings nothing to safety, and neither does the next one', () => {
  using disk = PowerCut.follow(directory);
  const program = `const f = fs.openSync('a', 'w'); syncDirectory('.'); fs.writeSync(f, 'first');`;
  disk.switches.turn({});
  const fail = `const s = fs.openSync(${JSON.stringify(disk.switches.file)}, 'r+');
    const turn = (errno) => { const b = Buffer.alloc(4); b.writeInt32LE(errno); fs.writeSync(s, b, 0, 4, 4); };
    turn(5); try { fs.fsyncSync(f); } catch (error) { fs.writeSync(1, error.code); } turn(0);`;
  expect(run(disk, `${program}${fail} fs.writeSync(f, 'second'); fs.fsyncSync(f); ${killed}`)).toBe('EIO');
  const random = seededRandom(1);
  const seen = Array.from({ length: 40 }, () => {
    disk.cut({ rules: 'prefix', random });
    return content('a');
  });
  expect(new Set(seen)).toEqual(new Set(['firstsecond', '\0\0\0\0\0second']));
});

test.each<[string, DiskFaults, string]>([
  ['a write fails with EIO', { write: 'EIO' }, 'EIO 0'],
  ['a full disk takes what it has room for', { room: 7 }, 'ENOSPC 7'],
  ['a sync fails with EIO', { sync: 'EIO' }, 'EIO 20'],
])('switches: %s', (_, faults, expected) => {
  using disk = PowerCut.follow(directory);
  disk.switches.turn(faults);
  const write = `let code; const f = fs.openSync('a', 'w');
    try { let left = 20; while (left > 0) left -= fs.writeSync(f, 'x'.repeat(left)); fs.fsyncSync(f); }
    catch (error) { code = error.code; }
    fs.writeSync(1, code + ' ' + fs.fstatSync(f).size);`;
  expect(run(disk, write)).toBe(expected);
  expect(disk.switches.refused).toBeGreaterThan(0);
});

test('nothing that Node and its SQLite do to the directory passes the shim unseen', () => {
  mkdirSync(join(directory, 'inner'));
  using disk = PowerCut.follow(directory);
  const program = `
    const database = new DatabaseSync('store.sqlite');
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE t (x)');
    for (let n = 0; n < 3000; n++) database.exec("INSERT INTO t VALUES (hex(randomblob(200)))");
    const handle = await fs.promises.open('inner/b', 'w');
    await handle.writev([Buffer.from('one'), Buffer.from('two')]);
    await handle.writev([Buffer.from('three'), Buffer.from('four')], 1);
    await handle.truncate(5); await handle.appendFile('five'); await handle.close();
    await fs.promises.writeFile('./inner/../c', 'c'); await fs.promises.rename('c', 'inner/../d');
    fs.linkSync('d', 'e'); fs.appendFileSync('e', 'more'); fs.rmSync('d');
    fs.mkdirSync('x/y/z', { recursive: true }); fs.rmSync('x', { recursive: true });
    const stream = fs.createWriteStream('f'); stream.write('s'); await new Promise((done) => stream.end('t', done));
    ${killed}`;
  run(disk, program);
  expect(disk.unseen()).toEqual([]);
  expect(readdirSync(directory)).toContain('store.sqlite-wal');
  // And what is done without it is noticed.
  writeFileSync(join(directory, 'd'), 'unseen');
  expect(disk.unseen()).toEqual(['/d: not told']);
});

test('of what was told by a moment, and only of that, the disk at that moment may be asked', () => {
  using disk = PowerCut.follow(directory, { told: 1 });
  run(
    disk,
    `const f = fs.openSync('a', 'w'); syncDirectory('.');
    for (const c of 'xyz') { fs.writeSync(f, c); fs.fsyncSync(f); fs.writeSync(1, c); } ${killed}`,
  );
  const into = join(directory, 'other');
  mkdirSync(into);
  const random = seededRandom(1);
  for (let after = 0; after <= disk.deeds.length; after++) {
    disk.fork(into, { rules: 'prefix', random, after });
    expect(content('other/a') ?? '').toMatch(new RegExp(`^${disk.toldAfter(after)}`));
  }
  expect(disk.toldAfter(disk.deeds.length)).toBe('xyz');
});

test.each<[NonNullable<DiskFaults['lies']>, string | null]>([
  ['files', ''],
  ['directories', null],
])('a disk that lies about syncs of %s loses what it had synced', (lies, left) => {
  using disk = PowerCut.follow(directory);
  disk.switches.turn({ lies });
  run(disk, `fs.writeFileSync('a', 'whole', { flush: true }); syncDirectory('.'); ${killed}`);
  const random = seededRandom(1);
  const seen = Array.from({ length: 40 }, () => {
    disk.cut({ rules: 'prefix', random });
    return content('a');
  });
  expect(seen).toContain(left);
});

test('what the model does not follow is an error, not a state', () => {
  mkdirSync(join(directory, 'inner'));
  using disk = PowerCut.follow(directory);
  run(disk, `fs.symlinkSync('a', 'b'); ${killed}`);
  expect(() => disk.cut({ rules: 'prefix', random: () => 0 })).toThrow('does not follow: symlink b');
});

test.each(everyRules)('SQLite keeps what it committed with synchronous=FULL, and not with OFF (%s)', (rules) => {
  const program = (synchronous: string) => `
    const database = new DatabaseSync('store.sqlite');
    database.exec('PRAGMA page_size = 1024; PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 50');
    database.exec('PRAGMA synchronous = ${synchronous}; CREATE TABLE IF NOT EXISTS t (n INTEGER PRIMARY KEY, x)');
    let n = database.prepare('SELECT coalesce(max(n), 0) AS n FROM t').get().n;
    const upTo = n + 150;
    for (; n < upTo;) {
      database.exec('BEGIN');
      for (let i = 0; i < 5; i++) database.prepare('INSERT INTO t VALUES (?, hex(randomblob(?)))').run(++n, n % 400);
      database.exec('COMMIT');
      if (n % 35 === 0) { database.exec('PRAGMA wal_checkpoint(RESTART)'); }
      fs.writeSync(1, n + '\\n');
    }`;
  const lost = { FULL: 0, OFF: 0 };
  for (const synchronous of ['FULL', 'OFF'] as const) {
    for (const name of readdirSync(directory)) rmSync(join(directory, name));
    const random = seededRandom(7);
    for (let round = 0; round < (synchronous === 'FULL' ? 4 : 1); round++) {
      using disk = PowerCut.follow(directory);
      const told = Number(
        run(disk, program(synchronous) + killed)
          .trim()
          .split('\n')
          .at(-1),
      );
      for (let cut = 0; cut < 8; cut++) {
        disk.cut({ rules, random });
        const look = `try { fs.writeSync(1, '' + new DatabaseSync('store.sqlite', { readOnly: false })
          .prepare("SELECT count(*) AS n FROM t WHERE (SELECT integrity_check FROM pragma_integrity_check) = 'ok'").get().n);
          } catch (error) { fs.writeSync(1, 'NaN'); }`;
        using looking = PowerCut.follow(directory);
        const found = Number(run(looking, look));
        if (!(found >= told)) lost[synchronous]++;
      }
    }
  }
  expect(lost.FULL).toBe(0);
  expect(lost.OFF).toBeGreaterThan(0);
});
