import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { LuaError, type LuaFunction, LuaObject, Several } from './crossing.ts';
import { firmwareHome, firmwareLanguages, firmwarePart } from './firmware-part.ts';
import { LuaMachine, luaVersions } from './lua-machine.ts';

class Counter extends LuaObject {
  count = 0;
  add(step: number): number {
    this.count += step;
    return this.count;
  }
}

describe.each(luaVersions)('Lua %s', (version) => {
  test('every byte crosses in both directions, NUL among them', async () => {
    const machine = await LuaMachine.create(version);
    const bytes = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).join('');
    machine.setGlobal('given', bytes);
    expect(machine.run('return #given')).toBe(256);
    expect(machine.run('return given')).toBe(bytes);
    expect(() => machine.setGlobal('given', '€')).toThrow('text for Lua is bytes');
  });

  test('numbers, lists, records, nil and null cross', async () => {
    const machine = await LuaMachine.create(version);
    machine.setGlobal('given', { list: [1, -2.5, 1_764_131_580], word: 'x', no: false, nothing: null });
    expect(machine.run('return given')).toEqual({
      list: [1, -2.5, 1_764_131_580],
      word: 'x',
      no: false,
      nothing: null,
    });
    expect(machine.run('return given.missing')).toBeUndefined();
    expect(machine.run('return type(given.nothing)')).toBe('userdata');
    expect(machine.run('return given.list[3] + 1')).toBe(1_764_131_581);
  });

  test('functions of either side can be called by the other, with several results', async () => {
    const machine = await LuaMachine.create(version);
    machine.setGlobal('both', (first: number) => new Several(first, 'second'));
    expect(machine.run('local a, b = both(7) return b .. a')).toBe('second7');
    const twice = machine.run('return function(call, x) return call(x) * 2 end') as LuaFunction;
    expect(twice((x: number) => x + 1, 20)).toBe(42);
    twice.release();
    expect(() => twice((x: number) => x, 1)).toThrow('let go');
  });

  test("an object's methods are called with a colon, and it stays itself", async () => {
    const machine = await LuaMachine.create(version);
    const counter = new Counter();
    machine.setGlobal('counter', counter);
    expect(machine.run('counter:add(2) counter:add(3) return counter')).toBe(counter);
    expect(counter.count).toBe(5);
    expect(() => machine.run('counter:missing()')).toThrow("attempt to call method 'missing'");
  });

  test("an error of the rig's is an error in Lua, which pcall catches; one of Lua's comes out with its place", async () => {
    const machine = await LuaMachine.create(version);
    machine.setGlobal('fail', () => {
      throw new Error('not connected');
    });
    expect(machine.run('local ok, why = pcall(fail) return why')).toContain('not connected');
    expect(() => machine.run('fail()', 'node.lua')).toThrow(LuaError);
    expect(() => machine.run('\nlocal a = nil + 1', 'node.lua')).toThrow(/^node\.lua:2: .*arithmetic/);
    expect(() => machine.run('this is no Lua', 'node.lua')).toThrow(/^node\.lua:1:/);
  });
});

test('Lua 5.1 tells its heap as a 32-bit machine has it, and a released function is freed', async () => {
  const machine = await LuaMachine.create('5.1');
  const before = machine.heap() as number;
  const held = machine.run(
    'local t = {} for i = 1, 1024 do t[i] = i end return function() return t end',
  ) as LuaFunction;
  const with1024 = machine.heap() as number;
  // A slot of a table is a value and its type: 12 bytes with doubles, 16 with the padding of this machine.
  expect(with1024 - before).toBeGreaterThan(1024 * 12);
  expect(with1024 - before).toBeLessThan(1024 * 17);
  held.release();
  expect(machine.heap() as number).toBeLessThan(before + 500);
});

test('Lua 5.3 has integers of 32 bits, as on an ESP32', async () => {
  const machine = await LuaMachine.create('5.3');
  expect(machine.run('return 2147483647 + 1')).toBe(-2_147_483_648);
  expect(machine.run('return string.format("%d", 3.0)')).toBe('3');
  expect(() => machine.run('return string.format("%d", 3.5)')).toThrow('no integer representation');
});

describe('a module of the firmware, with what it imports,', () => {
  const home = mkdtempSync(join(tmpdir(), 'fenceline-firmware-'));
  afterAll(() => rmSync(home, { recursive: true, force: true }));
  for (const name of ['tsconfig.json', 'package.json', 'declarations'])
    symlinkSync(join(firmwareHome, name), join(home, name));
  mkdirSync(join(home, 'source/frames'), { recursive: true });
  writeFileSync(
    join(home, 'source/frames/sum.ts'),
    'let calls = 0;\nexport function sum(bytes: string): number {\n  let total = 0;\n  calls += 1;\n' +
      '  for (let i = 1; i <= bytes.length; i++) total += string.byte(bytes, i);\n  return total + calls;\n}\n',
  );
  writeFileSync(
    join(home, 'source/meter.ts'),
    "import { sum } from './frames/sum.ts';\n\n/** @noSelf */\nexport interface Meter {\n  take(bytes: string): number[];\n}\n\n" +
      'export function meter(onSum: (sum: number) => void): Meter {\n  const all: number[] = [];\n' +
      '  const take = (bytes: string): number[] => {\n    const one = sum(bytes);\n    all[all.length] = one;\n    onSum(one);\n    return all;\n  };\n' +
      '  return { take };\n}\n',
  );

  test.each(firmwareLanguages)('runs as %s, new each time', async (language) => {
    interface Part {
      meter(onSum: (sum: number) => void): { take(bytes: string): number[] };
    }
    for (let once = 0; once < 2; once++) {
      const heard: number[] = [];
      const { meter } = await firmwarePart<Part>('meter.ts', language, {}, home);
      const { take } = meter((sum) => void heard.push(sum));
      expect(take('\x42\x4d\x00')).toEqual([0x42 + 0x4d + 1]);
      expect(take('\xff')).toEqual([0x42 + 0x4d + 1, 257]);
      expect(heard).toEqual([0x42 + 0x4d + 1, 257]);
    }
  });
});
