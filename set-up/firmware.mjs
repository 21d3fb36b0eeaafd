import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mustRun } from './child.mjs';
import { announced } from './progress.mjs';

/**
 * The firmware of sensor nodes, compiled to Lua whenever its sources or the dependencies changed.
 * @param {string} root
 * @param {() => string} nodePath
 * @param {() => string} lockHash
 */
export function firmware(root, nodePath, lockHash) {
  const home = join(root, 'edge/node');
  const program = join(home, 'build.ts');
  const stampPath = join(home, 'dist/.built-from');
  const sourceHash = () => {
    const hash = createHash('sha256').update(lockHash());
    const files = readdirSync(home, { recursive: true, encoding: 'utf8' }).filter(
      (name) => /\.(ts|json|lua)$/.test(name) && !/(^|\/)(dist|node_modules)\/|\.test\.ts$/.test(name),
    );
    for (const file of files.sort())
      hash
        .update(file)
        .update('\0')
        .update(readFileSync(join(home, file)))
        .update('\0');
    return hash.digest('hex');
  };
  return {
    isBuilt: () => {
      if (!existsSync(program)) return true;
      return existsSync(stampPath) && readFileSync(stampPath, 'utf8').trim() === sourceHash();
    },
    build: () =>
      announced('compiling the firmware of sensor nodes into edge/node/dist', async () => {
        const before = sourceHash();
        await mustRun(nodePath(), [program], { cwd: root });
        writeFileSync(stampPath, `${before}\n`);
      }),
  };
}
