/**
 * Adler-32 (RFC 1950, chapter 8) of bytes, as the two sums it is made of: `high.low`, decimal. Neither Lua 5.1 nor 32-bit
 * singles could hold it as one number. Everything that the node keeps in flash or takes over the air is checked with it.
 *
 * @param before the sum of what stands before these bytes; `0.1` for nothing
 */
export function adlerOf(bytes: string, before = '0.1'): string {
  const [first, second] = string.match(before, '(%d+)%.(%d+)');
  let high = tonumber(first) as number;
  let low = tonumber(second) as number;
  let index = 1;
  while (index <= bytes.length) {
    low = (low + string.byte(bytes, index)) % 65521;
    high = (high + low) % 65521;
    index += 1;
  }
  return `${high}.${low}`;
}
