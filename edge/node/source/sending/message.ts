import type { Kept } from '../core.ts';
import { MOST_ROWS } from '../keeping/bounds.ts';

const MOST_BYTES = 1024;

/** A `rows` message, and the last of its rows. */
export interface Batch {
  payload: string;
  boot: number;
  last: number;
}

/** As many of these rows of a boot, from the first on, as one message takes; undefined if there are none. */
export function messageOf(
  kept: Kept,
  uptime: number,
  boot: number,
  zero: number | undefined,
  columns: string,
  rows: string[],
): Batch | undefined {
  if (rows.length === 0) return undefined;
  let payload = `{"l":1,"b":${boot + kept.shift}`;
  if (zero !== undefined) payload += `,"z":${zero}`;
  if (boot === kept.boot) payload += `,"u":${uptime}`;
  payload += `,"f":[${columns}],"r":[[${rows[0]}]`;
  let many = 1;
  while (many < rows.length && many < MOST_ROWS && payload.length + (rows[many] as string).length < MOST_BYTES - 5) {
    payload += `,[${rows[many]}]`;
    many += 1;
  }
  const [last] = string.match(rows[many - 1] as string, '^%d+');
  return { payload: `${payload}]}`, boot, last: tonumber(last) as number };
}
