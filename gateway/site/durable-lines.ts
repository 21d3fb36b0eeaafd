import { createHash } from 'node:crypto';
import { type FileHandle, open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemFileSteps, writeDurably } from './durable-file.ts';

/*
 * A line: the first eight hexadecimal digits of the SHA-256 of the text, a space, the text, a line end. Lines are only
 * ever added, each flushed before the next, so a power cut can leave nothing worse than one line that is not whole, the
 * last; nobody was told that it is there.
 */
const sumOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 8);
const lineOf = (text: string): string => `${sumOf(text)} ${text}\n`;

/** A file of lines to which each is added durably: for what must be known before something is done. */
export class DurableLines {
  readonly #path: string;
  #file: FileHandle | undefined;
  /** Bytes that are whole lines; what follows is cut off before the next line. */
  #length: number;
  #isTorn: boolean;

  private constructor(path: string, length: number, isTorn: boolean) {
    this.#path = path;
    this.#length = length;
    this.#isTorn = isTorn;
  }

  /**
   * Reads the file, or begins one. `damaged` counts lines that do not match their sum, but for a last one that was never
   * finished: they are left out. Throws what the file system throws.
   */
  static async open(path: string): Promise<{ lines: DurableLines; texts: string[]; damaged: number }> {
    const content = await readFile(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
      return Buffer.alloc(0);
    });
    const length = content.lastIndexOf(0x0a) + 1;
    const written = content.toString('utf8', 0, length).split('\n').slice(0, -1);
    const texts = written.filter((line) => isWhole(line)).map((line) => line.slice(9));
    const lines = new DurableLines(path, length, content.length > length);
    return { lines, texts, damaged: written.length - texts.length };
  }

  /**
   * Adds a line; resolves once it is on the medium. After it rejects, the line may be there or not until the next one
   * takes its place. One at a time.
   */
  async add(text: string): Promise<void> {
    const isNew = this.#file === undefined;
    this.#file ??= await open(this.#path, this.#length === 0 && !this.#isTorn ? 'w' : 'r+', 0o600);
    if (this.#isTorn) await this.#file.truncate(this.#length);
    this.#isTorn = true;
    const bytes = Buffer.from(lineOf(text), 'utf8');
    await this.#file.write(bytes, 0, bytes.length, this.#length);
    await this.#file.sync();
    if (isNew) await systemFileSteps.flushDirectory(dirname(this.#path));
    this.#isTorn = false;
    this.#length += bytes.length;
  }

  /** Puts these lines in the place of all others, at once; resolves when they are on the medium. */
  async replace(texts: readonly string[]): Promise<void> {
    const content = texts.map(lineOf).join('');
    await this.close();
    await writeDurably(this.#path, content, { mode: 0o600 });
    this.#length = Buffer.byteLength(content);
    this.#isTorn = false;
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }
}

function isWhole(line: string): boolean {
  return line.charAt(8) === ' ' && line.slice(0, 8) === sumOf(line.slice(9));
}
