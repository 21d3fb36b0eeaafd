import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Deed } from './journal.ts';

/** A change to a file; `at` is its place in the journal. */
export type FileChange =
  | { readonly at: number; readonly kind: 'write'; readonly offset: number; readonly data: Buffer; doubtful: boolean }
  | { readonly at: number; readonly kind: 'size'; readonly size: number; doubtful: boolean };

/** A file: what is on the medium for certain, and what was done since. */
export class DiskFile {
  readonly mode: number;
  /** Its content at the beginning. */
  readonly base: Buffer;
  readonly changes: FileChange[] = [];
  /** Changes before this place in the journal are on the medium. */
  synced = 0;
  /** What is written through a mapping is not seen: its content may be anything it has been. */
  mapped = false;

  constructor(mode: number, base: Buffer) {
    this.mode = mode;
    this.base = base;
  }

  /** The kernel may give up what a failed sync was to write, and a later sync does not bring it back. */
  doubt(before: number): void {
    for (const change of this.changes) if (change.at >= this.synced && change.at < before) change.doubtful = true;
  }
}

/** Names that a directory got or lost in one deed; undefined: lost. */
interface NameChange {
  readonly at: number;
  readonly names: readonly (readonly [string, DiskNode | undefined])[];
}

export class DiskDirectory {
  readonly mode: number;
  readonly base = new Map<string, DiskNode>();
  /** As the program sees it now. */
  readonly live = new Map<string, DiskNode>();
  readonly changes: NameChange[] = [];
  synced = 0;

  constructor(mode: number) {
    this.mode = mode;
  }

  change(at: number, names: NameChange['names']): void {
    this.changes.push({ at, names });
    applyNames(this.live, names);
  }
}

/** The name of a socket: it is no file, and a cut takes it or leaves it. */
class DiskSocket {}

export type DiskNode = DiskFile | DiskDirectory | DiskSocket;

export function applyNames(entries: Map<string, DiskNode>, names: NameChange['names']): void {
  for (const [name, node] of names) {
    if (node === undefined) entries.delete(name);
    else entries.set(name, node);
  }
}

/** Reads a directory as it stands; all of it counts as being on the medium. */
export function readDisk(path: string): DiskDirectory {
  const directory = new DiskDirectory(lstatSync(path).mode & 0o7777);
  for (const name of readdirSync(path)) {
    const inner = join(path, name);
    const status = lstatSync(inner);
    const node = status.isDirectory()
      ? readDisk(inner)
      : status.isFile()
        ? new DiskFile(status.mode & 0o7777, readFileSync(inner))
        : new DiskSocket();
    directory.base.set(name, node);
    directory.live.set(name, node);
  }
  return directory;
}

/** Lets everything happen to the disk that the journal tells. Throws where the journal and the disk disagree. */
export function replay(root: DiskDirectory, deeds: readonly Deed[]): void {
  const handles = new Map<bigint, DiskNode>();
  const begun = new Map<string, number>();
  for (const [at, deed] of deeds.entries()) {
    const { kind, handle, offset, paths, data } = deed;
    const [path = '', second = ''] = paths;
    const node = handles.get(handle);
    const sync = `${handle >> 32n} ${offset}`;
    if (kind === 'opened') handles.set(handle, opened(root, at, deed));
    else if (kind === 'written' && node instanceof DiskFile) {
      node.changes.push({ at, kind: 'write', offset, data, doubtful: false });
    } else if (kind === 'resized' && node instanceof DiskFile) {
      node.changes.push({ at, kind: 'size', size: offset, doubtful: false });
    } else if (kind === 'mapped' && node instanceof DiskFile) node.mapped = true;
    else if (kind === 'sync-begun') begun.set(sync, at);
    else if (kind === 'sync-ended' && !(node instanceof DiskSocket) && node !== undefined) {
      node.synced = Math.max(node.synced, begun.get(sync) ?? 0);
    } else if (kind === 'sync-failed') {
      if (node instanceof DiskFile) node.doubt(begun.get(sync) ?? 0);
    } else if (kind === 'renamed' || kind === 'linked') moved(root, at, path, second, kind === 'renamed');
    else if (kind === 'removed') named(root, path).directory.change(at, [[named(root, path).name, undefined]]);
    else if (kind === 'directory' || kind === 'socket') {
      const made = kind === 'directory' ? new DiskDirectory(data.readUInt32LE(0)) : new DiskSocket();
      named(root, path).directory.change(at, [[named(root, path).name, made]]);
    } else if (kind === 'beyond') throw new Error(`the program did what the power-cut model does not follow: ${path}`);
    else if (kind !== 'told')
      throw new Error(`the journal tells of ${kind} on what is no file of the disk (record ${at}, ${path})`);
  }
}

function opened(root: DiskDirectory, at: number, { offset, paths, data }: Deed): DiskNode {
  const [path = ''] = paths;
  if (path === '') return root;
  const { directory, name } = named(root, path);
  if (offset === 1) directory.change(at, [[name, new DiskFile(data.readUInt32LE(0), Buffer.alloc(0))]]);
  const node = directory.live.get(name);
  if (node === undefined) throw new Error(`the journal opens ${path}, which is not there (record ${at})`);
  if (offset === 2 && node instanceof DiskFile) node.changes.push({ at, kind: 'size', size: 0, doubtful: false });
  return node;
}

function moved(root: DiskDirectory, at: number, from: string, to: string, away: boolean): void {
  const [old, next] = [named(root, from), named(root, to)];
  const node = old.directory.live.get(old.name);
  if (node === undefined) throw new Error(`the journal renames ${from}, which is not there (record ${at})`);
  if (!away) next.directory.change(at, [[next.name, node]]);
  else if (old.directory !== next.directory) {
    throw new Error(`the power-cut model does not follow a rename between directories: ${from} to ${to}`);
  } else {
    // Both at once, as every file system with a journal has it.
    next.directory.change(at, [
      [old.name, undefined],
      [next.name, node],
    ]);
  }
}

function named(root: DiskDirectory, path: string): { directory: DiskDirectory; name: string } {
  const parts = path.split('/');
  const name = parts.pop() ?? '';
  let directory = root;
  for (const part of parts) {
    const inner = directory.live.get(part);
    if (!(inner instanceof DiskDirectory)) throw new Error(`the journal names ${path}, but ${part} is no directory`);
    directory = inner;
  }
  return { directory, name };
}
