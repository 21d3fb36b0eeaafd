import { expect, test } from 'vitest';
import { readMessage } from './fields.ts';
import { receiptSchema } from './receipt.ts';

const read = (receipt: object): unknown => readMessage(receiptSchema, Buffer.from(JSON.stringify(receipt)));
const least = { v: 1, stream: 'records', epoch: '1-3f9a2c71', have: [[1, 3]] };

test('a receipt that names nothing refused refuses nothing', () => {
  expect(read(least)).toEqual({ ...least, refused: [] });
});

test('a receipt says what it has: one without it is a fault', () => {
  const { have: _, ...rest } = least;
  expect(read({ ...rest, refused: [] })).toHaveProperty('fault');
});
