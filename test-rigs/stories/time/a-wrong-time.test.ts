import { expect, test } from 'vitest';
import { readStamp, type WallTime } from '../../../gateway/clock.ts';
import type { PeriodRecord } from '../../../gateway/record/record.ts';
import type { SiteDocument } from '../../../gateway/site/site-schema.ts';
import { minutesBetween, minutesOf, received } from '../received.ts';
import { SimulatedSite } from '../simulated-site.ts';
import { expectEveryLabel } from './every-label.ts';

const minute = 60_000;
const at = (time: string): string => `2026-11-24T${time}.000+08:00`;
const moment = (time: string): WallTime => readStamp(at(time)) as WallTime;
const epochStart = '1970-01-01T08:00:00.000+08:00';
const ntp = (document: SiteDocument): SiteDocument => ({ ...document, clock: { trust: 'ntp' } });

/** What holds of each minute: the highest revision. */
function holding(site: SimulatedSite, point = 'dust-1', factor = 'pm2.5'): PeriodRecord[] {
  const highest = new Map<string, PeriodRecord>();
  for (const one of minutesOf(site.platform, point, factor)) {
    const known = highest.get(one.from);
    expect(known?.revision).not.toBe(one.revision);
    if (known === undefined || one.revision > known.revision) highest.set(one.from, one);
  }
  return [...highest.values()].sort((a, b) => (a.from < b.from ? -1 : 1));
}

const jumps = (site: SimulatedSite) =>
  received(site.platform, 'audit')
    .map(({ entry }) => entry)
    .filter(({ action }) => action === 'clock-jumped');

test('a platform that says a wrong time is refused while NTP vouches, with the reason', async () => {
  await using site = await SimulatedSite.start({ document: ntp, from: at('00:00:00') });
  site.machine.ntpHears();
  await site.clock.advance(2 * minute);
  const told = site.gateway.clock.offerTime('platform', moment('09:00:00'));
  expect(told).toMatchObject({ taken: false, why: 'the time is trusted already, by something better: ntp' });
  await site.clock.advance(5.1 * minute);
  await site.drained();
  expectEveryLabel(site);
  expect(holding(site).map(({ from }) => from)).toEqual(minutesBetween(at('00:00:00'), at('00:07:00')));
  expect(jumps(site)).toEqual([]);
});

test('a platform whose time is an hour ahead is believed while nothing better is known, and corrected by NTP', async () => {
  await using site = await SimulatedSite.start({ document: ntp, from: epochStart, truth: at('00:00:00') });
  await site.clock.advance(5 * minute);
  expect(site.gateway.clock.offerTime('platform', moment('01:05:00')).taken).toBe(true);
  await site.clock.advance(10.5 * minute);
  site.machine.ntpHears();
  await site.clock.advance(65 * minute);
  await site.drained();
  expectEveryLabel(site);
  const holds = holding(site);
  // By the platform's time from 01:00; by NTP from the midst of 00:15 on. No minute between is left out.
  expect(holds.map(({ from }) => from)).toEqual(minutesBetween(at('00:15:00'), at('01:20:00')));
  expect(holds[0]).toMatchObject({ reason: 'clock-jumped', revision: 1 });
  expect(holds.slice(1).every(({ flag }) => flag === 'N')).toBe(true);
  const again = holds.filter(({ revision }) => revision === 2).map(({ from }) => from);
  expect(again).toEqual(minutesBetween(at('01:00:00'), at('01:15:00')));
  expect(jumps(site)).toMatchObject([
    {
      details: {
        cause: 'corrected',
        source: 'ntp',
        continues: at('00:15:00'),
        again: { revision: 2, from: at('01:00:00'), to: at('01:15:00') },
      },
    },
  ]);
});

test('a technician whose watch is twenty minutes slow is believed, and what NTP jumps over is empty and says so', async () => {
  await using site = await SimulatedSite.start({ document: ntp, from: epochStart, truth: at('06:00:00') });
  expect(site.gateway.clock.offerTime('technician', moment('05:40:00')).taken).toBe(true);
  await site.clock.advance(5.5 * minute);
  site.machine.ntpHears();
  await site.clock.advance(5 * minute);
  await site.drained();
  expectEveryLabel(site);
  const holds = holding(site);
  expect(holds.map(({ from }) => from)).toEqual(minutesBetween(at('05:40:00'), at('06:10:00')));
  expect(holds.slice(6, 25).every(({ reason, count }) => reason === 'clock-jumped' && count === 0)).toBe(true);
  expect(holds.slice(26).every(({ flag }) => flag === 'N')).toBe(true);
  expect(jumps(site)).toHaveLength(1);
});

test('a platform that says a day too much, and a boot without NTP after it: a technician puts it right by saying so twice', async () => {
  await using site = await SimulatedSite.start({ document: ntp, from: epochStart, truth: at('06:00:00') });
  await site.clock.advance(1 * minute);
  expect(site.gateway.clock.offerTime('platform', (moment('06:01:00') + 1440 * minute) as WallTime).taken).toBe(true);
  await site.clock.advance(4.5 * minute);
  await site.stopGateway();
  site.machine.reboot(epochStart);
  await site.startGateway();
  await site.clock.advance(2 * minute);
  expect(site.gateway.clock.offerTime('technician', site.machine.truth)).toMatchObject({
    taken: false,
    why: expect.stringContaining('once more'),
  });
  expect(site.gateway.clock.offerTime('technician', site.machine.truth).taken).toBe(true);
  await site.clock.advance(4 * minute);
  await site.drained();
  expectEveryLabel(site);
  const holds = holding(site).map(({ from }) => from);
  const today = holds.filter((from) => from < '2026-11-25');
  expect(today.slice(0, 5)).toEqual(minutesBetween(today[0] ?? '', at('06:59:00')).slice(0, 5));
  // What was measured before the technician spoke is told under the time at which it was measured.
  expect(today[0]).toBe(at('06:05:00'));
  expect(jumps(site)).toHaveLength(1);
});

test('somebody sets the clock of a site that trusts NTP: nothing changes, and the page can say so', async () => {
  await using site = await SimulatedSite.start({ document: ntp, from: at('00:00:00') });
  site.machine.ntpHears();
  await site.clock.advance(3 * minute);
  site.clock.jumpWall(-180 * minute);
  await site.clock.advance(4 * minute);
  expect(site.gateway.clock.state().why.en).toContain('without a word of NTP');
  site.machine.ntpHears();
  await site.clock.advance(4.1 * minute);
  await site.drained();
  expectEveryLabel(site);
  const holds = holding(site);
  expect(holds.map(({ from }) => from)).toEqual(minutesBetween(at('00:00:00'), at('00:11:00')));
  expect(holds.every(({ revision }) => revision === 1)).toBe(true);
  expect(jumps(site)).toEqual([]);
});

test('the clock set back a day, over a restart: each minute is said again once, and the next day goes on as ever', async () => {
  await using site = await SimulatedSite.start({ from: '2026-11-25T00:00:00.000+08:00' });
  await site.clock.advance(4.5 * minute);
  site.clock.jumpWall(-1440 * minute);
  await site.clock.advance(3 * minute);
  await site.stopGateway();
  await site.startGateway();
  await site.clock.advance(3 * minute);
  await site.drained();
  expectEveryLabel(site);
  const holds = holding(site).map(({ from }) => from);
  // Four minutes of the day that came too soon, and the day before from the midst of a minute on.
  const yesterday = holds.filter((from) => from < '2026-11-25');
  expect(yesterday.slice(0, 6)).toEqual(minutesBetween(at('00:04:00'), at('00:10:00')));
  expect(holds.slice(yesterday.length)).toEqual(
    minutesBetween('2026-11-25T00:00:00.000+08:00', '2026-11-25T00:04:00.000+08:00'),
  );
  expect(jumps(site)).toHaveLength(1);
});

test('a wrong time zone, corrected later: the stamps say their offset, and no moment is told twice', async () => {
  const inZone =
    (timezone: string) =>
    (document: SiteDocument): SiteDocument => ({ ...document, gateway: { ...document.gateway, timezone } });
  await using site = await SimulatedSite.start({ document: inZone('Europe/Berlin'), from: at('12:00:00') });
  await site.clock.advance(4.1 * minute);
  await site.stopGateway();
  await site.changeDocument(inZone('Asia/Shanghai'));
  await site.startGateway();
  await site.clock.advance(4 * minute);
  await site.drained();
  expectEveryLabel(site);
  const minutes = minutesOf(site.platform, 'dust-1', 'pm2.5');
  const moments = minutes.map(({ from }) => readStamp(from) as number);
  expect(moments).toEqual(moments.map((_, index) => (moments[0] ?? 0) + index * minute));
  expect(moments[0]).toBe(moment('12:00:00'));
  expect(minutes[0]?.from).toBe('2026-11-24T05:00:00.000+01:00');
  expect(minutes.at(-1)?.from).toMatch(/^2026-11-24T12:0\d:00\.000\+08:00$/);
  const zones = received(site.platform, 'site').map(
    ({ entry }) => (entry.document as { gateway: { timezone: string } }).gateway.timezone,
  );
  expect(zones).toEqual(['Europe/Berlin', 'Asia/Shanghai']);
  expect(received(site.platform, 'gap')).toEqual([]);
});

test('a battery clock that NTP found right carries a box over a boot without network', async () => {
  await using site = await SimulatedSite.start({ document: ntp, from: at('00:00:00') });
  site.machine.fitBatteryClock(300);
  site.machine.ntpHears();
  await site.clock.advance(3.1 * minute);
  await site.stopGateway();
  await site.clock.advance(600 * minute);
  site.machine.reboot(epochStart);
  await site.startGateway();
  expect(site.gateway.clock.state()).toMatchObject({ trusted: true, source: 'battery-clock' });
  await site.clock.advance(3 * minute);
  site.machine.ntpHears();
  await site.clock.advance(3 * minute);
  await site.drained();
  expectEveryLabel(site);
  const gaps = received(site.platform, 'gap').map(({ entry }) => entry);
  expect(gaps).toMatchObject([{ from: at('00:03:00'), reason: 'gateway-not-running' }]);
  const minutes = holding(site).map(({ from }) => from);
  expect(minutes).toEqual([
    ...minutesBetween(at('00:00:00'), at('00:03:00')),
    ...minutesBetween(gaps[0]?.to ?? '', at('23:00:00')).slice(0, minutes.length - 3),
  ]);
});
