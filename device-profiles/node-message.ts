import * as z from 'zod';

/**
 * What a sensor node sends of what it measured, layout 1: JSON, at most 12 rows.
 *
 *     {"l":1,"b":17,"z":1764131580,"u":4012,"f":["pm1","pm25","adc"],"r":[[190,3880,60,59,60,11.2,18.4,null],…]}
 *
 *     b  boot counter of all its rows        z  epoch second at which that boot began; absent where it never learned the time
 *     u  seconds since boot now; only where b is the present boot
 *     r  [seq, seconds since boot at which the period began, its length in s, good frames, good samples, a value a column…]
 */

/** pm1, pm25, pm10: µg/m³; adc, rms, dust: mV at the pin. */
export const nodeColumns = ['pm1', 'pm25', 'pm10', 'pm100', 'adc', 'rms', 'dust'] as const;
type NodeColumn = (typeof nodeColumns)[number];

/** Columns that are made of good frames of a sensor; the others of good samples of the analogue input. */
const ofFrames: ReadonlySet<string> = new Set(['pm1', 'pm25', 'pm10', 'pm100']);

/** A node's own counters and seconds fit 32 bits with a sign. */
const largest = 2 ** 31 - 1;
const whole = z.int().min(0).max(largest);
const counter = z.int().min(1).max(largest);
/** Moments at which a node can be told the time: 2020 to 2099, epoch seconds. */
const epochSeconds = z.int().min(1_577_836_800).max(4_102_444_799);

/** One averaging period of a node, up to an hour. */
export interface NodeRow {
  readonly seq: number;
  /** Seconds since boot at which it began, and its length in seconds. */
  readonly start: number;
  readonly length: number;
  /** Good frames of the sensor and good samples of the analogue input in it. */
  readonly frames: number;
  readonly samples: number;
  /** By column; null where nothing was measured. */
  readonly values: ReadonlyMap<string, number | null>;
}

export interface NodeRows {
  readonly boot: number;
  /** Epoch second at which that boot began; null where the node was never told a time during it. */
  readonly began: number | null;
  /** Seconds since boot when it was sent; null where the rows are of an earlier boot. */
  readonly uptime: number | null;
  readonly columns: readonly string[];
  readonly rows: readonly NodeRow[];
  /** Rows that are none, as they came; with their number where it can be read. */
  readonly unreadable: readonly { readonly seq: number | null; readonly raw: unknown }[];
}

const envelope = z.looseObject({
  l: z.literal(1),
  b: counter,
  z: epochSeconds.optional(),
  u: whole.optional(),
  f: z.array(z.string().min(1).max(16)).min(1).max(12),
  r: z.array(z.unknown()).max(24),
});

const head = z.tuple([counter, whole, z.int().min(1).max(3600), whole, whole]);
const value = z.number().min(-1e9).max(1e9).nullable();

/** Reads a message of rows; undefined where it is none. A row that is none does not spoil the others. Never throws. */
export function readNodeRows(text: string): NodeRows | undefined {
  const parsed = envelope.safeParse(jsonOf(text));
  if (!parsed.success || new Set(parsed.data.f).size < parsed.data.f.length) return undefined;
  const { b, z: began = null, u: uptime = null, f: columns, r } = parsed.data;
  const rows: NodeRow[] = [];
  const unreadable: { seq: number | null; raw: unknown }[] = [];
  for (const raw of r) {
    const row = readRow(raw, columns);
    if (row === undefined) unreadable.push({ seq: seqOf(raw), raw });
    else rows.push(row);
  }
  return { boot: b, began, uptime, columns, rows, unreadable };
}

function readRow(raw: unknown, columns: readonly string[]): NodeRow | undefined {
  if (!Array.isArray(raw) || raw.length !== 5 + columns.length) return undefined;
  const first = head.safeParse(raw.slice(0, 5));
  const values = z.array(value).safeParse(raw.slice(5));
  if (!first.success || !values.success) return undefined;
  const [seq, start, length, frames, samples] = first.data;
  const byColumn = new Map(columns.map((column, index) => [column, values.data[index] ?? null]));
  return { seq, start, length, frames, samples, values: byColumn };
}

function seqOf(raw: unknown): number | null {
  return (Array.isArray(raw) ? counter.safeParse(raw[0]).data : undefined) ?? null;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whether a column is made of good frames of a sensor, and not of samples of the analogue input. */
export function isOfFrames(column: NodeColumn): boolean {
  return ofFrames.has(column);
}

/** What a value of that column was made of. */
export function madeOf(column: NodeColumn, { frames, samples }: Pick<NodeRow, 'frames' | 'samples'>): number {
  return isOfFrames(column) ? frames : samples;
}
