import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import * as z from 'zod';

/*
 * What the list of instruments says of each built-in profile, built by set-up, so that nobody waits while dozens of files
 * are read, merged and proven. It is a shortcut and no authority: an entry counts only while every file that it was made
 * from has the bytes it had then, and there is as much or as little proof beside it.
 */

const entrySchema = z.strictObject({
  name: z.strictObject({ zh: z.string(), en: z.string() }),
  protocol: z.string(),
  captures: z.strictObject({ recorded: z.int(), published: z.int(), constructed: z.int() }),
  /** SHA-256 of each file by its path in the catalogue: profile, what it extends, captures; null where none is there. */
  files: z.record(z.string(), z.string().nullable()),
});
const indexSchema = z.record(z.string(), entrySchema);

type IndexEntry = z.output<typeof entrySchema>;
export type CatalogueIndex = Readonly<Record<string, IndexEntry>>;

/** A listed profile, as far as the index is made from it. */
interface Indexable extends Omit<IndexEntry, 'files' | 'name' | 'protocol'> {
  readonly id: string;
  readonly name: IndexEntry['name'] | null;
  readonly protocol: string | null;
  /** Every file that it was made from, also those that are not there. */
  readonly sources: readonly string[];
}

const pathIn = (catalogue: string): string => join(catalogue, 'dist', 'catalogue-index.json');

/** The index of a catalogue; empty where there is none that can be read. */
export function readIndex(catalogue: string): CatalogueIndex {
  try {
    return indexSchema.parse(JSON.parse(readFileSync(pathIn(catalogue), 'utf8')));
  } catch {
    return {};
  }
}

/** True if nothing that the entry was made from has changed, and no directory that comes first holds one of its files. */
export function isCurrent({ files }: IndexEntry, catalogue: string, before: readonly string[]): boolean {
  return Object.entries(files).every(
    ([path, hash]) => hashOf(join(catalogue, path)) === hash && !before.some((one) => existsSync(join(one, path))),
  );
}

/** The index of these profiles; those that are at fault are left out. */
export function indexOf(catalogue: string, profiles: readonly Indexable[]): CatalogueIndex {
  const entries = profiles.flatMap(({ id, name, protocol, captures, sources }): [string, IndexEntry][] => {
    if (name === null || protocol === null) return [];
    const files = sources.map((file) => [relative(catalogue, file), hashOf(file)]);
    return [[id, { name, protocol, captures, files: Object.fromEntries(files) }]];
  });
  return Object.fromEntries(entries);
}

export function writeIndex(catalogue: string, index: CatalogueIndex): void {
  const path = pathIn(catalogue);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, `${JSON.stringify(index, null, 1)}\n`);
  renameSync(`${path}.new`, path);
}

function hashOf(file: string): string | null {
  return existsSync(file) ? createHash('sha256').update(readFileSync(file)).digest('hex') : null;
}

/** `node device-profiles/catalogue-index.ts` builds it anew. */
if (import.meta.main) {
  // Not awaited: the catalogue imports this file in turn.
  void import('./catalogue.ts').then(({ builtInProfiles, loadCatalogue }) => {
    writeIndex(builtInProfiles, indexOf(builtInProfiles, loadCatalogue({ directories: [], index: {} }).list()));
  });
}
