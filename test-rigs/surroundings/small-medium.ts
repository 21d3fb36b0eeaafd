import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A small file system in memory over a directory, so that a disk can really be full or read-only. Needs root. */
export class SmallMedium implements Disposable {
  readonly #directory: string;

  private constructor(directory: string) {
    this.#directory = directory;
  }

  /** Mounts it over the directory, which is empty then; the reason as a text where the system does not allow it. */
  static over(directory: string, megabytes: number): SmallMedium | string {
    const { status, error, stderr } = mount('-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0700`, 'tmpfs', directory);
    return status === 0 ? new SmallMedium(directory) : `no tmpfs can be mounted: ${error?.message ?? stderr.trim()}`;
  }

  /** Why none can be made here, which is printed for whoever wonders what was skipped; null where one can. */
  static whyNot(): string | null {
    const directory = mkdtempSync(join(tmpdir(), 'fenceline-mount-'));
    try {
      const medium = SmallMedium.over(directory, 1);
      if (typeof medium !== 'string') {
        medium[Symbol.dispose]();
        return null;
      }
      console.log(`skipped: ${medium}`);
      return medium;
    } finally {
      rmSync(directory, { recursive: true });
    }
  }

  /** Takes up all the room there is with a file of its own. */
  fill(): void {
    const file = openSync(this.#ballast, 'a');
    try {
      for (const page = Buffer.alloc(4096); writeSync(file, page) > 0; );
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
    } finally {
      closeSync(file);
    }
  }

  /** Gives that room back. */
  empty(): void {
    rmSync(this.#ballast, { force: true });
  }

  /** Nobody may have a file open for writing. */
  setWritable(isWritable: boolean): void {
    const { status, stderr } = mount('-o', `remount,${isWritable ? 'rw' : 'ro'}`, this.#directory);
    if (status !== 0) throw new Error(`it cannot be mounted anew: ${stderr.trim()}`);
  }

  [Symbol.dispose](): void {
    spawnSync('umount', ['--lazy', this.#directory]);
  }

  get #ballast(): string {
    return join(this.#directory, 'ballast');
  }
}

const mount = (...args: string[]) => spawnSync('mount', args, { encoding: 'utf8' });
