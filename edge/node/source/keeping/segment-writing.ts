import { adlerOf } from '../adler.ts';

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
