import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type * as z from 'zod';
import { chainStart } from '../record/chain.ts';
import { readPublicKey } from '../record/signature.ts';
import { birthSchema } from './birth.ts';
import { commandSchema, commandSignatureHolds, readCommand, signedCommandText } from './command.ts';
import { decodeBatch } from './decode.ts';
import { dictionary } from './dictionary.ts';
import { entryFault } from './entry.ts';
import { isFault, readMessage } from './fields.ts';
import { publishedFiles } from './json-schema.ts';
import { receiptSchema } from './receipt.ts';
import { replySchema } from './reply.ts';
import { statusSchema } from './status.ts';
import { readTopic } from './topics.ts';
import { verifyBatch } from './verify.ts';
import type { WorkedExample } from './worked-examples.ts';

const here = (path: string): string => readFileSync(join(import.meta.dirname, path), 'utf8');
const filesIn = (folder: string): string[] =>
  readdirSync(join(import.meta.dirname, folder)).map((name) => `${folder}/${name}`);
const published = publishedFiles();

test('every published file is what the source makes of it: node gateway/contract/json-schema.ts writes them anew', () => {
  expect([...filesIn('schemas'), ...filesIn('examples')].sort()).toEqual([...published.keys()].sort());
  for (const [path, text] of published) {
    if (path.endsWith('.txt')) expect(here(path)).toBe(text);
    // Another zlib may pack the same text into other bytes; its example is replayed below.
    else if (!path.includes('compressed')) expect(JSON.parse(here(path)), path).toEqual(JSON.parse(text));
  }
});

test('the preset dictionary is the one that receivers were given', () => {
  const sum = createHash('sha256').update(dictionary).digest('hex');
  expect(sum).toBe('ff2503fb0023c834c3e1e56ed35d60224b47475cc7d2bd614244b3721474b164');
});

const names = filesIn('examples');
const read = (path: string): WorkedExample => JSON.parse(here(path));
const payloadOf = ({ message, base64 }: WorkedExample): Uint8Array =>
  base64 === undefined ? Buffer.from(JSON.stringify(message)) : Buffer.from(base64, 'base64');
const birth = readMessage(birthSchema, payloadOf(read('examples/birth.json')));

test.each(names.filter((name) => !name.includes('batch')))('%s is what its schema promises', (name) => {
  const example = read(name);
  const leaf = readTopic(example.topic)?.leaf;
  const schemas: Record<string, z.ZodType> = {
    ...{ birth: birthSchema, status: statusSchema, receipt: receiptSchema },
    ...{ command: commandSchema, reply: replySchema },
  };
  expect(readMessage(schemas[leaf ?? ''] ?? birthSchema, payloadOf(example))).toEqual(example.message);
});

test.each(names.filter((name) => name.includes('batch')))(
  '%s decodes, chains and verifies with the key of the birth',
  (name) => {
    if (isFault(birth)) throw new Error(birth.fault);
    const example = read(name);
    const batch = decodeBatch(payloadOf(example));
    if (isFault(batch)) throw new Error(batch.fault);
    const { gateway = '' } = readTopic(example.topic) ?? {};
    const { links, wrong } = verifyBatch(batch, gateway, readPublicKey(birth.publicKey));
    expect(wrong).toBeNull();
    expect(links.map(({ seq, canonical, hash }) => ({ seq, canonical, hash }))).toEqual(example.entries);
    for (const { entry } of links) expect(entryFault(entry)).toBeNull();
    if (batch.from === 1) expect(batch.before).toBe(chainStart(gateway, batch.stream, batch.epoch));
  },
);

test('one batch of the examples follows from the other', () => {
  const [first, second] = ['examples/batch.json', 'examples/batch-absent.json'].map((name) => read(name).message);
  expect(second).toMatchObject({ before: (first as { after: string }).after });
});

test('the example command is signed with the example key, over the text that stands beside it', () => {
  if (isFault(birth)) throw new Error(birth.fault);
  const example = read('examples/command.json');
  const { area = '', gateway = '' } = readTopic(example.topic) ?? {};
  const command = readCommand(payloadOf(example));
  if (isFault(command)) throw new Error(command.fault);
  const key = readPublicKey(birth.publicKey);
  expect(signedCommandText({ area, gateway }, command)).toBe(example.signed);
  expect(commandSignatureHolds(example.signed ?? '', command.signature ?? '', key)).toBe(true);
  // The same command, handed to another gateway.
  const elsewhere = signedCommandText({ area, gateway: 'zl-0002' }, command);
  expect(commandSignatureHolds(elsewhere, command.signature ?? '', key)).toBe(false);
});
