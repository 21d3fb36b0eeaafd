import { createHash } from 'node:crypto';
import { open, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { chainStart } from '../../record/chain.ts';
import type { Stream } from '../../record/record.ts';
import { ContractFault, isFault } from '../fields.ts';
import { PartLines, type ReadStretch } from './lines.ts';
import {
  type ExportManifest,
  type ExportPart,
  largestManifest,
  manifestFault,
  manifestFile,
  readManifest,
  signatureFile,
} from './manifest.ts';

/** Longest line: an entry of a few tens of kilobytes is long already. */
const longestLine = 16 * 1_048_576;
const chunkBytes = 262_144;

/** Something in an export that does not hold, and where. */
export interface ExportFault {
  readonly kind: 'file' | 'altered' | 'does-not-follow' | 'missing' | 'signature' | 'unreadable';
  readonly file: string;
  /** From 1; null where it is about the whole file. */
  readonly line: number | null;
  readonly part: ExportPart | null;
  readonly detail: string;
}

/** An export on some medium. */
export interface OpenExport {
  readonly directory: string;
  readonly manifest: ExportManifest;
  /** What is wrong with the manifest and its signature; null when it is what the gateway with its key signed. */
  readonly fault: ExportFault | null;
}

/**
 * Opens an export and checks its signature, and that the key is one that `trusted` (base64) leads to, where that is given.
 * A fault when there is no manifest or it cannot be read.
 */
export async function openExport(directory: string, trusted?: string): Promise<OpenExport | ContractFault> {
  const path = join(directory, manifestFile);
  let bytes: Uint8Array;
  let signature: Uint8Array;
  try {
    if ((await stat(path)).size > largestManifest) return new ContractFault(`${path} is too large for a manifest`);
    bytes = await readFile(path);
    signature = await readFile(join(directory, signatureFile)).catch(() => new Uint8Array());
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT') return new ContractFault(`${path} cannot be read: ${(error as Error).message}`);
    return new ContractFault(`${directory} is no finished export: there is no ${manifestFile}`);
  }
  const manifest = readManifest(bytes);
  if (isFault(manifest)) return new ContractFault(`${path}: ${manifest.fault}`);
  const detail = manifestFault(manifest, bytes, signature, trusted);
  const fault: ExportFault | null =
    detail === null ? null : { kind: 'signature', file: manifestFile, line: null, part: null, detail };
  return { directory, manifest, fault };
}

/**
 * Reads a part of JSON lines: its stretches in order, and every fault. It reads the whole file whatever it finds, a piece
 * at a time; the part's sum comes last, so nothing is to be believed before the end was reached without a fault.
 */
export async function* readPart(directory: string, part: ExportPart): AsyncGenerator<ReadStretch | ExportFault> {
  const lines = new PartLines();
  const place = new PartPlace(part);
  let number = 0;
  let faults = 0;
  const fault = (kind: ExportFault['kind'], line: number | null, detail: string): ExportFault => {
    faults += 1;
    return { kind, file: part.file, line, part, detail };
  };
  const file = new PartFile(join(directory, part.file));
  try {
    for await (const line of file.lines()) {
      number += 1;
      const read = line === undefined ? 'this is no UTF-8 text, or too long' : lines.take(line);
      if (typeof read === 'string') yield fault('altered', number, read);
      if (read === undefined || typeof read === 'string') continue;
      const [kind, detail] = place.take(read) ?? [];
      if (kind !== undefined) yield fault(kind, number, detail ?? '');
      yield read;
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    yield code === 'ENOENT' ? fault('file', null, 'the file is missing') : fault('unreadable', null, message);
    return;
  }
  const cut = lines.end();
  if (cut !== undefined) yield fault('altered', number, cut);
  const unlike = place.end();
  if (unlike !== undefined && faults === 0) yield fault('missing', null, unlike);
  if (file.sha256 === part.sha256 && file.bytes === part.bytes) return;
  // A line that was named says it already.
  if (faults === 0) yield fault('file', null, `it has ${file.bytes} bytes and is not the file that was signed for`);
}

/** A part of tables: only the file as a whole can be judged. */
export async function partFault(directory: string, part: ExportPart): Promise<ExportFault | null> {
  const file = new PartFile(join(directory, part.file));
  const fault = { file: part.file, line: null, part };
  try {
    await file.digest();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return { ...fault, kind: 'file', detail: 'the file is missing' };
    return { ...fault, kind: 'unreadable', detail: message };
  }
  if (file.sha256 === part.sha256 && file.bytes === part.bytes) return null;
  return { ...fault, kind: 'file', detail: `it has ${file.bytes} bytes and is not the file that was signed for` };
}

/** Holds the stretches of a part against each other and against what the manifest says of it. */
class PartPlace {
  readonly #part: ExportPart;
  #after: string | undefined;
  #next: number;
  #entries = 0;

  constructor(part: ExportPart) {
    this.#part = part;
    this.#next = part.first;
  }

  take({ stream, epoch, from, to, before, after, entries }: ReadStretch): [ExportFault['kind'], string] | undefined {
    const part = this.#part;
    const [expected, former] = [this.#next, this.#after ?? part.before];
    this.#next = to + 1;
    this.#after = after;
    this.#entries += entries.length;
    if (stream !== part.stream || epoch !== part.epoch) return ['altered', `it is of ${stream} ${epoch}`];
    if (from !== expected) return ['missing', `${from}..${to} is here, ${expected} is expected`];
    if (before !== former) return ['does-not-follow', `${from}..${to} does not go on from what stands before it`];
    const isStart = from !== 1 || before === chainStart(part.gateway, stream as Stream, epoch);
    return isStart ? undefined : ['altered', `the chain does not begin as that of ${part.gateway} must`];
  }

  end(): string | undefined {
    const { last, after, entries } = this.#part;
    if (this.#next !== last + 1) return `it ends at ${this.#next - 1}, the manifest says ${last}`;
    if (this.#after !== after) return 'it does not lead to the hash that the manifest gives';
    return this.#entries === entries ? undefined : `it has ${this.#entries} entries, the manifest says ${entries}`;
  }
}

/** A file read in pieces, its sum taken on the way. */
class PartFile {
  readonly #path: string;
  readonly #hash = createHash('sha256');
  bytes = 0;
  sha256 = '';

  constructor(path: string) {
    this.#path = path;
  }

  async digest(): Promise<void> {
    for await (const _ of this.#pieces());
  }

  /** Undefined for a line that is no text. What follows the last line end, if anything does, is a line. */
  async *lines(): AsyncGenerator<string | undefined> {
    let rest: Buffer[] = [];
    let length = 0;
    for await (const piece of this.#pieces()) {
      let start = 0;
      for (let end = piece.indexOf(10); end >= 0; end = piece.indexOf(10, start)) {
        yield textOf(Buffer.concat([...rest, piece.subarray(start, end)]));
        rest = [];
        length = 0;
        start = end + 1;
      }
      const left = piece.subarray(start);
      length += left.length;
      if (length > longestLine) throw new Error(`a line is longer than ${longestLine} bytes`);
      if (left.length > 0) rest.push(Buffer.from(left));
    }
    if (rest.length > 0) yield textOf(Buffer.concat(rest));
  }

  async *#pieces(): AsyncGenerator<Buffer> {
    const file = await open(this.#path, 'r');
    try {
      const buffer = Buffer.allocUnsafe(chunkBytes);
      for (;;) {
        const { bytesRead } = await file.read(buffer, 0, chunkBytes, null);
        if (bytesRead === 0) break;
        this.#hash.update(buffer.subarray(0, bytesRead));
        this.bytes += bytesRead;
        yield buffer.subarray(0, bytesRead);
      }
    } finally {
      await file.close();
    }
    this.sha256 = this.#hash.digest('hex');
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function textOf(bytes: Buffer): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}
