import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PowerCut } from '../../surroundings/power-cut/power-cut.ts';
import { cutFindings } from '../../torture/cut-check.ts';
import type { Mistakes } from '../../torture/lives.ts';
import { torture } from '../../torture/torture.ts';
import { ProcessSite, until } from '../process-site.ts';
import { seededRandom } from '../seeded-random.ts';

test.each([1, Math.floor(Math.random() * 2 ** 32)])(
  'kills and power cuts at any moment lose nothing that was told as committed, and double nothing (seed %i)',
  async (seed) => {
    const { kills, powerCuts, committed, ...found } = await torture({ seed, kills: 1, cuts: 12, cutsOfOneLife: 6 });
    expect(found).toEqual({ lost: 0, conflicts: 0, chainBreaks: 0, wrong: [] });
    expect([kills, powerCuts]).toEqual([1, 12]);
    expect(committed).toBeGreaterThan(0);
  },
);

const module = (name: string): string => join(import.meta.dirname, '..', '..', 'torture', 'mistakes', `${name}.mjs`);

test.each<[string, Mistakes]>([
  ['the store commits without a sync', { mutation: module('commit-without-sync') }],
  ['the name of a new directory is not synced', { mutation: module('directory-without-sync') }],
  ['an entry is told as committed before it is', { mutation: module('told-before-commit') }],
  ['the disk does not write what it is told to sync', { disk: { lies: 'files' } }],
])('the same turns red when %s', async (_, mistakes) => {
  // A cut takes most where everything is new, so each life has a site of its own.
  const plan = { livesOfOneSite: 1, cutsOfOneLife: 20, lived: [300, 1300], isLivedFromCommit: true } as const;
  const tally = await torture({ seed: 5, kills: 0, cuts: 200, ...plan, mistakes });
  expect(tally.lost + tally.conflicts, tally.wrong.join('\n')).toBeGreaterThan(0);
});

test('at every moment in which a store is made, a power cut leaves what the next start makes a store of', async () => {
  await using site = await ProcessSite.start('mqtt://127.0.0.1:1');
  using disk = PowerCut.follow(site.directory, { told: 3 });
  const gateway = await site.run({ environment: disk.environment });
  await until('something is told', () => site.ledger.size > 0);
  await gateway.kill();
  // The journal goes when the file is one, and its log comes: from then on it is commits, as in every life.
  const gone = disk.deeds.findIndex(
    ({ kind, paths: [path] }) => kind === 'removed' && path?.endsWith('sqlite-journal'),
  );
  const log = disk.deeds.findIndex(({ paths: [path] }) => path === 'store/store.sqlite-wal');
  expect(log).toBeGreaterThan(gone);
  const random = seededRandom(11);
  for (let after = gone - 2; after <= log + 4; after++) {
    for (const rules of ['prefix', 'reordered', 'prefix', 'reordered'] as const) {
      const findings = await cutFindings(disk, { rules, random, after }, { before: new Map(), ever: new Map() });
      expect([after, findings]).toEqual([after, { lost: 0, conflicts: 0, chainBreaks: 0, wrong: null }]);
    }
  }
});
