import type * as z from 'zod';
import type { FieldPath } from './yaml-document.ts';

/** One thing that is wrong in a profile or its captures, said so that it can be put right. */
export interface ProfileFault {
  file: string;
  /** From 1. */
  line: number;
  /** The field, such as `points[voltage-a].register`. */
  field: string;
  /** What is wrong. */
  fault: string;
  /** What to write instead. */
  remedy: string;
}

/** Where a field stands. */
export interface Place {
  file: string;
  line: number;
  field: string;
}

/** Finds the place of a field of a merged profile, whichever file it came from. */
export type Locate = (path: FieldPath) => Place;

/** One line for a terminal. */
export function describeFault({ file, line, field, fault, remedy }: ProfileFault): string {
  return `${file}:${line}: ${field}: ${fault}; ${remedy}`;
}

/** Writes a path the way people read it: `points[3].register`. */
export function fieldName(path: FieldPath): string {
  let name = '';
  for (const step of path) {
    if (typeof step === 'number') name += `[${step}]`;
    else name += name === '' ? step : `.${step}`;
  }
  return name === '' ? '(whole file)' : name;
}

/** What the schema found, as faults with remedies. */
export function schemaFaults(issues: readonly z.core.$ZodIssue[], value: unknown, locate: Locate): ProfileFault[] {
  return issues.flatMap((issue) => {
    const path = issue.path.map((step) => (typeof step === 'number' ? step : String(step)));
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({
        ...locate([...path, key]),
        fault: 'unknown field',
        remedy: 'remove it or correct its spelling; device-profiles/README.md lists the fields',
      }));
    }
    const given = valueAt(value, path);
    return [{ ...locate(path), fault: faultOf(issue, given), remedy: remedyOf(issue, given) }];
  });
}

function faultOf(issue: z.core.$ZodIssue, given: unknown): string {
  if (given === undefined) return 'is missing';
  if (Array.isArray(given) && given.length === 0) return 'is empty';
  if (issue.code === 'invalid_format' || issue.code === 'custom') return `${shown(given)} ${issue.message}`;
  return `${shown(given)} is not allowed`;
}

function remedyOf(issue: z.core.$ZodIssue, given: unknown): string {
  switch (issue.code) {
    case 'invalid_value':
      return oneOf(issue.values.map(String), String(given));
    case 'invalid_union':
      return 'options' in issue && Array.isArray(issue.options)
        ? oneOf(issue.options.map(String), String(given))
        : 'write one of the values that device-profiles/README.md lists for this field';
    case 'invalid_type':
      return given === undefined ? `add it (${issue.expected})` : `write a value of type ${issue.expected}`;
    case 'too_small':
      return issue.origin === 'array' || issue.origin === 'string'
        ? `give at least ${issue.minimum}`
        : `write a number ${issue.inclusive ? 'of at least' : 'above'} ${issue.minimum}`;
    case 'too_big':
      return issue.origin === 'array' || issue.origin === 'string'
        ? `give at most ${issue.maximum}`
        : `write a number ${issue.inclusive ? 'of at most' : 'below'} ${issue.maximum}`;
    default:
      return 'write it as the message says';
  }
}

const mostNamesShown = 24;

/** Names what may be written, nearest to what was written first. */
export function oneOf(names: readonly string[], written: string): string {
  if (names.length <= mostNamesShown) return `write one of: ${names.join(', ')}`;
  const nearest = [...names].sort((a, b) => distance(a, written) - distance(b, written)).slice(0, 3);
  return `write one of the ${names.length} known names, such as ${nearest.join(', ')}`;
}

/** How many letters must change to turn one word into the other (Levenshtein). */
export function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

function valueAt(value: unknown, path: FieldPath): unknown {
  let found = value;
  for (const step of path) {
    if (typeof found !== 'object' || found === null) return undefined;
    found = (found as Record<string, unknown>)[step];
  }
  return found;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
