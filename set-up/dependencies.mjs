import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { npm } from './npm.mjs';
import { announced } from './progress.mjs';

/** @typedef {'all' | 'production'} Scope all dependencies, or those the gateway needs at a site */

/**
 * The project's npm dependencies. A stamp inside node_modules says which lock file they came from, and how many.
 * @param {string} root
 * @param {() => string} nodePath the Node that npm has to run under: npm leaves out native parts that the Node it runs under is too old for
 */
export function dependencies(root, nodePath) {
  const stampPath = join(root, 'node_modules/.fenceline-stamp.json');
  const lockHash = () =>
    createHash('sha256')
      .update(readFileSync(join(root, 'package-lock.json')))
      .digest('hex');

  /** @returns {Scope | undefined} what is installed from the lock file as it is now */
  const installed = () => {
    try {
      const stamp = JSON.parse(readFileSync(stampPath, 'utf8'));
      return stamp.lock === lockHash() ? stamp.scope : undefined;
    } catch {
      return undefined;
    }
  };
  /** @param {Scope} scope */
  const stamp = (scope) => {
    mkdirSync(dirname(stampPath), { recursive: true });
    writeFileSync(stampPath, `${JSON.stringify({ lock: lockHash(), scope })}\n`);
  };

  return {
    lockHash,
    installed,
    /** @param {Scope} scope */
    has: (scope) => installed() === 'all' || installed() === scope,
    /** @param {Scope} scope */
    install: (scope) =>
      announced(
        scope === 'all'
          ? 'installing the dependencies into node_modules with npm (about 250 MB on disk)'
          : "installing the gateway's own dependencies into node_modules with npm",
        async () => {
          const which = scope === 'all' ? '--include=dev' : '--omit=dev';
          await npm(nodePath(), ['ci', which, '--include=optional', '--ignore-scripts'], root);
          stamp(scope);
        },
      ),
    /** Takes away what only building and testing need. */
    prune: () =>
      announced('removing what only building and testing need from node_modules', async () => {
        await npm(nodePath(), ['prune', '--omit=dev', '--ignore-scripts'], root);
        stamp('production');
      }),
  };
}
