import type { Fields } from './profile-file.ts';
import type { FieldPath } from './yaml-document.ts';

/** Parts of a profile that are lists with ids, and merge by them. */
export const listsWithIds = ['points', 'auxiliaries', 'computed'] as const;
export type ListWithIds = (typeof listsWithIds)[number];

/** Fields that say where something stands: `stride` is added to them. */
const steppedFields = ['register', 'byte', 'field'];

/** One part of a list, and where in the file it is written. */
export interface Written {
  readonly part: unknown;
  readonly path: FieldPath;
}

/** The list as it is written at `prefix`, with what its repeats stand for behind it. */
export function writtenParts(fields: Fields, list: ListWithIds, prefix: FieldPath): Written[] {
  const own: unknown = fields[list];
  const plain = Array.isArray(own) ? own.map((part, index) => ({ part, path: [...prefix, list, index] })) : [];
  const repeats: unknown = fields.repeat;
  if (!Array.isArray(repeats)) return plain;
  return [...plain, ...repeats.flatMap((repeat, index) => expand(repeat, list, [...prefix, 'repeat', index]))];
}

function expand(repeat: unknown, list: ListWithIds, path: FieldPath): Written[] {
  const { over, stride = 0, [list]: parts } = isMap(repeat) ? repeat : {};
  if (!Array.isArray(over) || !Array.isArray(parts) || typeof stride !== 'number') return [];
  return parts.flatMap((part, index) =>
    over.map((name, times) => ({
      part: instance(part, String(name), stride * times),
      path: [...path, list, index],
    })),
  );
}

/** The part for one name: the name in place of `<each>`, and every place moved on. */
function instance(part: unknown, name: string, moved: number): unknown {
  if (typeof part === 'string') return part.replaceAll('<each>', name);
  if (Array.isArray(part)) return part.map((one) => instance(one, name, moved));
  if (!isMap(part)) return part;
  return Object.fromEntries(
    Object.entries(part).map(([key, value]) => {
      const steps = steppedFields.includes(key) && typeof value === 'number';
      return [key, steps ? value + moved : instance(value, name, moved)];
    }),
  );
}

function isMap(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
