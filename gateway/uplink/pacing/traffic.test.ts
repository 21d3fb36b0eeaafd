import { expect, test } from 'vitest';
import { SimulatedClock } from '../../../test-rigs/surroundings/simulated-clock.ts';
import { LocalTime } from '../../clock.ts';
import { type MonthOfTraffic, Traffic, type TrafficBook } from './traffic.ts';

const localTime = new LocalTime('Asia/Shanghai');
const day = 86_400_000;

function at(stamp: string): SimulatedClock {
  return new SimulatedClock(Date.parse(stamp));
}

function traffic(clock: SimulatedClock, limit: number | null, book: TrafficBook | null = null): Traffic {
  return new Traffic('district', limit, { isSecure: false, clock, localTime, book });
}

test('the backlog keeps to an even course through the month, with a head start and something left at its end', async () => {
  const clock = at('2026-11-01T00:00:00+08:00');
  const line = traffic(clock, 30e6);
  let backlog = 0;
  const course: number[] = [];
  for (let today = 1; today <= 30; today++) {
    for (let minute = 0; minute < 1440; minute += 10) {
      for (let batches = 0; batches < 100 && line.allowsBacklog; batches++) {
        line.message(20_000);
        backlog += 20_000;
      }
      await clock.advance(600_000);
    }
    course.push(line.month.month === '2026-11' ? line.month.bytes / 30e6 : Number.NaN);
  }
  expect(course[0]).toBeLessThan(0.15);
  expect(course[14]).toBeGreaterThan(0.5);
  expect(course[14]).toBeLessThan(0.62);
  expect(course[28]).toBeLessThan(0.96);
  expect(backlog).toBeGreaterThan(25e6);
});

test("a new month begins at the site's midnight, from 0", async () => {
  const clock = at('2026-11-30T23:59:00+08:00');
  const line = traffic(clock, 1000);
  line.message(5000);
  expect(line.isUsedUp).toBe(true);
  await clock.advance(60_000);
  expect(line.month).toEqual({ month: '2026-12', bytes: 0 });
  expect(line.isUsedUp).toBe(false);
});

test('a restart goes on counting, and a month that is over is not carried along', async () => {
  let kept: MonthOfTraffic | null = null;
  const book: TrafficBook = {
    read: () => kept,
    write: (_, month) => {
      kept = month;
    },
  };
  const clock = at('2026-11-10T00:00:00+08:00');
  const first = traffic(clock, null, book);
  first.message(5000);
  first.keep();
  expect(traffic(clock, null, book).month.bytes).toBe(first.month.bytes);
  await clock.advance(30 * day);
  expect(traffic(clock, null, book).month.bytes).toBe(0);
});

test('a line that nobody meters lets everything through and is counted all the same', () => {
  const line = traffic(at('2026-11-10T00:00:00+08:00'), null);
  line.message(1e9);
  expect([line.allowsBacklog, line.isUsedUp]).toEqual([true, false]);
  expect(line.month.bytes).toBeGreaterThan(1e9);
});
