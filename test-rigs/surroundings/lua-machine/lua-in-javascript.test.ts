import { describe, expect, test } from 'vitest';
import type { LuaFunction, LuaValue } from './crossing.ts';
import { luaInJavaScript } from './lua-in-javascript.ts';
import { LuaMachine, luaVersions } from './lua-machine.ts';

/** Calls whose results must be the same in each language; what Lua gives several of, the first. */
const calls: readonly [name: string, ...given: LuaValue[]][] = [
  ...[1, 2, 4, 5, 9, -1, -4, -9, 0].flatMap((from): [string, ...LuaValue[]][] => [
    ['string.sub', 'a\x00\xffd', from],
    ...[0, 1, 3, 9, -1, -2, -9].map((to): [string, ...LuaValue[]] => ['string.sub', 'a\x00\xffd', from, to]),
    ['string.byte', 'a\x00\xffd', from],
  ]),
  ['string.char', 66, 0, 255],
  ['string.find', 'a\x42\x4db', '\x42\x4d', 1, true],
  ['string.find', 'a.b.c', '.', 3, true],
  ['string.find', 'a.b', 'x', 1, true],
  ['string.find', 'abcabc', 'b', -3, true],
  ['string.rep', 'ab', 3],
  ['string.rep', 'ab', 0],
  ['string.format', '%d|%5d|%-5d|%05d|%x|%X|%%', 7, 7, 7, 7, 255, 255],
  ['string.format', '%s %5s %.2f %06.1f', 'a', 'b', 1.005, -2.26],
  ['string.format', '%c%c', 66, 77],
  ['string.upper', 'aZ9'],
  ['string.len', '\x00\x00'],
  ...['12', ' 12 ', '0x1F', '1e3', '', 'x', '12x', '-3.5'].map((text): [string, ...LuaValue[]] => ['tonumber', text]),
  ['tonumber', 'ff', 16],
  ['tonumber', '7f3a12', 16],
  ['math.floor', -2.5],
  ['math.ceil', -2.5],
  ['math.min', 3, -1, 2],
  ['math.max', 3, -1, 2],
  ['table.concat', [1, 'b', 3], ','],
  ['table.concat', []],
  ['type', undefined],
  ['type', 'x'],
  ['type', [1]],
  ['type', true],
  ['tostring', true],
  ['tostring', 12],
];

const inJavaScript = (name: string): ((...given: LuaValue[]) => unknown) =>
  name.split('.').reduce((from: unknown, part) => (from as Record<string, unknown>)[part], luaInJavaScript) as never;

const firstOf = (value: unknown): unknown => (Array.isArray(value) ? value[0] : value);

describe.each(luaVersions)("what stands for Lua's library in JavaScript, against Lua %s", (version) => {
  test('gives the same', async () => {
    const machine = await LuaMachine.create(version);
    for (const [name, ...given] of calls) {
      const lua = machine.run(`return ${name}`) as LuaFunction;
      expect([name, given, firstOf(inJavaScript(name)(...given))]).toEqual([name, given, lua(...given)]);
    }
  });

  test('fails where Lua does', async () => {
    const machine = await LuaMachine.create(version);
    for (const [name, ...given] of [
      ['string.char', 256],
      ['error', 'no'],
      ['string.format', '%d'],
      // 5.1 would cut it off, which nothing on a chip may rely on.
      ...(version === '5.3' ? [['string.format', '%d', 1.5] as const] : []),
    ] as [string, ...LuaValue[]][]) {
      const lua = machine.run(`return ${name}`) as LuaFunction;
      expect(() => lua(...given), name).toThrow();
      expect(() => inJavaScript(name)(...given), name).toThrow();
    }
  });

  test('takes lists apart and puts them together alike', async () => {
    const machine = await LuaMachine.create(version);
    const program = `local t = { 3, 1, 2 } table.insert(t, 9) local last = table.remove(t) local first = table.remove(t, 1)
      table.sort(t, function(a, b) return a > b end) return { last, first, t[1], t[2], #t }`;
    const { table } = luaInJavaScript as { table: Record<string, (...given: unknown[]) => unknown> };
    const list = [3, 1, 2];
    table.insert?.(list, 9);
    const last = table.remove?.(list);
    const first = table.remove?.(list, 1);
    table.sort?.(list, (a: number, b: number) => a > b);
    expect([last, first, ...list, list.length]).toEqual(machine.run(program));
  });
});

test('what lies between two numbers is rounded as C does it, to the even one; fengari does it as JavaScript', async () => {
  const machine = await LuaMachine.create('5.1');
  const { string } = luaInJavaScript as { string: { format(format: string, value: number): string } };
  for (const value of [0.25, 0.35, 0.75, 2.25, -2.25, 2.5, 3.5, 1e6 + 0.5, 0.125]) {
    for (const format of ['%.0f', '%.1f', '%.2f']) {
      const said = machine.run(`return string.format('${format}', ${value})`);
      expect([format, value, string.format(format, value)]).toEqual([format, value, said]);
    }
  }
});

test('a pattern is refused in JavaScript, so that nobody believes it was tried', () => {
  const { string } = luaInJavaScript as { string: { find(text: string, pattern: string): unknown } };
  expect(() => string.find('a1', '%d')).toThrow('run this in Lua');
});
