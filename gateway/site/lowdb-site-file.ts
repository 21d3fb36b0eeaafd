import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Adapter, Low } from 'lowdb';
import { type FileSteps, makeDirectory, systemFileSteps, writeDurably } from './durable-file.ts';
import type { SiteDocument } from './site-schema.ts';

/** How many earlier versions of a site document are kept. */
const versionsKept = 50;

interface SiteFileOptions {
  /** `site.json`. */
  readonly path: string;
  /** Where earlier versions go, numbered from `site-000001.json` on; the newest 50 stay. */
  readonly history: string;
  readonly steps?: FileSteps;
}

/**
 * The site document on disk, as a lowdb document. What is written goes through {@link writeDurably}; the version before
 * it is kept first. The document is checked by whoever uses it, not here: a file edited by hand may hold anything.
 */
export class SiteFile {
  readonly #database: Low<SiteDocument | null>;
  readonly #adapter: DurableJson;

  constructor(options: SiteFileOptions) {
    this.#adapter = new DurableJson(options);
    this.#database = new Low<SiteDocument | null>(this.#adapter, null);
  }

  /** The file as it stands, null when there is none. Other failures of the file system throw. */
  text(): Promise<string | null> {
    return this.#adapter.text();
  }

  /** Replaces the document; returns once it is on the medium. Writing what is there already does nothing. */
  async write(document: SiteDocument): Promise<void> {
    this.#database.data = document;
    await this.#database.write();
  }

  /** Reads, lets `change` make another document of it, and writes that. Throws a SyntaxError when the file is not JSON. */
  async update(change: (document: SiteDocument | null) => SiteDocument): Promise<SiteDocument> {
    this.#database.data = null;
    await this.#database.read();
    const next = change(this.#database.data);
    await this.write(next);
    return next;
  }
}

/** lowdb's own file adapter never flushes and keeps nothing; this one does both. */
class DurableJson implements Adapter<SiteDocument | null> {
  readonly #options: SiteFileOptions;

  constructor(options: SiteFileOptions) {
    this.#options = options;
  }

  async text(): Promise<string | null> {
    try {
      return await readFile(this.#options.path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
  }

  async read(): Promise<SiteDocument | null> {
    const text = await this.text();
    return text === null ? null : (JSON.parse(text) as SiteDocument);
  }

  async write(document: SiteDocument | null): Promise<void> {
    const { path, steps = systemFileSteps } = this.#options;
    const next = `${JSON.stringify(document, null, 2)}\n`;
    const before = await this.text();
    if (before === next) return;
    if (before !== null) await this.#keep(before, steps);
    await writeDurably(path, next, { steps });
  }

  async #keep(text: string, steps: FileSteps): Promise<void> {
    const { history } = this.#options;
    await makeDirectory(history);
    await steps.flushDirectory(dirname(history));
    const numbers = (await readdir(history)).flatMap((name) => {
      const number = /^site-(\d+)\.json$/.exec(name)?.[1];
      return number === undefined ? [] : [Number(number)];
    });
    const last = Math.max(0, ...numbers);
    await writeDurably(join(history, versionName(last + 1)), text, { steps });
    for (const old of numbers.filter((number) => number <= last + 1 - versionsKept)) {
      await steps.remove(join(history, versionName(old)));
    }
  }
}

const versionName = (number: number): string => `site-${String(number).padStart(6, '0')}.json`;
