import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { capturesSchema } from '../check/captures.ts';
import { listsWithIds } from '../check/repeats.ts';
import { profileSchema } from '../profile.ts';

/*
 * JSON Schema for editors: names, meanings and possible values of the fields while a profile is written. Draft 7, which
 * editors know best. It is made from the zod source and says less than `fenceline profiles check`, which also knows what
 * is inherited and how fields go together.
 */

type Schema = { [key: string]: unknown };

const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const schemaOf = (source: z.ZodType): Schema => {
  const { $schema: _, ...schema } = z.toJSONSchema(source, { io: 'input', target: 'draft-7', unrepresentable: 'any' });
  return schema;
};

/** The published files by name. */
export function schemaFiles(): Map<string, string> {
  const files = { 'profile.schema.json': profileDocument(), 'captures.schema.json': capturesDocument() };
  return new Map(Object.entries(files).map(([name, schema]) => [name, `${JSON.stringify(schema, null, 2)}\n`]));
}

function capturesDocument(): Schema {
  return { $schema: draft, title: 'Captures that prove a Fenceline device profile', ...schemaOf(capturesSchema) };
}

const draft = 'http://json-schema.org/draft-07/schema#';

/**
 * A file that extends another states only what differs, so nothing is required of it; any other names its protocol and is
 * held to that.
 */
function profileDocument(): Schema {
  const whole: Schema = {};
  const part: Schema = {};
  for (const option of profileSchema.options) {
    const protocol = String(option.shape.protocol.def.values[0]);
    whole[protocol] = withLooseParts(schemaOf(option));
    part[protocol] = withoutRequired(withLooseParts(schemaOf(option)));
  }
  const protocols = Object.keys(whole);
  const definitions = Object.fromEntries(
    protocols.flatMap((name) => [
      [name, whole[name]],
      [`${name}-part`, part[name]],
    ]),
  );
  const byProtocol = protocols.map((name) => ({
    if: { properties: { protocol: { const: name } }, required: ['protocol'] },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: { $ref: `#/definitions/${name}` },
  }));
  return shared({
    $schema: draft,
    title: 'Fenceline device profile',
    type: 'object',
    required: ['profile'],
    if: { required: ['extends'] },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: { anyOf: protocols.map((name) => ({ $ref: `#/definitions/${name}-part` })) },
    else: { required: ['protocol'], properties: { protocol: { enum: protocols } }, allOf: byProtocol },
    definitions,
  });
}

/** Parts that are written often, such as the list of factors, are written once and referred to. */
function shared(document: Schema): Schema {
  const times = new Map<string, number>();
  const count = (value: unknown): void => {
    if (isSchema(value)) {
      const text = JSON.stringify(value);
      times.set(text, (times.get(text) ?? 0) + 1);
    }
    if (typeof value === 'object' && value !== null) for (const inner of Object.values(value)) count(inner);
  };
  count(document);
  const definitions = new Map<string, { name: string; schema: unknown }>();
  const replaced = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map(replaced);
    const text = JSON.stringify(value);
    if (text.length < worthSharing || (times.get(text) ?? 0) < 2) return inside(value);
    const known = definitions.get(text) ?? { name: `shared-${definitions.size + 1}`, schema: undefined };
    if (!definitions.has(text)) {
      definitions.set(text, known);
      known.schema = inside(value);
    }
    return { $ref: `#/definitions/${known.name}` };
  };
  const inside = (value: object): Schema =>
    Object.fromEntries(
      Object.entries(value).map(([key, inner]) => {
        if (plain.includes(key)) return [key, inner];
        return [key, maps.includes(key) && isSchema(inner) ? inside(inner) : replaced(inner)];
      }),
    );
  const result = inside(document);
  const own = isSchema(result.definitions) ? result.definitions : {};
  const added = [...definitions.values()].map(({ name, schema }) => [name, schema]);
  return { ...result, definitions: { ...own, ...Object.fromEntries(added) } };
}

/** Keywords whose value is a map of schemas and no schema itself. */
const maps = ['properties', 'definitions'];
/** Keywords whose value is data. */
const plain = ['default', 'enum', 'const', 'required'];

/** Characters of JSON from which on a repeated part is shared. */
const worthSharing = 200;

/** In variants and repeats the parts of lists are shown by their fields' names, since they need not be whole. */
function withLooseParts(schema: Schema): Schema {
  const fields = schema.properties;
  if (!isSchema(fields)) return schema;
  for (const list of listsWithIds) {
    const named = namesOnly(fields[list]);
    if (named === undefined) continue;
    for (const holder of ['variants', 'repeat']) replaceItems(fields[holder], list, named);
  }
  return schema;
}

/** The fields of a list's parts with what they mean, and nothing required but the id. */
function namesOnly(list: unknown): Schema | undefined {
  const parts = isSchema(list) ? list.items : undefined;
  if (!isSchema(parts) || !isSchema(parts.properties)) return undefined;
  const described = Object.entries(parts.properties).map(([name, field]) => {
    return [name, isSchema(field) && field.description !== undefined ? { description: field.description } : {}];
  });
  return { type: 'object', required: ['id'], properties: Object.fromEntries(described), additionalProperties: false };
}

function replaceItems(holder: unknown, list: string, items: Schema): void {
  const parts = isSchema(holder) ? holder.items : undefined;
  if (!isSchema(parts) || !isSchema(parts.properties)) return;
  const own = parts.properties[list];
  if (isSchema(own)) own.items = items;
  replaceItems(parts.properties.repeat, list, items);
}

/** The same with nothing required but names. */
function withoutRequired(schema: Schema): Schema {
  const kept = Object.entries(schema).flatMap(([key, value]): [string, unknown][] => {
    if (key === 'required' && Array.isArray(value)) return [[key, value.filter((name) => name === 'id')]];
    if (key === 'minItems') return [];
    return [[key, relaxed(value)]];
  });
  return Object.fromEntries(kept);
}

function relaxed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(relaxed);
  return isSchema(value) ? withoutRequired(value) : value;
}

/** `node device-profiles/shape/json-schema.ts` writes them anew. */
if (import.meta.main) {
  for (const [name, text] of schemaFiles()) writeFileSync(join(import.meta.dirname, '..', name), text);
}
