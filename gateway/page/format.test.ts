import { expect, test } from 'vitest';
import { bytesText, dash, durationText, laterTimeOfDay, timeOfDay, valueText } from './format.ts';
import { en } from './words/en.ts';
import { zh } from './words/zh.ts';

test('a missing value is a dash, never 0', () => {
  expect(valueText(null, 1)).toBe(dash);
  expect(valueText(0, 1)).toBe('0.0');
});

test('a value has the decimals of its factor, and a minus sign only where it is below zero as shown', () => {
  expect([valueText(86.44, 1), valueText(-3.25, 1), valueText(-0.04, 1), valueText(1234.5, 0)]).toEqual([
    '86.4',
    '−3.3',
    '0.0',
    '1235',
  ]);
});

test('a duration is told in the two units that matter', () => {
  const minutes = 60_000;
  const hours = 60 * minutes;
  const told = [
    0,
    8000,
    12 * minutes + 5000,
    6 * hours + 12 * minutes + 30_000,
    3 * 24 * hours + 4 * hours,
    hours + 9000,
  ];
  expect(told.map((time) => durationText(time, en))).toEqual([
    '0 s',
    '8 s',
    '12 min 5 s',
    '6 h 12 min',
    '3 d 4 h',
    '1 h',
  ]);
  expect(durationText(16_543 * 24 * hours + 22 * hours, en)).toBe('16,543 d');
  expect(durationText(6 * hours + 12 * minutes, zh)).toBe('6 小时 12 分钟');
});

test('a time of day is the gateway’s, whatever zone the phone is in, over midnight too', () => {
  expect(timeOfDay('2026-11-24T11:45:33.320+08:00')).toBe('11:45:33');
  expect(laterTimeOfDay('2026-11-24T23:59:58.000+08:00', 3000)).toBe('00:00:01');
});

test('bytes are told in the unit that fits', () => {
  expect([999, 1500, 18_432_000, 251_402].map(bytesText)).toEqual(['999 B', '1.5 kB', '18.4 MB', '251 kB']);
});
