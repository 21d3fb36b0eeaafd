import { readStamp } from '../../clock.ts';
import type { Stream } from '../../record/record.ts';
import type { Medium, MediumFile } from '../medium.ts';
import { type BeginPart, type PartFile, type PartFiles, partName } from '../part-files.ts';
import type { ChosenStretch } from '../walk.ts';
import { byteOrderMark, csvRow } from './cells.ts';
import type { Rows, Tables } from './tables.ts';

/** Commit time of an entry, milliseconds. */
type CommitTime = (stream: Stream, epoch: string, seq: number) => number | undefined;

/** Parts of tables: each table that occurs in a part is a file of it, so each begins with its headings. */
export function tablesTo(medium: Medium, tables: Tables, bom: boolean, commitTime: CommitTime): BeginPart {
  return async (_, number) => new CsvFiles(medium, tables, bom, commitTime, number);
}

class CsvFiles implements PartFiles {
  readonly #medium: Medium;
  readonly #tables: Tables;
  readonly #bom: boolean;
  readonly #commitTime: CommitTime;
  readonly #number: number;
  readonly #files = new Map<string, { readonly file: MediumFile; rows: number }>();
  bytes = 0;

  constructor(medium: Medium, tables: Tables, bom: boolean, commitTime: CommitTime, number: number) {
    this.#medium = medium;
    this.#tables = tables;
    this.#bom = bom;
    this.#commitTime = commitTime;
    this.#number = number;
  }

  async write({ stream, epoch, committed, entries }: ChosenStretch): Promise<void> {
    const newest = readStamp(committed) ?? 0;
    for (const { seq, entry } of entries) {
      if (entry === undefined) continue;
      const committedAt = (): number => Math.min(newest, this.#commitTime(stream, epoch, seq) ?? newest);
      for (const rows of this.#tables.rowsOf(entry, { epoch, seq, committedAt })) await this.#append(rows);
    }
  }

  async #append({ table, headings, rows }: Rows): Promise<void> {
    if (rows.length === 0) return;
    let open = this.#files.get(table);
    let text = '';
    if (open === undefined) {
      open = { file: await this.#medium.begin(partName(table, this.#number, 'csv')), rows: 0 };
      this.#files.set(table, open);
      text = `${this.#bom ? byteOrderMark : ''}${csvRow(headings())}`;
    }
    text += rows.map(csvRow).join('');
    open.rows += rows.length;
    this.bytes += text.length;
    await open.file.append(text);
  }

  async finish(): Promise<readonly PartFile[]> {
    const parts: PartFile[] = [];
    for (const { file, rows } of this.#files.values()) {
      parts.push({ file: file.name, ...(await file.finish()), entries: rows });
    }
    return parts;
  }

  async abandon(): Promise<void> {
    for (const { file } of this.#files.values()) await file.abandon();
  }
}
