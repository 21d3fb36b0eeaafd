import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { batchSchema } from './batch.ts';
import { birthSchema } from './birth.ts';
import { commandSchema } from './command.ts';
import { dictionary } from './dictionary.ts';
import { entrySchema } from './entry.ts';
import { receiptSchema } from './receipt.ts';
import { replySchema } from './reply.ts';
import { statusSchema } from './status.ts';
import { workedExamples } from './worked-examples.ts';

/** The messages by the name of their schema file. */
const messages = {
  batch: batchSchema,
  birth: birthSchema,
  command: commandSchema,
  entry: entrySchema,
  receipt: receiptSchema,
  reply: replySchema,
  status: statusSchema,
};

/**
 * The published files of the contract by path below `gateway/contract`: JSON Schema (draft 2020-12) made from the zod
 * source, the preset dictionary, and the worked examples.
 */
export function publishedFiles(): Map<string, string> {
  const files = new Map<string, string>();
  for (const [name, schema] of Object.entries(messages)) {
    const document = {
      $id: `urn:fenceline:v1:${name}`,
      title: `Fenceline ${name}, version 1`,
      ...z.toJSONSchema(schema),
    };
    files.set(`schemas/${name}.json`, `${JSON.stringify(document, null, 2)}\n`);
  }
  files.set('schemas/dictionary.txt', dictionary.toString('utf8'));
  for (const [name, example] of Object.entries(workedExamples())) {
    files.set(`examples/${name}.json`, `${JSON.stringify(example, null, 2)}\n`);
  }
  return files;
}

/** `node gateway/contract/json-schema.ts` writes them anew; `biome format --write gateway/contract` lays them out. */
if (import.meta.main) {
  for (const [path, text] of publishedFiles()) {
    const file = join(import.meta.dirname, path);
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, text);
  }
}
