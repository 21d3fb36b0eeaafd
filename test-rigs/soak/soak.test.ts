import { expect, test } from 'vitest';
import { soak } from './soak.ts';

test.each([3])(
  'two nodes live through mishaps of seed %i, and the platform has what their sensors gave',
  async (seed) => {
    const { divergences, rows } = await soak({ seed, hours: 1, apart: 6 * 60_000 });
    expect(divergences).toEqual([]);
    expect(rows).toBeGreaterThan(100);
  },
);
