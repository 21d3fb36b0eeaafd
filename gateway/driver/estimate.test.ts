import { expect, test } from 'vitest';
import { builtInProfiles, loadCatalogue } from '../../device-profiles/catalogue.ts';
import { profileWith } from '../../test-rigs/links/line-scene.ts';
import { estimateLine } from './estimate.ts';
import type { Instrument } from './instrument.ts';
import { instrumentSettings } from './settings.ts';

const catalogue = loadCatalogue({ directories: [builtInProfiles] });

function instrument(profile: string, every: string): Instrument {
  const settings = instrumentSettings.parse({ id: 'a', profile, link: 'l', every, point: 'p' });
  return { settings, profile: catalogue.find(profile)?.profile as Instrument['profile'], origin: 'measured' };
}

test('the line time of one poll is its bytes, the silences, and a turn-around', () => {
  // One request for registers 4 to 9: 8 bytes out, 17 back, at 10 bits a character.
  const { instruments, needed } = estimateLine(10_000 / 9600, [instrument('jxct/jxbs-3001-pm', '4s')]);
  const expected = 25 * (10_000 / 9600) + 7 * (10_000 / 9600) + 20;
  expect(instruments[0]).toMatchObject({ requests: 1, points: 2, every: 4000 });
  expect(instruments[0]?.milliseconds).toBeCloseTo(expected);
  expect(needed).toBeCloseTo(expected / 4000);
});

test('a slow line with eager meters is asked for more than it can carry', () => {
  const meters = Array.from({ length: 3 }, () => instrument('eastron/sdm630', '1s'));
  expect(estimateLine(10_000 / 2400, meters).needed).toBeGreaterThan(3);
  expect(estimateLine(10_000 / 115_200, meters).needed).toBeLessThan(1);
});

test('what is read less often takes less of the line: slow points by their share, those read once none of it', () => {
  const need = (cadence: string): number => {
    const points = [{ id: 'a', factor: 'current', functionCode: 3, register: 0, type: 'u16', cadence }];
    const settings = instrumentSettings.parse({ id: 'a', profile: 'x/y', link: 'l', every: '2s', point: 'p' });
    return estimateLine(1, [{ settings, profile: profileWith(0, { points }), origin: 'measured' }]).needed;
  };
  expect(need('slow')).toBeCloseTo(need('fast') / 30);
  expect(need('daily')).toBeCloseTo(need('fast') / 43_200);
  expect(need('once')).toBe(0);
});

test('points of two cadences beside each other are two requests, each counted by its share', () => {
  const points = [0, 1, 2].map((register) => ({
    ...{ id: `r${register}`, factor: 'current', functionCode: 3, register, type: 'u16' },
    cadence: register === 1 ? 'slow' : 'fast',
  }));
  const settings = instrumentSettings.parse({ id: 'a', profile: 'x/y', link: 'l', every: '2s', point: 'p' });
  const [demand] = estimateLine(1, [{ settings, profile: profileWith(0, { points }), origin: 'measured' }]).instruments;
  const time = (registers: number): number => 13 + 2 * registers + 2 * 3.5 + 20;
  expect(demand).toMatchObject({ requests: 2, points: 3 });
  expect(demand?.milliseconds).toBeCloseTo(time(3) + time(1) / 30);
});

test('the silence that an instrument wants before its requests takes the place of the usual one', () => {
  const need = (limits: object): number => {
    const settings = instrumentSettings.parse({ id: 'a', profile: 'x/y', link: 'l', every: '1s', point: 'p' });
    return estimateLine(1, [{ settings, profile: profileWith(1, { limits }), origin: 'measured' }]).needed;
  };
  expect(need({ turnAroundMs: 2 })).toBe(need({}));
  expect(need({ turnAroundMs: 103 }) - need({})).toBeCloseTo((103 - 3.5) / 1000);
});

test('a sensor that talks unasked takes no turns', () => {
  expect(estimateLine(10_000 / 9600, [instrument('plantower/pms5003', '1s')]).needed).toBe(0);
});
