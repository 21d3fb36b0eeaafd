/**
 * Joins a module and everything it imports into one Lua file. Each module runs once, in the order in which they need
 * each other, and hands over what it exports; nothing of the joining itself stays in the chip's heap afterwards.
 */
export function bundle(parts: ReadonlyMap<string, string>, entry: string, version: string): string {
  const order = inOrder(parts, entry);
  const isVersionUsed = order.some((name) => partOf(parts, name).includes('FIRMWARE_VERSION'));
  const head = isVersionUsed ? `local FIRMWARE_VERSION = ${JSON.stringify(version)}\n` : '';
  if (order.length === 1) return head + trimmed(partOf(parts, entry));
  const joined = order.map(
    (name) => `part[${JSON.stringify(name)}] = (function()\n${linked(partOf(parts, name))}end)()\n`,
  );
  return trimmed(`${head}local part = {}\n${joined.join('')}return part[${JSON.stringify(entry)}]\n`);
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

function linked(lua: string): string {
  return lua.replaceAll(required, (_, name: string) => `part[${JSON.stringify(moduleName(name))}]`);
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
