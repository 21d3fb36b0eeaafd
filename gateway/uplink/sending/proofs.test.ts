import { expect, test } from 'vitest';
import { MemoryStore } from '../../../test-rigs/surroundings/memory-store.ts';
import { minuteRecord } from '../../../test-rigs/surroundings/sample-records.ts';
import { SimulatedClock } from '../../../test-rigs/surroundings/simulated-clock.ts';
import type { Receipt } from '../../contract/receipt.ts';
import { InFlight } from '../in-flight.ts';
import { provenPart } from './proofs.ts';

const store = new MemoryStore({ gateway: 'zl-0001', clock: new SimulatedClock() });
const hashes: string[] = [];
for (let n = 1; n <= 6; n++) hashes.push((await store.append(minuteRecord(n))).hash);
const [ours, foreign] = [(seq: number): string => hashes[seq - 1] ?? '', 'ab'.repeat(32)];
const receipt: Receipt = {
  v: 1,
  stream: 'records',
  epoch: store.epoch,
  have: [
    [1, 2],
    [4, 5],
  ],
  refused: [[6, 'unknown point']],
};

test('a receipt that tells no hashes counts as it is, and so does one whose hashes are those of what is on its way', () => {
  const inFlight = new InFlight();
  expect(provenPart(receipt, inFlight, store)).toBe(receipt);
  for (const [from, to] of receipt.have) {
    inFlight.begin({ stream: 'records', epoch: store.epoch, from, to, after: ours(to) }, 100, false);
  }
  const told = { ...receipt, hashes: [ours(2), ours(5)] };
  expect(provenPart(told, inFlight, store)).toBe(told);
  const unknown = { ...receipt, hashes: [null, ours(5)] };
  expect(provenPart(unknown, inFlight, store)).toBe(unknown);
});

test('a range under another hash than ours does not count, nor does what else the receipt refuses', async () => {
  const inFlight = new InFlight();
  inFlight.begin({ stream: 'records', epoch: store.epoch, from: 4, to: 5, after: ours(5) }, 100, false);
  const told = { ...receipt, hashes: [ours(2), foreign] };
  expect(await provenPart(told, inFlight, store)).toMatchObject({ have: [[1, 2]], refused: [] });
  expect(await provenPart({ ...receipt, hashes: [ours(2), ours(5)] }, inFlight, store)).toMatchObject(receipt);
});

test('of very many ranges the store is asked about the first 500, and the others do not count yet', async () => {
  const have = Array.from({ length: 700 }, (): [number, number] => [2, 2]);
  const told = { ...receipt, have, hashes: have.map(() => ours(2)) };
  expect((await provenPart(told, new InFlight(), store))?.have).toHaveLength(500);
});

test('the first sixteen digits of a hash tell as much as all of it, of what is on its way and of what the store holds', async () => {
  const inFlight = new InFlight();
  inFlight.begin({ stream: 'records', epoch: store.epoch, from: 4, to: 5, after: ours(5) }, 100, false);
  const short = (hash: string): string => hash.slice(0, 16);
  const told = { ...receipt, hashes: [short(ours(2)), short(ours(5))] };
  expect(await provenPart(told, inFlight, store)).toMatchObject(receipt);
  const other = { ...receipt, hashes: [short(foreign), short(ours(5))] };
  expect(await provenPart(other, inFlight, store)).toMatchObject({ have: [[4, 5]], refused: [] });
});
