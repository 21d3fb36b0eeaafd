/** What a node compares before it takes an update: the firmware's version, and of each file its size and sum. */
export interface Manifest {
  readonly version: string;
  readonly files: Readonly<Record<string, { readonly size: number; readonly sum: string }>>;
}

/** The manifest of these files, by name. */
export function manifestOf(version: string, files: ReadonlyMap<string, string>): Manifest {
  const entries = [...files].map(([name, text]) => [
    name,
    { size: Buffer.byteLength(text), sum: sumOf(Buffer.from(text)) },
  ]);
  return { version, files: Object.fromEntries(entries) };
}

/**
 * Adler-32 (RFC 1950, 8.2) as `high.low`, both decimal: two sums below 65,521, which a node reckons without bit
 * operators and without leaving the whole numbers of a single.
 */
export function sumOf(bytes: Uint8Array): string {
  let low = 1;
  let high = 0;
  for (const byte of bytes) {
    low = (low + byte) % 65_521;
    high = (high + low) % 65_521;
  }
  return `${high}.${low}`;
}
