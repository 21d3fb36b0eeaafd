import type { Entry, Json } from '../record/record.ts';
import { limits } from './batch.ts';
import { type Column, mostRows, type Table } from './columns/forms.ts';
import { type Cells, ColumnFault, readColumn } from './columns/read-column.ts';
import { type Surroundings, writeColumn } from './columns/write-column.ts';
import { ContractFault } from './fields.ts';

type Row = { readonly [key: string]: Json | undefined };

/** Members that one table's rows may have or not: more than that is another kind of thing. */
const mostOptional = 2;

/** Consecutive entries that will be one table. */
interface Group {
  readonly kind: Json | undefined;
  readonly keys: string[];
  readonly known: Set<string>;
  /** The members that not every row has. */
  readonly optional: Set<string>;
  readonly rows: Row[];
}

/** Writes entries as tables; each holds consecutive entries of one kind with the same members, but for very few. */
export function toTables(entries: readonly Entry[]): Table[] {
  const groups: Group[] = [];
  for (const entry of entries) {
    const row = entry as unknown as Row;
    const keys = Object.keys(row).filter((key) => row[key] !== undefined);
    const group = groups.at(-1);
    if (group !== undefined && joins(group, row, keys)) continue;
    groups.push({ kind: row.kind, keys, known: new Set(keys), optional: new Set(), rows: [row] });
  }
  return groups.map(toTable);
}

/** Puts the row into the group, if it is like what is there. */
function joins(group: Group, row: Row, own: readonly string[]): boolean {
  const { kind, keys, known, optional, rows } = group;
  if (row.kind !== kind || rows.length >= mostRows) return false;
  if (!isLike(group, own)) {
    const mine = new Set(own);
    const fresh = own.filter((key) => !known.has(key));
    const apart = new Set([...optional, ...fresh, ...keys.filter((key) => !mine.has(key))]);
    if (apart.size > mostOptional || apart.size === keys.length + fresh.length) return false;
    for (const key of apart) optional.add(key);
    for (const key of fresh) known.add(key);
    keys.push(...fresh);
  }
  rows.push(row);
  return true;
}

/** Whether a row with these members is one more of what the group knows already. */
function isLike({ keys, known, optional }: Group, own: readonly string[]): boolean {
  let needed = keys.length - optional.size;
  for (const key of own) {
    if (!known.has(key)) return false;
    if (!optional.has(key)) needed -= 1;
  }
  return needed === 0;
}

/**
 * In this order members are written, others behind them: what is mostly the same in all rows stands together, as it
 * does in the preset dictionary, and the average before what lies around it.
 */
const usualOrder = [
  'kind',
  'flag',
  'reason',
  'basis',
  'expected',
  'revision',
  'origin',
  'count',
  'from',
  'point',
].concat(['factor', 'average', 'minimum', 'maximum', 'total']);

function inUsualOrder(keys: readonly string[]): string[] {
  const known = usualOrder.filter((key) => keys.includes(key));
  return [...known, ...keys.filter((key) => !usualOrder.includes(key))];
}

function toTable({ keys: own, optional, rows }: Group): Table {
  const keys = inUsualOrder(own);
  const period = seriesPeriod(rows);
  const columns: Column[] = [];
  const has: { [key: string]: Column } = {};
  const averages =
    optional.has('average') || !keys.includes('average') ? undefined : rows.map(({ average }) => average as Json);
  const alike = period > 1 ? undefined : rows.map(({ factor }) => factor ?? null);
  for (const key of keys) {
    const isWhole = !optional.has(key);
    const holding = isWhole ? rows : rows.filter((row) => hasMember(row, key));
    const values = holding.map((row) => row[key] as Json);
    if (!isWhole) {
      const held = rows.map((row) => (hasMember(row, key) ? 1 : 0));
      const value = writeColumn(held, { period });
      Object.defineProperty(has, key, { value, enumerable: true });
    }
    columns.push(writeColumn(values, isWhole ? { period, alike, near: nearAverage(key, averages) } : { period: 1 }));
  }
  const table = { keys, rows: rows.length, columns };
  return optional.size > 0 ? { ...table, has } : table;
}

/** A name such as `constructor` is no member for what an object inherits. */
function hasMember(row: Row, key: string): boolean {
  return Object.hasOwn(row, key) && row[key] !== undefined;
}

/** A period's least and greatest value lie around its average. */
function nearAverage(key: string, averages: readonly Json[] | undefined): Surroundings['near'] {
  const side = key === 'minimum' ? 'below' : key === 'maximum' ? 'above' : undefined;
  return side === undefined || averages === undefined ? undefined : { side, key: 'average', values: averages };
}

/** Rows until the first row's series comes again: where the best guess for a number stands. */
function seriesPeriod(rows: readonly Row[]): number {
  const first = rows[0];
  const next = rows.findIndex((row, i) => i > 0 && row.point === first?.point && row.factor === first?.factor);
  return Math.max(next, 1);
}

/** Entries with the canonical JSON of each. */
export interface ReadEntries {
  readonly entries: readonly Entry[];
  readonly texts: readonly string[];
}

/** Reads tables back; the entries' canonical JSON is the same as what was written. Never throws, whatever the tables are. */
export function fromTables(tables: readonly unknown[]): ReadEntries | ContractFault {
  const entries: Entry[] = [];
  const texts: string[] = [];
  let room: number = limits.expanded;
  for (const [place, table] of tables.entries()) {
    const fault = (why: string): ContractFault => new ContractFault(`records.${place}${why}`);
    const shape = shapeOf(table);
    if (typeof shape === 'string') return fault(shape);
    if (entries.length + shape.rows > limits.entries) return fault(`: over ${limits.entries} entries`);
    const cells = new Map<string, Cells>();
    for (const [i, key] of shape.keys.entries()) {
      if (cells.has(key)) return fault('.keys: one key stands twice');
      const read = readMember(shape, i, key, cells, room);
      if (read instanceof ColumnFault) return fault(`.columns.${i}: ${read.why}`);
      room -= bytesOf(key, read, shape.rows);
      if (room < 0) return fault(`: over ${limits.expanded} bytes when written out`);
      cells.set(key, read);
    }
    writeOut(cells, shape.rows, entries, texts);
  }
  return { entries, texts };
}

interface Shape {
  readonly keys: readonly string[];
  readonly rows: number;
  readonly columns: readonly unknown[];
  readonly has: { readonly [key: string]: unknown };
}

/** A table's members; a text says which of them is not what it must be. */
function shapeOf(table: unknown): Shape | string {
  if (typeof table !== 'object' || table === null || Array.isArray(table)) return ': is no table';
  const { keys, rows, columns, has = {}, ...others } = table as { [member: string]: unknown };
  if (Object.keys(others).length > 0) return ': has members that no table has';
  if (!Array.isArray(keys) || !keys.every((key) => typeof key === 'string')) return '.keys: no list of names';
  if (typeof rows !== 'number' || !Number.isInteger(rows) || rows < 1 || rows > mostRows)
    return `.rows: no number from 1 to ${mostRows}`;
  if (!Array.isArray(columns)) return '.columns: no list';
  if (columns.length !== keys.length) return `: ${keys.length} keys, ${columns.length} columns`;
  if (typeof has !== 'object' || has === null || Array.isArray(has)) return '.has: no object';
  if (!Object.keys(has).every((key) => keys.includes(key))) return '.has: names a member that is no key';
  return { keys, rows, columns, has: has as Shape['has'] };
}

/** The cells of one member over all rows, with holes where a row does not have it. */
function readMember(
  { rows, columns, has }: Shape,
  index: number,
  key: string,
  earlier: ReadonlyMap<string, Cells>,
  room: number,
): Cells | ColumnFault {
  if (!Object.hasOwn(has, key)) return readColumn(columns[index], rows, earlier, room);
  const held = readColumn(has[key], rows, earlier, room);
  if (held instanceof ColumnFault) return new ColumnFault(`has: ${held.why}`);
  if (!held.values.every((value) => value === 0 || value === 1)) return new ColumnFault('has: neither 0 nor 1');
  const count = held.values.reduce<number>((sum, value) => sum + Number(value), 0);
  const cells = readColumn(columns[index], count, new Map(), room);
  if (cells instanceof ColumnFault) return cells;
  const values: unknown[] = [];
  const texts: (string | undefined)[] = [];
  let next = 0;
  for (const value of held.values) {
    values.push(value === 1 ? cells.values[next] : undefined);
    texts.push(value === 1 ? cells.texts[next] : undefined);
    if (value === 1) next++;
  }
  return { values, texts };
}

/** What a member takes in all rows, its name, quotes, colon and comma included. */
function bytesOf(key: string, { texts, shared }: Cells, rows: number): number {
  const name = key.length + 4;
  if (shared !== undefined) return rows * (name + shared.length);
  let bytes = 0;
  for (const text of texts) if (text !== undefined) bytes += name + text.length;
  return bytes;
}

/** Rows of cells as entries and as canonical JSON, whose members stand in the order of RFC 8785. */
function writeOut(cells: ReadonlyMap<string, Cells>, rows: number, entries: Entry[], texts: string[]): void {
  const members = [...cells].map(([key, { values }]) => [key, values] as const);
  const parts = textParts(cells);
  const isPlain = !cells.has('__proto__');
  for (let row = 0; row < rows; row++) {
    const entry: { [key: string]: unknown } = {};
    for (const [key, values] of members) {
      const value = values[row];
      if (value === undefined) continue;
      if (isPlain) entry[key] = value;
      else Object.defineProperty(entry, key, { value, enumerable: true, configurable: true, writable: true });
    }
    entries.push(entry as unknown as Entry);
    let text = '';
    for (const { before, cells } of parts) {
      if (cells === undefined) text += before;
      else if (cells[row] !== undefined) text += before + cells[row];
    }
    texts.push(`{${text.slice(1)}}`);
  }
}

/** A piece of every row's text: what is the same in every row, then what is the row's own. */
interface TextPart {
  readonly before: string;
  readonly cells: Cells['texts'] | undefined;
}

function textParts(cells: ReadonlyMap<string, Cells>): TextPart[] {
  const parts: TextPart[] = [];
  let before = '';
  for (const key of [...cells.keys()].sort()) {
    const { shared, texts } = cells.get(key) as Cells;
    const name = `,${JSON.stringify(key)}:`;
    if (shared !== undefined) {
      before += name + shared;
      continue;
    }
    // What a row may lack stands for itself, so that the text before it stays.
    if (texts.includes(undefined)) parts.push({ before, cells: undefined }, { before: name, cells: texts });
    else parts.push({ before: before + name, cells: texts });
    before = '';
  }
  parts.push({ before, cells: undefined });
  return parts;
}
