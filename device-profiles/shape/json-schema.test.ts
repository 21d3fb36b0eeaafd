import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { readYaml } from '../check/yaml-document.ts';
import { schemaFiles } from './json-schema.ts';

const here = join(import.meta.dirname, '..');
const read = (name: string): string => readFileSync(join(here, name), 'utf8');
const files = globSync('*/*.yaml', { cwd: here });

test('the JSON Schemas for editors are what the source makes of them: node device-profiles/shape/json-schema.ts writes them anew', () => {
  for (const [name, text] of schemaFiles()) expect(JSON.parse(read(name)), name).toEqual(JSON.parse(text));
});

test.each(files)('%s tells an editor its schema in the first line', (file) => {
  const kind = file.endsWith('.captures.yaml') ? 'captures' : 'profile';
  expect(read(file).split('\n')[0]).toBe(`# yaml-language-server: $schema=../${kind}.schema.json`);
});

/** The schema that a document is held to, read back by zod's reader of JSON Schema. */
function schemaFor(file: string, document: Record<string, unknown>): z.ZodType {
  if (file.endsWith('.captures.yaml')) return z.fromJSONSchema(JSON.parse(read('captures.schema.json')));
  const { definitions } = JSON.parse(read('profile.schema.json'));
  const name = 'extends' in document ? `${document.protocol ?? protocolOf(document.extends)}-part` : document.protocol;
  return z.fromJSONSchema({
    $schema: 'http://json-schema.org/draft-07/schema#',
    $ref: `#/definitions/${name}`,
    definitions,
  });
}

function documentOf(file: string): Record<string, unknown> {
  const document = readYaml(read(file));
  if ('faults' in document) throw new Error(`${file} is not YAML`);
  return document.value as Record<string, unknown>;
}

function protocolOf(id: unknown): unknown {
  const { protocol, extends: parent } = documentOf(`${id}.yaml`);
  return protocol ?? protocolOf(parent);
}

test.each(files)('%s is what the schema allows, and not with a field that it does not know', (file) => {
  const value = documentOf(file);
  const schema = schemaFor(file, value);
  expect(schema.safeParse(value).error?.issues).toBeUndefined();
  expect(schema.safeParse({ ...value, speling: 1 }).success).toBe(false);
});
