import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { say } from './progress.mjs';

const POLL_INTERVAL = 500;

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}

/** @param {string} path */
function holder(path) {
  try {
    return Number.parseInt(readFileSync(path, 'utf8'), 10);
  } catch {
    return Number.NaN;
  }
}

/**
 * Writes our process id to this path if nothing is there; whole or not at all, so that nobody reads half of it.
 * @param {string} path
 */
function claim(path) {
  const mine = `${path}.${process.pid}`;
  writeFileSync(mine, `${process.pid}\n`);
  try {
    linkSync(mine, path);
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
    return false;
  } finally {
    rmSync(mine);
  }
}

/**
 * Does the work while no other set-up of this directory is at work: two npm processes would undo each other.
 * @param {string} root
 * @param {() => Promise<void>} work
 */
export async function alone(root, work) {
  mkdirSync(join(root, '.fenceline'), { recursive: true });
  const path = join(root, '.fenceline/set-up.pid');
  for (let told = false; !claim(path); ) {
    const pid = holder(path);
    if (!isAlive(pid)) {
      rmSync(path, { force: true });
      continue;
    }
    if (!told) say(`another set-up (process ${pid}) is at work here; waiting for it`);
    told = true;
    await new Promise((resolve) => setTimeout(resolve, POLL_INTERVAL));
  }
  const release = () => rmSync(path, { force: true });
  process.once('exit', release);
  try {
    await work();
  } finally {
    process.removeListener('exit', release);
    release();
  }
}
