/** Adler-32 (RFC 1950, 8.2) as its two sums, `high.low`, by the rig's own reckoning. */
export function sumOf(bytes: Uint8Array): string {
  let [low, high] = [1, 0];
  for (const byte of bytes) {
    low = (low + byte) % 65_521;
    high = (high + low) % 65_521;
  }
  return `${high}.${low}`;
}
