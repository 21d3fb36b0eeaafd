import { expect, test } from 'vitest';
import { minutesBetween, minutesOf, received, samplesOf } from '../received.ts';
import { SimulatedSite } from '../simulated-site.ts';

const minute = 60_000;
const at = (time: string): string => `2026-11-24T${time}.000+08:00`;

/** Five minutes with everything on, ten with one of two slaves off, five with it on again. */
async function tenMinutesOff(): Promise<SimulatedSite> {
  const site = await SimulatedSite.start();
  await site.clock.advance(5 * minute);
  site.wiring.slave('dust-1').on = false;
  await site.clock.advance(10 * minute);
  site.wiring.slave('dust-1').on = true;
  await site.clock.advance(5 * minute + 2000);
  await site.drained();
  return site;
}

test('the minutes of a slave that is switched off go on, empty, and say that it does not answer', async () => {
  await using site = await tenMinutesOff();
  for (const factor of ['pm2.5', 'pm10']) {
    const minutes = minutesOf(site.platform, 'dust-1', factor);
    expect(minutes.map(({ from }) => from)).toEqual(minutesBetween(at('00:00:00'), at('00:20:00')));
    const nothing = { average: null, minimum: null, maximum: null, count: 0, expected: 15 };
    for (const off of minutes.slice(5, 15)) {
      expect(off).toMatchObject({ ...nothing, flag: 'B', reason: 'no-answer', basis: 'observed' });
    }
    for (const on of [...minutes.slice(0, 5), ...minutes.slice(15)]) {
      expect(on).toMatchObject({ flag: 'N', reason: null, average: expect.any(Number) });
    }
  }
  const whileOff = samplesOf(site.platform, 'dust-1').filter(
    (one) => one.at > Date.parse(at('00:05:00')) && one.at < Date.parse(at('00:15:00')),
  );
  expect(whileOff.length).toBeGreaterThan(200);
  expect(whileOff.every(({ value, flag }) => value === null && flag === 'B')).toBe(true);
});

test('its neighbours lose nothing by it', async () => {
  await using site = await tenMinutesOff();
  for (const point of ['dust-2', 'particles-1']) {
    const minutes = minutesOf(site.platform, point, 'pm10');
    expect(minutes).toHaveLength(20);
    // In its first half minute a particle sensor warms up.
    const whole = minutes.slice(1).filter(({ flag, count }) => flag === 'N' && count === 15);
    expect(whole).toHaveLength(19);
  }
});

test('when it stopped and when it came back stand in the record', async () => {
  await using site = await tenMinutesOff();
  const states = received(site.platform, 'state').filter(({ entry }) => entry.instrument === 'dust-1');
  expect(states.map(({ entry }) => entry.state)).toEqual(['answering', 'not-answering', 'answering']);
  const seconds = states.map(({ entry }) => (Date.parse(entry.at) - Date.parse(at('00:00:00'))) / 1000);
  expect(seconds[1]).toBeGreaterThanOrEqual(300);
  expect(seconds[1]).toBeLessThan(310);
  expect(seconds[2]).toBeGreaterThanOrEqual(900);
  expect(seconds[2]).toBeLessThan(910);
});
