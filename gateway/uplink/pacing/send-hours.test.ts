import { expect, test } from 'vitest';
import { LocalTime, type WallTime } from '../../clock.ts';
import { SendHours } from './send-hours.ts';

const at = (stamp: string): WallTime => Date.parse(stamp) as WallTime;
const china = new LocalTime('Asia/Shanghai');

test('a night goes over midnight, its first minute in and its last one out', () => {
  const hours = new SendHours(['22:00-06:00'], china);
  for (const time of ['22:00:00', '23:59:59', '00:00:00', '05:59:59']) {
    expect(hours.isOpen(at(`2026-11-24T${time}+08:00`)), time).toBe(true);
  }
  for (const time of ['06:00:00', '12:00:00', '21:59:59']) {
    expect(hours.isOpen(at(`2026-11-24T${time}+08:00`)), time).toBe(false);
    expect(hours.opensAt(at(`2026-11-24T${time}+08:00`))).toBe('22:00');
  }
});

test('of several stretches the next one is named, and none while one is open', () => {
  const hours = new SendHours(['12:00-13:30', '00:30-04:00'], china);
  expect(hours.opensAt(at('2026-11-24T09:00:00+08:00'))).toBe('12:00');
  expect(hours.opensAt(at('2026-11-24T13:30:00+08:00'))).toBe('00:30');
  expect(hours.opensAt(at('2026-11-24T13:29:00+08:00'))).toBeNull();
});

test('no stretch means any time', () => {
  expect(new SendHours([], china).isOpen(at('2026-11-24T09:00:00+08:00'))).toBe(true);
});

test('hours are what the wall clock of the site shows, on the days too when summer time begins and ends', () => {
  const hours = new SendHours(['01:00-03:00'], new LocalTime('Europe/Berlin'));
  // 29 March 2026: 02:00 becomes 03:00. 25 October: 03:00 becomes 02:00 again.
  expect(hours.isOpen(at('2026-03-29T00:30:00Z'))).toBe(true);
  expect(hours.isOpen(at('2026-03-29T01:00:00Z'))).toBe(false);
  expect(hours.isOpen(at('2026-10-25T00:30:00Z'))).toBe(true);
  expect(hours.isOpen(at('2026-10-25T01:30:00Z'))).toBe(true);
  expect(hours.isOpen(at('2026-10-25T02:00:00Z'))).toBe(false);
});
