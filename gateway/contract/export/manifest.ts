import { type KeyObject, sign, verify } from 'node:crypto';
import * as z from 'zod';
import { type KeyLink, longestKeyChain, trustedKeys } from '../../record/key-chain.ts';
import { readPublicKey } from '../../record/signature.ts';
import { ContractFault, epoch, hash, isFault, publicKey, readMessage, seq, stamp, stream } from '../fields.ts';

/** Names the format; the first member of every manifest, so that its signature can be taken for no other one. */
export const exportFormat = 'fenceline-export-1';

/** Files of an export beside its parts. */
export const manifestFile = 'manifest.json';
export const signatureFile = 'manifest.sig';

/** Most parts of one export, and bytes of its manifest. */
export const mostParts = 100_000;
export const largestManifest = 64 * 1_048_576;

/** A file name that every medium takes: lower-case, no path. */
const fileName = z.string().regex(/^[a-z0-9][a-z0-9.-]{0,99}$/);

/** One file of an export. */
export const partSchema = z.looseObject({
  file: fileName,
  bytes: z.int().min(0),
  sha256: hash,
  stream,
  epoch,
  gateway: z.string().describe('The gateway id that the epoch began under; h(0) of its chain'),
  first: seq,
  last: seq.describe('Every seq of first..last is in the part, or it says why not'),
  before: hash.describe('Chain hash before `first`'),
  after: hash.describe('Chain hash after `last`'),
  entries: z.int().min(0).describe('Entries in the file; rows of a table'),
});

export type ExportPart = z.output<typeof partSchema>;

const names = z.array(z.string()).nullable();

/** What was asked for. null: everything. */
export const choiceSchema = z.looseObject({
  from: stamp.nullable().describe('Facts of this moment or later'),
  to: stamp.nullable().describe('Facts of before this moment'),
  kinds: z.array(z.string()).describe('Kinds of entries; `samples` are raw readings'),
  points: names,
  factors: names,
  instruments: names,
});

export const manifestSchema = z.looseObject({
  format: z.literal(exportFormat),
  content: z.enum(['jsonl', 'csv']),
  gateway: z.string().regex(/^[A-Za-z0-9_.-]{1,40}$/),
  area: z.string().regex(/^\d{6}$/),
  timezone: z.string(),
  made: stamp,
  software: z.looseObject({ name: z.string(), version: z.string() }),
  choice: choiceSchema,
  entries: z.int().min(0),
  bytes: z.int().min(0),
  parts: z.array(partSchema).max(mostParts),
  alg: z.literal('Ed25519'),
  publicKey,
  keys: z
    .array(z.looseObject({ publicKey, previous: publicKey.nullable(), signature: z.string().nullable() }))
    .min(1)
    .max(longestKeyChain)
    .describe('The chain of keys, oldest first; the last one signed'),
});

export type ExportManifest = z.output<typeof manifestSchema>;
export type ExportChoice = z.output<typeof choiceSchema>;

/** The bytes of `manifest.json`: what the signature covers is what stands in the file, letter by letter. */
export function manifestBytes(manifest: ExportManifest): Uint8Array {
  return Buffer.from(`${JSON.stringify(manifest, null, 1)}\n`, 'utf8');
}

/** Ed25519 over the bytes of the manifest: 64 bytes, as `openssl pkeyutl -sigfile` takes them. */
export function signManifest(bytes: Uint8Array, privateKey: KeyObject): Uint8Array {
  return sign(null, bytes, privateKey);
}

/** Reads a manifest; form only, see {@link manifestFault}. */
export function readManifest(bytes: Uint8Array): ExportManifest | ContractFault {
  const manifest = readMessage(manifestSchema, bytes, largestManifest);
  if (isFault(manifest)) return manifest;
  if (manifest.keys.at(-1)?.publicKey !== manifest.publicKey) {
    return new ContractFault('publicKey is not the last of keys');
  }
  return manifest;
}

/** Why the signature does not hold, or is not by a key that `trusted` leads to; null when all is well. */
export function manifestFault(
  { gateway, publicKey, keys }: Pick<ExportManifest, 'gateway' | 'publicKey'> & { readonly keys: readonly KeyLink[] },
  bytes: Uint8Array,
  signature: Uint8Array,
  trusted?: string,
): string | null {
  if (!verify(null, bytes, readPublicKey(publicKey), signature)) {
    return `${signatureFile} is not the signature of the key ${publicKey} over ${manifestFile}: one of them was changed`;
  }
  if (trusted === undefined || trustedKeys(gateway, trusted, keys).includes(publicKey)) return null;
  return `the key ${publicKey} signed ${manifestFile}, and the key ${trusted} does not vouch for it`;
}
