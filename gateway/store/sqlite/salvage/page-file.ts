import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';

/** Page size of the files this store makes, see `openDatabase`; taken when the header of a file is destroyed. */
const ownPageSize = 1024;
/** Pages that are read at once while going through a file. */
const pagesAhead = 256;
const walHeader = 32;
const frameHeader = 24;

/**
 * The pages of a database file that SQLite itself refuses, each in its newest committed version: the log's, where it
 * has one. Nothing is believed of what stands in them; a page that the medium does not give is counted and left out.
 * Layout of file and log: https://www.sqlite.org/fileformat2.html, sections 1.2, 1.3 and 4.1.
 */
export class PageFile {
  readonly pageSize: number;
  /** Number of the last page. */
  readonly pages: number;
  readonly #main: number;
  readonly #wal: number | undefined;
  /** Where in the log the newest committed version of a page stands. */
  readonly #inLog = new Map<number, number>();
  readonly #unreadable = new Set<number>();
  #ahead = { first: 0, bytes: Buffer.alloc(0) };

  /** Opens the file for reading, and its log when there is one. Throws what the file system throws. */
  constructor(file: string) {
    this.#main = openSync(file, 'r');
    this.#wal = existsSync(`${file}-wal`) ? openSync(`${file}-wal`, 'r') : undefined;
    this.pageSize = this.#readPageSize();
    let last = Math.floor(fstatSync(this.#main).size / this.pageSize);
    this.#readLog();
    for (const page of this.#inLog.keys()) last = Math.max(last, page);
    this.pages = last;
  }

  /** Pages that the medium did not give so far. */
  get unreadable(): number {
    return this.#unreadable.size;
  }

  /** The page, numbered from 1; undefined when it cannot be read or is not there. */
  page(no: number): Buffer | undefined {
    if (no < 1 || no > this.pages) return undefined;
    const logged = this.#inLog.get(no);
    if (logged !== undefined && this.#wal !== undefined) return this.#read(this.#wal, logged, no);
    const { first, bytes } = this.#ahead;
    const at = (no - first) * this.pageSize;
    if (at >= 0 && at + this.pageSize <= bytes.length) return bytes.subarray(at, at + this.pageSize);
    return this.#read(this.#main, (no - 1) * this.pageSize, no);
  }

  /** Says that pages from here on are read in order. */
  ahead(no: number): void {
    const { first, bytes } = this.#ahead;
    if (no >= first && no < first + bytes.length / this.pageSize) return;
    const into = Buffer.alloc(pagesAhead * this.pageSize);
    try {
      const got = readSync(this.#main, into, 0, into.length, (no - 1) * this.pageSize);
      this.#ahead = { first: no, bytes: into.subarray(0, got - (got % this.pageSize)) };
    } catch {
      // Somewhere in there is a bad sector: page by page it is found.
      this.#ahead = { first: 0, bytes: Buffer.alloc(0) };
    }
  }

  close(): void {
    closeSync(this.#main);
    if (this.#wal !== undefined) closeSync(this.#wal);
  }

  #read(from: number, at: number, no: number): Buffer | undefined {
    const page = Buffer.alloc(this.pageSize);
    try {
      if (readSync(from, page, 0, page.length, at) === page.length) return page;
    } catch {
      // Counted below, as a page that ends too early is.
    }
    this.#unreadable.add(no);
    return undefined;
  }

  #readPageSize(): number {
    const header = Buffer.alloc(18);
    try {
      readSync(this.#main, header, 0, header.length, 0);
    } catch {
      return ownPageSize;
    }
    const size = header.readUInt16BE(16);
    const isPowerOfTwo = size >= 512 && (size & (size - 1)) === 0;
    return header.toString('latin1', 0, 15) === 'SQLite format 3' && isPowerOfTwo ? size : ownPageSize;
  }

  /** Frames of the log's present run, up to the last commit among them. */
  #readLog(): void {
    if (this.#wal === undefined) return;
    const { size } = fstatSync(this.#wal);
    const header = Buffer.alloc(walHeader);
    const frame = Buffer.alloc(frameHeader);
    const open = new Map<number, number>();
    try {
      if (readSync(this.#wal, header, 0, walHeader, 0) < walHeader || header.readUInt32BE(8) !== this.pageSize) return;
      for (let at = walHeader; at + frameHeader + this.pageSize <= size; at += frameHeader + this.pageSize) {
        readSync(this.#wal, frame, 0, frameHeader, at);
        if (!frame.subarray(8, 16).equals(header.subarray(16, 24))) break;
        open.set(frame.readUInt32BE(0), at + frameHeader);
        if (frame.readUInt32BE(4) === 0) continue;
        for (const [page, place] of open) this.#inLog.set(page, place);
        open.clear();
      }
    } catch {
      // The log ends where the medium does.
    }
  }
}
