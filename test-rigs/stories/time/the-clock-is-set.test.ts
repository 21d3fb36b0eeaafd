import { expect, test } from 'vitest';
import { minutesBetween, minutesOf, received } from '../received.ts';
import { SimulatedSite } from '../simulated-site.ts';
import { expectEveryLabel } from './every-label.ts';

const minute = 60_000;
const at = (time: string): string => `2026-11-24T${time}.000+08:00`;
const series = [
  ['dust-1', 'pm2.5'],
  ['dust-2', 'pm10'],
  ['particles-1', 'pm2.5'],
] as const;

/** Five minutes and a half, then somebody sets the clock, then so much longer. */
async function clockSet(by: number, longer: number): Promise<SimulatedSite> {
  const site = await SimulatedSite.start();
  await site.clock.advance(5.5 * minute);
  site.clock.jumpWall(by);
  await site.clock.advance(longer);
  await site.drained();
  return site;
}

/** The words about jumps in the record: by how many seconds. */
function jumps(site: SimulatedSite): number[] {
  const audits = received(site.platform, 'audit').filter(({ entry }) => entry.action === 'clock-jumped');
  return audits.map(({ entry }) => {
    const { expected, found } = entry.details as { expected: string; found: string };
    return Math.round((Date.parse(found) - Date.parse(expected)) / 1000);
  });
}

test('set forward by ten minutes: no minute is lost, those that were jumped over are empty', async () => {
  await using site = await clockSet(10 * minute, 5 * minute);
  expectEveryLabel(site);
  for (const [point, factor] of series) {
    const minutes = minutesOf(site.platform, point, factor);
    expect(minutes.map(({ from }) => from)).toEqual(minutesBetween(at('00:00:00'), at('00:20:00')));
    for (const one of minutes.slice(6, 15)) expect(one).toMatchObject({ average: null, count: 0, flag: 'B' });
    expect(minutes.slice(16).map(({ flag }) => flag)).toEqual(['N', 'N', 'N', 'N']);
  }
  expect(jumps(site)).toEqual([600]);
});

test('set back by ten minutes: no minute is lost, and what is said again is a higher revision of the same minute', async () => {
  await using site = await clockSet(-10 * minute, 20 * minute);
  expectEveryLabel(site);
  for (const [point, factor] of series) {
    const minutes = minutesOf(site.platform, point, factor);
    const words = minutes.map(({ from, revision }) => `${from} ${revision}`);
    expect(new Set(words).size).toBe(words.length);
    const holds = new Map(minutes.map((one) => [one.from, one]));
    expect([...holds.keys()].sort()).toEqual(minutesBetween('2026-11-23T23:55:00.000+08:00', at('00:15:00')));
    // The first five were said before; all others are said for the first time.
    const again = minutes.filter(({ revision }) => revision === 2).map(({ from }) => from);
    expect(again).toEqual(minutesBetween(at('00:00:00'), at('00:05:00')));
    // Only the minute in whose midst the clock fell is not whole.
    const [first, ...others] = minutes.slice(5);
    expect(first).toMatchObject({ from: '2026-11-23T23:55:00.000+08:00', reason: 'clock-jumped' });
    expect(others.every(({ flag }) => flag === 'N')).toBe(true);
  }
  expect(jumps(site)).toEqual([-600]);
});

test('set forward by a day: one gap in place of a row of empty minutes', async () => {
  await using site = await clockSet(24 * 60 * minute, 5 * minute);
  expectEveryLabel(site);
  const gaps = received(site.platform, 'gap').map(({ entry }) => entry);
  expect(gaps).toHaveLength(1);
  for (const [point, factor] of series) {
    const minutes = minutesOf(site.platform, point, factor).map(({ from }) => from);
    const before = minutes.filter((from) => from < (gaps[0]?.from ?? ''));
    const after = minutes.filter((from) => from >= (gaps[0]?.to ?? ''));
    expect([...before, ...after]).toEqual(minutes);
    expect(before).toEqual(minutesBetween(at('00:00:00'), gaps[0]?.from ?? ''));
    expect(after).toEqual(minutesBetween(gaps[0]?.to ?? '', '2026-11-25T00:10:00.000+08:00'));
  }
  expect(jumps(site)).toEqual([86_400]);
});
