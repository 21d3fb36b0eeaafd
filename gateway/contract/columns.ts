import type { Entry, Json } from '../record/record.ts';
import { type Column, limits, type Table } from './batch.ts';
import { ContractFault } from './fields.ts';
import { readStampExactly, writeStamp } from './stamps.ts';

type Row = { readonly [key: string]: Json | undefined };

/** Writes entries as tables; each holds consecutive entries that have the same members. */
export function toTables(entries: readonly Entry[]): Table[] {
  const tables: Table[] = [];
  for (let start = 0; start < entries.length; ) {
    const keys = membersOf(entries[start] as unknown as Row);
    let end = start + 1;
    while (end < entries.length && haveSameMembers(entries[end] as unknown as Row, keys)) end++;
    const rows = entries.slice(start, end) as unknown as Row[];
    const period = seriesPeriod(rows);
    const columns = keys.map((key) =>
      toColumn(
        rows.map((row) => row[key] as Json),
        period,
      ),
    );
    tables.push({ keys, rows: rows.length, columns });
    start = end;
  }
  return tables;
}

function membersOf(row: Row): string[] {
  return Object.keys(row).filter((key) => row[key] !== undefined);
}

function haveSameMembers(row: Row, keys: readonly string[]): boolean {
  let members = 0;
  for (const key of Object.keys(row)) if (row[key] !== undefined) members++;
  return members === keys.length && keys.every((key) => Object.hasOwn(row, key) && row[key] !== undefined);
}

/** Rows until the first row's series comes again: where the best guess for a number stands. */
function seriesPeriod(rows: readonly Row[]): number {
  const first = rows[0];
  const next = rows.findIndex((row, i) => i > 0 && row.point === first?.point && row.factor === first?.factor);
  return Math.max(next, 1);
}

function toColumn(values: Json[], period: number): Column {
  const [first] = values;
  if (values.length > 1 && values.every((value) => isSame(value, first))) return { '=': first };
  if (values.length < 3) return values;
  if (values.every((value) => value === null || typeof value === 'number')) return numbers(values, period);
  if (values.every((value) => value === null || typeof value === 'string')) return stamps(values);
  return values;
}

function isSame(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Beyond this a sum of deltas might not be an exact integer any more. */
const largest = 2 ** 51;

/** Numbers as deltas of scaled integers when every one is a decimal that comes back exactly, and the text is shorter. */
function numbers(values: (number | null)[], period: number): Column {
  let scale = 0;
  for (const value of values) {
    while (value !== null && Math.round(value * 10 ** scale) / 10 ** scale !== value) if (++scale > 9) return values;
  }
  const scaled = values.map((value) => (value === null ? null : Math.round(value * 10 ** scale)));
  const exact = scaled.every((n, i) => n === null || (Math.abs(n) <= largest && n / 10 ** scale === values[i]));
  if (!exact) return values;
  let best: Column = values;
  let size = JSON.stringify(values).length;
  for (const lag of period === 1 ? [1] : [1, period]) {
    const column = { scale, lag, deltas: toDeltas(scaled, lag) };
    const length = JSON.stringify(column).length;
    if (length < size) [best, size] = [column, length];
  }
  return best;
}

function stamps(values: (string | null)[]): Column {
  const offset = values.find((value) => value !== null)?.slice(-6) ?? '';
  const times: (number | null)[] = [];
  for (const value of values) {
    const time = value === null ? null : readStampExactly(value, offset);
    if (time === undefined) return values;
    times.push(time);
  }
  return { offset, lag: 1, deltas: toDeltas(times, 1) };
}

function toDeltas(values: readonly (number | null)[], lag: number): (number | null)[] {
  const registers = new Array<number>(lag).fill(0);
  return values.map((value, i) => {
    if (value === null) return null;
    const delta = value - (registers[i % lag] ?? 0);
    registers[i % lag] = value;
    return delta;
  });
}

function fromDeltas<T>(deltas: readonly (number | null)[], lag: number, write: (sum: number) => T): (T | null)[] {
  const registers = new Array<number>(lag).fill(0);
  return deltas.map((delta, i) => {
    if (delta === null) return null;
    const sum = (registers[i % lag] ?? 0) + delta;
    registers[i % lag] = sum;
    return write(sum);
  });
}

/** Reads tables back; the entries' canonical JSON is the same as what was written. Never throws. */
export function fromTables(tables: readonly Table[]): Entry[] | ContractFault {
  const entries: Entry[] = [];
  let expanded = 0;
  for (const [place, { keys, rows, columns }] of tables.entries()) {
    const where = `records.${place}`;
    if (columns.length !== keys.length)
      return new ContractFault(`${where}: ${keys.length} keys, ${columns.length} columns`);
    if (new Set(keys).size !== keys.length) return new ContractFault(`${where}.keys: one key stands twice`);
    if (entries.length + rows > limits.entries) return new ContractFault(`${where}: over ${limits.entries} entries`);
    const read: unknown[][] = [];
    for (const [i, column] of columns.entries()) {
      const values = fromColumn(column, rows);
      if (values === undefined) return new ContractFault(`${where}.columns.${i}: does not hold ${rows} values`);
      if (values.some((value) => isTooDeep(value, limits.depth)))
        return new ContractFault(`${where}.columns.${i}: too deep`);
      expanded += sharedBytes(column, rows);
      if (expanded > limits.expanded)
        return new ContractFault(`${where}: over ${limits.expanded} bytes when written out`);
      read.push(values);
    }
    for (let row = 0; row < rows; row++) {
      entries.push(Object.fromEntries(keys.map((key, i) => [key, read[i]?.[row]])) as unknown as Entry);
    }
  }
  return entries;
}

/** undefined: not as many values as rows, or a value that is none. */
function fromColumn(column: Column, rows: number): unknown[] | undefined {
  if (Array.isArray(column)) return column.length === rows ? column : undefined;
  if ('=' in column) return new Array<unknown>(rows).fill(column['=']);
  if (column.deltas.length !== rows) return undefined;
  if ('scale' in column) {
    const values = fromDeltas(column.deltas, column.lag, (sum) => sum / 10 ** column.scale);
    return values.every((value) => value === null || Number.isFinite(value)) ? values : undefined;
  }
  const values = fromDeltas(column.deltas, column.lag, (sum) => writeStamp(sum, column.offset));
  return values.includes(undefined) ? undefined : values;
}

function sharedBytes(column: Column, rows: number): number {
  return !Array.isArray(column) && '=' in column ? rows * (JSON.stringify(column['=']) ?? '').length : 0;
}

function isTooDeep(value: unknown, left: number): boolean {
  if (value === null || typeof value !== 'object') return false;
  if (left === 0) return true;
  return Object.values(value).some((inner) => isTooDeep(inner, left - 1));
}
