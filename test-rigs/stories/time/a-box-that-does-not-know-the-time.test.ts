import { expect, test } from 'vitest';
import type { WallTime } from '../../../gateway/clock.ts';
import type { SiteDocument } from '../../../gateway/site/site-schema.ts';
import { minutesBetween, minutesOf, received, samplesOf } from '../received.ts';
import { SimulatedSite, type SimulatedSiteOptions } from '../simulated-site.ts';
import { expectEveryLabel } from './every-label.ts';

const minute = 60_000;
const at = (time: string): string => `2026-11-24T${time}.000+08:00`;
const series = [
  ['dust-1', 'pm2.5'],
  ['dust-2', 'pm10'],
  ['particles-1', 'pm2.5'],
] as const;
const epochStart = '1970-01-01T08:00:00.000+08:00';

const trusting =
  (trust: 'ntp' | 'system') =>
  (document: SiteDocument): SiteDocument => ({ ...document, clock: { trust } });

/** A box without a battery: its clock shows 1970, and it is midnight of 24 November 2026 in truth. */
function startUnknowing(options: SimulatedSiteOptions = {}): Promise<SimulatedSite> {
  return SimulatedSite.start({ document: trusting('ntp'), from: epochStart, truth: at('00:00:00'), ...options });
}

/** Every stamp of every entry that the platform holds. */
function stamps(site: SimulatedSite): string[] {
  const entries = site.platform.table.rows().map(({ entry }) => entry ?? '');
  return entries.flatMap((entry) => entry.match(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d/g) ?? []);
}

/** How every label is accounted for: minutes with their count, and gaps. */
function accountFor(site: SimulatedSite, point: string, factor: string): string[] {
  const gaps = received(site.platform, 'gap').map(({ entry }) => entry);
  const minutes = minutesOf(site.platform, point, factor);
  const words = [
    ...minutes.map(({ from, revision }) => [from, `${from} r${revision}`] as const),
    ...gaps.map(({ from, to, reason }) => [from, `${from} to ${to} ${reason}`] as const),
  ];
  return words.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, word]) => word);
}

const each = (from: string, to: string): string[] => minutesBetween(from, to).map((one) => `${one} r1`);

test('a boot in 1970 that NTP reaches after twenty minutes: as if the time had been known all along', async () => {
  await using site = await startUnknowing();
  await site.clock.advance(20 * minute);
  expect(received(site.platform, 'minute')).toEqual([]);
  expect(site.gateway.clock.state().trusted).toBe(false);
  site.machine.ntpHears();
  await site.clock.advance(5 * minute);
  await site.drained();
  expectEveryLabel(site);
  await using knowing = await SimulatedSite.start({ from: at('00:00:00') });
  await knowing.clock.advance(25 * minute);
  await knowing.drained();
  for (const [point, factor] of series) {
    const minutes = minutesOf(site.platform, point, factor);
    expect(minutes.map(({ from }) => from).slice(0, 24)).toEqual(minutesBetween(at('00:00:00'), at('00:24:00')));
    expect(minutes.slice(0, 24)).toEqual(minutesOf(knowing.platform, point, factor).slice(0, 24));
  }
  // Also every single reading: one each 4 s, none twice.
  const samples = samplesOf(site.platform, 'dust-1').filter(({ factor }) => factor === 'pm2.5');
  expect(new Set(samples.map((one) => one.at)).size).toBe(samples.length);
  expect(samples.filter((one) => one.at < Date.parse(at('00:20:00'))).length).toBeGreaterThanOrEqual(299);
  const started = received(site.platform, 'audit').find(({ entry }) => entry.action === 'gateway-started');
  expect(started?.entry.at).toBe(at('00:00:00'));
  expect(received(site.platform, 'audit').filter(({ entry }) => entry.action === 'clock-jumped')).toEqual([]);
  expect(stamps(site).filter((stamp) => stamp < '2026-11-01')).toEqual([]);
});

test('while the time is not known the page says so and what to do, and the records say when it became known and by whom', async () => {
  await using site = await startUnknowing();
  await site.clock.advance(3 * minute);
  const waiting = site.gateway.diagnosis.picture().clock;
  expect(waiting).toMatchObject({
    trusted: false,
    source: null,
    why: { en: 'chrony has not heard a time server yet', zh: expect.stringContaining('时间服务器') },
    next: { en: expect.stringContaining('UDP port 123'), zh: expect.stringContaining('123') },
    held: { earlier: 0, releasing: false },
  });
  expect(waiting.held.readings).toBeGreaterThan(150);
  expect(waiting.held.seconds).toBe(180);
  expect(site.gateway.clock.offerTime('technician', site.machine.truth).taken).toBe(true);
  await site.clock.advance(1 * minute);
  site.machine.ntpHears();
  expect(site.gateway.clock.offerTime('platform', 0 as WallTime).taken).toBe(false);
  await site.clock.advance(2 * minute);
  await site.drained();
  expectEveryLabel(site);
  expect(site.gateway.diagnosis.picture().clock).toMatchObject({
    trusted: true,
    source: 'ntp',
    next: null,
    held: { readings: 0, seconds: null },
    offer: { from: 'platform', taken: false },
  });
  const events = received(site.platform, 'event').map(({ entry }) => [entry.at, entry.event, entry.details]);
  expect(events).toEqual([
    [at('00:03:00'), 'clock-trusted', expect.objectContaining({ source: 'technician' })],
    [expect.stringMatching(/T00:04:[01]/), 'clock-trusted', expect.objectContaining({ source: 'ntp' })],
  ]);
  const offers = received(site.platform, 'audit').filter(({ entry }) => entry.action === 'time-offered');
  expect(offers.map(({ entry: { who, details } }) => ({ who, ...(details as object) }))).toMatchObject([
    { who: 'technician', taken: true },
    { who: 'platform', taken: false, time: '1970-01-01T08:00:00.000+08:00', why: expect.stringContaining('newer') },
  ]);
});

test('the service restarts twice before the time is known: what the earlier runs held is not lost', async () => {
  await using site = await startUnknowing();
  await site.clock.advance(10.5 * minute);
  await site.stopGateway();
  await site.clock.advance(3 * minute);
  await site.startGateway();
  await site.clock.advance(5 * minute);
  await site.stopGateway();
  await site.startGateway();
  await site.clock.advance(2 * minute);
  site.machine.ntpHears();
  await site.clock.advance(4 * minute);
  await site.drained();
  expectEveryLabel(site);
  for (const [point, factor] of series) {
    const account = accountFor(site, point, factor);
    expect(account.slice(0, 11)).toEqual(each(at('00:00:00'), at('00:11:00')));
    expect(account[11]).toBe(`${at('00:11:00')} to ${at('00:13:00')} gateway-not-running`);
    expect(account.slice(12)).toEqual(expect.arrayContaining(each(at('00:13:00'), at('00:18:00'))));
    expect(new Set(account).size).toBe(account.length);
  }
  const starts = received(site.platform, 'audit').filter(({ entry }) => entry.action === 'gateway-started');
  expect(starts).toHaveLength(3);
  expect(stamps(site).filter((stamp) => stamp < '2026-11-01')).toEqual([]);
});

test('two boots that never learn the time, then one that does: one gap says so, with its bounds', async () => {
  await using site = await SimulatedSite.start({ document: trusting('ntp'), from: at('00:00:00') });
  site.machine.ntpHears();
  await site.clock.advance(10.5 * minute);
  for (const _boot of [1, 2]) {
    await site.stopGateway();
    site.machine.reboot(epochStart);
    await site.startGateway();
    await site.clock.advance(7 * minute);
  }
  await site.stopGateway();
  await site.clock.advance(60 * minute);
  site.machine.reboot(epochStart);
  await site.startGateway();
  await site.clock.advance(2 * minute);
  const began = site.machine.truth - 2 * minute;
  site.machine.ntpHears();
  await site.clock.advance(5 * minute);
  await site.drained();
  const gaps = received(site.platform, 'gap').map(({ entry }) => entry);
  const border = new Date(Math.floor(began / minute) * minute + 8 * 3_600_000).toISOString().slice(0, -1);
  expect(gaps).toMatchObject([
    { from: at('00:10:00'), to: `${border}+08:00`, reason: 'clock-unknown', basis: 'inferred' },
  ]);
  for (const [point, factor] of series) {
    const minutes = minutesOf(site.platform, point, factor).map(({ from }) => from);
    expect(new Set(minutes).size).toBe(minutes.length);
    expect(minutes.filter((from) => from > at('00:10:00') && from < `${border}+08:00`)).toEqual([]);
  }
  expect(stamps(site).filter((stamp) => stamp < '2026-11-01')).toEqual([]);
  // The next start does not say it again.
  await site.stopGateway();
  await site.startGateway();
  await site.clock.advance(2 * minute);
  await site.drained();
  expectEveryLabel(site);
  expect(received(site.platform, 'gap').filter(({ entry }) => entry.reason === 'clock-unknown')).toHaveLength(1);
});

test('a first boot ever that never learns the time: the gap is as long as it is known to have run', async () => {
  await using site = await startUnknowing();
  await site.clock.advance(10 * minute);
  await site.stopGateway();
  site.machine.reboot(epochStart);
  await site.startGateway();
  site.machine.ntpHears();
  await site.clock.advance(3 * minute);
  await site.drained();
  expectEveryLabel(site);
  const gaps = received(site.platform, 'gap').map(({ entry }) => entry);
  expect(gaps).toMatchObject([{ reason: 'clock-unknown', basis: 'inferred' }]);
  const length = Date.parse(gaps[0]?.to ?? '') - Date.parse(gaps[0]?.from ?? '');
  expect(length).toBeGreaterThanOrEqual(10 * minute);
  expect(stamps(site).filter((stamp) => stamp < '2026-11-01')).toEqual([]);
});

test('a machine that sleeps for two hours: a gap says so, whether the time was known or not', async () => {
  for (const isKnown of [true, false]) {
    await using site = await startUnknowing(isKnown ? { from: at('00:00:00') } : {});
    if (isKnown) site.machine.ntpHears();
    await site.clock.advance(5.5 * minute);
    site.clock.suspend(120 * minute);
    await site.clock.advance(5 * minute);
    site.machine.ntpHears();
    await site.clock.advance(3 * minute);
    await site.drained();
    expectEveryLabel(site);
    for (const [point, factor] of series) {
      const account = accountFor(site, point, factor);
      expect(account.slice(0, 6)).toEqual(each(at('00:00:00'), at('00:06:00')));
      expect(account[6]).toBe(`${at('00:06:00')} to ${at('02:05:00')} suspended`);
      expect(account.slice(7)).toEqual(each(at('02:05:00'), at('02:13:00')).slice(0, account.length - 7));
      expect(account.length).toBeGreaterThan(13);
    }
    expect(received(site.platform, 'audit').filter(({ entry }) => entry.action === 'clock-jumped')).toEqual([]);
  }
});
