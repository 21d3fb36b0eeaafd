/** Largest prime below 2^16 (RFC 1950, 8.2). */
const modulus = 65_521;

/**
 * Adler-32 of a file (RFC 1950, 9) as firmware and manifest write it: `s2.s1`, both decimal. The node has no bit
 * operators, and numbers of 24 bits in some builds, so the two halves stay apart.
 */
export function adlerSum(bytes: Uint8Array): string {
  let low = 1;
  let high = 0;
  for (const byte of bytes) {
    low = (low + byte) % modulus;
    high = (high + low) % modulus;
  }
  return `${high}.${low}`;
}
