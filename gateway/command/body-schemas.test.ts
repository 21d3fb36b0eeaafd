import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bodySchemas } from './body-schemas.ts';
import { commands } from './commands.ts';

test('the published schemas are what the commands are: node gateway/command/body-schemas.ts writes them anew', () => {
  const folder = join(import.meta.dirname, 'schemas');
  const schemas = bodySchemas();
  expect(readdirSync(folder).sort()).toEqual([...schemas.keys()].sort());
  for (const [name, text] of schemas) {
    expect(JSON.parse(readFileSync(join(folder, name), 'utf8')), name).toEqual(JSON.parse(text));
  }
});

test('every command has a name of its own, and refuses a member that it does not know', () => {
  expect(new Set(commands.map(({ kind }) => kind)).size).toBe(commands.length);
  for (const { kind, body } of commands) {
    const issues = body.safeParse({ kind, surprise: 1 }).error?.issues ?? [];
    expect([kind, issues.map(({ code }) => code)]).toEqual([kind, expect.arrayContaining(['unrecognized_keys'])]);
  }
});

test('the worked example of the contract is a command that this gateway knows', () => {
  const path = join(import.meta.dirname, '..', 'contract', 'examples', 'command.json');
  const { message } = JSON.parse(readFileSync(path, 'utf8')) as { message: { body: { kind: string } } };
  const known = commands.find(({ kind }) => kind === message.body.kind);
  expect(known?.body.safeParse(message.body).success).toBe(true);
});
