import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { commands } from './commands.ts';

/** The published schema (draft 2020-12) of each command's `body`, by file name in `schemas`. */
export function bodySchemas(): Map<string, string> {
  return new Map(
    commands.map(({ kind, does, changes, needsBase, body }) => {
      const needs = [...(changes ? ['a signature'] : []), ...(needsBase ? ['the site version it is based on'] : [])];
      const description = needs.length === 0 ? 'Changes nothing.' : `Needs ${needs.join(' and ')}.`;
      const head = { $id: `urn:fenceline:v1:command:${kind}`, title: does, description };
      const schema = z.toJSONSchema(body, { io: 'input' });
      return [`${kind}.json`, `${JSON.stringify({ ...head, ...schema }, null, 2)}\n`];
    }),
  );
}

/** `node gateway/command/body-schemas.ts` writes them anew; `biome format --write gateway/command` lays them out. */
if (import.meta.main) {
  const folder = join(import.meta.dirname, 'schemas');
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of bodySchemas()) writeFileSync(join(folder, name), text);
}
