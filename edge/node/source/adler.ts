/**
 * Adler-32 (RFC 1950, chapter 8) in the two sums it is made of: neither Lua 5.1 nor 32-bit singles could hold it as one
 * number. Everything that the node keeps in flash or takes over the air is checked with it.
 */
export interface Adler {
  low: number;
  high: number;
}

export function newAdler(): Adler {
  return { low: 1, high: 0 };
}

export function addTo(sum: Adler, bytes: string): void {
  let { low, high } = sum;
  let index = 1;
  while (index <= bytes.length) {
    low = (low + string.byte(bytes, index)) % 65521;
    high = (high + low) % 65521;
    index += 1;
  }
  sum.low = low;
  sum.high = high;
}

/** `high.low`, both decimal. */
export function adlerText(sum: Adler): string {
  return `${sum.high}.${sum.low}`;
}

export function adlerOf(bytes: string): string {
  const sum = newAdler();
  addTo(sum, bytes);
  return adlerText(sum);
}
