import type { LocalTime, WallTime } from '../clock.ts';
import type { Reading } from '../reading/reading.ts';
import type { SampleBlock } from '../record/record.ts';

/** Most numbers in one block, so that an entry stays a few tens of kilobytes whatever came together. */
const mostValues = 4096;

interface OpenBlock {
  readonly series: readonly Reading[];
  readonly rows: Reading[][];
  place: number;
}

/** Blocks in the order they were begun, and for each call the index of the block that holds its last reading. */
export interface SampleBlocks {
  readonly blocks: readonly SampleBlock[];
  readonly blockOf: readonly number[];
}

/**
 * Puts readings into columns. A block holds the rows of one instrument that have the same series; a row with other
 * series, or one that is older than the row before it, begins another block, so every cell is a reading that was taken.
 */
export function sampleBlocks(calls: readonly (readonly Reading[])[], localTime: LocalTime): SampleBlocks {
  const open = new Map<string, OpenBlock>();
  const begun: OpenBlock[] = [];
  const blockOf = calls.map((readings) => {
    let place = -1;
    for (const row of rowsOf(readings)) {
      const key = row.map(seriesKey).join('\n');
      let block = open.get(key);
      if (block === undefined || !takes(block, row)) {
        block = { series: row, rows: [], place: begun.length };
        open.set(key, block);
        begun.push(block);
      }
      block.rows.push(row);
      place = block.place;
    }
    return place;
  });
  return { blocks: begun.map((block) => columns(block, localTime)), blockOf };
}

function seriesKey({ instrument, point, factor, origin }: Reading): string {
  return JSON.stringify([instrument, point, factor, origin]);
}

/** Readings of one moment, each series once, belong to one row. */
function rowsOf(readings: readonly Reading[]): Reading[][] {
  const rows: Reading[][] = [];
  let seen = new Set<string>();
  for (const reading of readings) {
    const row = rows.at(-1);
    const key = seriesKey(reading);
    if (row !== undefined && row[0]?.instrument === reading.instrument && row[0].at === reading.at && !seen.has(key)) {
      row.push(reading);
    } else {
      rows.push([reading]);
      seen = new Set();
    }
    seen.add(key);
  }
  return rows;
}

function takes(block: OpenBlock, row: readonly Reading[]): boolean {
  const latest = block.rows.at(-1)?.[0];
  const older = latest !== undefined && row[0] !== undefined && row[0].at < latest.at;
  return !older && (block.rows.length + 1) * row.length <= mostValues;
}

function columns({ series, rows }: OpenBlock, localTime: LocalTime): SampleBlock {
  const start = rows[0]?.[0]?.at ?? (0 as WallTime);
  const reasons: SampleBlock['reasons'][number][] = [];
  rows.forEach((row, time) => {
    row.forEach(({ mark }, index) => {
      if (mark.flag !== 'N') reasons.push([index, time, mark.reason, mark.basis]);
    });
  });
  return {
    kind: 'samples',
    instrument: series[0]?.instrument ?? '',
    from: localTime.stamp(start),
    times: rows.map((row) => (row[0]?.at ?? start) - start),
    series: series.map(({ point, factor, origin }) => ({ point, factor, origin })),
    values: series.map((_, index) => rows.map((row) => row[index]?.value ?? null)),
    flags: series.map((_, index) => rows.map((row) => row[index]?.mark.flag ?? 'B').join('')),
    reasons,
  };
}
