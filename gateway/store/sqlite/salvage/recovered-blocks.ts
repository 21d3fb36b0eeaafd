import { chainStart } from '../../../record/chain.ts';
import { type Stream, streams } from '../../../record/record.ts';
import { openBlock } from '../block.ts';
import { epochOf, seqOf } from '../database.ts';
import type { Epoch } from '../epochs.ts';
import { type Column, type LeafRow, leafRows } from './leaf-rows.ts';
import type { PageFile } from './page-file.ts';

/** A block out of a damaged file, proven by its own hashes. */
export interface RecoveredBlock {
  readonly stream: Stream;
  readonly epoch: Epoch;
  readonly first: number;
  readonly last: number;
  readonly committedAt: number;
  /** Number of its site version in the damaged file. */
  readonly site: number;
  readonly before: string;
  readonly after: string;
  readonly body: string | Uint8Array;
}

const hashType = 12 + 2 * 32;
const [epochColumns, blockColumns, siteColumns] = [5, 7, 2];

/** The proven blocks on a page. Blocks of epochs that are not known are left out: nothing could tell whose they are. */
export function blocksOn(file: PageFile, no: number, epochs: ReadonlyMap<number, Epoch>): RecoveredBlock[] {
  return leafRows(file, no, isBlock).flatMap((row) => readBlock(row, epochs) ?? []);
}

/** Rows on a page that can only be epochs or site versions: both tables are small, and their rows have a shape of their own. */
export function namesOn(file: PageFile, no: number): { epochs: Epoch[]; sites: [number, string][] } {
  const rows = leafRows(file, no, ({ length }) => length === epochColumns || length === siteColumns);
  const epochs: Epoch[] = [];
  const sites: [number, string][] = [];
  for (const { rowid, columns } of rows) {
    const [own, id, gateway] = columns;
    if (own !== null || typeof id !== 'string') continue;
    const isEpoch = columns.length === epochColumns && /^\d+-[0-9a-f]{8}$/.test(id) && typeof gateway === 'string';
    if (isEpoch) epochs.push({ no: rowid, id, gateway });
    else if (columns.length === siteColumns && /^[0-9a-f]{16}$/.test(id)) sites.push([rowid, id]);
  }
  return { epochs, sites };
}

function isBlock(types: readonly number[]): boolean {
  return types.length === blockColumns && types[0] === 0 && types[4] === hashType && types[5] === hashType;
}

function readBlock(row: LeafRow, epochs: ReadonlyMap<number, Epoch>): RecoveredBlock | undefined {
  const [, entries, committedAt, site, before, after, body] = row.columns;
  const epoch = epochs.get(epochOf(row.rowid));
  if (epoch === undefined || typeof entries !== 'number' || typeof committedAt !== 'number') return undefined;
  if (typeof site !== 'number' || typeof body === 'number' || body === null || body === undefined) return undefined;
  const last = seqOf(row.rowid);
  const block = { first: last - entries + 1, entries, before: hex(before), after: hex(after) };
  if (block.first < 1 || entries < 1) return undefined;
  const open = openBlock(body, block);
  if (open === undefined) return undefined;
  const stream = streamOf(open.texts, block, epoch);
  if (stream === undefined) return undefined;
  return { stream, epoch, first: block.first, last, committedAt, site, before: block.before, after: block.after, body };
}

/** A row does not tell its table. Sample blocks are of one stream, records of the other, and both begin with an audit. */
function streamOf(texts: readonly string[], block: { before: string }, epoch: Epoch): Stream | undefined {
  const kinds = texts.map(kindOf);
  if (kinds.includes(undefined)) return undefined;
  if (kinds.includes('samples')) return 'samples';
  const begins = streams.find((stream) => block.before === chainStart(epoch.gateway, stream, epoch.id));
  return begins ?? 'records';
}

/** Undefined for what no gateway wrote, whoever made its hashes. */
function kindOf(text: string): unknown {
  try {
    const entry: { kind?: unknown } | null = JSON.parse(text);
    return entry?.kind;
  } catch {
    return undefined;
  }
}

function hex(column: Column | undefined): string {
  return column instanceof Uint8Array ? Buffer.from(column).toString('hex') : '';
}
