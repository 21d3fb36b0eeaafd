/**
 * A segment is what one write to flash keeps: up to 12 rows, as text. In RAM and in messages a row is the inside of a JSON
 * list, `seq,s,d,nf,na,v1,v2,…`. In flash it loses what follows from the row before it (the next `seq`, beginning where
 * that one ended, and as long) and `null` becomes `n`:
 *
 *     #24,12,321,1764131580,4711.815        last seq, rows, bytes of the rows, zero of the boot or `-`, Adler-32
 *     13,720,60:58,60,12.3,25.1,40.2,812.4
 *     60,60,11.9,24.8,39.7,812.1
 *
 * The sum covers the head of its file (boot and columns), its own head and its rows: none of them can be mistaken alone.
 */
export interface SegmentHead {
  last: number;
  rows: number;
  /** Bytes of the head, and of the rows behind it. */
  size: number;
  length: number;
  /** Epoch second at which the boot began, as it was known when the rows were written. */
  zero: number | undefined;
  sum: string;
  /** What the sum covers of the head. */
  covered: string;
}

/** The head of a segment that begins with this text; undefined if none does. */
export function segmentHead(text: string): SegmentHead | undefined {
  const [all, covered, last, rows, length, zero, sum] = string.match(
    text,
    '^((#(%d+),(%d+),(%d+),([%d-]+),)([%d.]+)\n)',
  );
  if (all === undefined) return undefined;
  return {
    last: tonumber(last) as number,
    rows: tonumber(rows) as number,
    size: all.length,
    length: tonumber(length) as number,
    zero: tonumber(zero),
    sum: sum as string,
    covered: covered as string,
  };
}
