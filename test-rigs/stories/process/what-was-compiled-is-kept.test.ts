import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ProcessSite } from '../process-site.ts';

test('a gateway that only ever ends with its power has kept what it compiled', async () => {
  await using site = await ProcessSite.start('mqtt://127.0.0.1:1');
  const cache = mkdtempSync(join(tmpdir(), 'fenceline-compiled-'));
  try {
    const gateway = await site.run({ environment: { NODE_COMPILE_CACHE: cache } });
    await gateway.kill();
    const kept = readdirSync(cache, { recursive: true }).length;
    expect(kept).toBeGreaterThan(200);
  } finally {
    rmSync(cache, { recursive: true, force: true });
  }
});
