import type { KeyObject } from 'node:crypto';
import { limits } from '../contract/batch.ts';
import { encodeBatch } from '../contract/encode.ts';
import { followChain } from '../contract/verify.ts';
import type { Span } from '../store/port.ts';

/** A private Ed25519 key, or who knows the one in force. */
export type SigningKey = KeyObject | (() => KeyObject);

/** One batch, ready to be published. */
export interface ReadyBatch {
  readonly span: Span;
  readonly payload: Uint8Array;
  readonly late: boolean;
}

/** What became of a span: a batch from its beginning, and what did not fit. `tooLarge`: its first entry alone is over the cap. */
type Cut =
  | { readonly batch: ReadyBatch; readonly rest: Span | null }
  | { readonly tooLarge: number; readonly bytes: number; readonly rest: Span | null };

/** Makes signed batches of spans, each at most so many entries and bytes. */
export class Batcher {
  readonly #gateway: string;
  readonly #key: () => KeyObject;

  /** `key` is asked for every batch: the newest one signs. */
  constructor(gateway: string, key: SigningKey) {
    this.#gateway = gateway;
    this.#key = typeof key === 'function' ? key : () => key;
  }

  /** A batch of as many of the span's first entries as fit into `maximumBytes` of payload. */
  cut(span: Span, late: boolean, maximumEntries: number, maximumBytes: number): Cut {
    for (let entries = Math.min(span.entries.length, maximumEntries, limits.entries); ; ) {
      const [head, rest] = split(span, entries);
      const { payload } = encodeBatch({ ...head, late }, this.#gateway, this.#key());
      if (payload.byteLength <= maximumBytes || head.entries.length === 0) {
        return { batch: { span: head, payload, late }, rest };
      }
      const [first] = head.entries;
      if (entries <= 1 && first !== undefined) return { tooLarge: first.seq, bytes: payload.byteLength, rest };
      entries = Math.max(1, Math.min(entries >>> 1, Math.floor((entries * maximumBytes) / payload.byteLength)));
    }
  }
}

/** Parts a span after so many entries. What is absent right after the last of them stays with the second part. */
function split(span: Span, entries: number): [Span, Span | null] {
  const next = span.entries[entries];
  if (next === undefined) return [span, null];
  const kept = span.entries.slice(0, entries);
  const to = kept.at(-1)?.seq ?? next.seq - 1;
  const early = span.absent.filter(([, last]) => last <= to);
  const after = followChain({ before: span.before, entries: kept, absent: early }).after;
  const head: Span = { ...span, to, after, entries: kept, absent: early };
  const tail: Span = {
    ...span,
    from: to + 1,
    before: after,
    entries: span.entries.slice(entries),
    absent: span.absent.filter(([first]) => first > to),
  };
  return [head, tail];
}
