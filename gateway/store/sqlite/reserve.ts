import { closeSync, existsSync, fsyncSync, ftruncateSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Bytes: twice what the database's log may grow to, which is what deleting old entries and a last commit can take. */
export const reserveSize = 8 * 1_048_576;
const chunk = Buffer.alloc(1_048_576);

/**
 * A file of zeros that only takes up room. When the medium is full after all it is let go, and pays for the deletes that
 * make room and for the commits until then.
 */
export class Reserve {
  readonly #path: string;
  readonly size: number;

  /** `file`: the database that it is kept for, beside which it stands. */
  constructor(file: string, size: number) {
    this.#path = join(dirname(file), 'reserve');
    this.size = size;
  }

  get isThere(): boolean {
    return existsSync(this.#path) && statSync(this.#path).size >= this.size;
  }

  /** Makes the file; false when there is no room for it after all. */
  make(): boolean {
    if (this.isThere) return true;
    try {
      const file = openSync(this.#path, 'w', 0o600);
      try {
        for (let at = 0; at < this.size; ) at += writeSync(file, chunk, 0, Math.min(chunk.length, this.size - at));
        ftruncateSync(file, this.size);
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      return true;
    } catch {
      this.release();
      return false;
    }
  }

  /** Gives the room back; false when there was nothing to give, or the medium does not even let a file go. */
  release(): boolean {
    const wasThere = existsSync(this.#path);
    try {
      rmSync(this.#path, { force: true });
      return wasThere;
    } catch {
      return false;
    }
  }
}
