import type { LuaValue } from './crossing.ts';

/**
 * What Lua brings, for firmware that runs as JavaScript: the functions that the pure parts use, on strings whose
 * characters are bytes. Patterns are not: what needs one is not pure.
 */
export const luaInJavaScript: Readonly<Record<string, unknown>> = {
  FIRMWARE_VERSION: '0.0.0',
  string: {
    byte: (text: string, from = 1, to?: number) => {
      const codes = Array.from(part(text, from, to ?? from), (one) => one.charCodeAt(0));
      return to === undefined ? codes[0] : codes;
    },
    char: (...bytes: number[]) => {
      if (!bytes.every((byte) => Number.isInteger(byte) && byte >= 0 && byte <= 255))
        throw new Error('value out of range');
      return String.fromCharCode(...bytes);
    },
    find: (text: string, wanted: string, from = 1, isPlain = false) => {
      if (!isPlain && /[\^$*+?.([%-]/.test(wanted)) throw new Error(`a pattern, ${wanted}: run this in Lua`);
      const at = text.indexOf(wanted, (from < 0 ? Math.max(1, text.length + from + 1) : from) - 1);
      return at < 0 ? [undefined, undefined] : [at + 1, at + wanted.length];
    },
    sub: part,
    format: formatted,
    rep: (text: string, times: number) => text.repeat(Math.max(0, times)),
    lower: (text: string) => text.toLowerCase(),
    upper: (text: string) => text.toUpperCase(),
    len: (text: string) => text.length,
  },
  math: {
    floor: Math.floor,
    ceil: Math.ceil,
    abs: Math.abs,
    sqrt: Math.sqrt,
    min: Math.min,
    max: Math.max,
    random: (upTo?: number) => (upTo === undefined ? Math.random() : 1 + Math.floor(Math.random() * upTo)),
  },
  table: {
    concat: (list: readonly (string | number)[], between = '') => list.join(between),
    insert: (list: LuaValue[], item: LuaValue) => void list.push(item),
    remove: (list: LuaValue[], at = list.length) => list.splice(at - 1, 1)[0],
    sort: (list: LuaValue[], isBefore?: (left: LuaValue, right: LuaValue) => boolean) => {
      list.sort((left, right) => {
        const before = isBefore ?? ((a, b) => (a as number) < (b as number));
        return before(left, right) ? -1 : before(right, left) ? 1 : 0;
      });
    },
  },
  tostring: (value: unknown) => (value === undefined ? 'nil' : String(value)),
  tonumber: (text: unknown, base = 10) => {
    const trimmed = String(text ?? '').trim();
    const number = base === 10 ? Number(trimmed) : Number.parseInt(trimmed, base);
    return trimmed === '' || Number.isNaN(number) ? undefined : number;
  },
  type: (value: unknown) =>
    value === undefined ? 'nil' : value === null ? 'userdata' : typeof value === 'object' ? 'table' : typeof value,
  error: (message: string) => {
    throw new Error(message);
  },
  pcall: (call: (...given: unknown[]) => unknown, ...given: unknown[]) => {
    try {
      return [true, call(...given)];
    } catch (error) {
      return [false, error instanceof Error ? error.message : error];
    }
  },
  print: () => undefined,
  collectgarbage: () => 0,
};

/** `string.sub`: from and to count from 1, negative ones from the end. */
function part(text: string, from: number, to = -1): string {
  const first = from < 0 ? Math.max(1, text.length + from + 1) : Math.max(1, from);
  const last = to < 0 ? text.length + to + 1 : Math.min(to, text.length);
  return first > last ? '' : text.slice(first - 1, last);
}

/** `string.format` with `%d`, `%s`, `%x`, `%X`, `%f`, `%%` and their widths. */
function formatted(format: string, ...values: (string | number)[]): string {
  return format.replaceAll(/%(-?)(0?)(\d*)(?:\.(\d+))?([dsxXfc%])/g, (_, left, zero, width, places, kind) => {
    if (kind === '%') return '%';
    const value = values.shift();
    if (value === undefined) throw new Error('bad argument to format (no value)');
    const text = written(kind, value, places === undefined ? undefined : Number(places));
    if (left) return text.padEnd(Number(width));
    if (!zero || kind === 's') return text.padStart(Number(width));
    const sign = text.startsWith('-') ? '-' : '';
    return sign + text.slice(sign.length).padStart(Number(width) - sign.length, '0');
  });
}

function written(kind: string, value: string | number, places: number | undefined): string {
  if (kind === 's') return String(value).slice(0, places);
  if (kind === 'f') return fixed(Number(value), places ?? 6);
  if (!Number.isInteger(Number(value))) throw new Error('number has no integer representation');
  if (kind === 'c') return String.fromCharCode(Number(value));
  return kind === 'd'
    ? String(value)
    : kind === 'x'
      ? Number(value).toString(16)
      : Number(value).toString(16).toUpperCase();
}

/** As C prints it: what lies exactly between two goes to the even one, where JavaScript goes away from zero. */
function fixed(value: number, places: number): string {
  const scaled = value * 10 ** places;
  // A number lies exactly there only if it is a whole number of so small a power of two.
  const isTie = Math.abs(scaled % 1) === 0.5 && (value * 2 ** (places + 1)) % 1 === 0;
  return (isTie ? (2 * Math.round(scaled / 2)) / 10 ** places : value).toFixed(places);
}
