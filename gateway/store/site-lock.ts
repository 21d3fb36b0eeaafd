import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { StoreRefusal } from './port.ts';

/** The right to use a site directory, held until released or until the process ends, however it ends. */
export interface SiteLock {
  release(): void;
}

/**
 * Takes the site for this process. The lock itself is SQLite's lock on an empty file (`site.lock`): the kernel drops it
 * with the process, so there is no stale lock to judge after SIGKILL or a reboot, it cannot be taken twice at once, and
 * it also holds between containers, where process ids mean nothing. `site.pid` beside it only tells whom to name.
 */
export function lockSite(directory: string): SiteLock | StoreRefusal {
  const pidFile = join(directory, 'site.pid');
  let database: DatabaseSync | undefined;
  try {
    mkdirSync(directory, { recursive: true });
    database = new DatabaseSync(join(directory, 'site.lock'), { timeout: 0 });
    // No journal on the disk, which would need room: nothing is ever written.
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    const held = database;
    tellWho(pidFile);
    return { release: () => held.close() };
  } catch (error) {
    database?.close();
    if (!(error instanceof Error)) throw error;
    if ('errcode' in error && error.errcode === 5) return inUse(directory, readPid(pidFile));
    const message = `${directory} cannot be used: ${error.message}; check that it is there and writable`;
    return { refusal: 'unusable', pid: null, message };
  }
}

/** The lock holds without it: a disk that is full must not keep the gateway from starting. */
function tellWho(pidFile: string): void {
  try {
    // Written beside and renamed, so that a reader never sees half a number.
    writeFileSync(`${pidFile}.new`, `${process.pid}\n`);
    renameSync(`${pidFile}.new`, pidFile);
  } catch {
    // Then the one before is named no longer, for its process is gone.
    rmSync(`${pidFile}.new`, { force: true });
  }
}

function inUse(directory: string, pid: number | null): StoreRefusal {
  const who = pid === null ? 'another process' : `process ${pid}`;
  return {
    refusal: 'in-use',
    pid,
    message: `${directory} is in use by ${who}; stop that one first, or use another site directory`,
  };
}

/** The id in the file, if a process with it can be seen from here. */
function readPid(file: string): number | null {
  try {
    const pid = Number.parseInt(readFileSync(file, 'utf8'), 10);
    return Number.isInteger(pid) && existsSync(`/proc/${pid}`) ? pid : null;
  } catch {
    return null;
  }
}
