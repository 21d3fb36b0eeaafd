import type { PageFile } from './page-file.ts';

/** A column as the file holds it. Integers beyond what a double holds exactly do not occur in this store. */
export type Column = null | number | string | Uint8Array;

/** A row of some table, found on a leaf page of it. */
export interface LeafRow {
  readonly rowid: number;
  readonly columns: readonly Column[];
}

/** A row that claims more is damage: the largest body of a block is far below. */
const largestPayload = 64 * 1_048_576;
const leafOfTable = 0x0d;

/**
 * The rows on a page, when it is a leaf of a table; those whose serial types are `wanted`. A row that does not hold
 * together is left out. Nothing here proves a row: its reader must.
 * Record format: https://www.sqlite.org/fileformat2.html, sections 1.6 and 2.1.
 */
export function leafRows(file: PageFile, no: number, wanted: (types: readonly number[]) => boolean): LeafRow[] {
  const page = file.page(no);
  const head = no === 1 ? 100 : 0;
  if (page === undefined || page[head] !== leafOfTable) return [];
  const cells = page.readUInt16BE(head + 3);
  const rows: LeafRow[] = [];
  for (let index = 0; index < cells && head + 10 + index * 2 <= page.length; index++) {
    const row = readCell(file, page, page.readUInt16BE(head + 8 + index * 2), wanted);
    if (row !== undefined) rows.push(row);
  }
  return rows;
}

function readCell(
  file: PageFile,
  page: Buffer,
  at: number,
  wanted: (types: readonly number[]) => boolean,
): LeafRow | undefined {
  const size = varint(page, at);
  const rowid = size === undefined ? undefined : varint(page, size.end);
  if (size === undefined || rowid === undefined || size.value > largestPayload) return undefined;
  const local = localLength(size.value, page.length);
  const start = rowid.end;
  if (start + local > page.length) return undefined;
  const head = readTypes(page.subarray(start, start + local));
  if (head === undefined || !wanted(head.types)) return undefined;
  const payload =
    local === size.value ? page.subarray(start, start + local) : whole(file, page, start, local, size.value);
  const columns = payload === undefined ? undefined : readColumns(payload, head.types, head.end);
  return columns === undefined ? undefined : { rowid: rowid.value, columns };
}

/** How much of a payload stands on the leaf itself. */
function localLength(payload: number, usable: number): number {
  const most = usable - 35;
  if (payload <= most) return payload;
  const least = Math.floor(((usable - 12) * 32) / 255) - 23;
  const kept = least + ((payload - least) % (usable - 4));
  return kept <= most ? kept : least;
}

/** The payload with what stands on its overflow pages; undefined when one of them is missing. */
function whole(file: PageFile, page: Buffer, start: number, local: number, size: number): Buffer | undefined {
  if (start + local + 4 > page.length) return undefined;
  const payload = Buffer.allocUnsafe(size);
  page.copy(payload, 0, start, start + local);
  let next = page.readUInt32BE(start + local);
  for (let at = local; at < size; ) {
    const more = file.page(next);
    if (more === undefined) return undefined;
    at += more.copy(payload, at, 4, Math.min(more.length, 4 + size - at));
    next = more.readUInt32BE(0);
  }
  return payload;
}

function readTypes(local: Buffer): { types: number[]; end: number } | undefined {
  const length = varint(local, 0);
  if (length === undefined || length.value > Math.min(local.length, 64)) return undefined;
  const types: number[] = [];
  for (let at = length.end; at < length.value; ) {
    const type = varint(local, at);
    if (type === undefined) return undefined;
    types.push(type.value);
    at = type.end;
  }
  return { types, end: length.value };
}

function readColumns(payload: Buffer, types: readonly number[], start: number): Column[] | undefined {
  const columns: Column[] = [];
  let at = start;
  for (const type of types) {
    const length = lengthOf(type);
    if (length === undefined || at + length > payload.length) return undefined;
    columns.push(readColumn(payload.subarray(at, at + length), type));
    at += length;
  }
  return columns;
}

function lengthOf(type: number): number | undefined {
  if (type >= 12) return (type - 12 - (type % 2)) / 2;
  return [0, 1, 2, 3, 4, 6, 8, undefined, 0, 0][type];
}

function readColumn(bytes: Buffer, type: number): Column {
  if (type >= 12) return type % 2 === 0 ? new Uint8Array(bytes) : bytes.toString();
  if (type === 0) return null;
  if (type >= 8) return type - 8;
  return bytes.length === 8 ? Number(bytes.readBigInt64BE(0)) : bytes.readIntBE(0, bytes.length);
}

/** A number of one to nine bytes, seven bits each, most significant first. */
function varint(bytes: Buffer, at: number): { value: number; end: number } | undefined {
  let value = 0;
  for (let index = at; index < at + 8; index++) {
    const byte = bytes[index];
    if (byte === undefined) return undefined;
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) return Number.isSafeInteger(value) ? { value, end: index + 1 } : undefined;
  }
  // A ninth byte only comes with numbers that this store never writes.
  return undefined;
}
