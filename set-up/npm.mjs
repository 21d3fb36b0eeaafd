import { existsSync, realpathSync } from 'node:fs';
import Module from 'node:module';
import { delimiter, join } from 'node:path';
import { mustRun } from './child.mjs';
import { CannotGoOn } from './progress.mjs';

/** The file of npm's command line: the npm that called us, otherwise the one on the path. */
function npmCli() {
  const ours = process.env.npm_execpath;
  if (ours?.endsWith('npm-cli.js')) return ours;
  for (const directory of (process.env.PATH ?? '').split(delimiter)) {
    const candidate = join(directory, 'npm');
    if (!existsSync(candidate)) continue;
    const real = realpathSync(candidate);
    if (real.endsWith('npm-cli.js')) return real;
  }
  throw new CannotGoOn('npm is missing. On Debian: sudo apt-get install -y npm');
}

/**
 * Runs npm under a given Node.
 * @param {string} node path of the Node to run npm with
 * @param {readonly string[]} args
 * @param {string} cwd
 */
export async function npm(node, args, cwd) {
  // Debian spreads npm's modules over directories that only Debian's own Node searches.
  const searched = /** @type {typeof Module & { globalPaths: string[] }} */ (Module).globalPaths;
  const env = { ...process.env, NODE_PATH: searched.join(delimiter) };
  // npm may be older than the Node it runs under here; that is no news for the person at the terminal.
  await mustRun(node, ['--no-deprecation', npmCli(), ...args, '--no-audit', '--no-fund'], { cwd, env });
}
