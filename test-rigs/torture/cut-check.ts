import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readStored } from '../gateway-process/stored.ts';
import type { Cut, PowerCut } from '../surroundings/power-cut/power-cut.ts';

/** What a cut took, beside what the gateway had told before it. */
export interface CutFindings {
  /** Told as committed, and not in the store. */
  readonly lost: number;
  /** In the store with another hash than the gateway ever told for that key. */
  readonly conflicts: number;
  /** Places where entries do not follow from each other. */
  readonly chainBreaks: number;
  /** What else is wrong: the store does not open, or began an epoch that nothing called for. */
  readonly wrong: string | null;
}

/**
 * Makes a copy of a gateway's directory as a power cut may have left it, opens its store as the gateway does, and
 * compares it with what had been told by then. `before`: what earlier lives told; `ever`: what is known to this moment.
 */
export async function cutFindings(
  disk: PowerCut,
  how: Cut,
  { before, ever }: { before: ReadonlyMap<string, string>; ever: ReadonlyMap<string, string> },
): Promise<CutFindings> {
  const directory = mkdtempSync(join(tmpdir(), 'fenceline-cut-'));
  try {
    disk.fork(directory, how);
    const told = new Map(before);
    for (const [key, hash] of toldLines(disk.toldAfter(how.after ?? disk.deeds.length))) told.set(key, hash);
    return await compared(directory, told, ever);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function compared(
  directory: string,
  told: ReadonlyMap<string, string>,
  ever: ReadonlyMap<string, string>,
): Promise<CutFindings> {
  try {
    const { hashes, breaks } = await readStored(directory);
    const lost = [...told.keys()].filter((key) => !hashes.has(key)).length;
    const conflicts = [...hashes].filter(([key, hash]) => (ever.get(key) ?? hash) !== hash).length;
    const epochs = new Set([...hashes.keys()].map((key) => key.split(' ')[1]));
    const wrong = told.size > 0 && epochs.size > 1 ? `the store began anew: ${[...epochs].join(', ')}` : null;
    return { lost, conflicts, chainBreaks: breaks.length, wrong };
  } catch (error) {
    const wrong = `the store does not open: ${error instanceof Error ? error.message : error}`;
    return { lost: told.size, conflicts: 0, chainBreaks: 0, wrong };
  }
}

/** Key and hash of the whole lines; what a cut left of a line was never said. */
function* toldLines(text: string): Iterable<[string, string]> {
  for (const line of text.split('\n').slice(0, -1)) {
    const at = line.lastIndexOf(' ');
    yield [line.slice(0, at), line.slice(at + 1)];
  }
}
