import type { Json } from './record.ts';

/**
 * Canonical JSON after RFC 8785: no white space, members sorted by UTF-16 code units, numbers and strings as ECMAScript
 * writes them. Members that are undefined are left out. The bytes of an entry are the UTF-8 of this text.
 * Throws on NaN and infinities: no such value may come this far.
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value !== 'object') {
    if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError(`${value} has no canonical form`);
    const text = JSON.stringify(value);
    if (text === undefined) throw new TypeError(`a ${typeof value} has no canonical form`);
    return text;
  }
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const object = value as { readonly [key: string]: Json | undefined };
  const members: string[] = [];
  for (const key of Object.keys(object).sort()) {
    if (object[key] !== undefined) members.push(`${JSON.stringify(key)}:${canonicalJson(object[key])}`);
  }
  return `{${members.join(',')}}`;
}
