import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  decoded,
  encoded,
  type HostFunction,
  LuaError,
  type LuaFunction,
  type LuaObject,
  type LuaValue,
  type Registry,
  Several,
} from './crossing.ts';
import { fengariInterpreter } from './interpreters/fengari-interpreter.ts';
import type { LuaInterpreter } from './interpreters/lua-interpreter.ts';
import { loadWasmoon, wasmoonInterpreter } from './interpreters/wasmoon-interpreter.ts';

export type LuaVersion = '5.1' | '5.3';

/** Both lines of Lua that NodeMCU has: 5.1 (ESP8266) and 5.3 with 32-bit integers (ESP32). */
export const luaVersions: readonly LuaVersion[] = ['5.1', '5.3'];

const crossing = readFileSync(join(import.meta.dirname, 'crossing.lua'), 'utf8');

/**
 * A Lua machine: an interpreter of its own, into which the rig hands functions and values, and from which it gets them.
 * One interface whatever the version.
 */
export class LuaMachine {
  readonly version: LuaVersion;
  readonly #interpreter: LuaInterpreter;
  readonly #registry: HeldThings;
  #heapAtStart: number;
  #looksAway = false;

  private constructor(interpreter: LuaInterpreter, registry: HeldThings) {
    this.version = interpreter.version;
    this.#interpreter = interpreter;
    this.#registry = registry;
    registry.enter = (text) => this.#enter(text);
    interpreter.run(crossing);
    this.#heapAtStart = this.#collected() ?? 0;
  }

  static async create(version: LuaVersion): Promise<LuaMachine> {
    await LuaMachine.load();
    return LuaMachine.createNow(version);
  }

  /** To be waited for once, before `createNow`. */
  static load(): Promise<void> {
    return loadWasmoon();
  }

  static createNow(version: LuaVersion): LuaMachine {
    const registry = new HeldThings();
    const host = (text: string): string => registry.calledFromLua(text);
    return new LuaMachine(version === '5.1' ? wasmoonInterpreter(host) : fengariInterpreter(host), registry);
  }

  /** From now on nothing of the rig answers: whatever Lua still calls fails, as on a chip without power. */
  stop(): void {
    this.#registry.isStopped = true;
  }

  /** Heap is counted from what is in use now. */
  zeroHeap(): void {
    this.#heapAtStart = this.#collected() ?? 0;
  }

  setGlobal(name: string, value: LuaValue): void {
    this.#enter(`g${encoded([name, value], this.#registry)}`);
  }

  /** Compiles and runs a chunk, and gives the first value it returns. Throws `LuaError`. */
  run(chunk: string, name = 'chunk'): LuaValue {
    return this.#enter(`x${encoded([chunk, `=${name}`], this.#registry)}`);
  }

  /**
   * Heap in use after full collections, bytes, beyond what the bare interpreter and the crossing take; undefined where the
   * interpreter cannot tell.
   */
  heap(): number | undefined {
    const now = this.#collected();
    return now === undefined ? undefined : now - this.#heapAtStart;
  }

  /**
   * From now on the heap in use is looked at whenever Lua calls the rig: gives what tells the highest so far. Costs a full
   * collection each time; nothing where there are no figures.
   */
  watchHeap(): () => number {
    let highest = 0;
    this.#registry.beforeCall = () => {
      if (!this.#looksAway) highest = Math.max(highest, this.heap() ?? 0);
    };
    return () => highest;
  }

  /** The highest use is not looked for meanwhile. */
  looksAway(isLookingAway: boolean): void {
    this.#looksAway = isLookingAway;
  }

  close(): void {
    this.#interpreter.close();
  }

  #collected(): number | undefined {
    this.#interpreter.run('collectgarbage("collect") collectgarbage("collect")');
    return this.#interpreter.heap();
  }

  #enter(text: string): LuaValue {
    const answer = this.#interpreter.call('fenceline_enter', text);
    const [first] = decoded(answer, 1, this.#registry);
    if (answer.startsWith('!')) throw new LuaError(String(first));
    return first;
  }
}

/** What has crossed by number: the rig's functions and objects that Lua knows, and Lua's functions that the rig knows. */
class HeldThings implements Registry {
  enter: (text: string) => LuaValue = () => undefined;
  isStopped = false;
  beforeCall: () => void = () => undefined;
  readonly #functions: HostFunction[] = [];
  readonly #functionNumbers = new Map<HostFunction, number>();
  readonly #objects: LuaObject[] = [];
  readonly #objectNumbers = new Map<LuaObject, number>();
  readonly #luaNumbers = new WeakMap<LuaFunction, number>();

  functionNumber(call: HostFunction): number {
    return numbered(call, this.#functions, this.#functionNumbers);
  }

  objectNumber(object: LuaObject): number {
    return numbered(object, this.#objects, this.#objectNumbers);
  }

  object(number: number): LuaObject {
    return this.#objects[number] as LuaObject;
  }

  luaFunction(number: number): LuaFunction {
    const call = (...given: LuaValue[]): LuaValue => this.enter(`c${encoded([wrapped, ...given], this)}`);
    const wrapped: LuaFunction = Object.assign(call, { release: () => void this.enter(`r${number}`) });
    this.#luaNumbers.set(wrapped, number);
    return wrapped;
  }

  luaNumber(call: LuaFunction): number | undefined {
    return this.#luaNumbers.get(call);
  }

  /** `c…;` calls a function by its number, `m…;name;` a method of an object; what follows is what it is given. */
  calledFromLua(text: string): string {
    try {
      if (this.isStopped) throw new Error('the chip stands still');
      this.beforeCall();
      return `v${encoded(results(this.#answer(text)), this)}`;
    } catch (error) {
      return `!${encoded([error instanceof Error ? error.message : String(error)], this)}`;
    }
  }

  #answer(text: string): unknown {
    const afterNumber = text.indexOf(';') + 1;
    const number = Number(text.slice(1, afterNumber - 1));
    if (text.startsWith('c')) return (this.#functions[number] as HostFunction)(...decoded(text, afterNumber, this));
    const afterName = text.indexOf(';', afterNumber) + 1;
    const name = text.slice(afterNumber, afterName - 1);
    const object = this.#objects[number] as unknown as Record<string, HostFunction | undefined>;
    const method = object[name];
    if (typeof method !== 'function') throw new Error(`attempt to call method '${name}' (a nil value)`);
    return method.call(object, ...decoded(text, afterName, this));
  }
}

function results(given: unknown): readonly LuaValue[] {
  if (given instanceof Several) return given.values;
  return given === undefined ? [] : [given as LuaValue];
}

function numbered<Thing>(thing: Thing, all: Thing[], numbers: Map<Thing, number>): number {
  const known = numbers.get(thing);
  if (known !== undefined) return known;
  numbers.set(thing, all.length);
  all.push(thing);
  return all.length - 1;
}
