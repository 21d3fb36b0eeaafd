import * as z from 'zod';
import { identifierPattern } from './topics.ts';

// Fields that several messages share. Objects of the contract are loose: within version 1 changes only add.

/** Version of the contract. */
export const version = z.literal(1);

export const identifier = z.string().regex(identifierPattern);

export const stream = z.enum(['records', 'samples']);

/** Names one epoch of a stream; opaque. It is part of a signed text, so it holds no `|`. */
export const epoch = z.string().regex(/^[A-Za-z0-9_.:-]{1,64}$/);

/** Sequence number of an entry, from 1. */
export const seq = z.int().min(1);

/** SHA-256 as 64 lower-case hexadecimal digits. */
export const hash = z.string().regex(/^[0-9a-f]{64}$/);

/** Local time with milliseconds and offset, `2026-11-24T11:45:00.000+08:00`. */
export const stamp = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d$/);

/** Raw Ed25519 public key, 32 bytes in base64. */
export const publicKey = z.string().regex(/^[A-Za-z0-9+/]{43}=$/);

/** Why something is as it is: short words with hyphens; a receiver may meet ones it does not know. */
export const reason = z.string().min(1).max(200);

/** `[first, last]`, both included, first not above last. */
export const seqRange = z.tuple([seq, seq]).refine(([first, last]) => first <= last, 'a range ends before it begins');

/** Why a message is not what the contract allows: which field, and what is wrong with it. */
export class ContractFault {
  readonly fault: string;

  constructor(fault: string) {
    this.fault = fault;
  }
}

export function isFault(value: object): value is ContractFault {
  return value instanceof ContractFault;
}

/** The first things wrong, in one line. */
export function faultOf(error: z.ZodError): ContractFault {
  const parts = error.issues.slice(0, 3).map(({ path, message }) => `${path.join('.') || 'message'}: ${message}`);
  return new ContractFault(parts.join('; ').slice(0, 400));
}

/** Reads a message that is plain JSON text in UTF-8, such as birth, status and receipt. Never throws. */
export function readMessage<T>(schema: z.ZodType<T>, payload: Uint8Array, limit = 1_048_576): T | ContractFault {
  if (payload.byteLength > limit)
    return new ContractFault(`message of ${payload.byteLength} bytes, at most ${limit} allowed`);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
  } catch (error) {
    return new ContractFault(`not JSON: ${(error as Error).message}`);
  }
  const parsed = schema.safeParse(value);
  return parsed.success ? parsed.data : faultOf(parsed.error);
}
