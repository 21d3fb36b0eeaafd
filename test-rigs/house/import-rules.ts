import { posix } from 'node:path';
import type { Allowance } from './import-table.ts';
import { allowances, allowancesBelow, allowancesOfTests, librariesEverywhere } from './import-table.ts';
import { readImports } from './read-imports.ts';

/** A source file of the project: its path from the project's root, with forward slashes, and its text. */
export type SourceFile = { readonly path: string; readonly text: string };

const nothing: Allowance = { values: [], types: [] };

/**
 * The room a file belongs to: `gateway/store`, `gateway/clock` for `gateway/clock.ts`, `edge/node`, `device-profiles`,
 * `test-rigs`.
 */
export function roomOf(path: string): string {
  const [top = '', second = ''] = path.split('/');
  return top === 'gateway' || top === 'edge' ? `${top}/${second.replace(/(?:\.test)?\.tsx?$/, '')}` : top;
}

function isTest(path: string): boolean {
  return /\.test\.tsx?$/.test(path);
}

/** What this file may import besides its own room. A test may load what its code may name by type. */
function allowanceOf(path: string): Allowance {
  const room = withFolders(allowances[roomOf(path)] ?? nothing, path);
  if (!isTest(path)) return room;
  const more = roomOf(path) === 'test-rigs' ? allowancesOfTests.amongTheRigs : allowancesOfTests.besideTheCode;
  return { values: [...room.values, ...room.types, ...more.values, ...more.types], types: [] };
}

function withFolders(room: Allowance, path: string): Allowance {
  const more = Object.entries(allowancesBelow).flatMap(([folder, one]) => (path.startsWith(`${folder}/`) ? [one] : []));
  return {
    values: [...room.values, ...more.flatMap(({ values }) => values)],
    types: [...room.types, ...more.flatMap(({ types }) => types)],
  };
}

/** Whether a pattern of the table covers a file: its room, the file itself, or either with `*` for one folder's name. */
function covers(pattern: string, path: string): boolean {
  const wanted = pattern.split('/');
  const room = roomOf(path).split('/');
  const parts = pattern.endsWith('.ts') ? path.split('/') : room;
  return wanted.length === parts.length && wanted.every((part, i) => part === '*' || part === parts[i]);
}

/** Every import in this file that the table forbids, one line each: file, line, the import, and what is allowed. */
export function forbiddenImports(file: SourceFile): string[] {
  const allowance = allowanceOf(file.path);
  return readImports(file.path, file.text).flatMap(({ from, line, isTypeOnly }) => {
    const where = `${file.path}:${line}`;
    if (from === undefined) return [`${where}: import() of a computed name; write the module's name out`];
    if (!from.startsWith('.')) return [];
    const target = posix.join(posix.dirname(file.path), from);
    if (roomOf(target) === roomOf(file.path)) return [];
    if (allowance.values.some((pattern) => covers(pattern, target))) return [];
    const isAllowedByType = allowance.types.some((pattern) => covers(pattern, target));
    if (isAllowedByType && isTypeOnly) return [];
    const remedy = isAllowedByType ? 'allowed with `import type` only' : describe(roomOf(file.path), allowance);
    return [`${where}: imports ${from} (${target}); ${remedy}`];
  });
}

function describe(room: string, { values, types }: Allowance): string {
  const list = [...values, ...types.map((pattern) => `types of ${pattern}`)].join(', ');
  return `${room} may import ${list || 'nothing of ours'}`;
}

/** The npm package of a bare import: `lowdb` for `lowdb/node`; undefined for our own files and for Node's modules. */
export function libraryOf(from: string): string | undefined {
  if (from.startsWith('.') || from.startsWith('node:')) return undefined;
  return from.split('/', from.startsWith('@') ? 2 : 1).join('/');
}

/** Every library that more than one product file imports, one line each, with the files. */
export function librariesInSeveralFiles(files: readonly SourceFile[]): string[] {
  const homes = new Map<string, string[]>();
  for (const { path, text } of files) {
    if (isTest(path) || roomOf(path) === 'test-rigs') continue;
    const libraries = readImports(path, text).map(({ from }) => (from === undefined ? undefined : libraryOf(from)));
    for (const library of new Set(libraries)) {
      if (library !== undefined && !librariesEverywhere.includes(library)) {
        homes.set(library, [...(homes.get(library) ?? []), path]);
      }
    }
  }
  return [...homes]
    .filter(([, paths]) => paths.length > 1)
    .map(([library, paths]) => `${library} is imported by ${paths.join(' and ')}; keep it in one file behind a port`);
}
