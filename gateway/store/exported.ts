import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as z from 'zod';

/** Of which time all records were exported, `[from, to)`, milliseconds since the epoch. */
export type ExportedRanges = readonly (readonly [number, number])[];

/** Most ranges that are kept: a month each for decades. */
const mostRanges = 1000;
const schema = z.array(z.tuple([z.number(), z.number()])).max(mostRanges);

/** Where it is noted what was exported, beside the database. */
export function exportedFileOf(databaseFile: string): string {
  return join(dirname(databaseFile), 'exported.json');
}

/** What is noted; nothing where no note is, or none that can be read: it only spares a reminder. */
export function readExported(file: string): ExportedRanges {
  try {
    return schema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return [];
  }
}

/** The note with one more range. */
export function exportedText(known: ExportedRanges, [from, to]: readonly [number, number]): string {
  const ranges: [number, number][] = [];
  for (const [start, end] of [...known, [from, to] as const].sort((a, b) => a[0] - b[0])) {
    const last = ranges.at(-1);
    if (last !== undefined && start <= last[1]) last[1] = Math.max(last[1], end);
    else ranges.push([start, end]);
  }
  return `${JSON.stringify(ranges.slice(-mostRanges))}\n`;
}
