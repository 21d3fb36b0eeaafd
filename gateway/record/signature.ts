import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import { canonicalJson } from './canonical.ts';
import type { Stream } from './record.ts';

/**
 * What a batch's signature covers: its place, its bounds, the chain's hash after its last entry, and what it calls absent.
 * Without the last, whoever carries a batch could put "absent" in the place of its entries, and the hashes would still hold.
 */
export interface SignedSpan {
  readonly v: number;
  readonly gateway: string;
  readonly stream: Stream;
  readonly epoch: string;
  readonly from: number;
  readonly to: number;
  readonly after: string;
  /** [first, last, reason, chain hash after last] */
  readonly absent: readonly (readonly [number, number, string, string])[];
}

function signedText(span: SignedSpan): Buffer {
  const { v, gateway, stream, epoch, from, to, after, absent } = span;
  const text = `${v}|${gateway}|${stream}|${epoch}|${from}|${to}|${after}`;
  return Buffer.from(absent.length === 0 ? text : `${text}|${canonicalJson(absent)}`, 'utf8');
}

/** Ed25519 (RFC 8032) over `v|gateway|stream|epoch|from|to|after`, then `|absent` as canonical JSON where there is any; base64. */
export function signSpan(span: SignedSpan, privateKey: KeyObject): string {
  return sign(null, signedText(span), privateKey).toString('base64');
}

/** Whether the signature is that key's over that span. A malformed signature is simply not valid. */
export function spanSignatureHolds(span: SignedSpan, signature: string, publicKey: KeyObject): boolean {
  return verify(null, signedText(span), publicKey, Buffer.from(signature, 'base64'));
}

/** A new signing key as PKCS #8 PEM; the caller keeps it in a file of mode 0600. */
export function newSigningKey(): string {
  return generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
}

/** Reads a PEM made by {@link newSigningKey}; throws when it is none. */
export function readSigningKey(pem: string): KeyObject {
  return createPrivateKey(pem);
}

/** The raw 32 bytes of the public key, base64: what birth and a key record show. */
export function publicKeyText(key: KeyObject): string {
  const { x } = createPublicKey(key).export({ format: 'jwk' });
  return Buffer.from(x ?? '', 'base64url').toString('base64');
}

/** The inverse of {@link publicKeyText}; throws when it is no Ed25519 key. */
export function readPublicKey(text: string): KeyObject {
  const x = Buffer.from(text, 'base64').toString('base64url');
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
}
