import { createHash, type KeyObject, sign, verify } from 'node:crypto';
import { publicKeyText, readPublicKey } from './signature.ts';

/** One step of a chain of keys: a public key, and the word of the key before it. The first one has none. */
export interface KeyLink {
  /** Raw Ed25519 public key, base64. */
  readonly publicKey: string;
  readonly previous: string | null;
  /** Ed25519, base64, by the previous key, see {@link keyLinkHolds}. */
  readonly signature: string | null;
}

/** Keys that one chain holds at most: a rotation a month for twenty years. */
export const longestKeyChain = 256;

function signedText(gateway: string, previous: string, publicKey: string): Buffer {
  return Buffer.from(`fenceline-key-1|${gateway}|${previous}|${publicKey}`, 'utf8');
}

/** The word of the key in force for the one that takes its place. */
export function signKeyLink(gateway: string, previousKey: KeyObject, publicKey: string): KeyLink {
  const previous = publicKeyText(previousKey);
  const signature = sign(null, signedText(gateway, previous, publicKey), previousKey).toString('base64');
  return { publicKey, previous, signature };
}

/** Whether the previous key signed `fenceline-key-1|gateway|previous|publicKey`. A first key has nobody to vouch for it. */
export function keyLinkHolds(gateway: string, { publicKey, previous, signature }: KeyLink): boolean {
  if (previous === null || signature === null) return false;
  try {
    const text = signedText(gateway, previous, publicKey);
    return verify(null, text, readPublicKey(previous), Buffer.from(signature, 'base64'));
  } catch {
    return false;
  }
}

/**
 * Follows the chain from a trusted key: every key that it vouches for, step by step, oldest first, the trusted one
 * included. Links that no key reached so far has signed are passed over.
 */
export function trustedKeys(gateway: string, trusted: string, chain: readonly KeyLink[]): string[] {
  const reached = [trusted];
  for (const link of chain.slice(0, longestKeyChain)) {
    if (link.previous === reached.at(-1) && !reached.includes(link.publicKey) && keyLinkHolds(gateway, link)) {
      reached.push(link.publicKey);
    }
  }
  return reached;
}

/**
 * Thirty digits in six groups that two people can compare over the phone, whatever language they speak: the first 30
 * bytes of SHA-256("fenceline-fingerprint-1|" publicKey), each five of them as a big-endian number modulo 100,000.
 */
export function fingerprintOf(publicKey: string): string {
  const digest = createHash('sha256').update(`fenceline-fingerprint-1|${publicKey}`).digest();
  const groups = Array.from({ length: 6 }, (_, group) => digest.readUIntBE(group * 5, 5) % 100_000);
  return groups.map((group) => String(group).padStart(5, '0')).join(' ');
}
