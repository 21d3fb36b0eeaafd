import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { seededRandom } from '../../../../test-rigs/stories/seeded-random.ts';
import { PowerCut } from '../../../../test-rigs/surroundings/power-cut/power-cut.ts';
import { finishSettingAside, unread } from './marker.ts';

const marker = { setAsideAt: Date.parse('2026-11-24T00:00:00Z'), gateway: 'zl-0001', madeAt: 0, isGuess: false };

test('a setting aside that the power cuts off anywhere leaves the file in its place, or aside and still to be read', () => {
  const directory = mkdtempSync(join(tmpdir(), 'aside-'));
  try {
    for (const part of ['', '-wal']) writeFileSync(join(directory, `store.sqlite${part}`), `damaged${part}`);
    using disk = PowerCut.follow(directory);
    const module = JSON.stringify(new URL('./marker.ts', import.meta.url).href);
    const program = `import { setAside } from ${module};
      setAside(${JSON.stringify(join(directory, 'store.sqlite'))}, ${JSON.stringify(marker)});
      process.kill(process.pid, 'SIGKILL'); while (true);`;
    const child = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
      env: { ...process.env, ...disk.environment },
      encoding: 'utf8',
    });
    expect([child.signal, child.stderr]).toEqual(['SIGKILL', '']);
    const random = seededRandom(5);
    const ends = new Set<string>();
    const left = mkdtempSync(join(tmpdir(), 'aside-left-'));
    for (let after = 0; after <= disk.deeds.length; after++) {
      for (let cut = 0; cut < 30; cut++) {
        disk.fork(left, { rules: 'prefix', random, after });
        const file = join(left, 'store.sqlite');
        finishSettingAside(file);
        const isInPlace = existsSync(file);
        ends.add(isInPlace ? 'in its place' : 'aside');
        const names = readdirSync(left);
        expect([names, unread(file).map((one) => one.marker)]).toEqual([names, isInPlace ? [] : [marker]]);
        // Its log is never parted from it.
        expect(names.filter((name) => name.endsWith('-wal'))).toHaveLength(1);
        expect(names.some((name) => `${name}-wal` === names.find((other) => other.endsWith('-wal')))).toBe(true);
      }
    }
    expect(ends).toEqual(new Set(['in its place', 'aside']));
    rmSync(left, { recursive: true });
  } finally {
    rmSync(directory, { recursive: true });
  }
});
