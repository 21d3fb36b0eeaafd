import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { Program } from '../measure/program.ts';
import type { DayFigures } from './programs/day.ts';

test('50 points at 1 s with every sample kept have less than 300 MB a day written to the medium, and nothing is dropped', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'fenceline-day-'));
  try {
    const minutes = 20;
    const file = fileURLToPath(new URL('./programs/day.ts', import.meta.url));
    const { program, ready } = await Program.start<DayFigures>(file, { directory, minutes });
    await program.stop();
    expect(ready.commits).toBeGreaterThan(minutes * 6);
    expect(ready.dropped).toBe(0);
    expect(ready.written).toBeGreaterThan(0);
    expect((ready.written / minutes) * 1440).toBeLessThan(300e6);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
