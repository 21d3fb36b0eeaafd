import { inflateSync } from 'node:zlib';
import { type Batch, batchFrame, limits } from './batch.ts';
import { fromTables } from './columns.ts';
import { dictionary } from './dictionary.ts';
import type { BatchContent } from './encode.ts';
import { ContractFault, isFault, readMessage } from './fields.ts';

/** A batch with its entries written out, each at its seq. */
export interface DecodedBatch extends BatchContent {
  readonly v: 1;
  readonly signature: string;
  /** Canonical JSON of each entry, as its hash covers it. */
  readonly texts: readonly string[];
}

/**
 * Reads what arrived on a `data` topic. Checks form only, not truth: see `verify.ts`. Whatever the bytes are, it gives a
 * batch or a fault, in bounded time and memory.
 */
export function decodeBatch(payload: Uint8Array): DecodedBatch | ContractFault {
  if (payload.byteLength > limits.payload)
    return new ContractFault(`${payload.byteLength} bytes, at most ${limits.payload} allowed`);
  const text = payload[0] === 0x78 ? inflate(payload) : payload;
  if (isFault(text)) return text;
  const batch = readMessage(batchFrame, text, limits.text);
  if (isFault(batch)) return batch;
  const { records, encoding: _, ...rest } = batch;
  const read = fromTables(records);
  if (isFault(read)) return read;
  const seqs = presentSeqs(batch, read.entries.length);
  if (isFault(seqs)) return seqs;
  return { ...rest, entries: read.entries.map((entry, i) => ({ seq: seqs[i] ?? 0, entry })), texts: read.texts };
}

function inflate(payload: Uint8Array): Uint8Array | ContractFault {
  try {
    return inflateSync(payload, { maxOutputLength: limits.text, dictionary });
  } catch (error) {
    return new ContractFault(`zlib: ${(error as Error).message}`);
  }
}

/** The sequence numbers that are entries; a fault unless entries and absent together make up `from..to` exactly. */
function presentSeqs(
  { from, to, absent }: Pick<Batch, 'from' | 'to' | 'absent'>,
  entries: number,
): number[] | ContractFault {
  if (to < from) return new ContractFault(`to ${to} is before from ${from}`);
  const seqs: number[] = [];
  const fill = (until: number): void => {
    for (; next <= until && seqs.length <= entries; next++) seqs.push(next);
  };
  let next = from;
  for (const [first, last] of absent) {
    if (first < next || last < first || last > to)
      return new ContractFault(`absent ${first}..${last} is out of order or bounds`);
    fill(first - 1);
    next = last + 1;
  }
  fill(to);
  if (seqs.length !== entries)
    return new ContractFault(`${from}..${to} is not made up of ${entries} entries and what is absent`);
  return seqs;
}
