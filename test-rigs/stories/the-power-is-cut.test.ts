import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Mistakes } from '../torture/lives.ts';
import { torture } from '../torture/torture.ts';

test.each([1, Math.floor(Math.random() * 2 ** 32)])(
  'kills and power cuts at any moment lose nothing that was told as committed, and double nothing (seed %i)',
  async (seed) => {
    const { kills, powerCuts, committed, ...found } = await torture({ seed, kills: 1, cuts: 12, cutsOfOneLife: 6 });
    expect(found).toEqual({ lost: 0, conflicts: 0, chainBreaks: 0, wrong: [] });
    expect([kills, powerCuts]).toEqual([1, 12]);
    expect(committed).toBeGreaterThan(0);
  },
  60_000,
);

const module = (name: string): string => join(import.meta.dirname, '..', 'torture', 'mistakes', `${name}.mjs`);

test.each<[string, Mistakes]>([
  ['the store commits without a sync', { mutation: module('commit-without-sync') }],
  ['the name of a new directory is not synced', { mutation: module('directory-without-sync') }],
  ['an entry is told as committed before it is', { mutation: module('told-before-commit') }],
  ['the disk does not write what it is told to sync', { disk: { lies: 'files' } }],
])(
  'the same turns red when %s',
  async (_, mistakes) => {
    // A cut takes most where everything is new, so each life has a site of its own.
    const plan = { livesOfOneSite: 1, cutsOfOneLife: 20, lived: [1500, 2500] } as const;
    const tally = await torture({ seed: 5, kills: 0, cuts: 200, within: 20_000, ...plan, mistakes });
    expect(tally.lost + tally.conflicts, tally.wrong.join('\n')).toBeGreaterThan(0);
  },
  60_000,
);
