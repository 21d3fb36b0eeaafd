import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { builtFrom } from './built-from.mjs';
import { mustRun } from './child.mjs';

/**
 * The page a technician sees, built with Vite whenever its sources or the dependencies changed.
 * @param {string} root
 * @param {() => string} nodePath
 * @param {() => string} lockHash
 */
export function page(root, nodePath, lockHash) {
  const home = join(root, 'gateway/page');
  const config = join(home, 'vite.config.ts');
  return builtFrom({
    home,
    program: config,
    isSource: () => true,
    seed: lockHash,
    isThere: () => existsSync(join(home, 'dist/index.html')),
    what: 'building the page into gateway/page/dist',
    make: () =>
      mustRun(nodePath(), [join(root, 'node_modules/vite/bin/vite.js'), 'build', home, '--config', config], {
        cwd: root,
      }),
  });
}
