import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { mustRun } from './child.mjs';
import { announced } from './progress.mjs';

/** @param {string} root */
const homeOf = (root) => join(root, 'test-rigs/surroundings/power-cut');

/**
 * Where the library that tells a program's deeds on a disk stands once it is built from the source as it is now.
 * @param {string} root
 */
export function shimLibrary(root) {
  const hash = createHash('sha256');
  const sources = readdirSync(homeOf(root)).filter((name) => /\.[ch]$/.test(name));
  for (const file of sources.sort()) hash.update(readFileSync(join(homeOf(root), file)));
  return join(root, '.fenceline/power-cut', `power-cut-${process.arch}-${hash.digest('hex').slice(0, 16)}.so`);
}

/**
 * That library, built by gcc whenever its source changed; power cuts are rehearsed with it.
 * @param {string} root
 * @param {() => string} nodePath
 */
export function powerCut(root, nodePath) {
  return {
    isBuilt: () => !existsSync(homeOf(root)) || existsSync(shimLibrary(root)),
    build: () =>
      announced('building the power-cut shim into .fenceline/power-cut', () =>
        mustRun(nodePath(), [join(homeOf(root), 'build.ts')], { cwd: root }),
      ),
  };
}
