import { describe, expect, test } from 'vitest';
import { addressesText, inOrder, parseAddresses } from './addresses.ts';

describe('addresses as people write them', () => {
  test.each([
    ['1-5', [1, 2, 3, 4, 5]],
    ['7', [7]],
    ['3, 1,10-12', [1, 3, 10, 11, 12]],
    ['1-3,2-4', [1, 2, 3, 4]],
    ['255', [255]],
  ])('%s', (text, addresses) => {
    expect(parseAddresses(text)).toEqual(addresses);
  });

  test.each(['', '0', '0-5', '256', '5-1', '1-', '-3', 'a', '1;2', '1.5'])('%s is none', (text) => {
    expect(parseAddresses(text)).toBeUndefined();
  });

  test('are written shortest', () => {
    expect(addressesText([5, 1, 2, 3, 9])).toBe('1-3, 5, 9');
    expect(addressesText([])).toBe('');
  });
});

test('those that most profiles are delivered with come first, then upward', () => {
  expect(inOrder([1, 2, 3, 11, 16], [16, 1, 11, 11, undefined, 1, 1])).toEqual([1, 11, 16, 2, 3]);
});
