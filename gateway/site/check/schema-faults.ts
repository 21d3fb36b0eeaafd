import type * as z from 'zod';
import { siteSchema } from '../site-schema.ts';
import { type Complain, type Sentence, shown } from './fault.ts';
import { helpFor } from './field-help.ts';
import type { PropertyPath } from './json-places.ts';
import { knownFields, nearestName } from './known-fields.ts';

type Issue = z.core.$ZodIssue;

/** Tells what the schema finds wrong, each with what to write instead. */
export function schemaFaults(document: unknown, complain: Complain): void {
  const { error } = siteSchema.safeParse(document);
  for (const issue of error?.issues ?? []) {
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) complain([...issue.path, key], unknownField, remedyOfUnknown(issue.path, key));
    } else {
      const found = valueAt(document, issue.path);
      complain(issue.path, ...(misplacedFor(issue) ?? [faultOf(issue, found), remedyOf(issue)]));
    }
  }
}

const unknownField: Sentence = { en: 'unknown field', zh: '未知字段' };

function remedyOfUnknown(path: PropertyPath, key: string): Sentence {
  const known = knownFields(siteSchema, path);
  if (known.includes(key)) return remedyOfMisplaced(key);
  const nearest = nearestName(key, known);
  if (nearest !== undefined) return { en: `write ${nearest}`, zh: `改为 ${nearest}` };
  const list = known.join(', ');
  return { en: `remove it; the fields here are: ${list}`, zh: `删去；此处可用字段：${list}` };
}

/** Fault and remedy for a field that a link has with its other framing, or beside another field, only. */
function misplacedFor(issue: Issue): [Sentence, Sentence] | undefined {
  const beside: unknown = issue.code === 'custom' ? issue.params?.onlyBeside : undefined;
  if (typeof beside === 'string') {
    return [
      { en: `has a meaning only beside "${beside}"`, zh: `仅与 "${beside}" 同用` },
      { en: `remove it, or write "${beside}"`, zh: `删去，或改写 "${beside}"` },
    ];
  }
  const framing: unknown = issue.code === 'custom' ? issue.params?.onlyWith : undefined;
  if (typeof framing !== 'string') return undefined;
  return [
    { en: `is only for "framing": "${framing}"`, zh: `仅用于 "framing": "${framing}"` },
    { en: 'remove it, or correct "framing"', zh: '删去，或改正 "framing"' },
  ];
}

const ofTheLine: readonly string[] = ['baudRate', 'parity', 'dataBits', 'stopBits'];

/** For a field that the same place has where `kind` is another. */
function remedyOfMisplaced(key: string): Sentence {
  if (ofTheLine.includes(key)) {
    return {
      en: 'remove it; the line behind a device server is written "serial": "9600-8N1"',
      zh: '删去；串口服务器后面的线路写作 "serial": "9600-8N1"',
    };
  }
  return { en: 'remove it, or correct "kind"', zh: '删去，或改正 "kind"' };
}

function faultOf(issue: Issue, found: unknown): Sentence {
  if (found === undefined) return { en: 'is missing', zh: '缺少此项' };
  if (issue.code === 'invalid_type') {
    const [is, wanted] = [typeName(found), wantedName(issue.expected)];
    return { en: `${shown(found)} is ${is.en}, not ${wanted.en}`, zh: `${shown(found)} 是${is.zh}，应为${wanted.zh}` };
  }
  if (issue.code === 'invalid_key') return { en: 'this name is not allowed', zh: '名称不符合要求' };
  return { en: `${shown(found)} is not allowed`, zh: `${shown(found)} 不符合要求` };
}

const typeNames: Readonly<Record<string, Sentence>> = {
  string: { en: 'text', zh: '文本（加引号）' },
  number: { en: 'a number', zh: '数字（不加引号）' },
  int: { en: 'a whole number', zh: '整数' },
  boolean: { en: 'true or false', zh: 'true 或 false' },
  array: { en: 'a list [ … ]', zh: '列表 [ … ]' },
  object: { en: 'an object { … }', zh: '对象 { … }' },
  record: { en: 'an object { … }', zh: '对象 { … }' },
  null: { en: 'null', zh: 'null' },
};

function wantedName(expected: string): Sentence {
  return typeNames[expected] ?? { en: expected, zh: expected };
}

function typeName(value: unknown): Sentence {
  if (value === null) return wantedName('null');
  return wantedName(Array.isArray(value) ? 'array' : typeof value);
}

function remedyOf(issue: Issue): Sentence {
  const help = helpFor(issue.path);
  if (help !== undefined) return help;
  switch (issue.code) {
    case 'invalid_value': {
      const list = issue.values.map(shown).join(', ');
      return { en: `write one of: ${list}`, zh: `可写：${list}` };
    }
    case 'invalid_type': {
      const wanted = wantedName(issue.expected);
      return { en: `write ${wanted.en}`, zh: `应写${wanted.zh}` };
    }
    case 'too_small':
      return { en: `at least ${issue.minimum}`, zh: `不小于 ${issue.minimum}` };
    case 'too_big':
      return { en: `at most ${issue.maximum}`, zh: `不大于 ${issue.maximum}` };
    default:
      return { en: issue.message, zh: issue.message };
  }
}

function valueAt(document: unknown, path: PropertyPath): unknown {
  let found = document;
  for (const step of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, step)) return undefined;
    found = (found as Record<PropertyKey, unknown>)[step];
  }
  return found;
}
