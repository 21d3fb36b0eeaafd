/** Addresses that a slave on a serial line can have (Modbus over Serial Line V1.02, 2.2). */
export const lowestAddress = 1;
export const highestAddress = 247;
/** Some instruments take addresses that the standard keeps for itself; they are asked only where somebody names them. */
const highestNamed = 255;

/**
 * Addresses as people write them: `1-247`, `1,3,10-20`. In order, each once; undefined where it is not understood, or
 * names an address outside 1 to 255 (0 is nobody's: whoever hears it must not answer).
 */
export function parseAddresses(text: string): number[] | undefined {
  const addresses = new Set<number>();
  for (const part of text.split(',')) {
    const found = /^\s*(\d{1,3})\s*(?:-\s*(\d{1,3})\s*)?$/.exec(part);
    if (!found) return undefined;
    const [from, to] = [Number(found[1]), Number(found[2] ?? found[1])];
    if (from < lowestAddress || to > highestNamed || from > to) return undefined;
    for (let address = from; address <= to; address += 1) addresses.add(address);
  }
  return [...addresses].sort((a, b) => a - b);
}

/** Addresses as they are written shortest: `1-3, 7`. */
export function addressesText(addresses: readonly number[]): string {
  const sorted = [...addresses].sort((a, b) => a - b);
  const parts: string[] = [];
  for (let first = 0; first < sorted.length; ) {
    let last = first;
    while (sorted[last + 1] === (sorted[last] ?? 0) + 1) last += 1;
    parts.push(first === last ? `${sorted[first]}` : `${sorted[first]}-${sorted[last]}`);
    first = last + 1;
  }
  return parts.join(', ');
}

/** The order in which addresses are tried: those that most instruments are delivered with first, then upward. */
export function inOrder(addresses: readonly number[], delivered: readonly (number | undefined)[]): number[] {
  const times = new Map<number, number>();
  for (const address of delivered) if (address !== undefined) times.set(address, (times.get(address) ?? 0) + 1);
  return [...addresses].sort((a, b) => (times.get(b) ?? 0) - (times.get(a) ?? 0) || a - b);
}
