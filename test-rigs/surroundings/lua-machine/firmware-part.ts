import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { compileFunction } from 'node:vm';
import { bundle } from '../../../edge/node/building/bundle.ts';
import { compileParts, sourceFiles } from '../../../edge/node/building/compile.ts';
import { joinSections, sectionsOf } from '../../../edge/node/building/sections.ts';
import type { LuaValue } from './crossing.ts';
import { luaInJavaScript } from './lua-in-javascript.ts';
import { LuaMachine } from './lua-machine.ts';

/** What a part of the firmware can be run as, with the same results. JavaScript for the pure ones. */
export type FirmwareLanguage = 'Lua 5.1' | 'Lua 5.3' | 'JavaScript';

export const firmwareLanguages: readonly FirmwareLanguage[] = ['Lua 5.1', 'Lua 5.3', 'JavaScript'];

/** Where the firmware's sources are. */
export const firmwareHome = join(import.meta.dirname, '../../../edge/node');

/**
 * A module of the firmware with everything it imports, by its path below `edge/node/source` (`frames/plantower.ts`), new
 * each time: what it exports, as functions that take and give JavaScript values. Text is bytes (latin1); lists, records
 * and callbacks cross in both directions; of several results comes the first.
 *
 * @param globals what stands beside Lua's own, such as a stand-in for a module of NodeMCU's
 * @param home where the firmware is; ours if not given
 */
export async function firmwarePart<Exports>(
  module: string,
  language: FirmwareLanguage,
  globals: Readonly<Record<string, LuaValue>> = {},
  home = firmwareHome,
): Promise<Exports> {
  if (language === 'JavaScript') return asJavaScript(home, module, { ...luaInJavaScript, ...globals }) as Exports;
  const machine = await LuaMachine.create(language === 'Lua 5.1' ? '5.1' : '5.3');
  for (const [name, value] of Object.entries(globals)) machine.setGlobal(name, value);
  return machine.run(firmwareLua(module, home), module) as Exports;
}

/** The Lua of a module with its imports, as the build would join it. Compiled once for the same sources. */
export function firmwareLua(module: string, home = firmwareHome, version = '0.0.0'): string {
  const parts = compiled.get(home) ?? new Map(Object.entries(readOrCompile(home)));
  compiled.set(home, parts);
  return bundle(parts, module.replace(/\.ts$/, ''), version);
}

/** The files of the whole firmware for one kind of chip, as the build joins them. */
export function firmwareFiles(kind: 'esp8266' | 'esp32', version = '0.0.0'): Record<string, string> {
  const lua = (module: string): string => firmwareLua(module, firmwareHome, version);
  const core = lua('main.ts');
  const node = joinSections(
    core,
    sectionsOf(core, (name) => lua(`${name}.ts`)),
  );
  return { 'init.lua': lua('init.ts'), 'node.lua': node, [`${kind}.lua`]: lua(`chips/${kind}.ts`) };
}

const compiled = new Map<string, ReadonlyMap<string, string>>();

/** Test files run in processes of their own: the first compiles, the others read what it left. */
function readOrCompile(home: string): Record<string, string> {
  const hash = createHash('sha256');
  for (const path of sourceFiles(home)) hash.update(path).update('\0').update(readFileSync(path)).update('\0');
  const kept = join(tmpdir(), `fenceline-firmware-${hash.digest('hex').slice(0, 32)}.json`);
  if (existsSync(kept)) return JSON.parse(readFileSync(kept, 'utf8'));
  const { lua, faults } = compileParts(home);
  if (faults.length > 0) throw new Error(`the firmware does not compile:\n${faults.join('\n')}`);
  const half = `${kept}.${process.pid}`;
  writeFileSync(half, JSON.stringify(Object.fromEntries(lua)));
  renameSync(half, kept);
  return Object.fromEntries(lua);
}

/** The firmware's own style has few kinds of imports and exports, so these are enough. */
function asJavaScript(
  home: string,
  module: string,
  globals: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const loaded = new Map<string, Record<string, unknown>>();
  const load = (path: string): Record<string, unknown> => {
    const known = loaded.get(path);
    if (known !== undefined) return known;
    const file = join(home, 'source', path);
    const exported: string[] = [];
    const code = stripTypeScriptTypes(readFileSync(file, 'utf8'))
      .replaceAll(/^import\s*\{([^}]*)\}\s*from\s*'([^']+)';/gm, (_, names: string, from: string) => {
        return `const {${names.replaceAll(/\btype\s+\w+\s*,?/g, '').replaceAll(' as ', ': ')}} = need('${from}');`;
      })
      .replaceAll(/^export (function|const|let) (\w+)/gm, (_, kind: string, name: string) => {
        exported.push(name);
        return `${kind} ${name}`;
      })
      .replaceAll(/^export \{([^}]*)\};/gm, (_, names: string) => {
        exported.push(...names.split(',').flatMap((name) => name.trim() || []));
        return '';
      });
    const run = compileFunction(`${code}\nreturn { ${exported.join(', ')} };`, ['need', ...Object.keys(globals)], {
      filename: file,
    });
    const need = (from: string) => load(posix.join(posix.dirname(path), from));
    const exports = run(need, ...Object.values(globals)) as Record<string, unknown>;
    loaded.set(path, exports);
    return exports;
  };
  return load(module);
}
