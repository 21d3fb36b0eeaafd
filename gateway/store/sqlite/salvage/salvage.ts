import { basename } from 'node:path';
import { SeqSet } from '../../../record/seq-set.ts';
import { transactLazily } from '../database.ts';
import { type Epoch, siteNumber } from '../epochs.ts';
import type { Ledger } from '../ledger.ts';
import type { Marker } from './marker.ts';
import { PageFile } from './page-file.ts';
import { blocksOn, namesOn, type RecoveredBlock } from './recovered-blocks.ts';
import { type Remains, readRemains } from './remains.ts';

/** How long one step may hold up the questions to the store, milliseconds. */
const stepTime = 20;
/** Most blocks that one step writes. */
const stepBlocks = 64;
/** Pages between two looks at the time. */
const pagesBetweenLooks = 64;
/** No commit is from the year 2200 or later, whatever the time is. */
const noLaterTime = Date.UTC(2200, 0);
/** Stands for the number of entries in a note of a file that is done with. */
const done = -1;

/** How far the reading of a damaged file has come. */
interface SalvageProgress {
  /** Name of the file. */
  readonly file: string;
  /** Part of its pages that has been read, 0 to 1. */
  readonly share: number;
  /** Entries that were found whole and taken over. */
  readonly entries: number;
}

/**
 * Takes the entries out of a damaged file, page by page and without its indexes: a block proves itself, so it may be
 * found wherever it stands. Blocks go into this store under their old epochs, which nobody sees before the last page was
 * read: until then a hole may still be filled. Progress is kept with the blocks, so a restart goes on from there.
 */
export class Salvage {
  readonly file: string;
  readonly marker: Marker;
  readonly remains: Remains;
  readonly #ledger: Ledger;
  readonly #pages: PageFile;
  readonly #epochs = new Map<number, Epoch>();
  readonly #sites = new Map<number, string>();
  readonly #gone = new Map<string, SeqSet>();
  /** Names are looked for page by page only where the database cannot tell them. */
  #namesFrom: number;
  #next = 1;
  #entries = 0;

  /** `listed`: epochs known from the list beside the database. Throws what the file system throws. */
  constructor(ledger: Ledger, file: string, marker: Marker, listed: readonly string[]) {
    this.#ledger = ledger;
    this.file = file;
    this.marker = marker;
    this.#pages = new PageFile(file);
    this.remains = readRemains(file);
    const { epochs, sites, gone } = this.remains;
    for (const id of listed)
      this.#epochs.set(Number.parseInt(id, 10), { no: Number.parseInt(id, 10), id, gateway: marker.gateway });
    for (const epoch of epochs ?? []) this.#epochs.set(epoch.no, epoch);
    for (const [no, version] of sites ?? []) this.#sites.set(no, version);
    for (const { stream, epochNo, stretch } of gone ?? [])
      this.#goneOf(stream, epochNo).add(stretch.first, stretch.last);
    this.#namesFrom = epochs === undefined || sites === undefined ? 1 : Number.POSITIVE_INFINITY;
    const kept = this.#kept();
    if (kept !== undefined) ({ next: this.#next, entries: this.#entries } = kept);
  }

  get progress(): SalvageProgress {
    const share = this.#pages.pages === 0 ? 1 : (this.#next - 1) / this.#pages.pages;
    return { file: basename(this.file), share, entries: this.#entries };
  }

  /** Pages that the medium did not give. */
  get unreadable(): number {
    return this.#pages.unreadable;
  }

  /** Epochs older than the one in force, oldest first: what was taken over is of these. */
  get epochs(): readonly Epoch[] {
    const { no } = this.#ledger.current;
    return [...this.#epochs.values()].filter((epoch) => epoch.no < no).sort((a, b) => a.no - b.no);
  }

  /** Reads on for one step; false when the last page was read. */
  step(): boolean {
    const until = performance.now() + stepTime;
    if (this.#namesFrom <= this.#pages.pages) {
      this.#readNames(until);
      return true;
    }
    const found: RecoveredBlock[] = [];
    const known = new Map(this.epochs.map((epoch) => [epoch.no, epoch]));
    let page = this.#next;
    for (; page <= this.#pages.pages && found.length < stepBlocks; page++) {
      if (page % pagesBetweenLooks === 0 && performance.now() > until) break;
      this.#pages.ahead(page);
      found.push(...blocksOn(this.#pages, page, known));
    }
    let taken = 0;
    transactLazily(this.#ledger.database, () => {
      for (const block of found) taken += this.#take(block);
      this.#keep({ next: page, entries: this.#entries + taken });
    });
    this.#next = page;
    this.#entries += taken;
    return page <= this.#pages.pages;
  }

  close(): void {
    this.#pages.close();
  }

  /** The file was read to its end and what follows from it is committed. */
  get isDone(): boolean {
    return this.#entries === done;
  }

  /** Notes that nothing is left to do, within the caller's transaction. */
  noteDone(): void {
    this.#keep({ next: this.#pages.pages + 1, entries: done });
  }

  /** Forgets the progress. */
  forget(): void {
    this.#ledger.database.prepare('DELETE FROM notes WHERE name = ?').run(this.#note);
  }

  #readNames(until: number): void {
    for (; this.#namesFrom <= this.#pages.pages; this.#namesFrom++) {
      if (this.#namesFrom % pagesBetweenLooks === 0 && performance.now() > until) return;
      this.#pages.ahead(this.#namesFrom);
      const { epochs, sites } = namesOn(this.#pages, this.#namesFrom);
      for (const epoch of epochs) this.#epochs.set(epoch.no, epoch);
      for (const [no, version] of sites) this.#sites.set(no, version);
    }
    this.#namesFrom = Number.POSITIVE_INFINITY;
  }

  /** Entries taken: none where this block, or what it is part of, is there already or was let go on purpose. */
  #take({ stream, epoch, first, last, site, before, after, body, ...block }: RecoveredBlock): number {
    const table = this.#ledger.tables[stream];
    const there = table.blockFrom(epoch, first);
    if (there !== undefined && there.first <= last) return 0;
    if (this.#goneOf(stream, epoch.no).has(first)) return 0;
    const version = this.#sites.get(site) ?? 'unknown';
    const own = siteNumber(this.#ledger.database, version);
    // The hashes do not cover a commit time: a damaged one in the future would make all that is kept old at once.
    const latest = this.marker.isGuess ? noLaterTime : this.marker.setAsideAt;
    const committedAt = Math.max(0, Math.min(block.committedAt, latest));
    table.take(epoch, { first, last, committedAt, site: own, before, hash: after, gone: null }, body);
    return last - first + 1;
  }

  #goneOf(stream: string, epochNo: number): SeqSet {
    const key = `${stream} ${epochNo}`;
    const set = this.#gone.get(key) ?? new SeqSet();
    this.#gone.set(key, set);
    return set;
  }

  get #note(): string {
    return `salvage ${basename(this.file)}`;
  }

  #keep(state: { next: number; entries: number }): void {
    this.#ledger.database
      .prepare('INSERT INTO notes (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value')
      .run(this.#note, JSON.stringify(state));
  }

  #kept(): { next: number; entries: number } | undefined {
    const row = this.#ledger.database.prepare('SELECT value FROM notes WHERE name = ?').get(this.#note);
    if (typeof row?.value !== 'string') return undefined;
    const { next, entries }: { next?: unknown; entries?: unknown } = JSON.parse(row.value);
    return typeof next === 'number' && typeof entries === 'number' ? { next, entries } : undefined;
  }
}
