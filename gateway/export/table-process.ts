import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

/** What is asked of a table: days or moments as `fenceline export` takes them. */
export interface TableQuestion {
  readonly table: string;
  readonly from: string;
  readonly to: string;
  readonly language: 'zh' | 'en';
}

/** Longest that one download may take, milliseconds: a slow phone at the end of a long table. */
const longest = 900_000;

/**
 * Gives tables of a site's store to whoever downloads them: each made by a process of its own, which gives way to the
 * gateway and reads beside it, so nothing here waits for the disk. One at a time.
 */
export class TableProcesses {
  readonly #site: string;
  #running: ChildProcess | null = null;

  constructor(site: string) {
    this.#site = site;
  }

  /**
   * The table as a stream of CSV; null while another one is under way. The stream fails where the table does, so that
   * half a table is not taken for a whole one, and the process ends when nobody reads it any more.
   */
  begin({ table, from, to, language }: TableQuestion): ReadableStream<Uint8Array> | null {
    if (this.#running !== null) return null;
    const main = join(import.meta.dirname, '../cli/main.ts');
    const range = ['--from', from, '--to', to, '--lang', language];
    const child = spawn(process.execPath, [main, 'export', '--site', this.#site, '--table', table, ...range], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#running = child;
    const timer = setTimeout(() => child.kill(), longest);
    let why = '';
    child.stderr.on('data', (text) => {
      why = `${why}${String(text)}`.slice(0, 1000);
    });
    const ended = new Promise<void>((resolve, reject) => {
      const done = (code: number | null): void => {
        clearTimeout(timer);
        if (this.#running === child) this.#running = null;
        if (code === 0) resolve();
        else reject(new Error(`the table was not made whole: ${why || code}`));
      };
      child.once('error', () => done(null));
      child.once('close', done);
    });
    // Whoever reads is told by the stream.
    ended.catch(() => {});
    const pieces = child.stdout[Symbol.asyncIterator]();
    return new ReadableStream<Uint8Array>({
      async pull(controller) {
        const { done, value } = await pieces.next();
        if (!done) return controller.enqueue(new Uint8Array(value as Buffer));
        await ended;
        controller.close();
      },
      cancel() {
        child.kill();
      },
    });
  }

  close(): void {
    this.#running?.kill();
  }
}
