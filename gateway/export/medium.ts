import { createHash } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, rename, rm, stat, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Why a medium takes no more. */
export type MediumWhy = 'full' | 'read-only' | 'gone' | 'no-directory' | 'not-empty' | 'own-medium';

/** A medium that cannot be written; what stood on it before stands there still. */
export class MediumFault extends Error {
  override readonly name = 'MediumFault';
  readonly why: MediumWhy;

  constructor(why: MediumWhy, message: string) {
    super(message);
    this.why = why;
  }
}

const full = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);
const readOnly = new Set(['EROFS', 'EACCES', 'EPERM']);
/** Left free on the medium that the site's own store stands on. */
const roomForTheStore = 512 * 1_048_576;
const bufferBytes = 262_144;

/** A file with its sum. */
interface WrittenFile {
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * A directory on a medium that may be full, slow, or pulled out at any moment. Files appear in it whole or not at all:
 * they are written beside, flushed to the medium (fsync) and then take their name.
 */
export class Medium {
  readonly directory: string;
  readonly #device: number;
  readonly #isOwn: boolean;

  private constructor(directory: string, device: number, isOwn: boolean) {
    this.directory = directory;
    this.#device = device;
    this.#isOwn = isOwn;
  }

  /** Makes the directory where there is none; the one above it must be there, or a stick that is not mounted is filled elsewhere. */
  static async open(directory: string, site: string): Promise<Medium> {
    const above = await stat(dirname(directory)).catch(() => undefined);
    if (!above?.isDirectory()) {
      throw new MediumFault('no-directory', `${dirname(directory)} is no directory: is the stick mounted there?`);
    }
    return mediumFaults(directory, async () => {
      await mkdir(directory, { recursive: true });
      const { dev } = await stat(directory);
      return new Medium(directory, dev, dev === (await stat(site)).dev);
    });
  }

  /** Whether it is the medium that the site itself stands on. */
  get isOwn(): boolean {
    return this.#isOwn;
  }

  async names(): Promise<readonly string[]> {
    return mediumFaults(this.directory, () => readdir(this.directory));
  }

  /** Throws where the medium was changed, or would leave the site's store without room. */
  async check(): Promise<void> {
    await mediumFaults(this.directory, async () => {
      const { dev } = await stat(this.directory);
      if (dev !== this.#device) throw new MediumFault('gone', `another medium stands at ${this.directory}`);
      if (!this.#isOwn) return;
      const { bavail, bsize } = await statfs(this.directory);
      if (bavail * bsize > roomForTheStore) return;
      const message = `${this.directory} is on the medium that the site's own store stands on, which needs its last ${roomForTheStore / 1_048_576} MiB itself; export to another medium`;
      throw new MediumFault('own-medium', message);
    });
  }

  begin(name: string): Promise<MediumFile> {
    return mediumFaults(this.directory, async () => {
      await this.check();
      return new MediumFile(this, name, await open(join(this.directory, partial(name)), 'w'));
    });
  }

  /** A small file in one go. */
  async write(name: string, content: Uint8Array): Promise<void> {
    const file = await this.begin(name);
    await file.append(content);
    await file.finish();
  }

  async rename(name: string): Promise<void> {
    await rename(join(this.directory, partial(name)), join(this.directory, name));
    await this.flush();
  }

  /** What stands under that name; undefined when nothing does. */
  async read(name: string): Promise<WrittenFile | undefined> {
    return mediumFaults(this.directory, async () => {
      const file = await open(join(this.directory, name), 'r').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined;
        throw error;
      });
      if (file === undefined) return undefined;
      try {
        const hash = createHash('sha256');
        const buffer = Buffer.allocUnsafe(bufferBytes);
        for (let bytes = 0; ; ) {
          const { bytesRead } = await file.read(buffer, 0, bufferBytes, null);
          if (bytesRead === 0) return { bytes, sha256: hash.digest('hex') };
          hash.update(buffer.subarray(0, bytesRead));
          bytes += bytesRead;
        }
      } finally {
        await file.close();
      }
    });
  }

  async remove(name: string): Promise<void> {
    await mediumFaults(this.directory, () => rm(join(this.directory, name), { force: true }));
  }

  /** Some file systems know no flushing of a directory. */
  async flush(): Promise<void> {
    const directory = await open(this.directory, 'r');
    try {
      await directory.sync();
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      if (!['EINVAL', 'ENOTSUP', 'EISDIR'].includes(code)) throw error;
    } finally {
      await directory.close();
    }
  }
}

/** The name of a file that is not whole yet. */
export function partial(name: string): string {
  return `${name}.new`;
}

/** A file that is being written; it has its name only when it is finished. */
export class MediumFile {
  readonly name: string;
  readonly #medium: Medium;
  readonly #file: FileHandle;
  readonly #hash = createHash('sha256');
  #waiting: Uint8Array[] = [];
  #held = 0;
  #bytes = 0;

  constructor(medium: Medium, name: string, file: FileHandle) {
    this.#medium = medium;
    this.name = name;
    this.#file = file;
  }

  /** Bytes so far. */
  get bytes(): number {
    return this.#bytes;
  }

  async append(content: Uint8Array | string): Promise<void> {
    const bytes = typeof content === 'string' ? Buffer.from(content, 'utf8') : content;
    this.#waiting.push(bytes);
    this.#held += bytes.length;
    this.#bytes += bytes.length;
    if (this.#held >= bufferBytes) await this.#write();
  }

  async finish(): Promise<WrittenFile> {
    await this.#write();
    return mediumFaults(this.#medium.directory, async () => {
      await this.#file.sync();
      await this.#file.close();
      await this.#medium.rename(this.name);
      return { bytes: this.#bytes, sha256: this.#hash.digest('hex') };
    });
  }

  /** Leaves nothing behind, as far as the medium still lets it. */
  async abandon(): Promise<void> {
    await this.#file.close().catch(() => {});
    await rm(join(this.#medium.directory, partial(this.name)), { force: true }).catch(() => {});
  }

  async #write(): Promise<void> {
    const content = Buffer.concat(this.#waiting);
    [this.#waiting, this.#held] = [[], 0];
    this.#hash.update(content);
    await mediumFaults(this.#medium.directory, () => this.#file.writeFile(content));
  }
}

/** Whatever the file system says is said in terms of the medium. */
async function mediumFaults<T>(directory: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    if (error instanceof MediumFault || code === '') throw error;
    if (full.has(code)) throw new MediumFault('full', `${directory} is full (${code})`);
    if (readOnly.has(code)) throw new MediumFault('read-only', `${directory} cannot be written: ${message}`);
    throw new MediumFault('gone', `${directory} does not answer any more: ${message}`);
  }
}
