import { afterEach, describe, expect, test } from 'vitest';
import { SimulatedClock } from '../../test-rigs/surroundings/simulated-clock.ts';
import { SimulatedMachine, SimulatedMemory } from '../../test-rigs/surroundings/simulated-machine.ts';
import { readStamp, type WallTime } from '../clock.ts';
import { type ClockSettings, clockSettings } from './settings.ts';
import { SiteClock } from './site-clock.ts';
import type { ClockEvent } from './trust.ts';

const truth = '2026-11-24T08:00:00.000+08:00';
const at = (stamp: string): WallTime => readStamp(stamp) as WallTime;
const started: SiteClock[] = [];

async function bench(
  changes: Partial<ClockSettings> = {},
  shown: string | number = truth,
  memory = new SimulatedMemory(),
) {
  const clock = new SimulatedClock(shown);
  const machine = new SimulatedMachine(clock, truth);
  const events: ClockEvent[] = [];
  const settings = { ...clockSettings.parse({}), ...changes };
  const releasedAt = at('2026-11-01T00:00:00.000+08:00');
  const start = async (): Promise<SiteClock> => {
    const site = await SiteClock.start({
      clock,
      machine,
      settings,
      memory,
      releasedAt,
      observe: (one) => events.push(one),
    });
    started.push(site);
    return site;
  };
  return { clock, machine, events, memory, start, shifts: () => events.filter((one) => one.kind === 'clock-shift') };
}

afterEach(() => {
  for (const site of started.splice(0)) site.stop();
});

describe('with "system"', () => {
  test('the time of the operating system is known at once, and followed when somebody sets it', async () => {
    const rig = await bench();
    const site = await rig.start();
    expect(site.state()).toMatchObject({ trusted: true, source: 'system' });
    rig.clock.jumpWall(-600_000);
    await rig.clock.advance(5000);
    expect(site.wall()).toBe(rig.clock.wall());
    expect(rig.shifts()).toMatchObject([{ cause: 'set', source: 'system' }]);
  });

  test('a clock that stands in 1970 is not known, and is as soon as somebody sets it', async () => {
    const rig = await bench({}, 0);
    const site = await rig.start();
    expect(site.state()).toMatchObject({ trusted: false, source: null, since: null });
    rig.machine.ntpHears();
    await rig.clock.advance(5000);
    expect(site.state()).toMatchObject({ trusted: true, source: 'system' });
    expect(rig.shifts()).toEqual([]);
  });

  test('a clock before the newest record has run backwards: it is not known until it has caught up', async () => {
    const rig = await bench();
    const site = await rig.start();
    site.setNotBefore((site.wall() + 300_000) as WallTime);
    expect(site.isKnown()).toBe(false);
    expect(site.wall()).toBe(at(truth) + 300_000);
    await rig.clock.advance(320_000);
    expect(site.state()).toMatchObject({ trusted: true, source: 'system' });
    expect(site.wall()).toBe(rig.clock.wall());
  });

  test('a clock set to before this software was made is not followed, and that is told once', async () => {
    const rig = await bench();
    const site = await rig.start();
    rig.clock.jumpWall(-at(truth));
    await rig.clock.advance(60_000);
    expect(site.wall()).toBe(at(truth) + 60_000);
    expect(rig.events.filter(({ kind }) => kind === 'clock-not-followed')).toHaveLength(1);
  });
});

test('with "system", somebody\'s word stands against a clock that only runs on, and gives way to one that was set', async () => {
  const rig = await bench({}, '2026-11-24T07:00:00.000+08:00');
  const site = await rig.start();
  site.setNotBefore((at(truth) - 600_000) as WallTime);
  expect(site.offerTime('technician', rig.machine.truth).taken).toBe(true);
  await rig.clock.advance(3_600_000);
  expect([site.state().source, site.wall()]).toEqual(['technician', rig.machine.truth]);
  rig.machine.ntpHears();
  await rig.clock.advance(20_000);
  expect([site.state().source, site.wall()]).toEqual(['system', rig.machine.truth]);
});

describe('with "ntp"', () => {
  test('nothing is known until a server is heard; then within seconds, with its error', async () => {
    const rig = await bench({ trust: 'ntp' }, 0);
    const site = await rig.start();
    await rig.clock.advance(60_000);
    expect(site.state()).toMatchObject({ trusted: false, next: { en: expect.stringContaining('UDP port 123') } });
    rig.machine.ntpHears(35);
    await rig.clock.advance(5000);
    expect(site.state()).toMatchObject({ trusted: true, source: 'ntp', uncertainty: 35 });
    expect(site.wall()).toBe(rig.machine.truth);
    expect(rig.shifts()).toEqual([]);
  });

  test('that is too vague is not enough', async () => {
    const rig = await bench({ trust: 'ntp', also: [] }, truth);
    rig.machine.ntpHears(90_000);
    const site = await rig.start();
    expect(site.state()).toMatchObject({ trusted: false, why: { en: expect.stringContaining('90 s') } });
  });

  test('that is lost later leaves the time known, with an error that grows', async () => {
    const rig = await bench({ trust: 'ntp' });
    rig.machine.ntpHears();
    const site = await rig.start();
    rig.machine.ntpLost();
    await rig.clock.advance(86_400_000);
    expect(site.state()).toMatchObject({ trusted: true, source: 'ntp' });
    expect(site.state().uncertainty).toBeGreaterThan(8000);
    expect(site.state().why.en).toContain('not heard at present');
  });

  test('a step that NTP makes is followed, one that somebody else makes is not until NTP confirms it', async () => {
    const rig = await bench({ trust: 'ntp' });
    rig.machine.ntpHears();
    const site = await rig.start();
    await rig.clock.advance(3_600_000);
    rig.clock.jumpWall(7_200_000);
    await rig.clock.advance(300_000);
    expect(site.wall()).toBe(rig.machine.truth);
    expect(site.state().why.en).toContain('without a word of NTP');
    expect(rig.shifts()).toEqual([]);
    rig.machine.ntpHearsWrong(600_000);
    await rig.clock.advance(120_000);
    expect(site.wall()).toBe(rig.machine.truth + 600_000);
    expect(rig.shifts()).toMatchObject([{ cause: 'set', source: 'ntp' }]);
    expect(site.state().why.en).not.toContain('without a word');
  });

  test('small slews change nothing but the stamps themselves', async () => {
    const rig = await bench({ trust: 'ntp' });
    rig.machine.ntpHears();
    const site = await rig.start();
    rig.clock.jumpWall(40);
    await rig.clock.advance(5000);
    expect(site.wall()).toBe(rig.clock.wall());
    expect(rig.events.map(({ kind }) => kind)).toEqual(['clock-state']);
  });
});

test('time asleep is told apart from a clock that was set', async () => {
  for (const trust of ['system', 'ntp'] as const) {
    const rig = await bench({ trust });
    rig.machine.ntpHears();
    const site = await rig.start();
    const origin = site.bootOrigin;
    await rig.clock.advance(60_000);
    rig.clock.suspend(7_200_000);
    expect(site.look()).toBe(7_200_000);
    expect(site.wall()).toBe(rig.machine.truth);
    expect(site.bootOrigin).toBe(origin);
    expect(rig.shifts()).toMatchObject([{ cause: 'suspended', after: site.wall(), before: site.wall() - 7_200_000 }]);
  }
});

describe('a battery clock', () => {
  test('that NTP found right vouches after a boot, and one that was never checked does not', async () => {
    const memory = new SimulatedMemory();
    const first = await bench({ trust: 'ntp' }, truth, memory);
    first.machine.fitBatteryClock(400);
    const unchecked = await first.start();
    expect(unchecked.state()).toMatchObject({ trusted: false, why: { en: expect.stringContaining('never seen') } });
    first.machine.ntpHears();
    await first.clock.advance(60_000);
    expect(memory.text).toContain('rtc-ds1307');
    unchecked.stop();
    await first.clock.advance(86_400_000);
    first.machine.reboot(0);
    const site = await first.start();
    expect(site.state()).toMatchObject({ trusted: true, source: 'battery-clock' });
    expect(Math.abs(site.wall() - first.machine.truth)).toBeLessThan(1500);
    expect(site.state().uncertainty).toBeGreaterThan(5000);
    first.machine.ntpHears();
    await first.clock.advance(60_000);
    expect(site.state().source).toBe('ntp');
  });
});

describe('a time that is offered', () => {
  const offered = at('2026-11-24T09:00:00.000+08:00');

  test('that agrees with one that was taken changes nothing, and one that does not sets the clock', async () => {
    const rig = await bench({ trust: 'ntp' }, 0);
    const site = await rig.start();
    site.offerTime('platform', offered);
    await rig.clock.advance(60_000);
    const again = (by: number): WallTime => (offered + 60_000 + by) as WallTime;
    expect(site.offerTime('platform', again(7000))).toMatchObject({
      taken: false,
      why: expect.stringContaining('agrees'),
    });
    expect([site.wall(), rig.shifts()]).toEqual([again(0), []]);
    expect(site.offerTime('technician', again(70_000)).taken).toBe(true);
    expect([site.wall(), rig.shifts().length]).toEqual([again(70_000), 1]);
  });

  test('is taken while nothing better is known, and corrected by NTP later', async () => {
    const rig = await bench({ trust: 'ntp' }, 0);
    const site = await rig.start();
    expect(site.offerTime('platform', offered)).toMatchObject({ taken: true, why: 'taken' });
    expect(site.state()).toMatchObject({ trusted: true, source: 'platform', uncertainty: 10_000 });
    expect(site.wall()).toBe(offered);
    await rig.clock.advance(600_000);
    rig.machine.ntpHears();
    await rig.clock.advance(60_000);
    expect(site.wall()).toBe(rig.machine.truth);
    expect(rig.shifts()).toMatchObject([{ cause: 'corrected', source: 'ntp' }]);
  });

  test.each([
    ['before this software was made', '2026-10-01T00:00:00.000+08:00', 'newer'],
    ['before the newest record', '2026-11-24T08:30:00.000+08:00', 'records later'],
    ['absurdly far ahead', '2036-11-24T08:30:00.000+08:00', '1826 days'],
  ])('%s is refused with the reason', async (_, time, why) => {
    const rig = await bench({ trust: 'ntp' }, 0);
    const site = await rig.start();
    site.setNotBefore(at('2026-11-24T08:45:00.000+08:00'));
    expect(site.offerTime('technician', at(time))).toMatchObject({ taken: false, why: expect.stringContaining(why) });
    expect(site.isKnown()).toBe(false);
    expect(rig.events.filter(({ kind }) => kind === 'clock-offer')).toHaveLength(1);
  });

  test('by a platform is believed within 400 days of the last record, however the platform comes by it', async () => {
    const rig = await bench({ trust: 'ntp' }, 0);
    const site = await rig.start();
    site.setNotBefore(at('2026-11-24T08:45:00.000+08:00'));
    const later = at('2027-12-31T00:00:00.000+08:00');
    expect(site.offerTime('platform', later)).toMatchObject({ taken: false, why: expect.stringContaining('400 days') });
    expect(site.offerTime('technician', later).taken).toBe(true);
  });

  test('before the newest record is taken from a technician who says it twice, and from a platform never', async () => {
    const rig = await bench({ trust: 'ntp' }, 0);
    const site = await rig.start();
    site.setNotBefore(at('2027-11-24T08:00:00.000+08:00'));
    const refused = { taken: false, why: expect.stringContaining('records later than that exist already') };
    for (const _time of [1, 2]) expect(site.offerTime('platform', offered)).toMatchObject(refused);
    expect(site.offerTime('technician', offered)).toMatchObject(refused);
    await rig.clock.advance(360_000);
    expect(site.offerTime('technician', (offered + 360_000) as WallTime)).toMatchObject(refused);
    await rig.clock.advance(60_000);
    expect(site.offerTime('technician', (offered + 720_000) as WallTime)).toMatchObject(refused);
    await rig.clock.advance(2000);
    expect(site.offerTime('technician', (offered + 724_000) as WallTime)).toMatchObject({ taken: true, why: 'taken' });
    expect(site.wall()).toBe(offered + 724_000);
  });

  test('is refused where something better vouches, or the site does not want it', async () => {
    const rig = await bench({ trust: 'ntp', also: ['technician'] });
    const site = await rig.start();
    expect(site.offerTime('platform', offered).why).toContain('clock.also');
    rig.machine.ntpHears();
    await rig.clock.advance(10_000);
    expect(site.offerTime('technician', offered)).toMatchObject({ taken: false, why: expect.stringContaining('ntp') });
    const system = await (await bench()).start();
    expect(system.offerTime('platform', offered).taken).toBe(false);
  });
});
