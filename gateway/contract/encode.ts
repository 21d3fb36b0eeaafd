import type { KeyObject } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import type { Entry, Stream } from '../record/record.ts';
import { signSpan } from '../record/signature.ts';
import type { Batch } from './batch.ts';
import { toTables } from './columns.ts';
import { dictionary } from './dictionary.ts';

/** A stretch of one stream with what a batch says about it. */
export interface BatchContent {
  readonly stream: Stream;
  readonly epoch: string;
  readonly from: number;
  readonly to: number;
  readonly before: string;
  readonly after: string;
  readonly site: string;
  readonly late: boolean;
  readonly entries: readonly { readonly seq: number; readonly entry: Entry }[];
  readonly absent: readonly (readonly [number, number, string, string])[];
}

/** Media types of a payload (RFC 8259; RFC 6713 for zlib). The first byte tells which it is. */
export type ContentType = 'application/json' | 'application/zlib';

export interface EncodedBatch {
  readonly payload: Uint8Array;
  readonly contentType: ContentType;
}

/** The message as an object, signed with the gateway's key. */
export function toBatch(content: BatchContent, gateway: string, key: KeyObject): Batch {
  const { stream, epoch, from, to, before, after, site, late, entries, absent } = content;
  // What is the same in every batch stands together, and the preset dictionary begins like this.
  return {
    v: 1,
    encoding: 'columns',
    alg: 'Ed25519',
    stream,
    late,
    site,
    epoch,
    from,
    to,
    before,
    after,
    absent: absent.map(([first, last, reason, hash]) => [first, last, reason, hash]),
    records: toTables(entries.map(({ entry }) => entry)),
    signature: signSpan({ v: 1, gateway, stream, epoch, from, to, after, absent }, key),
  };
}

/** The bytes that are published: JSON text, or that text in zlib format (RFC 1950, preset dictionary) where it saves a tenth or more. */
export function encodeBatch(content: BatchContent, gateway: string, key: KeyObject): EncodedBatch {
  return encodeText(JSON.stringify(toBatch(content, gateway, key)));
}

/** Bytes that zlib is given room for at a time: most batches are smaller, and what is too much is garbage outside the heap. */
const chunkSize = 4096;

export function encodeText(json: string): EncodedBatch {
  const text = Buffer.from(json, 'utf8');
  const packed = deflateSync(text, { dictionary, chunkSize });
  return packed.length <= text.length * 0.9
    ? { payload: packed, contentType: 'application/zlib' }
    : { payload: text, contentType: 'application/json' };
}
