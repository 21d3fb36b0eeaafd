import { LuaObject, type LuaValue } from '../crossing.ts';

/** Deepest nesting when nothing else is asked for. */
const DEPTH = 20;

/**
 * `sjson` as https://nodemcu.readthedocs.io/en/release/modules/sjson/ and its source have it. Decoding: an object or a list
 * and nothing else; what stands behind its end is not looked at; null becomes an object of its own. Encoding: an empty
 * table is a list; a backslash is not escaped.
 */
export function sjsonModule(): Record<string, LuaValue> {
  return { NULL: null, decode, encode };
}

function decode(text: unknown): LuaValue {
  if (typeof text !== 'string') throw new Error('bad argument #1 to decode (string expected)');
  const end = endOfFirst(text);
  if (end === undefined) throw new Error('Incomplete JSON object passed to sjson.decode');
  try {
    return JSON.parse(utf8Escapes(text.slice(0, end))) as LuaValue;
  } catch (error) {
    throw new Error(`JSON parse error: ${(error as Error).message}`);
  }
}

/** Where the first object or list ends; undefined if it does not. */
function endOfFirst(text: string): number | undefined {
  let depth = 0;
  let isInText = false;
  for (let at = 0; at < text.length; at++) {
    const one = text[at] as string;
    if (isInText) {
      if (one === '\\') at += 1;
      else if (one === '"') isInText = false;
      continue;
    }
    if (one === '"') isInText = true;
    if (one === '{' || one === '[') depth += 1;
    if (depth > DEPTH) throw new Error('JSON parse error: LEVELS_EXCEEDED');
    if (depth === 0 && !/\s/.test(one)) throw new Error('JSON parse error: SPECIAL_EXPECTED');
    if (one === '}' || one === ']') depth -= 1;
    if (depth === 0 && !/\s/.test(one)) return at + 1;
  }
  return undefined;
}

/** `\u20ac` becomes the bytes of UTF-8, as there. */
function utf8Escapes(text: string): string {
  return text.replaceAll(/\\u([0-9a-fA-F]{4})/g, (whole, code: string) => {
    const point = Number.parseInt(code, 16);
    return point < 0x80 ? whole : Buffer.from(String.fromCharCode(point), 'utf8').toString('latin1');
  });
}

function encode(value: LuaValue): string {
  if (typeof value !== 'object' || value === null) throw new Error('bad argument #1 to encode (table expected)');
  return written(value, 0);
}

function written(value: LuaValue, depth: number): string {
  if (depth > DEPTH) throw new Error('encoder stack overflow');
  if (value === undefined || value === null) return 'null';
  if (typeof value === 'string') return `"${value.replaceAll(/[^ !#-\uffff]/g, escaped)}"`;
  if (typeof value === 'number') return String(Number(value.toPrecision(14)));
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'function' || value instanceof LuaObject) throw new Error('Cannot encode type 6');
  if (Array.isArray(value)) return `[${value.map((item: LuaValue) => written(item, depth + 1)).join(',')}]`;
  const entries = Object.entries(value).map(([key, item]) => `${written(key, depth)}:${written(item, depth + 1)}`);
  return `{${entries.join(',')}}`;
}

const letters: Readonly<Record<string, string>> = { '\f': 'f', '\n': 'n', '\t': 't', '\r': 'r', '\b': 'b', '"': '"' };

const escaped = (one: string): string => `\\${letters[one] ?? `u00${one.charCodeAt(0).toString(16).padStart(2, '0')}`}`;
