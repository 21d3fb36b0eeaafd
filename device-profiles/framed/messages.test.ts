import { describe, expect, test } from 'vitest';
import { framedProfileSchema } from '../shape/framed.ts';
import { areToldApart } from './messages.ts';

const read = (message: object) =>
  framedProfileSchema.shape.messages.element.parse({ id: 'message', request: { text: '?' }, ...message });

describe('the answers of two messages', () => {
  test.each<[string, object, object, boolean]>([
    ['nothing of them is stated', {}, {}, false],
    ['they bear the same mark', { is: [{ byte: 1, bytes: '86' }] }, { is: [{ byte: 1, bytes: '86' }] }, false],
    [
      'they bear different marks at one place',
      { is: [{ byte: 1, bytes: '86' }] },
      { is: [{ byte: 1, bytes: '87' }] },
      true,
    ],
    [
      'their marks overlap in part and differ there',
      { is: [{ byte: 1, bytes: '00 86' }] },
      { is: [{ byte: 2, bytes: '87' }] },
      true,
    ],
    [
      'their marks stand at different places',
      { is: [{ byte: 1, bytes: '86' }] },
      { is: [{ byte: 2, bytes: '87' }] },
      false,
    ],
    [
      'one counts its mark from the end',
      { is: [{ byte: 1, bytes: '86' }] },
      { is: [{ byte: -2, bytes: '87' }] },
      false,
    ],
    ['only one says its length', { length: 8 }, {}, false],
    ['their lengths differ', { length: 8 }, { length: 9 }, true],
    ['the one is as long as the other when that is empty', { length: 8 }, { length: 9, emptyLength: 8 }, false],
  ])('where %s', (_, one, other, expected) => {
    expect(areToldApart(read(one), read(other))).toBe(expected);
    expect(areToldApart(read(other), read(one))).toBe(expected);
  });
});
