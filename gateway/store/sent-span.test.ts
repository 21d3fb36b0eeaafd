import { expect, test } from 'vitest';
import type { Entry } from '../record/record.ts';
import { packSpan, unpackSpan } from './sent-span.ts';
import type { StoredSpan } from './worker-messages.ts';

const texts = ['{"kind":"a","note":"],[\\"{}"}', '{"kind":"b"}', '{"kind":"c","n":[1,2]}', '{"kind":"d"}'];
const seqs = [3, 4, 8, 9];
const span: StoredSpan = {
  ...{ stream: 'records', epoch: '1-aaaaaaaa', from: 3, to: 9, before: '00', after: 'ff', site: 's', committedAt: 7 },
  entries: texts.map((text, i) => ({ seq: seqs[i] ?? 0, text })),
  absent: [[5, 7, 'expired', 'ee']],
};

test('a span comes over the thread as it was, each entry at its own seq around what is absent', () => {
  const entries = texts.map((text, i) => ({ seq: seqs[i], entry: JSON.parse(text) as Entry }));
  expect(packSpan(span).seqs).toEqual([
    [3, 4],
    [8, 9],
  ]);
  expect(unpackSpan(packSpan(span))).toEqual({ ...span, entries });
});

test('a span of which all is absent comes over as well', () => {
  const nothing = { ...span, entries: [] };
  expect(unpackSpan(packSpan(nothing))).toEqual(nothing);
});

test('a text that is not one entry is a fault and moves no other entry to another seq', () => {
  const two = { ...span, entries: span.entries.map((one, i) => (i === 1 ? { ...one, text: '{},{}' } : one)) };
  expect(() => unpackSpan(packSpan(two))).toThrow('5 entries where 4 are kept');
});
