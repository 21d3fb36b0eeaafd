import type * as z from 'zod';
import { distance } from '../../../device-profiles/check/faults.ts';
import type { Sentence } from './fault.ts';
import type { PropertyPath } from './json-places.ts';

/** The names that the schema knows at a place of the document; none where it is no object. */
export function knownFields(schema: z.core.$ZodType, path: PropertyPath): string[] {
  const [step, ...rest] = path;
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'readonly':
      return knownFields(def.innerType, path);
    case 'pipe':
      return knownFields(def.in, path);
    case 'union':
      return [...new Set(def.options.flatMap((option) => knownFields(option, path)))];
    case 'array':
      return step === undefined ? [] : knownFields(def.element, rest);
    case 'record':
      return step === undefined ? [] : knownFields(def.valueType, rest);
    case 'object': {
      if (step === undefined) return Object.keys(def.shape);
      const inner = def.shape[String(step)];
      return inner === undefined ? [] : knownFields(inner, rest);
    }
    default:
      return [];
  }
}

/** The known name that a slip of the hand would turn into what was written; undefined when none is near. */
export function nearestName(written: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = Math.max(2, Math.floor(written.length / 3)) + 1;
  for (const name of known) {
    const changes = distance(written.toLowerCase(), name.toLowerCase());
    if (changes < least) {
      least = changes;
      best = name;
    }
  }
  return best;
}

/** What to write in place of a name that is not known. */
export function suggestion(written: string, known: readonly string[], otherwise: Sentence): Sentence {
  const nearest = nearestName(written, known);
  if (nearest !== undefined) return { en: `write ${nearest}`, zh: `改为 ${nearest}` };
  if (known.length === 0 || known.length > 12) return otherwise;
  return { en: `write one of: ${known.join(', ')}`, zh: `可写：${known.join('、')}` };
}
