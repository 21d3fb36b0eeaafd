/**
 * Joins a module and everything it imports into one Lua file, in which an import is the other module's own local: no tables
 * of exports but the entry's, whose fields and names would stay in the chip's heap. Each module is a block, after those it
 * needs.
 */
export function bundle(parts: ReadonlyMap<string, string>, entry: string, version: string): string {
  const order = inOrder(parts, entry);
  const isVersionUsed = order.some((name) => partOf(parts, name).includes('FIRMWARE_VERSION'));
  const head = isVersionUsed ? `local FIRMWARE_VERSION = ${JSON.stringify(version)}\n` : '';
  const exported = order.flatMap((name, at) => exportsOf(partOf(parts, name)).map((field) => joinedName(at, field)));
  const locals = exported.length > 0 ? `local ${exported.join(', ')}\n` : '';
  const blocks = order.map((name, at) => `do\n${linked(partOf(parts, name), at, order)}end\n`);
  const last = order.length - 1;
  const own = exportsOf(partOf(parts, entry)).map((field) => `${field} = ${joinedName(last, field)}`);
  return trimmed(`${head}${locals}${blocks.join('')}return {${own.join(', ')}}\n`);
}

const required = /require\("([^"]+)"\)/g;

/** The modules that `entry` needs and itself, each after those it needs. */
function inOrder(parts: ReadonlyMap<string, string>, entry: string): string[] {
  const done: string[] = [];
  const visit = (name: string, path: readonly string[]): void => {
    if (done.includes(name)) return;
    if (path.includes(name)) {
      throw new Error(
        `the modules ${[...path.slice(path.indexOf(name)), name].join(' -> ')} import each other; break the ring`,
      );
    }
    for (const [, needed = ''] of partOf(parts, name).matchAll(required)) visit(moduleName(needed), [...path, name]);
    done.push(name);
  };
  visit(entry, []);
  return done;
}

/** The compiler writes a module's path with dots. */
const moduleName = (required: string): string => required.replaceAll('.', '/');

/** Names a module exports, in order. */
const exportsOf = (lua: string): string[] => [
  ...new Set(Array.from(lua.matchAll(/____exports\.(\w+)/g), ([, name = '']) => name)),
];

/** What a module exports, by its place in the order, as the file's own local. */
const joinedName = (at: number, field: string): string => `${field}_${at}`;

/** A module's body in which its exports, and those it imports, are locals around it. */
function linked(lua: string, at: number, order: readonly string[]): string {
  const importing = /^local (____\w+) = require\("([^"]+)"\)\n/gm;
  const imported = Array.from(lua.matchAll(importing), ([, table = '', name = '']) => ({ table, name }));
  let body = lua
    .replaceAll(importing, '')
    .replaceAll(/^local ____exports = \{\}\n/gm, '')
    .replaceAll(/^return ____exports\n?/gm, '')
    .replaceAll(/____exports\.(\w+)/g, (_, field: string) => joinedName(at, field));
  for (const { table, name } of imported) {
    const from = order.indexOf(moduleName(name));
    body = body.replaceAll(new RegExp(`${table}\\.(\\w+)`, 'g'), (_, field: string) => joinedName(from, field));
  }
  return body;
}

function partOf(parts: ReadonlyMap<string, string>, name: string): string {
  const part = parts.get(name);
  if (part === undefined) throw new Error(`there is no module source/${name}.ts`);
  return part;
}

/** Without indentation, which would only fill flash; no string of the compiler's spans lines. */
function trimmed(lua: string): string {
  return lua.replaceAll(/^[ \t]+/gm, '').replaceAll(/\n{2,}/g, '\n');
}
