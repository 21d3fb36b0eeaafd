import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mustRun } from './child.mjs';
import { announced } from './progress.mjs';

/**
 * The files below a directory in a fixed order, without what is built, installed or only tested.
 * @param {string} directory
 * @returns {string[]}
 */
function sourcesBelow(directory) {
  return readdirSync(directory, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      if (['dist', 'node_modules'].includes(entry.name) || /\.test\.tsx?$/.test(entry.name)) return [];
      const path = join(directory, entry.name);
      return entry.isDirectory() ? sourcesBelow(path) : [path];
    });
}

/**
 * The page a technician sees, built with Vite whenever its sources or the dependencies changed.
 * @param {string} root
 * @param {() => string} nodePath
 * @param {() => string} lockHash
 */
export function page(root, nodePath, lockHash) {
  const home = join(root, 'gateway/page');
  const config = join(home, 'vite.config.ts');
  const stampPath = join(home, 'dist/.built-from');
  const sourceHash = () => {
    const hash = createHash('sha256').update(lockHash());
    for (const path of sourcesBelow(home))
      hash.update(path.slice(home.length)).update('\0').update(readFileSync(path)).update('\0');
    return hash.digest('hex');
  };
  return {
    isBuilt: () => {
      if (!existsSync(config)) return true;
      if (!existsSync(join(home, 'dist/index.html')) || !existsSync(stampPath)) return false;
      return readFileSync(stampPath, 'utf8').trim() === sourceHash();
    },
    build: () =>
      announced('building the page into gateway/page/dist', async () => {
        const before = sourceHash();
        const vite = join(root, 'node_modules/vite/bin/vite.js');
        await mustRun(nodePath(), [vite, 'build', home, '--config', config], { cwd: root });
        writeFileSync(stampPath, `${before}\n`);
      }),
  };
}
