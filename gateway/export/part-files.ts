import { entryLine, stretchLine } from '../contract/export/lines.ts';
import type { ExportPart } from '../contract/export/manifest.ts';
import type { Medium, MediumFile } from './medium.ts';
import type { ChosenStretch } from './walk.ts';

/** A file of a part that is whole, with its entries or rows. */
export type PartFile = Pick<ExportPart, 'file' | 'bytes' | 'sha256' | 'entries'>;

/** Where one part goes: one file of lines, or a table for each kind and factor that occurs in it. */
export interface PartFiles {
  /** Bytes so far. */
  readonly bytes: number;
  write(stretch: ChosenStretch): Promise<void>;
  /** Makes everything durable. */
  finish(): Promise<readonly PartFile[]>;
  abandon(): Promise<void>;
}

/** Begins the files of a part with that number. */
export type BeginPart = (stream: string, number: number) => Promise<PartFiles>;

/** `records-00001.jsonl`: names that FAT takes, in the order of the parts. */
export function partName(what: string, number: number, ending: string): string {
  return `${what}-${String(number).padStart(5, '0')}.${ending}`;
}

/** Parts of JSON lines. */
export function linesTo(medium: Medium): BeginPart {
  return async (stream, number) => new LinesFile(await medium.begin(partName(stream, number, 'jsonl')));
}

class LinesFile implements PartFiles {
  readonly #file: MediumFile;
  #entries = 0;

  constructor(file: MediumFile) {
    this.#file = file;
  }

  get bytes(): number {
    return this.#file.bytes;
  }

  async write({ entries, ...stretch }: ChosenStretch): Promise<void> {
    const lines = [stretchLine(stretch), ...entries.map(entryLine)];
    this.#entries += entries.length;
    await this.#file.append(`${lines.join('\n')}\n`);
  }

  async finish(): Promise<readonly PartFile[]> {
    const written = await this.#file.finish();
    return [{ file: this.#file.name, ...written, entries: this.#entries }];
  }

  abandon(): Promise<void> {
    return this.#file.abandon();
  }
}
