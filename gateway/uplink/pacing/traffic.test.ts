import { expect, test } from 'vitest';
import { SimulatedClock } from '../../../test-rigs/surroundings/simulated-clock.ts';
import { LocalTime } from '../../clock.ts';
import { type MonthOfTraffic, Traffic, type TrafficBook } from './traffic.ts';

const localTime = new LocalTime('Asia/Shanghai');
const day = 86_400_000;

function at(stamp: string): SimulatedClock {
  return new SimulatedClock(Date.parse(stamp));
}

function traffic(
  clock: SimulatedClock,
  limit: number | null,
  book: TrafficBook | null = null,
  keepAlive = day,
): Traffic {
  return new Traffic('district', limit, { isSecure: false, keepAlive, clock, localTime, book });
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

/** Holds what was last written, as a file would over a power cut. */
class Kept implements TrafficBook {
  last: MonthOfTraffic | null = null;
  writes = 0;
  read(): MonthOfTraffic | null {
    return this.last;
  }
  write(_: string, month: MonthOfTraffic): void {
    this.last = month;
    this.writes++;
  }
}

test('power cuts give a metered line not one byte more, and cost little of it', () => {
  const book = new Kept();
  const clock = at('2026-11-10T00:00:00+08:00');
  let sent = 0;
  for (let boots = 0; boots < 40; boots++) {
    // Each boot ends without a word.
    const line = traffic(clock, 30e6, book);
    for (let messages = 0; messages < 20; messages++) {
      line.message(800);
      sent += 800;
    }
    expect(book.last?.bytes).toBeGreaterThanOrEqual(line.month.bytes);
  }
  const counted = traffic(clock, 30e6, book).month.bytes;
  expect(counted).toBeGreaterThan(sent);
  expect(counted - sent * 1.3).toBeLessThan(40 * (30e6 / 500));
  expect(book.writes).toBeLessThan(60);
});

test('the pings of a silent line are counted, those of a time without a connection are not', async () => {
  const clock = at('2026-11-10T00:00:00+08:00');
  const line = traffic(clock, null, null, 30_000);
  const after = async (seconds: number): Promise<number> => {
    await clock.advance(seconds * 1000);
    const before = line.month.bytes;
    line.message(100);
    return line.month.bytes - before;
  };
  const bare = await after(1);
  const withPings = await after(95);
  expect(withPings).toBe(bare + 3 * 164);
  await clock.advance(3_600_000);
  line.connected();
  expect(await after(1)).toBe(bare);
});

test('a stop takes back what was written down ahead', () => {
  const book = new Kept();
  const line = traffic(at('2026-11-10T00:00:00+08:00'), 30e6, book);
  line.message(800);
  line.close();
  expect(book.last).toEqual(line.month);
});

test('a clock that begins in 1970, or jumps to another month and back, does not lose the count', async () => {
  const book = new Kept();
  const before = traffic(at('2026-11-10T00:00:00+08:00'), 30e6, book);
  before.message(5e6);
  before.close();
  const clock = at('1970-01-01T08:00:00+08:00');
  const line = traffic(clock, 30e6, book);
  line.message(1e6);
  expect(line.month.month).toBe('2026-11');
  clock.jumpWall(Date.parse('2026-11-10T01:00:00+08:00') - clock.wall());
  expect(line.month.bytes).toBeGreaterThan(6e6);
  clock.jumpWall(90 * day);
  expect(line.month).toEqual({ month: '2027-02', bytes: 0 });
  clock.jumpWall(-90 * day);
  expect(line.month.bytes).toBeGreaterThan(6e6);
});

test('a line that nobody meters lets everything through and is counted all the same', () => {
  const line = traffic(at('2026-11-10T00:00:00+08:00'), null);
  line.message(1e9);
  expect([line.allowsBacklog, line.isUsedUp]).toEqual([true, false]);
  expect(line.month.bytes).toBeGreaterThan(1e9);
});
