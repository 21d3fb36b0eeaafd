import { expect, test } from 'vitest';
import { sampleTrace } from '../../../test-rigs/surroundings/sample-trace.ts';
import type { TracePicture } from '../../http/picture.ts';
import { joined, mostShown } from './trace-feed.ts';

const [one] = sampleTrace();

function trace(numbers: readonly number[], startedAt = '2026-11-24T05:58:00.000+08:00'): TracePicture {
  const transactions = numbers.flatMap((number) => (one === undefined ? [] : [{ ...one, number }]));
  return { link: 'rs485-1', startedAt, total: numbers.at(-1) ?? 0, overwritten: 0, transactions };
}

const numbersOf = ({ transactions }: TracePicture): number[] => transactions.map(({ number }) => number);

test('what is told now comes behind what was known', () => {
  expect(numbersOf(joined(trace([1, 2]), trace([3, 4])))).toEqual([1, 2, 3, 4]);
  expect(numbersOf(joined(trace([1, 2]), trace([])))).toEqual([1, 2]);
  expect(numbersOf(joined(null, trace([7])))).toEqual([7]);
});

test('only the newest are kept', () => {
  const known = trace(Array.from({ length: mostShown }, (_, at) => at + 1));
  expect(numbersOf(joined(known, trace([mostShown + 1, mostShown + 2])))).toEqual(
    Array.from({ length: mostShown }, (_, at) => at + 3),
  );
});

test('after a restart of the gateway nothing of the run before is kept', () => {
  expect(numbersOf(joined(trace([1, 2]), trace([1], '2026-11-24T12:00:00.000+08:00')))).toEqual([1]);
});
