import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { forbiddenImports, librariesInSeveralFiles, libraryOf, roomOf, type SourceFile } from './import-rules.ts';
import { allowances } from './import-table.ts';
import { readImports } from './read-imports.ts';

const root = join(import.meta.dirname, '../..');

function ourSources(): SourceFile[] {
  return globSync('{device-profiles,edge,gateway,test-rigs}/**/*.{ts,tsx}', { cwd: root })
    .filter((path) => !/(^|\/)(node_modules|dist)\//.test(path))
    .sort()
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

describe('the project', () => {
  const files = ourSources();

  test('every import goes in a direction the table allows', () => {
    expect(files.map(({ path }) => path)).toContain('gateway/clock.ts');
    expect(files.flatMap(forbiddenImports)).toEqual([]);
  });

  test('every foreign library lives in one product file', () => {
    expect(librariesInSeveralFiles(files)).toEqual([]);
  });

  test('every room has its line in the table', () => {
    const rooms = new Set(files.map(({ path }) => roomOf(path)));
    expect([...rooms].filter((room) => !(room in allowances))).toEqual([]);
  });
});

describe('a planted wrong import is found', () => {
  test('with its file, its line, what it names and what is allowed', () => {
    const text = "import { open } from 'node:fs';\n\nimport { append } from '../store/store.ts';\n";
    expect(forbiddenImports({ path: 'gateway/quality/range.ts', text })).toEqual([
      'gateway/quality/range.ts:3: imports ../store/store.ts (gateway/store/store.ts); gateway/quality may import ' +
        'gateway/reading, gateway/record, gateway/clock, device-profiles',
    ]);
  });

  test.each([
    ['a static import', "import { a } from '../store/store.ts';"],
    ['a side-effect import', "import '../store/store.ts';"],
    ['a dynamic import', "const a = await import('../store/store.ts');"],
    ['a dynamic import in backquotes', 'const a = await import(`../store/store.ts`);'],
    ['a dynamic import of a computed name', 'const a = await import(name);'],
    ['a re-export of one name', "export { a } from '../store/store.ts';"],
    ['a re-export of everything', "export * from '../store/store.ts';"],
    ['a re-exported type', "export type { A } from '../store/store.ts';"],
    ['a type named in place', "let a: import('../store/store.ts').A;"],
  ])('as %s', (_, text) => {
    expect(forbiddenImports({ path: 'gateway/link/link.ts', text })).toHaveLength(1);
  });

  test('but not where it stands in a comment or a string', () => {
    const text = "// import '../store/store.ts'\nexport const example = \"import '../store/store.ts'\";\n";
    expect(forbiddenImports({ path: 'gateway/link/link.ts', text })).toEqual([]);
  });

  test('also when product code imports a rig', () => {
    const text = "import type { SimulatedClock } from '../surroundings/simulated-clock.ts';";
    expect(forbiddenImports({ path: 'gateway/store/store.ts', text })).toHaveLength(1);
    expect(forbiddenImports({ path: 'gateway/gateway.ts', text: text.replace('../../', '../') })).toHaveLength(1);
  });
});

describe('a type', () => {
  const types = "import type { Link } from '../link/link.ts';";

  test('may be imported where the table says types', () => {
    expect(forbiddenImports({ path: 'gateway/driver/modbus.ts', text: types })).toEqual([]);
  });

  test('may not be imported as a value there, also not inline, because the module is then still loaded', () => {
    for (const text of [types.replace('import type', 'import'), types.replace('type { Link', '{ type Link')]) {
      expect(forbiddenImports({ path: 'gateway/driver/modbus.ts', text })).toEqual([
        'gateway/driver/modbus.ts:1: imports ../link/link.ts (gateway/link/link.ts); allowed with `import type` only',
      ]);
    }
  });
});

describe('the table', () => {
  const importing = (path: string, from: string) => forbiddenImports({ path, text: `import '${from}';` });

  test('lets every station be joined in gateway.ts, main.ts and the commands', () => {
    expect(importing('gateway/gateway.ts', './store/store.ts')).toEqual([]);
    expect(importing('gateway/main.ts', './gateway.ts')).toEqual([]);
    expect(importing('gateway/cli/read.ts', '../driver/modbus.ts')).toEqual([]);
  });

  test('lets a site read the settings of each station, and nothing else of it', () => {
    expect(importing('gateway/site/site.ts', '../link/settings.ts')).toEqual([]);
    expect(importing('gateway/site/site.ts', '../link/link.ts')).toHaveLength(1);
  });

  test('lets a record know the factors by value, and the rest of the profiles by type', () => {
    expect(importing('gateway/record/record.ts', '../../device-profiles/factors.ts')).toEqual([]);
    expect(importing('gateway/record/record.ts', '../../device-profiles/decode.ts')).toHaveLength(1);
  });

  test('lets a test beside the code use the rigs, but no other station than its code may', () => {
    expect(importing('gateway/link/paced.test.ts', '../../test-rigs/links/memory-link.ts')).toEqual([]);
    expect(importing('gateway/link/paced.test.ts', '../store/store.ts')).toHaveLength(1);
  });

  test('lets a test load what its code may name by type', () => {
    expect(importing('gateway/driver/modbus.test.ts', '../link/tcp-link.ts')).toEqual([]);
    expect(importing('gateway/driver/modbus.ts', '../link/tcp-link.ts')).toHaveLength(1);
  });

  test('lets a story use any station, and a rig only what is published', () => {
    expect(importing('test-rigs/stories/outage.test.ts', '../../gateway/store/store.ts')).toEqual([]);
    expect(importing('test-rigs/platform/platform.ts', '../../gateway/contract/batch.ts')).toEqual([]);
    expect(importing('test-rigs/platform/platform.ts', '../../gateway/store/store.ts')).toHaveLength(1);
  });
});

test('a folder of the table may import more than its room, and nobody beside it may', () => {
  const text = "import '../../../../gateway/driver/line/line.ts';";
  expect(forbiddenImports({ path: 'test-rigs/bench/bus/masters/fenceline.ts', text })).toEqual([]);
  expect(forbiddenImports({ path: 'test-rigs/bench/bus/rig/rig.ts', text })).toHaveLength(1);
  expect(forbiddenImports({ path: 'test-rigs/bench/bus/masters-not.ts', text: text.replace('../', '') })).toHaveLength(
    1,
  );
});

describe('a foreign library', () => {
  test('in two product files is found, by any of its entries and also by type', () => {
    const files = [
      { path: 'gateway/site/a.ts', text: "import { Low } from 'lowdb';" },
      { path: 'gateway/site/b.ts', text: "import type { JSONFile } from 'lowdb/node';" },
      { path: 'gateway/site/c.test.ts', text: "import { Low } from 'lowdb';" },
    ];
    expect(librariesInSeveralFiles(files)).toEqual([
      'lowdb is imported by gateway/site/a.ts and gateway/site/b.ts; keep it in one file behind a port',
    ]);
  });

  test('is named by its package, also when that has a scope', () => {
    expect(libraryOf('@hono/node-server/serve-static')).toBe('@hono/node-server');
    expect(libraryOf('preact/hooks')).toBe('preact');
    expect(libraryOf('node:fs/promises')).toBeUndefined();
  });
});

test('a source that cannot be parsed is an error with the file in it, not a file without imports', () => {
  expect(() => readImports('gateway/link/broken.ts', 'import { from ;')).toThrow('gateway/link/broken.ts');
});
