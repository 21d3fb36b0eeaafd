import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { buildFirmware, describeFirmware, FirmwareFault } from '../build.ts';
import { bundle } from './bundle.ts';
import { demandsOf, faultsOf, MOST_LOCALS, MOST_UPVALUES } from './limits.ts';
import { sumOf } from './manifest.ts';
import { MOST_CODE, MOST_STATE } from './weigh.ts';

const homes: string[] = [];
afterEach(() => {
  for (const home of homes.splice(0)) rmSync(home, { recursive: true, force: true });
});

const chip = (name: string) => `export function hardware(): { chip: string } { return { chip: '${name}' }; }\n`;

/** A small firmware of one's own, in a folder that goes away after the test, with `files` put in or over. */
function firmwareWith(files: Readonly<Record<string, string>>): string {
  const home = mkdtempSync(join(tmpdir(), 'fenceline-firmware-'));
  homes.push(home);
  const own = join(import.meta.dirname, '..');
  writeFileSync(join(home, 'tsconfig.json'), readFileSync(join(own, 'tsconfig.json')));
  writeFileSync(join(home, 'package.json'), '{ "version": "9.8.7" }');
  symlinkSync(join(own, 'declarations'), join(home, 'declarations'));
  const sources = {
    'main.ts': 'export function start(hardware: { chip: string }): void { print(hardware.chip); }\n',
    'init.ts': "dofile('node.lua');\nexport {};\n",
    'chips/esp8266.ts': chip('esp8266'),
    'chips/esp32.ts': chip('esp32'),
    ...files,
  };
  for (const [name, text] of Object.entries(sources)) {
    mkdirSync(dirname(join(home, 'source', name)), { recursive: true });
    writeFileSync(join(home, 'source', name), text);
  }
  return home;
}

/** What the build says about a firmware with a fault planted in it; it must not leave anything to flash. */
async function refusal(files: Readonly<Record<string, string>>): Promise<string> {
  const home = firmwareWith(files);
  mkdirSync(join(home, 'dist'));
  writeFileSync(join(home, 'dist/node.lua'), 'of an earlier build');
  const fault = await buildFirmware(home).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(existsSync(join(home, 'dist'))).toBe(false);
  if (!(fault instanceof FirmwareFault)) throw fault ?? new Error('the build took it');
  return fault.message;
}

test('a sound firmware becomes its four files and a manifest with their sums, and the heap it takes is said', async () => {
  const home = firmwareWith({
    'word.ts': "export const word = 'of ' + FIRMWARE_VERSION;\n",
    'main.ts':
      "import { word } from './word.ts';\nexport function start(hardware: { chip: string }): void { print(word + hardware.chip); }\n",
  });
  const firmware = await buildFirmware(home);
  const { manifest } = firmware;
  expect(manifest.version).toBe('9.8.7');
  for (const [name, { size, sum }] of Object.entries(manifest.files)) {
    const bytes = readFileSync(join(home, 'dist', name));
    expect([name, bytes.length, sumOf(bytes)]).toEqual([name, size, sum]);
  }
  expect(Object.keys(manifest.files).sort()).toEqual(['esp32.lua', 'esp8266.lua', 'init.lua', 'node.lua']);
  expect(JSON.parse(readFileSync(join(home, 'dist/manifest.json'), 'utf8'))).toEqual(manifest);
  expect(readFileSync(join(home, 'dist/node.lua'), 'utf8')).toContain('"9.8.7"');
  const said = describeFirmware(firmware);
  expect(said).toMatch(
    /heap on esp8266: \d+ bytes as code \(at most 12288\), -?\d+ more once started \(at most 8192\)/,
  );
  expect(said).toMatch(/heap on esp32: /);
});

test('a type error is named with its file and line', async () => {
  expect(
    await refusal({ 'main.ts': "export function start(): void {\n  const x: number = 'one';\n  print(x);\n}\n" }),
  ).toMatch(/^source\/main\.ts:2: Type 'string' is not assignable to type 'number'/);
});

test('the library of the transpiler is named, with what to write instead', async () => {
  const main = 'export function start(): void {\n  print([1, 2].map((value) => value + 1).length);\n}\n';
  expect(await refusal({ 'main.ts': main })).toMatch(/^source\/main\.ts: needs __TS__ArrayMap, .* plain functions/);
});

test('more local variables than NodeMCU takes are refused', async () => {
  const many = Array.from({ length: MOST_LOCALS + 1 }, (_, i) => `const v${i} = start.name.length + ${i};`).join('\n');
  const main = `export function start(): void {\n${many.replaceAll('start.name.length', 'tmr.ALARM_AUTO')}\nprint(${Array.from(
    { length: MOST_LOCALS + 1 },
    (_, i) => `v${i}`,
  ).join(' + ')});\n}\n`;
  expect(await refusal({ 'main.ts': main })).toMatch(/^node\.lua:\d+: 41 local variables in one function, at most 40/);
});

test('code that leaves no heap is refused', async () => {
  const text = Array.from({ length: 400 }, (_, i) => `  print('line ${i} of much too long a text');`).join('\n');
  const said = await refusal({ 'main.ts': `export function start(): void {\n${text}\n}\n` });
  expect(said).toMatch(
    new RegExp(`node\\.lua with esp8266\\.lua takes \\d+ bytes of heap as code, at most ${MOST_CODE}`),
  );
});

test('a firmware that holds too much once started is refused', async () => {
  const main =
    'const kept: number[] = [];\nexport function start(): void {\n  let i = 0;\n  while (i < 2000) {\n    kept[i] = i;\n    i += 1;\n  }\n' +
    '  tmr.create().alarm(1, tmr.ALARM_AUTO, () => print(kept.length));\n}\n';
  expect(await refusal({ 'main.ts': main })).toMatch(
    new RegExp(`adds \\d+ bytes of heap once started, at most ${MOST_STATE}`),
  );
});

test('a firmware that stops with an error at its start is refused, with the error', async () => {
  const main = "export function start(): void {\n  error('no sensor');\n}\n";
  expect(await refusal({ 'main.ts': main })).toMatch(/node\.lua with esp8266\.lua does not start: .*no sensor/);
});

test('modules that import each other are refused, with the ring', () => {
  const parts = new Map([
    ['a', 'local b = require("b")\n'],
    ['b', 'local a = require("a")\n'],
  ]);
  expect(() => bundle(parts, 'a', '1')).toThrow('a -> b -> a');
});

test('locals are counted as long as their block lasts, with parameters and the hidden ones of a loop', () => {
  const lua = 'local function f(a, b)\nlocal c\ndo local d, e = 1, 2 end\nfor i = 1, 3 do local g end\nend\n';
  expect(demandsOf(lua)).toEqual([
    { line: 1, locals: 1, upvalues: 0 },
    { line: 1, locals: 8, upvalues: 0 },
  ]);
});

test('a variable of an outer function counts in every function it passes through', () => {
  const lua = 'local a, b\nfunction f()\nreturn function() return a + b.c end\nend\n';
  expect(demandsOf(lua).map(({ upvalues }) => upvalues)).toEqual([0, 2, 2]);
});

test('more variables of outer functions than NodeMCU takes are refused', () => {
  const names = Array.from({ length: MOST_UPVALUES + 1 }, (_, i) => `v${i}`);
  const outer = names.map((name, i) => (i % 30 === 0 ? `do end local ${name} = ${i}` : `local ${name} = ${i}`));
  const lua = `${outer.slice(0, 30).join('\n')}\nfunction g()\n${outer.slice(30).join('\n')}\nreturn function() return ${names.join(' + ')} end\nend\n`;
  expect(faultsOf('x.lua', lua)).toEqual([
    expect.stringMatching(/^x\.lua:\d+: 51 variables of the functions around it in one function, at most 50/),
  ]);
});

test('the sum of a file is Adler-32 in two decimal halves', () => {
  expect(sumOf(Buffer.from('Wikipedia'))).toBe(`${0x11e6}.${0x0398}`);
});
