import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AuditRecord } from '../../../gateway/record/record.ts';
import { Program } from '../measure/program.ts';
import { benchStore } from './bench-store.ts';
import type { StartFigures, StartPlan } from './programs/start.ts';

/** Text of one entry of the filling, characters of hexadecimal digits. */
const filler = 16_384;
const batch = 64;

/** How a large store starts. */
export interface Starting extends StartFigures {
  readonly gigabytes: number;
  /** The system's page cache was emptied before; without the right to, the figure is a warm one. */
  readonly cold: boolean;
}

/** Fills a store to so many gigabytes (10^9 bytes), empties the caches, and starts it in a process of its own. */
export async function measureStarting(gigabytes: number): Promise<Starting> {
  const directory = mkdtempSync(join(tmpdir(), 'fenceline-bench-start-'));
  try {
    await fill(directory, gigabytes * 1e9);
    const bytes = statSync(join(directory, 'store', 'store.sqlite')).size;
    const cold = dropCaches();
    const file = fileURLToPath(new URL('./programs/start.ts', import.meta.url));
    const plan: StartPlan = { directory };
    const { program, ready } = await Program.start<StartFigures>(file, plan);
    await program.stop();
    return { ...ready, gigabytes: bytes / 1e9, cold };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

async function fill(directory: string, bytes: number): Promise<void> {
  const store = await benchStore(directory);
  const file = join(directory, 'store', 'store.sqlite');
  for (let n = 0; statSync(file).size < bytes; n += batch) {
    for (let index = 0; index < batch; index++) {
      const details = { n: n + index, filler: randomBytes(filler / 2).toString('hex') };
      const record: AuditRecord = { kind: 'audit', at: '', who: 'bench', action: 'filling', details, revision: 1 };
      void store.append(record).catch(() => undefined);
    }
    if (!(await store.flush())) throw new Error('the store did not commit');
  }
  await store.close();
}

function dropCaches(): boolean {
  try {
    writeFileSync('/proc/sys/vm/drop_caches', '3');
    return true;
  } catch {
    return false;
  }
}
