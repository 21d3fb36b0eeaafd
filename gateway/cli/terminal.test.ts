import { expect, test } from 'vitest';
import { cut } from './terminal.ts';

test.each<[string, number, string]>([
  ['address 12', 80, 'address 12'],
  ['address 12', 7, 'address'],
  ['地址 12', 5, '地址 '],
  ['地址 12', 3, '地'],
  ['address 12', 0, ''],
  ['address 12', -1, ''],
])('%j on a terminal with room for %i columns is %j', (text, columns, shown) => {
  expect(cut(text, columns)).toBe(shown);
});
