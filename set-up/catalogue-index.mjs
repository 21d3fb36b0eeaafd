import { join } from 'node:path';
import { builtFrom } from './built-from.mjs';
import { mustRun } from './child.mjs';

/**
 * The index of the profiles, built whenever one of them, or what reads them, changed: with it the list of instruments is
 * there at once.
 * @param {string} root
 * @param {() => string} nodePath
 */
export function catalogueIndex(root, nodePath) {
  const home = join(root, 'device-profiles');
  const program = join(home, 'catalogue-index.ts');
  return builtFrom({
    home,
    program,
    isSource: (name) => /\.(yaml|ts)$/.test(name),
    what: 'building the index of the profiles into device-profiles/dist',
    make: () => mustRun(nodePath(), [program], { cwd: root }),
  });
}
