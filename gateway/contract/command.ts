import { type KeyObject, sign, verify } from 'node:crypto';
import * as z from 'zod';
import { canonicalJson } from '../record/canonical.ts';
import type { Json } from '../record/record.ts';
import { ContractFault, isFault, readMessage, stamp, version } from './fields.ts';
import type { Address } from './topics.ts';

/** Largest command, bytes: a whole site document with 200 instruments finds room. */
export const commandBytes = 262_144;
/** A command whose values are nested deeper than this is no command. */
const deepest = 32;

/** Version of a site document: SHA-256 of its canonical JSON, first 16 hexadecimal digits, as in birth and batches. */
export const siteVersion = z.string().regex(/^[0-9a-f]{16}$/);

/** Names one command; chosen by the platform, never used twice. */
export const commandId = z.string().regex(/^[A-Za-z0-9_.:-]{1,64}$/);

/** What a platform asks of one gateway. What `body` holds besides its kind is each command's own. */
export const commandSchema = z.looseObject({
  v: version,
  id: commandId.describe('Names the command; the same id again asks for the same reply again'),
  counter: z
    .int()
    .min(1)
    .describe('Above that of every command signed with this key before; milliseconds since 1970 will do'),
  expires: stamp.describe('The command is refused from this moment on'),
  base: siteVersion
    .optional()
    .describe('The site version that the sender had in mind; refused as stale where another holds'),
  replyTo: z.string().min(1).max(200).optional().describe('Given back in each reply; for the sender alone'),
  body: z.looseObject({
    kind: z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,39}$/)
      .describe('Which command'),
  }),
  signature: z
    .base64()
    .length(88)
    .optional()
    .describe('Ed25519 over fenceline-command-1|area|gateway|the canonical JSON of the message without its signature'),
});

export type Command = z.output<typeof commandSchema>;

/** Reads what arrived on a `command` topic, in bounded time and memory. Checks form only: not who sent it, nor the body. */
export function readCommand(payload: Uint8Array): Command | ContractFault {
  const command = readMessage(commandSchema, payload, commandBytes);
  if (isFault(command)) return command;
  if (isDeeper(command, deepest)) return new ContractFault(`values are nested more than ${deepest} deep`);
  return command;
}

function isDeeper(value: unknown, allowed: number): boolean {
  if (value === null || typeof value !== 'object') return false;
  return allowed === 0 || Object.values(value).some((one) => isDeeper(one, allowed - 1));
}

/**
 * What a command's signature covers. Area and gateway stand in it, so that what was signed for one gateway says nothing to
 * another; the first word keeps it apart from everything else that is ever signed.
 */
export function signedCommandText({ area, gateway }: Address, { signature: _, ...message }: Command): string {
  return `fenceline-command-1|${area}|${gateway}|${canonicalJson(message as Json)}`;
}

/** The command with its signature: what a platform sends. */
export function signCommand(address: Address, command: Command, platformKey: KeyObject): Command {
  const text = Buffer.from(signedCommandText(address, command), 'utf8');
  return { ...command, signature: sign(null, text, platformKey).toString('base64') };
}

/** Whether that key has signed this text; see {@link signedCommandText}. */
export function commandSignatureHolds(text: string, signature: string, platformKey: KeyObject): boolean {
  return verify(null, Buffer.from(text, 'utf8'), platformKey, Buffer.from(signature, 'base64'));
}
