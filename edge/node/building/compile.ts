import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';
import { LuaLibImportKind, LuaTarget, Transpiler } from 'typescript-to-lua';

/** The sources of the firmware, each as a Lua chunk that returns what the module exports. */
export interface CompiledParts {
  /** Lua by the module's path below `source`, without its ending: `frames/plantower`. */
  readonly lua: ReadonlyMap<string, string>;
  /** What the compiler found wrong, one line or more each, with file and line. Empty if it is sound. */
  readonly faults: readonly string[];
}

/**
 * Compiles everything below `home/source`, with the declarations of `home/declarations`, under the settings of
 * `home/tsconfig.json`.
 */
export function compileParts(home: string): CompiledParts {
  const config = ts.parseJsonConfigFileContent(readConfig(home), ts.sys, home);
  if (config.errors.length > 0) return { lua: new Map(), faults: config.errors.map(lineOf(home)) };
  const options = {
    ...config.options,
    noEmit: false,
    // Or the compiler would load what is only named as a type.
    verbatimModuleSyntax: false,
    isolatedModules: false,
    removeComments: true,
    // A string that names a module is rewritten from `.ts` to what stands there after compiling.
    rewriteRelativeImportExtensions: true,
    rootDir: join(home, 'source'),
    outDir: join(home, 'dist'),
    luaTarget: LuaTarget.Universal,
    luaLibImport: LuaLibImportKind.None,
    noImplicitSelf: true,
    noHeader: true,
  };
  const program = ts.createProgram(config.fileNames, options);
  const lua = new Map<string, string>();
  const collect: ts.WriteFileCallback = (path, text) => {
    if (path.endsWith('.lua')) lua.set(relative(options.outDir, path).replaceAll('\\', '/').slice(0, -4), text);
  };
  const found = [
    ...ts.getPreEmitDiagnostics(program),
    ...new Transpiler().emit({ program, writeFile: collect }).diagnostics,
  ];
  return { lua, faults: [...new Set(found.map(lineOf(home)))] };
}

function readConfig(home: string): unknown {
  const path = join(home, 'tsconfig.json');
  const { config, error } = ts.readConfigFile(path, (name) => readFileSync(name, 'utf8'));
  if (error) throw new Error(lineOf(home)(error));
  return config;
}

function lineOf(home: string): (diagnostic: ts.Diagnostic) => string {
  return (diagnostic) => {
    const text = ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n');
    if (diagnostic.file === undefined) return text;
    const { line } = diagnostic.file.getLineAndCharacterOfPosition(diagnostic.start ?? 0);
    return `${relative(home, diagnostic.file.fileName)}:${line + 1}: ${text}`;
  };
}

/** Every file that decides what the firmware becomes: sources, declarations, settings; absolute, in order. */
export function sourceFiles(home: string): string[] {
  const below = (folder: string): string[] =>
    readdirSync(join(home, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
      .map((name) => join(home, folder, name));
  return [...below('source'), ...below('declarations'), join(home, 'tsconfig.json'), join(home, 'package.json')].sort();
}
