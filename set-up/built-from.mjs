import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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
 * Something that is built from the sources in one folder into its `dist`, and built again when one of them changed.
 * @typedef {{
 *   home: string,
 *   program: string,
 *   isSource: (name: string) => boolean,
 *   seed?: () => string,
 *   isThere?: () => boolean,
 *   what: string,
 *   make: () => Promise<void>,
 * }} Built `home`: the folder; `program`: what builds it, without which there is nothing to build; `isSource`: by its
 *   path below the folder; `seed`: what else it is made of
 */

/** @param {Built} built */
export function builtFrom({ home, program, isSource, seed = () => '', isThere = () => true, what, make }) {
  const stampPath = join(home, 'dist/.built-from');
  const sourceHash = () => {
    const hash = createHash('sha256').update(seed());
    const files = sourcesBelow(home)
      .map((path) => path.slice(home.length + 1))
      .filter(isSource);
    for (const file of files)
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
      return isThere() && existsSync(stampPath) && readFileSync(stampPath, 'utf8').trim() === sourceHash();
    },
    build: () =>
      announced(what, async () => {
        const before = sourceHash();
        await make();
        writeFileSync(stampPath, `${before}\n`);
      }),
  };
}
