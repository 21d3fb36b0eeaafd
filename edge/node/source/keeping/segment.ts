import { adlerOf } from '../adler.ts';

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

/** The segment for rows that follow each other, in a file with this head. */
export function packSegment(fileHead: string, rows: string[], zero: number | undefined): string {
  const lines: string[] = [];
  let seq = 0;
  let s = 0;
  let d = 0;
  let index = 0;
  while (index < rows.length) {
    const [first, second, third, values] = string.match(rows[index] as string, '^(%d+),(%d+),(%d+),(.*)$');
    const [line] = string.gsub(values as string, 'null', 'n');
    const follows = index > 0 && tonumber(first) === seq + 1 && tonumber(second) === s + d && tonumber(third) === d;
    lines.push(follows ? line : `${first},${second},${third}:${line}`);
    seq = tonumber(first) as number;
    s = tonumber(second) as number;
    d = tonumber(third) as number;
    index += 1;
  }
  const body = `${table.concat(lines, '\n')}\n`;
  const covered = `#${seq},${rows.length},${body.length},${zero === undefined ? '-' : zero},`;
  return `${covered}${adlerOf(fileHead + covered + body)}\n${body}`;
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

/** The rows of a segment after seq `after`; undefined if it is not what was written. */
export function unpackSegment(fileHead: string, head: SegmentHead, body: string, after: number): string[] | undefined {
  if (adlerOf(fileHead + head.covered + body) !== head.sum) return undefined;
  const rows: string[] = [];
  let seq = 0;
  let s = 0;
  let d = 0;
  let from = 1;
  while (from <= body.length) {
    const [end] = string.find(body, '\n', from, true);
    const line = string.sub(body, from, (end as number) - 1);
    const [first, second, third, values] = string.match(line, '^(%d+),(%d+),(%d+):(.*)$');
    seq = first === undefined ? seq + 1 : (tonumber(first) as number);
    s = second === undefined ? s + d : (tonumber(second) as number);
    if (third !== undefined) d = tonumber(third) as number;
    const [whole] = string.gsub(values === undefined ? line : values, 'n', 'null');
    if (seq > after) rows.push(`${seq},${s},${d},${whole}`);
    from = (end as number) + 1;
  }
  return rows;
}
