import { mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** The few things a durable write asks of the operating system, one by one, so that a test can stop between any two. */
export interface FileSteps {
  /** Creates the file, writes the whole text and flushes it to the medium (fsync). */
  writeAndFlush(path: string, text: string, mode: number): Promise<void>;
  /** Puts one file in the place of another, all at once. */
  rename(from: string, to: string): Promise<void>;
  /** Flushes the directory itself, so that a rename survives a power cut. */
  flushDirectory(path: string): Promise<void>;
  remove(path: string): Promise<void>;
}

export const systemFileSteps: FileSteps = {
  async writeAndFlush(path, text, mode) {
    const file = await open(path, 'w', mode);
    try {
      await file.chmod(mode);
      await file.writeFile(text, 'utf8');
      await file.sync();
    } finally {
      await file.close();
    }
  },
  rename,
  async flushDirectory(path) {
    const directory = await open(path, 'r');
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  },
  remove: (path) => rm(path, { force: true }),
};

/**
 * Replaces a file so that a power cut at any moment leaves the old text or the new one, whole: a temporary file in the
 * same directory is written and flushed, takes the file's place, and the directory is flushed.
 * Two writers at once are kept apart by the site's lock, not here.
 */
export async function writeDurably(
  path: string,
  text: string,
  { mode = 0o644, steps = systemFileSteps }: { mode?: number; steps?: FileSteps } = {},
): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.new`);
  try {
    await steps.writeAndFlush(temporary, text, mode);
    await steps.rename(temporary, path);
  } catch (error) {
    await steps.remove(temporary).catch(() => {});
    throw error;
  }
  await steps.flushDirectory(dirname(path));
}

/** Creates a directory, with the ones above it, unless it is there. */
export async function makeDirectory(path: string, mode = 0o755): Promise<void> {
  await mkdir(path, { recursive: true, mode });
}
