import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SmallMedium } from '../../surroundings/small-medium.ts';

/** Enough for a site and the copy that a loss of power makes of it. */
const megabytes = 256;

/** A small file system under everything that is temporary, as long as it is in use. */
export class FullDisk implements Disposable {
  readonly medium: SmallMedium;
  readonly #place: string;
  readonly #before: string | undefined;

  private constructor(medium: SmallMedium, place: string) {
    this.medium = medium;
    this.#place = place;
    this.#before = process.env.TMPDIR;
    process.env.TMPDIR = place;
  }

  /** Null where the system does not allow it, which is printed. */
  static make(): FullDisk | null {
    const place = mkdtempSync(join(tmpdir(), 'fenceline-soak-'));
    const medium = SmallMedium.over(place, megabytes);
    if (typeof medium !== 'string') return new FullDisk(medium, place);
    console.log(`the disk is never full: ${medium}`);
    rmSync(place, { recursive: true });
    return null;
  }

  [Symbol.dispose](): void {
    if (this.#before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = this.#before;
    this.medium[Symbol.dispose]();
    rmSync(this.#place, { recursive: true, force: true });
  }
}
