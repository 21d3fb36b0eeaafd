import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { account, KeptRowsBox } from '../../test-rigs/holding/kept-rows-box.ts';

const minute = 60_000;
const boxes: KeptRowsBox[] = [];

function open(every = minute): KeptRowsBox {
  const box = new KeptRowsBox(every);
  boxes.push(box);
  return box;
}
afterEach(() => {
  for (const box of boxes.splice(0)) box.remove();
});

test('a row of the open minute is had when the minute is closed, and not before', async () => {
  const box = open();
  await box.start();
  await box.pass(minute + 7000);
  expect([box.taken, box.had]).toEqual([1, 0]);
  await box.pass(2000);
  expect(box.had).toBe(1);
  const { minutes, records } = await box.committed();
  expect(minutes.get('00:00')).toMatchObject({ average: 1, count: 1, flag: 'N', revision: 1 });
  expect(records.some((one) => one.kind === 'event')).toBe(false);
  await box.end();
});

test('after three hours away every minute is revised by the row that was measured in it, once, with an event before', async () => {
  const box = open();
  await box.start();
  await box.pass(2 * minute + 10_000);
  box.isReachable = false;
  await box.pass(180 * minute);
  box.isReachable = true;
  await box.pass(2 * minute);
  const { records, minutes, sampled } = await box.committed();
  account(box, minutes, sampled);
  expect(box.had).toBeGreaterThan(180);
  const away = [...minutes.values()].filter(({ revision }) => revision === 2);
  expect(away).toHaveLength(180);
  expect(away.every(({ flag, expected }) => flag === 'N' && expected === 1)).toBe(true);
  const events = records.flatMap((one) => (one.kind === 'event' ? [one] : []));
  expect(events[0]).toMatchObject({ event: 'late-readings', instrument: 'dust-2', details: { readings: 12 } });
  const told = events.reduce((sum, { details }) => sum + (details as { readings: number }).readings, 0);
  expect(told).toBe(180);
  const place = records.findIndex((one) => one.kind === 'minute' && one.revision === 2);
  expect(records.slice(0, place).filter((one) => one.kind === 'event')).toHaveLength(1);
  await box.end();
});

test('what was measured while no gateway ran is the first record of its minutes, within the gap', async () => {
  const box = open();
  await box.start();
  await box.pass(3 * minute + 30_000);
  await box.end();
  box.isRunning = false;
  await box.pass(20 * minute);
  await box.start();
  await box.pass(3 * minute);
  const { records, minutes, sampled } = await box.committed();
  account(box, minutes, sampled);
  expect(records.filter((one) => one.kind === 'gap')).toHaveLength(1);
  // The gap was the first word.
  expect(minutes.get('00:10')).toMatchObject({ count: 1, flag: 'N', revision: 2 });
  await box.end();
});

test('power cuts before and after any delivery, outages and restarts lose no row and count none twice', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          away: fc.integer({ min: 0, max: 400 }),
          cut: fc.constantFrom('before' as const, 'after' as const, null),
          rest: fc.integer({ min: 5, max: 200 }),
        }),
        { minLength: 2, maxLength: 4 },
      ),
      fc.constantFrom(20_000, 30_000, 60_000),
      async (steps, every) => {
        const box = open(every);
        await box.start();
        for (const { away, cut, rest } of steps) {
          box.isReachable = away % 3 === 0;
          await box.pass(away * 1000);
          box.isReachable = true;
          box.cut = cut;
          await box.pass(200_000);
          if (box.isDead) {
            await box.kill();
            await box.pass(rest * 1000);
            await box.start();
          }
          box.cut = null;
        }
        await box.pass(4 * minute);
        const { minutes, sampled } = await box.committed();
        account(box, minutes, sampled);
        expect(box.had).toBeGreaterThanOrEqual(box.made.length - Math.ceil((2 * minute) / every));
        await box.end();
      },
    ),
    { numRuns: 3 },
  );
});

test('a minute that has ended is said when the gateway stops, though it would have waited for more', async () => {
  const box = open();
  await box.start();
  // Its second minute ended 4 s ago, and the row of it is there.
  await box.pass(2 * minute + 4000);
  expect(box.had).toBe(1);
  await box.end();
  box.isRunning = false;
  await box.start();
  await box.pass(2 * minute);
  const { records, minutes, sampled } = await box.committed();
  account(box, minutes, sampled);
  expect(minutes.get('00:01')).toMatchObject({ count: 1, flag: 'N', revision: 1 });
  expect(records.filter(({ kind }) => kind === 'gap')).toEqual([]);
  await box.end();
});

test('what is in open minutes when the clock is set back is forgotten, so that it comes again under its right time', async () => {
  const box = open(20_000);
  await box.start();
  await box.pass(3 * minute + 30_000);
  expect([box.taken, box.had]).toEqual([10, 9]);
  box.clock.jumpWall(-2 * minute);
  box.site.look();
  expect([box.taken, box.had]).toEqual([9, 9]);
  const again = box.made.splice(9).map((row) => ({ ...row, at: row.at - 2 * minute }));
  box.made.push(...again);
  await box.pass(3 * minute);
  const { sampled } = await box.committed();
  expect(new Set(sampled).size).toBe(sampled.length);
  expect(sampled).toHaveLength(box.had);
  await box.end();
});

test('and comes again where the clock falls into a minute that keeps what was said of it', async () => {
  const box = open(20_000);
  await box.start();
  await box.pass(5 * minute + 30_000);
  box.clock.jumpWall(-3 * minute);
  box.site.look();
  // What it still has it tells by the other time.
  const kept = box.made.splice(box.had).map((row) => ({ ...row, at: row.at - 3 * minute }));
  box.made.push(...kept);
  await box.pass(minute);
  // By now 00:03 is open, which was said before; a row of its 10th second is in it.
  const { taken } = box;
  box.clock.jumpWall(-5000);
  box.site.look();
  expect([box.taken < taken, box.had]).toEqual([true, box.taken]);
  await box.end();
});
