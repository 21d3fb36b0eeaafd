import { expect, test } from 'vitest';
import { transaction } from '../../../test-rigs/surroundings/sample-transactions.ts';
import { ringSize, TraceRing } from './trace-ring.ts';

test('a transaction comes back as it was told, with what was null still null', () => {
  const ring = new TraceRing('rs485-1');
  const asked = transaction({ sent: Uint8Array.of(1, 3, 0, 0, 0, 2, 0xc4, 0x0b), firstByte: 12.25, late: 3 });
  const unasked = transaction({ address: null, expected: null, firstByte: null, received: new Uint8Array() });
  ring.add(asked);
  ring.add(unasked);
  expect(ring.newest(10)).toEqual([
    { number: 1, transaction: asked },
    { number: 2, transaction: unasked },
  ]);
});

test('past its size the oldest are overwritten, and it tells how many', () => {
  const ring = new TraceRing('rs485-1');
  for (let number = 1; number <= ringSize + 30; number++) ring.add(transaction({ bytesSent: number }));
  const held = ring.newest(Number.POSITIVE_INFINITY);
  expect([ring.total, ring.overwritten, held.length]).toEqual([ringSize + 30, 30, ringSize]);
  expect(held.map(({ number }) => number)).toEqual(Array.from({ length: ringSize }, (_, at) => at + 31));
  expect(held.every(({ number, transaction: { bytesSent } }) => number === bytesSent)).toBe(true);
});

test('those after a number come newest last, at most as many as asked for', () => {
  const ring = new TraceRing('rs485-1');
  for (let number = 1; number <= 10; number++) ring.add(transaction());
  const numbers = (limit: number, after: number): number[] => ring.newest(limit, after).map(({ number }) => number);
  expect([numbers(3, 0), numbers(3, 9), numbers(3, 10)]).toEqual([[8, 9, 10], [10], []]);
});

test('what it holds does not change when the buffer it was told from is used again', () => {
  const ring = new TraceRing('rs485-1');
  const buffer = Uint8Array.of(1, 2, 3);
  ring.add(transaction({ received: buffer }));
  buffer.fill(0xff);
  expect(ring.newest(1)[0]?.transaction.received).toEqual(Uint8Array.of(1, 2, 3));
});

test('of longer messages the first 64 bytes are held', () => {
  const ring = new TraceRing('rs485-1');
  ring.add(transaction({ received: new Uint8Array(70).fill(7) }));
  ring.add(transaction({ received: Uint8Array.of(9) }));
  expect(ring.newest(2).map(({ transaction: { received } }) => received.length)).toEqual([64, 1]);
});
