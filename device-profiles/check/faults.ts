import type * as z from 'zod';
import { both, type Said, spoken } from './said.ts';
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
  /** Both in Chinese. */
  zh: { fault: string; remedy: string };
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
export function describeFault(
  { file, line, field, fault, remedy, zh }: ProfileFault,
  language: 'zh' | 'en' = 'en',
): string {
  if (language === 'en') return `${file}:${line}: ${field}: ${fault}; ${remedy}`;
  return `${file}:${line}：${field}：${zh.fault}；${zh.remedy}`;
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
        ...spoken(
          both('unknown field', '未知字段'),
          both(
            'remove it or correct its spelling; device-profiles/README.md lists the fields',
            '删去或改正拼写；字段见 device-profiles/README.md',
          ),
        ),
      }));
    }
    const given = valueAt(value, path);
    return [{ ...locate(path), ...spoken(faultOf(issue, given), remedyOf(issue, given)) }];
  });
}

function faultOf(issue: z.core.$ZodIssue, given: unknown): Said {
  if (given === undefined) return both('is missing', '缺少此项');
  if (Array.isArray(given) && given.length === 0) return both('is empty', '为空');
  const notAllowed = both(`${shown(given)} is not allowed`, `${shown(given)} 不符合要求`);
  if (issue.code !== 'invalid_format' && issue.code !== 'custom') return notAllowed;
  // The messages of the schema are English; what they ask for is said by the schema's description as well.
  return both(`${shown(given)} ${issue.message}`, `${shown(given)} 不符合要求（${issue.message}）`);
}

function remedyOf(issue: z.core.$ZodIssue, given: unknown): Said {
  switch (issue.code) {
    case 'invalid_value':
      return oneOf(issue.values.map(String), String(given));
    case 'invalid_union':
      return 'options' in issue && Array.isArray(issue.options)
        ? oneOf(issue.options.map(String), String(given))
        : both(
            'write one of the values that device-profiles/README.md lists for this field',
            '可写的值见 device-profiles/README.md',
          );
    case 'invalid_type':
      return given === undefined
        ? both(`add it (${issue.expected})`, `添加此项（${typeNames[issue.expected] ?? issue.expected}）`)
        : both(`write a value of type ${issue.expected}`, `应为${typeNames[issue.expected] ?? issue.expected}`);
    case 'too_small':
      return issue.origin === 'array' || issue.origin === 'string'
        ? both(`give at least ${issue.minimum}`, `至少 ${issue.minimum} 个`)
        : both(
            `write a number ${issue.inclusive ? 'of at least' : 'above'} ${issue.minimum}`,
            `应${issue.inclusive ? '不小于' : '大于'} ${issue.minimum}`,
          );
    case 'too_big':
      return issue.origin === 'array' || issue.origin === 'string'
        ? both(`give at most ${issue.maximum}`, `至多 ${issue.maximum} 个`)
        : both(
            `write a number ${issue.inclusive ? 'of at most' : 'below'} ${issue.maximum}`,
            `应${issue.inclusive ? '不大于' : '小于'} ${issue.maximum}`,
          );
    default:
      return both('write it as the message says', '按提示改写');
  }
}

const typeNames: Readonly<Record<string, string>> = {
  string: '文本',
  number: '数字',
  int: '整数',
  boolean: 'true 或 false',
  array: '列表',
  tuple: '列表',
  object: '一组字段',
  record: '一组字段',
};

const mostNamesShown = 24;

/** Names what may be written, nearest to what was written first. */
export function oneOf(names: readonly string[], written: string): Said {
  if (names.length <= mostNamesShown) return both(`write one of: ${names.join(', ')}`, `可写：${names.join('、')}`);
  const nearest = [...names].sort((a, b) => distance(a, written) - distance(b, written)).slice(0, 3);
  return both(
    `write one of the ${names.length} known names, such as ${nearest.join(', ')}`,
    `可写 ${names.length} 个已知名称之一，如 ${nearest.join('、')}`,
  );
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
