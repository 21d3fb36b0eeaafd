import { createHash, hash } from 'node:crypto';
import type { Stream } from './record.ts';

/**
 * The chain. Every entry's hash covers the one before it, so that a change after the fact shows:
 *
 *     start of an epoch   h(0) = SHA-256("fenceline-chain-1|" gateway "|" stream "|" epoch)
 *     entry seq           h(n) = SHA-256(h(n-1), 32 bytes | seq, 8 bytes big-endian | canonical bytes of the entry)
 *
 * Hashes are written as 64 lower-case hexadecimal digits. They are not sent: a receiver recomputes them.
 */
export function chainStart(gateway: string, stream: Stream, epoch: string): string {
  return createHash('sha256').update(`fenceline-chain-1|${gateway}|${stream}|${epoch}`).digest('hex');
}

/** The hash after one more entry. */
export function chainNext(before: string, seq: number, canonicalBytes: Uint8Array | string): string {
  const length = typeof canonicalBytes === 'string' ? Buffer.byteLength(canonicalBytes) : canonicalBytes.length;
  const bytes = Buffer.allocUnsafe(40 + length);
  bytes.write(before, 0, 32, 'hex');
  bytes.writeBigUInt64BE(BigInt(seq), 32);
  if (typeof canonicalBytes === 'string') bytes.write(canonicalBytes, 40);
  else bytes.set(canonicalBytes, 40);
  // In one call: of short entries the calls would cost more than the hashing.
  return hash('sha256', bytes, 'hex');
}
