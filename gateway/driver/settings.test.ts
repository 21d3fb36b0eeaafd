import { describe, expect, test } from 'vitest';
import { duration } from '../duration.ts';
import { instrumentSettings } from './settings.ts';

describe('a length of time', () => {
  test.each([
    ['500ms', 500],
    ['4s', 4000],
    ['1.5s', 1500],
    ['1min', 60_000],
    ['2h', 7_200_000],
  ])('%s is %i ms', (text, milliseconds) => {
    expect(duration.parse(text)).toBe(milliseconds);
  });

  test.each(['4', 's', '4 s', '-1s', '1d', '1..5s', '4S', ''])('%j is none', (text) => {
    expect(duration.safeParse(text).success).toBe(false);
  });
});

describe('an instrument of the site file', () => {
  const entry = { id: 'dust-1', profile: 'jxct/jxbs-3001-pm', link: 'rs485-1', address: 1, every: '4s', point: 'gate' };
  const fault = (more: object): string | undefined => {
    const result = instrumentSettings.safeParse({ ...entry, ...more });
    return result.success ? undefined : `${result.error.issues[0]?.path.join('.')}: ${result.error.issues[0]?.message}`;
  };

  test('is taken as the design shows it', () => {
    expect(instrumentSettings.parse({ ...entry, serial: 'A1', expectedSamples: 12 })).toEqual({
      ...entry,
      serial: 'A1',
      expectedSamples: 12,
      every: 4000,
    });
    const channels = { '1': 'fan', '2': 'purifier' };
    expect(instrumentSettings.parse({ ...entry, point: undefined, channels }).channels).toEqual(channels);
  });

  test.each<[object, string]>([
    [{ every: '10ms' }, 'every: must be from 100ms to 24h'],
    [{ every: '4' }, 'every: must be a number and a unit: 500ms, 4s, 1min or 2h'],
    [{ point: undefined }, 'point: is missing: name the monitoring point, or map channels to points'],
    [{ id: 'Dust 1' }, 'id: must be lower-case letters, digits, dots, underscores or hyphens'],
  ])('%j is a fault that says what to write', (more, message) => {
    expect(fault(more)).toBe(message);
  });

  test.each([{ address: 0 }, { address: 256 }, { adress: 3 }, { expectedSamples: 0 }])('%j is a fault', (more) => {
    expect(fault(more)).toBeTypeOf('string');
  });
});
