import type { Entry } from '../record/record.ts';
import type { SeqRanges } from '../record/seq-set.ts';
import type { Span } from './port.ts';
import type { StoredSpan } from './worker-messages.ts';

/**
 * A span on its way between the threads: all entries as one JSON array, which costs a fraction of a message with a text
 * each, and the sequence numbers that they have.
 */
export type SentSpan = Omit<StoredSpan, 'entries'> & { readonly entries: string; readonly seqs: SeqRanges };

/** Packs a span for the way. */
export function packSpan({ entries, ...span }: StoredSpan): SentSpan {
  const seqs: [number, number][] = [];
  for (const { seq } of entries) {
    const range = seqs.at(-1);
    if (range !== undefined && range[1] === seq - 1) range[1] = seq;
    else seqs.push([seq, seq]);
  }
  return { ...span, entries: `[${entries.map(({ text }) => text).join(',')}]`, seqs };
}

/** The span as it was packed. Throws when its texts are not one entry each: the store reads only what it wrote. */
export function unpackSpan({ entries: text, seqs, ...span }: SentSpan): Span {
  const read: Entry[] = JSON.parse(text);
  const entries: { seq: number; entry: Entry }[] = [];
  for (const [first, last] of seqs) {
    for (let seq = first; seq <= last; seq++) {
      const entry = read[entries.length];
      if (entry !== undefined) entries.push({ seq, entry });
    }
  }
  const expected = seqs.reduce((sum, [first, last]) => sum + last - first + 1, 0);
  if (entries.length !== expected || read.length !== expected) {
    throw new Error(`${read.length} entries where ${expected} are kept`);
  }
  return { ...span, entries };
}
