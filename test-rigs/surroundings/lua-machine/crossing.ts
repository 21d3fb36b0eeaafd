/**
 * How values cross between the rig and an interpreter, as one text of printable ASCII:
 *
 *     z nil · u JSON's null (an object of its own on a chip) · t true · f false · n…; number
 *     s…; text, a byte that is not printable ASCII, `;` and `\` as \hh
 *     l…; a Lua function by its number · h…; a function of the rig · o number.class; an object of the rig
 *     { key value … } table
 *
 * Text is bytes, as in Lua: one character of a JavaScript string is one byte, 0 to 255.
 */

/** What crosses. A list becomes a table from 1; undefined is nil. */
export type LuaValue =
  | undefined
  | null
  | boolean
  | number
  | string
  | LuaFunction
  | HostFunction
  | LuaObject
  | readonly LuaValue[]
  | { readonly [key: string]: LuaValue };

/** A function of Lua's. Throws `LuaError`. Only the first of several results is given. */
export interface LuaFunction {
  (...given: LuaValue[]): LuaValue;
  /** Lets go of it, so that Lua may free it. */
  release(): void;
}

/** A function of the rig's that Lua may call; what it throws becomes a Lua error. */
// biome-ignore lint/suspicious/noExplicitAny: each function reads what it is given as the chip's module would
export type HostFunction = (...given: any[]) => unknown;

/** An object of the rig's whose methods Lua calls with a colon. The class's name is only for the interpreter. */
export abstract class LuaObject {}

/** Several results of one function. */
export class Several {
  readonly values: readonly LuaValue[];
  constructor(...values: LuaValue[]) {
    this.values = values;
  }
}

/** One nil, where a module gives nil; a function that gives undefined gives no result at all. */
export const nil = new Several(undefined);

/** An error of Lua's, with its own message. */
export class LuaError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'LuaError';
  }
}

/** What a crossing needs to know of the functions and objects on the rig's side. */
export interface Registry {
  functionNumber(call: HostFunction): number;
  objectNumber(object: LuaObject): number;
  object(number: number): LuaObject;
  luaFunction(number: number): LuaFunction;
  luaNumber(call: LuaFunction): number | undefined;
}

const escaped = (text: string): string =>
  text.replaceAll(/[^ !-:<-[\]-~]/g, (one) => {
    const code = one.charCodeAt(0);
    if (code > 255) throw new Error(`text for Lua is bytes, and ${JSON.stringify(one)} is none`);
    return `\\${code.toString(16).padStart(2, '0')}`;
  });

const unescaped = (text: string): string =>
  text.replaceAll(/\\([0-9a-f]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));

/** These values, one after the other. */
export function encoded(values: readonly LuaValue[], registry: Registry): string {
  return values.map((value) => one(value, registry)).join('');
}

function one(value: LuaValue, registry: Registry): string {
  if (value === undefined) return 'z';
  if (value === null) return 'u';
  switch (typeof value) {
    case 'boolean':
      return value ? 't' : 'f';
    case 'number':
      return `n${value};`;
    case 'string':
      return `s${escaped(value)};`;
    case 'function': {
      const luaNumber = registry.luaNumber(value as LuaFunction);
      return luaNumber === undefined ? `h${registry.functionNumber(value as HostFunction)};` : `l${luaNumber};`;
    }
    default:
      return object(value, registry);
  }
}

function object(
  value: LuaObject | readonly LuaValue[] | { readonly [key: string]: LuaValue },
  registry: Registry,
): string {
  if (value instanceof LuaObject) return `o${registry.objectNumber(value)}.${value.constructor.name};`;
  const entries = Array.isArray(value)
    ? value.map((item: LuaValue, at): [LuaValue, LuaValue] => [at + 1, item])
    : Object.entries(value as { readonly [key: string]: LuaValue });
  const said = entries
    .filter(([, item]) => item !== undefined)
    .map(([key, item]) => one(key, registry) + one(item, registry));
  return `{${said.join('')}}`;
}

/** The values of a text from Lua, from a place on. */
export function decoded(text: string, from: number, registry: Registry): LuaValue[] {
  const reader = new Reader(text, from, registry);
  const values: LuaValue[] = [];
  while (!reader.isAtEnd) values.push(reader.value());
  return values;
}

class Reader {
  readonly #text: string;
  readonly #registry: Registry;
  #at: number;

  constructor(text: string, from: number, registry: Registry) {
    this.#text = text;
    this.#at = from;
    this.#registry = registry;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  value(): LuaValue {
    const kind = this.#text[this.#at++];
    switch (kind) {
      case 'z':
        return undefined;
      case 'u':
        return null;
      case 't':
        return true;
      case 'f':
        return false;
      case 'n':
        return Number(this.#body().replace(/^(-?)inf$/, '$1Infinity'));
      case 's':
        return unescaped(this.#body());
      case 'l':
        return this.#registry.luaFunction(Number(this.#body()));
      case 'o':
        return this.#registry.object(Number.parseInt(this.#body(), 10));
      case '{':
        return this.#table();
      default:
        throw new Error(`crossing: ${kind} means nothing`);
    }
  }

  #body(): string {
    const stop = this.#text.indexOf(';', this.#at);
    const body = this.#text.slice(this.#at, stop);
    this.#at = stop + 1;
    return body;
  }

  /** A table with nothing but 1, 2, 3, … becomes a list, also an empty one. */
  #table(): LuaValue {
    const entries: [LuaValue, LuaValue][] = [];
    while (this.#text[this.#at] !== '}') entries.push([this.value(), this.value()]);
    this.#at += 1;
    const items = new Map(entries);
    const isList = [...items.keys()].every((key) => typeof key === 'number' && key >= 1 && key <= items.size);
    if (isList) return Array.from({ length: items.size }, (_, at) => items.get(at + 1));
    return Object.fromEntries(entries.map(([key, item]) => [String(key), item]));
  }
}
