import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { npm } from './npm.mjs';
import { announced, CannotGoOn } from './progress.mjs';

const OLDEST_NODE = 24;

/**
 * Whether this version of Node runs the project's TypeScript as it stands.
 * @param {string} version such as "18.20.4"
 */
export function isNewEnough(version) {
  return Number.parseInt(version, 10) >= OLDEST_NODE;
}

/**
 * The Node everything runs with: the machine's own where it is new enough, otherwise the one npm carries.
 * @param {string} root the project's directory
 */
export function node24(root) {
  if (isNewEnough(process.versions.node))
    return { path: process.execPath, isThere: () => true, install: async () => {} };
  const home = join(root, 'set-up/node');
  const path = join(home, 'node_modules', `node-linux-${process.arch}`, 'bin/node');
  return {
    path,
    isThere: () => existsSync(path),
    install: async () => {
      if (process.platform !== 'linux' || !['x64', 'arm64'].includes(process.arch)) {
        throw new CannotGoOn(
          `Node ${OLDEST_NODE} or newer is needed; this machine has ${process.versions.node}, and npm carries a newer one ` +
            `only for Linux on x64 and arm64, not for ${process.platform} on ${process.arch}. Install it from https://nodejs.org`,
        );
      }
      await announced(
        `this machine's Node is ${process.versions.node}, older than ${OLDEST_NODE}: installing Node ${OLDEST_NODE} with npm ` +
          'into set-up/node (about 50 MB to download, once; the system stays as it is)',
        () => npm(process.execPath, ['ci', '--include=optional', '--ignore-scripts'], home),
      );
      if (!existsSync(path))
        throw new Error(`npm finished, but ${path} is not there; remove set-up/node/node_modules and try again`);
    },
  };
}

/**
 * Puts this Node, then the project's programs, first on the path of everything started from here on.
 * @param {string} root
 * @param {string} nodePath
 */
export function putFirstOnPath(root, nodePath) {
  process.env.PATH = [dirname(nodePath), join(root, 'node_modules/.bin'), process.env.PATH].join(':');
}
