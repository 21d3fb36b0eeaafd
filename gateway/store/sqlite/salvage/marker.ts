import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';

/**
 * What is written beside a database file that was set aside and has not been read yet. It stands in a file of its own,
 * since the database that is begun instead may be damaged in its turn.
 */
export interface Marker {
  /** Wall time at which the file was set aside. */
  readonly setAsideAt: number;
  /** Gateway id that its epochs are taken to have run under where the file itself does not tell. */
  readonly gateway: string;
  /** When the file was made, wall time: nothing in it is older. */
  readonly madeAt: number;
  /** It was not known what time it was: commits in the file may be later. */
  readonly isGuess: boolean;
}

const ending = '.unread';

/** Sets the file and its log aside under a name with the time, and marks it; returns the new path. */
export function setAside(file: string, marker: Marker): string {
  const stamp = new Date(marker.setAsideAt).toISOString().replaceAll(/[-:]/g, '');
  let name = `${file}.damaged-${stamp}`;
  for (let copy = 2; existsSync(name); copy++) name = `${file}.damaged-${stamp}-${copy}`;
  // The mark first: by it a setting aside that the power cut short is finished.
  // Written beside and renamed: a mark that the power cut off in the middle would count as begun and could not be read.
  writeFileSync(`${name}${ending}.new`, JSON.stringify(marker), { flush: true });
  renameSync(`${name}${ending}.new`, name + ending);
  syncDirectory(dirname(file));
  move(file, name);
  return name;
}

/** Finishes a setting aside that was cut short; true when there was one. Call it before the file is opened. */
export function finishSettingAside(file: string): boolean {
  const begun = marks(file).find((name) => !existsSync(name));
  if (begun === undefined || !existsSync(file)) return false;
  move(file, begun);
  return true;
}

/** Files beside the store that were set aside and not read to their end, oldest first, with their marks. */
export function unread(file: string): { readonly file: string; readonly marker: Marker }[] {
  return marks(file).flatMap((damaged) => {
    const marker = readMarker(damaged + ending);
    return existsSync(damaged) && marker !== undefined ? [{ file: damaged, marker }] : [];
  });
}

/** The file has been read: it is kept, and not looked at again. */
export function markRead(file: string): void {
  rmSync(file + ending, { force: true });
}

/** The database's file goes last: as long as it is there, the setting aside is not finished. */
function move(file: string, name: string): void {
  for (const part of ['-wal', '-shm', '']) {
    if (existsSync(file + part)) renameSync(file + part, name + part);
  }
  syncDirectory(dirname(file));
}

/** Paths that are marked, oldest first. */
function marks(file: string): string[] {
  const folder = dirname(file);
  const names = readdirSync(folder).filter((name) => name.startsWith(`${basename(file)}.damaged-`));
  const marked = names.filter((name) => name.endsWith(ending)).sort();
  return marked.map((name) => join(folder, name.slice(0, -ending.length)));
}

function readMarker(path: string): Marker | undefined {
  try {
    const { setAsideAt, gateway, madeAt, isGuess = false }: Partial<Marker> = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof setAsideAt !== 'number' || typeof madeAt !== 'number' || typeof gateway !== 'string') return undefined;
    return { setAsideAt, gateway, madeAt, isGuess: isGuess === true };
  } catch {
    return undefined;
  }
}

/** A file's name is only durable once its directory is. */
function syncDirectory(path: string): void {
  const directory = openSync(path, 'r');
  fsyncSync(directory);
  closeSync(directory);
}
