import { join } from 'node:path';
import { builtFrom } from './built-from.mjs';
import { mustRun } from './child.mjs';

/**
 * The firmware of sensor nodes, compiled to Lua whenever its sources or the dependencies changed.
 * @param {string} root
 * @param {() => string} nodePath
 * @param {() => string} lockHash
 */
export function firmware(root, nodePath, lockHash) {
  const home = join(root, 'edge/node');
  const program = join(home, 'build.ts');
  return builtFrom({
    home,
    program,
    isSource: (name) => /\.(ts|json|lua)$/.test(name),
    seed: lockHash,
    what: 'compiling the firmware of sensor nodes into edge/node/dist',
    make: () => mustRun(nodePath(), [program], { cwd: root }),
  });
}
