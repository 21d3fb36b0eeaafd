import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { WallTime } from '../../clock.ts';
import { linuxMachine } from '../linux-machine.ts';
import { batteryMemoryText, compared, readBatteryMemory, wordOf } from './battery-clock.ts';
import { readChronyTracking } from './chrony.ts';
import { readTimedatectl, readTimesync } from './timesyncd.ts';

const synced =
  'A29FC87B,time.cloudflare.com,4,1795647988.111599712,0.000120000,-0.000031000,0.000055000,-12.345,0.001,0.120,0.018000000,0.002500000,64.2,Normal\n';

describe('chrony', () => {
  test('that follows a server gives its error: dispersion, half the delay, and what is still being slewed', () => {
    expect(readChronyTracking(synced)).toEqual({
      service: 'chrony',
      synchronized: true,
      syncedAt: 1_795_647_988_112,
      uncertainty: expect.closeTo(2.5 + 9 + 0.12, 6),
      offset: expect.closeTo(0.12, 6),
      stratum: 4,
    });
  });

  test('that serves only its own clock is not synchronised (recorded from chrony 4.3 with `local`)', () => {
    const own =
      '7F7F0101,,8,1795647988.111599712,0.000000000,0.000000000,0.000000000,0.000,0.000,0.000,0.000000000,0.000000000,0.0,Normal';
    expect(readChronyTracking(own)).toMatchObject({ synchronized: false, uncertainty: null });
  });

  test('that has heard nobody yet is not synchronised', () => {
    const none =
      '00000000,,0,0.000000000,0.000000000,0.000000000,0.000000000,0.000,0.000,0.000,1.000000000,1.000000000,0.0,Not synchronised';
    expect(readChronyTracking(none)).toMatchObject({ synchronized: false, syncedAt: null, stratum: null });
  });

  test.each(['', '506 Cannot talk to daemon', 'a,b,c', synced.replace('4,1795', 'x,1795')])(
    'says nothing with %j',
    (text) => {
      expect(readChronyTracking(text)).toBeUndefined();
    },
  );
});

describe('systemd-timesyncd', () => {
  const message =
    'ServerName=ntp.example\nNTPMessage={ Leap=0, Version=4, Mode=4, Stratum=2, Precision=-25, RootDelay=15.304ms, RootDispersion=1min 1.098s, Reference=C0, OriginateTimestamp=Wed 2026-11-25 23:00:00 UTC, Ignored=no, PacketCount=5, Jitter=2us }\n';

  test('gives delay, dispersion and jitter of its last message, and when it last set the clock', () => {
    const view = readTimesync(message, 5 as WallTime);
    expect(view).toMatchObject({ synchronized: true, syncedAt: 5, stratum: 2 });
    expect(view.uncertainty).toBeCloseTo(61_098 + 7.652 + 0.002, 6);
  });

  test('that has set nothing since the boot is not synchronised, whatever it heard', () => {
    expect(readTimesync(message, null)).toMatchObject({ synchronized: false, syncedAt: null });
  });

  test("the kernel's mark is read where another service keeps the clock", () => {
    expect(readTimedatectl('Timezone=Asia/Shanghai\nNTP=yes\nNTPSynchronized=yes\n')).toEqual({ synchronized: true });
    expect(readTimedatectl('NTPSynchronized=no')).toEqual({ synchronized: false });
    expect(readTimedatectl('Failed to connect to bus')).toBeUndefined();
  });
});

test('this machine is asked through its files and programs, and what it lacks is null', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'machine-'));
  const at = (name: string): string => join(directory, name);
  writeFileSync(at('boot_id'), 'b-1\n');
  writeFileSync(at('uptime'), '26252.45 37923.75\n');
  const paths = {
    bootId: at('boot_id'),
    uptime: at('uptime'),
    batteryClock: directory,
    synchronized: at('synchronized'),
  };
  const asked: string[] = [];
  const machine = linuxMachine(paths, async (program, args) => {
    asked.push([program, ...args].join(' '));
    return undefined;
  });
  expect([machine.bootId, machine.uptime()]).toEqual(['b-1', 26_252_450]);
  expect(await machine.ntp()).toBeNull();
  expect(asked).toEqual(['chronyc -c tracking', 'timedatectl show-timesync --all', 'timedatectl show']);
  expect(await machine.batteryClock()).toBeNull();
  writeFileSync(at('synchronized'), '');
  utimesSync(at('synchronized'), 1_795_647_988, 1_795_647_988);
  expect(await machine.ntp()).toMatchObject({ synchronized: true, syncedAt: 1_795_647_988_000 });
  writeFileSync(at('name'), 'rtc-pcf8523\n');
  writeFileSync(at('since_epoch'), '1795647988\n');
  expect(await machine.batteryClock()).toEqual({ name: 'rtc-pcf8523', time: 1_795_647_988_000 });
  rmSync(directory, { recursive: true });
});

describe('a battery clock', () => {
  const at = (time: number, name = 'rtc-ds1307') => ({ name, time: time as WallTime });
  const start = 1_795_647_988_000;
  const remembered = { name: 'rtc-ds1307', checkedAt: start, difference: 800 };

  test('is worth what it was found to be off, and what it may have drifted since', () => {
    const word = wordOf(at(start + 86_400_800), remembered, 50);
    expect(word).toMatchObject({ time: start + 86_400_500, uncertainty: 1000 + 4320 });
  });

  test('never seen to be right, another one, or one that lost its time is worth nothing', () => {
    expect(wordOf(at(start), undefined, 50).time).toBeNull();
    expect(wordOf(at(start, 'rtc-other'), remembered, 50).time).toBeNull();
    expect(wordOf(at(946_684_800_000), remembered, 50).time).toBeNull();
  });

  test('that nobody set is not remembered; what is remembered reads back, and rubbish does not', () => {
    expect(compared(at(start - 3_600_000), start as WallTime)).toBeUndefined();
    const found = compared(at(start + 1000), start as WallTime);
    expect(readBatteryMemory(batteryMemoryText(found as typeof remembered))).toEqual(found);
    expect([undefined, '', '{}', '{"v":2}'].map(readBatteryMemory)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});
