import { afterEach, beforeEach, expect, test } from 'vitest';
import { KeptRowsBox, rowOf } from '../../test-rigs/holding/kept-rows-box.ts';

const minute = 60_000;
let box: KeptRowsBox;

beforeEach(async () => {
  box = new KeptRowsBox();
  // The rows of these tests are handed over by hand.
  box.isReachable = false;
  await box.start();
});
afterEach(async () => {
  await box.end();
  box.remove();
});

/** Seconds since the box was started. */
const at = (seconds: number): number => Date.parse('2026-11-24T00:00:00.000+08:00') + seconds * 1000;
const take = (...rows: readonly (readonly [seq: number, seconds: number])[]): boolean =>
  box.holding.kept.take(
    'esp-1',
    rows.map(([seq, seconds]) => rowOf({ seq, at: at(seconds) })),
  );
const marked = async (): Promise<number | undefined> => (await box.store.marks())?.[0]?.seq;

test('a row of a closed minute behind one of the open minute is not had before that one', async () => {
  await box.pass(2 * minute + 10_000);
  take([1, 125], [2, 30]);
  await box.pass(20_000);
  // Its mark would speak for the first one, which a power cut may still take.
  expect(await marked()).toBeUndefined();
  await box.pass(minute);
  expect(await marked()).toBe(2);
  const { minutes } = await box.committed();
  expect([0, 2].map((n) => minutes.get(`00:0${n}`)?.average)).toEqual([2, 1]);
});

test('of two rows of open minutes the earlier one, where it comes second, waits for the other', async () => {
  await box.pass(3 * minute + 4000);
  take([1, 182], [2, 170]);
  await box.pass(20_000);
  // 00:02 was closed without the second: it is not had, and would come again.
  expect([(await box.committed()).minutes.get('00:02')?.count, await marked()]).toEqual([0, undefined]);
  await box.pass(minute);
  expect([(await box.committed()).minutes.get('00:02')?.count, await marked()]).toEqual([1, 2]);
});

test('rows that come while others of their minute are on their way go into the word behind theirs', async () => {
  await box.pass(2 * minute + 10_000);
  expect([take([1, 10]), take([2, 40]), take([3, 50])]).toEqual([true, true, true]);
  await box.pass(10_000);
  expect(await marked()).toBe(3);
  const { minutes } = await box.committed();
  expect(minutes.get('00:00')).toMatchObject({ count: 3, average: 2 });
});

test('what cannot be asked of the store has to come again, with all that waits behind it', async () => {
  await box.pass(2 * minute + 10_000);
  const forgotten: unknown[] = [];
  box.holding.kept.listen({ had: () => undefined, forgotten: (_, upTo) => forgotten.push(upTo) });
  box.saidFails = true;
  take([1, 10]);
  take([2, 40]);
  await box.pass(10_000);
  expect([forgotten, await marked()]).toEqual([[null], undefined]);
  box.saidFails = false;
  take([1, 10], [2, 40]);
  await box.pass(10_000);
  expect(await marked()).toBe(2);
  expect((await box.committed()).minutes.get('00:00')).toMatchObject({ count: 2, average: 1.5 });
});
