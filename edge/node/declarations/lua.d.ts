/**
 * What Lua itself brings on a chip: the part of its library that is the same in NodeMCU's Lua 5.1 (ESP8266) and 5.3
 * (ESP32). Text is bytes: one character is one byte, 0 to 255, and `#`, `sub` and `byte` count bytes.
 * https://www.lua.org/manual/5.1/manual.html#5
 */

/** Several results at once; taken apart with `const [first, second] = …` and nothing else. */
declare type LuaMultiReturn<Values extends unknown[]> = Values & { readonly __tstlMultiReturn: unknown };

/** The firmware's version, from package.json; the build writes it in. */
declare const FIRMWARE_VERSION: string;

declare function print(this: void, ...values: unknown[]): void;
declare function tostring(this: void, value: unknown): string;
/** Undefined if the text is not a number, also for `''` and undefined. Numbers with a point become singles in 5.3. */
declare function tonumber(this: void, text: unknown, base?: number): number | undefined;
/** `'nil'`, `'number'`, `'string'`, `'boolean'`, `'table'`, `'function'`, `'userdata'` (`sjson.NULL` is one), … */
declare function type(this: void, value: unknown): string;
/** Stops with an error; nothing but `pcall` catches it, and without one the chip prints it and may restart. */
declare function error(this: void, message: string, level?: number): never;
/** Calls and catches: true and what it returned, or false and the error. */
declare function pcall<Arguments extends unknown[], Result>(
  this: void,
  call: (this: void, ...given: Arguments) => Result,
  ...given: Arguments
): LuaMultiReturn<[true, Result] | [false, unknown]>;
/** Compiles a file: the chunk as a function, or undefined and the syntax error. Runs nothing. */
declare function loadfile(
  this: void,
  name: string,
): LuaMultiReturn<[(this: void) => unknown, undefined] | [undefined, string]>;
/** Compiles what `piece` gives until it gives nothing; undefined and the fault if it is no Lua. Runs nothing. */
declare function load(
  this: void,
  piece: (this: void) => string | undefined,
): LuaMultiReturn<[(this: void) => unknown, undefined] | [undefined, string]>;
/** Compiles and runs a file, and returns what its chunk returns. Throws what it throws, and if there is no such file. */
declare function dofile(this: void, name: string): unknown;
/** `'collect'` frees what nobody holds; `'count'` gives the Lua heap in kilobytes. */
declare function collectgarbage(this: void, what?: 'collect' | 'count'): number;
/** Runs through a table in no order at all: `for (const [key, value] of …)` is not available; see `next`. */
declare function next<Value>(
  this: void,
  table: { readonly [key: string]: Value },
  after?: string,
): LuaMultiReturn<[string, Value] | [undefined, undefined]>;

declare const string: {
  /** The byte at a place, from 1 (-1 is the last); nil beyond the end, which the type does not say: know the length. */
  byte(this: void, text: string, at: number): number;
  /** The bytes `from` to `to`, both with; nil beyond the end, as above. */
  byte(
    this: void,
    text: string,
    from: number,
    to: number,
  ): LuaMultiReturn<[number, number, number, number, number, number, ...number[]]>;
  char(this: void, ...bytes: number[]): string;
  /** Where it begins and ends, from 1; undefined if it is not there. `isPlain` true: no patterns. */
  find(
    this: void,
    text: string,
    pattern: string,
    from?: number,
    isPlain?: boolean,
  ): LuaMultiReturn<[number, number, ...string[]] | [undefined, undefined, ...undefined[]]>;
  /** What the pattern's brackets caught, or the whole match; undefined if it does not match. */
  match(this: void, text: string, pattern: string, from?: number): LuaMultiReturn<(string | undefined)[]>;
  gsub(this: void, text: string, pattern: string, replacement: string, most?: number): LuaMultiReturn<[string, number]>;
  /** From `from` to `to` with both ends; negative counts from the end. */
  sub(this: void, text: string, from: number, to?: number): string;
  /** `%d` takes whole numbers only in 5.3: `math.floor` before it. */
  format(this: void, format: string, ...values: (string | number)[]): string;
  rep(this: void, text: string, times: number): string;
  lower(this: void, text: string): string;
  upper(this: void, text: string): string;
  len(this: void, text: string): number;
};

/** 5.3 on an ESP32 has 32-bit integers and singles: whole numbers are exact up to 2^31 as integers, 2^24 otherwise. */
declare const math: {
  floor(this: void, value: number): number;
  ceil(this: void, value: number): number;
  abs(this: void, value: number): number;
  sqrt(this: void, value: number): number;
  min(this: void, first: number, ...more: number[]): number;
  max(this: void, first: number, ...more: number[]): number;
  /** 0 up to 1; with `upTo` a whole number from 1 to it. ESP8266 images without floats have none: see `node.random`. */
  random(this: void, upTo?: number): number;
  /** In 5.1 a fixed seed holds until this is called. */
  randomseed(this: void, seed: number): void;
};

declare const table: {
  concat(this: void, list: readonly (string | number)[], between?: string): string;
  /** At the end, or before the place `at` (from 1). */
  insert<Item>(this: void, list: Item[], item: Item): void;
  /** The last, or the one at the place (from 1), which the rest then fills. */
  remove<Item>(this: void, list: Item[], at?: number): Item | undefined;
  sort<Item>(this: void, list: Item[], isBefore?: (this: void, left: Item, right: Item) => boolean): void;
};
