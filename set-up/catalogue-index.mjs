import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mustRun } from './child.mjs';
import { announced } from './progress.mjs';

/**
 * The index of the profiles, built whenever one of them, or what reads them, changed: with it the list of instruments is
 * there at once.
 * @param {string} root
 * @param {() => string} nodePath
 */
export function catalogueIndex(root, nodePath) {
  const home = join(root, 'device-profiles');
  const program = join(home, 'catalogue-index.ts');
  const stampPath = join(home, 'dist/.built-from');
  const sourceHash = () => {
    const hash = createHash('sha256');
    const files = readdirSync(home, { recursive: true, encoding: 'utf8' });
    for (const file of files.filter((name) => /\.(yaml|ts)$/.test(name) && !name.endsWith('.test.ts')).sort()) {
      hash
        .update(file)
        .update('\0')
        .update(readFileSync(join(home, file)))
        .update('\0');
    }
    return hash.digest('hex');
  };
  return {
    isBuilt: () => {
      if (!existsSync(program)) return true;
      return existsSync(stampPath) && readFileSync(stampPath, 'utf8').trim() === sourceHash();
    },
    build: () =>
      announced('building the index of the profiles into device-profiles/dist', async () => {
        const before = sourceHash();
        await mustRun(nodePath(), [program], { cwd: root });
        writeFileSync(stampPath, `${before}\n`);
      }),
  };
}
