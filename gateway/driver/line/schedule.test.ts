import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Schedule, type Task } from './schedule.ts';

interface Job extends Task {
  readonly cost: number;
  done: number;
}

const job = (period: number, cost: number, due = 0): Job => ({ period, allowance: period, due, cost, done: 0 });

/** One worker that does what has the earliest deadline, until `end`. */
function work(schedule: Schedule, jobs: readonly Job[], begin: number, end: number): void {
  const needed = jobs.reduce((sum, { period, cost }) => sum + cost / period, 0);
  schedule.weigh({ needed, round: jobs.reduce((sum, { cost }) => sum + cost, 0) });
  let now = begin;
  while (now < end) {
    const due = jobs.filter((one) => schedule.isDue(one, now));
    const [first] = due.sort((a, b) => schedule.deadlineOf(a, 0) - schedule.deadlineOf(b, 0));
    if (!first) {
      now = Math.min(...jobs.map((one) => schedule.momentOf(one.due)));
      continue;
    }
    schedule.keep(schedule.deadlineOf(first, 0), now);
    schedule.begin(first, 0, now);
    now += first.cost;
    first.due += first.period;
    first.done += 1;
  }
}

describe('a schedule', () => {
  test('that can be kept is kept, and its time is that of the clock', () => {
    const jobs = [job(100, 30), job(150, 40), job(1000, 90)];
    const schedule = new Schedule();
    work(schedule, jobs, 0, 30_000);
    expect(jobs.map(({ done }) => done)).toEqual([300, 200, 30]);
    expect(schedule.heldBack).toBe(0);
  });

  test('that can be kept but for one long task costs only those whose time it takes', () => {
    const jobs = [job(100, 5), job(1000, 20, 30), job(4000, 350, 60)];
    const schedule = new Schedule();
    work(schedule, jobs, 0, 400_000);
    const [short, usual, long] = jobs.map(({ done, period }) => done / (400_000 / period));
    expect([usual, long]).toEqual([1, 1]);
    expect(short).toBeGreaterThan(0.9);
    expect(short).toBeLessThan(1);
  });

  test('does what has the earliest deadline first, not what waits longest', () => {
    const schedule = new Schedule();
    const slow = job(60_000, 100);
    const fast = job(1000, 100, 500);
    expect(schedule.deadlineOf(fast, 0)).toBeLessThan(schedule.deadlineOf(slow, 0));
  });

  test('that asks for too much gives every task the same share of its rate', () => {
    const task = fc.record({ period: fc.integer({ min: 50, max: 5000 }), cost: fc.integer({ min: 5, max: 200 }) });
    fc.assert(
      fc.property(fc.array(task, { minLength: 2, maxLength: 12 }), (tasks) => {
        const asked = tasks.reduce((sum, { period, cost }) => sum + cost / period, 0);
        fc.pre(asked > 1.05);
        const jobs = tasks.map(({ period, cost }) => job(period, cost));
        const span = 600_000 * asked;
        work(new Schedule(), jobs, 0, span);
        for (const { done, period } of jobs) {
          // One more or less than its share, and what the start lets run ahead.
          expect(Math.abs(done - span / period / asked)).toBeLessThanOrEqual(2 + (0.02 * span) / period / asked);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('makes up for nothing after a block, and keeps the distances between its tasks', () => {
    const jobs = [job(1000, 10), job(1000, 10, 500)];
    const schedule = new Schedule();
    work(schedule, jobs, 0, 10_000);
    const before = jobs.map(({ done }) => done);
    work(schedule, jobs, 40_000, 50_000);
    for (const [index, { done }] of jobs.entries()) expect(done - (before[index] ?? 0)).toBeLessThanOrEqual(11);
    const [first, second] = jobs.map(({ due }) => due);
    expect(Math.abs((first ?? 0) - (second ?? 0)) % 1000).toBe(500);
  });

  test('leaves out what a task missed because of its own instrument', () => {
    const schedule = new Schedule();
    const late = job(1000, 10);
    schedule.leaveOutMissed(late, 4300);
    expect(late.due).toBe(4000);
    expect(schedule.heldBack).toBe(0);
  });
});
