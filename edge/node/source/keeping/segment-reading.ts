import { adlerOf } from '../adler.ts';
import type { SegmentHead } from './segment-head.ts';

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
