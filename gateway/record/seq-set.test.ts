import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SeqSet } from './seq-set.ts';

const step = fc.record({
  add: fc.boolean(),
  first: fc.integer({ min: 1, max: 40 }),
  length: fc.integer({ min: 1, max: 12 }),
});

test('ranges hold exactly the sequence numbers that were added and not taken away', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const set = new SeqSet();
      const model = new Set<number>();
      for (const { add, first, length } of steps) {
        if (add) set.add(first, first + length - 1);
        else set.delete(first, first + length - 1);
        for (let seq = first; seq < first + length; seq++) add ? model.add(seq) : model.delete(seq);
      }
      const listed = set.ranges.flatMap(([a, b]) => Array.from({ length: b - a + 1 }, (_, i) => a + i));
      expect(listed).toEqual([...model].sort((a, b) => a - b));
      expect(set.count).toBe(model.size);
      for (let seq = 1; seq < 60; seq++) expect(set.has(seq)).toBe(model.has(seq));
    }),
  );
});

test('touching ranges become one', () => {
  const set = new SeqSet([
    [1, 3],
    [7, 9],
  ]);
  set.add(4, 6);
  expect(set.ranges).toEqual([[1, 9]]);
});

test('what is missing of a stretch is named range by range', () => {
  expect(
    new SeqSet([
      [3, 4],
      [8, 20],
    ]).missingWithin(1, 10),
  ).toEqual([
    [1, 2],
    [5, 7],
  ]);
  expect(new SeqSet([[1, 10]]).missingWithin(2, 9)).toEqual([]);
  expect(new SeqSet().missingWithin(5, 6)).toEqual([[5, 6]]);
});
