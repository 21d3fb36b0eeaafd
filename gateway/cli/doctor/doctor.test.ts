import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { minuteRecord } from '../../../test-rigs/surroundings/sample-records.ts';
import { SimulatedClock } from '../../../test-rigs/surroundings/simulated-clock.ts';
import { SimulatedMachine } from '../../../test-rigs/surroundings/simulated-machine.ts';
import { LocalTime, systemClock } from '../../clock.ts';
import type { StreamRecord } from '../../record/record.ts';
import { checkSite } from '../../site/check-site.ts';
import { siteDirectory } from '../../site/site-directory.ts';
import { StoreReader } from '../../store/reader.ts';
import { openStore } from '../../store/sqlite-store.ts';
import { runCommandLine } from '../command-line.ts';
import { catalogueOf } from '../site-option.ts';
import type { Language } from '../terminal.ts';
import { examine } from './checks.ts';
import { needsHelp } from './finding.ts';

const truth = '2026-11-24T08:00:00.000+08:00';
let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'fenceline-doctor-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

interface Situation {
  readonly clock?: object;
  readonly gateway?: object;
  readonly source?: object;
  readonly shows?: string;
  readonly prepare?: (machine: SimulatedMachine) => void;
}

function document({ clock = { trust: 'ntp' }, gateway, source }: Situation): string {
  return JSON.stringify({
    gateway: { id: 'zl-0001', area: '320404', ...gateway },
    source: { name: 'Site', kind: 'construction-site', ...source },
    clock,
    links: {},
    points: [],
    instruments: [],
    uplinks: [],
  });
}

/** What the doctor says of a machine and a site, by the names of the checks. */
async function findings(situation: Situation = {}) {
  const clock = new SimulatedClock(situation.shows ?? truth);
  const machine = new SimulatedMachine(clock, truth);
  situation.prepare?.(machine);
  const store = StoreReader.open(root);
  const check = checkSite(document(situation), { catalogue: catalogueOf(root), file: 'site.json' });
  const reports = await examine({ directory: siteDirectory(root), check, clock, machine, store, running: null });
  if (store instanceof StoreReader) store.close();
  const of = (name: string) => reports.find((one) => one.name === name);
  const told = (name: string): string[] =>
    of(name)?.findings.map(({ verdict, what }) => `${verdict}: ${what.en}`) ?? [];
  // Whatever has to be mended says how, and everything is said in both languages.
  for (const { verdict, what, next } of reports.flatMap((one) => one.findings)) {
    if (verdict === 'warning' || verdict === 'bad') expect(next?.zh).toMatch(/[\u4e00-\u9fff]/);
    expect(what.zh).toMatch(/[\u4e00-\u9fff]/);
  }
  return { told, verdict: (name: string) => of(name)?.verdict, needsHelp: needsHelp(reports) };
}

async function keep(records: readonly StreamRecord[]): Promise<void> {
  const options = { directory: root, gateway: 'zl-0001', site: 'site-1', localTime: new LocalTime('Asia/Shanghai') };
  const clock = new SimulatedClock(truth);
  const store = await openStore({ ...options, clock, observe: () => {}, uplinks: [], keepSamples: false });
  if ('refusal' in store) throw new Error(store.message);
  for (const record of records) void store.append(record).catch(() => undefined);
  await store.close();
}

describe('the time', () => {
  test('that NTP keeps is known, with its error, and nothing has to be done', async () => {
    const { told, needsHelp } = await findings({ prepare: (machine) => machine.ntpHears(35) });
    expect(told('time')).toEqual([
      'good: known, by NTP, within 35 ms: chrony keeps the system clock by NTP',
      expect.stringMatching(/^good: NTP: chrony keeps the clock, stratum 2, error up to 35 ms, last heard 0 min ago$/),
      expect.stringMatching(/^note: battery clock: none/),
    ]);
    expect(needsHelp).toBe(false);
  });

  test('in 1970 without NTP is not known: why, what to do, and that nothing is lost meanwhile', async () => {
    const { told, verdict, needsHelp } = await findings({ shows: '1970-01-01T08:00:00.000+08:00' });
    expect(told('time')[0]).toMatch(/^bad: NOT known: chrony has not heard a time server yet.*none is lost$/);
    expect([verdict('time'), needsHelp]).toEqual(['bad', true]);
  });

  test('of a battery clock is worth what NTP found of it: nothing before, and days of its drift after', async () => {
    const fitted = (machine: SimulatedMachine): void => machine.fitBatteryClock(300);
    expect((await findings({ prepare: fitted })).told('time')[2]).toMatch(/^note: .* was never seen to be right/);
    const batteryClock = { name: 'rtc-ds1307', checkedAt: Date.parse(truth) - 86_400_000, difference: 300 };
    writeFileSync(siteDirectory(root).clockMemory, JSON.stringify({ v: 1, batteryClock }));
    const { told } = await findings({ prepare: fitted });
    expect(told('time')[0]).toMatch(/^warning: known, by the battery clock, within \d{4} ms/);
    expect(told('time')[2]).toBe(
      'good: battery clock rtc-ds1307: checked by NTP, now within 5 s; it carries this site over about 13 days without network',
    );
  });

  test('of a machine without a battery that the site trusts all the same is a warning, however right it is now', async () => {
    const { told, needsHelp } = await findings({
      clock: { trust: 'system' },
      prepare: (machine) => machine.ntpHears(),
    });
    expect(told('time').at(-1)).toMatch(/^warning: the site file trusts the clock .* no battery/);
    expect(needsHelp).toBe(true);
    const both = await findings({
      clock: { trust: 'system' },
      prepare(machine) {
        machine.ntpHears();
        machine.fitBatteryClock(0);
      },
    });
    expect(both.needsHelp).toBe(false);
  });

  test('that lies before the newest record has run backwards', async () => {
    await keep([{ ...minuteRecord(1), from: '2026-11-24T09:00:00.000+08:00' } as StreamRecord]);
    const { told } = await findings({ clock: { trust: 'system' } });
    expect(told('time')[0]).toContain('NOT known: the clock stands before the newest record');
    expect(told('time').at(-1)).toMatch(/^bad: the clock of this machine stands 3660 s before the newest record/);
  });
});

describe('the time zone', () => {
  test('of the machine may be another one: that is a note, and the records are right', async () => {
    const { told, verdict } = await findings({ gateway: { timezone: 'Europe/Berlin' } });
    expect([told('time-zone')[1], verdict('time-zone')]).toEqual([expect.stringContaining('by 7 h'), 'note']);
  });

  test('that cannot be that of the place is a warning; one sun-time from the other end of China is none', async () => {
    const at = (longitude: number, timezone: string) =>
      findings({ gateway: { timezone }, source: { longitude, latitude: 31.8 } });
    expect((await at(119.93, 'Europe/Berlin')).verdict('time-zone')).toBe('warning');
    expect((await at(75.99, 'Asia/Shanghai')).verdict('time-zone')).toBe('good');
  });
});

test('jumps and times that were never known are told from the records, newest last', async () => {
  const jump: StreamRecord = {
    kind: 'audit',
    at: '2026-11-24T07:00:00.000+08:00',
    who: 'gateway',
    action: 'clock-jumped',
    details: { expected: '2026-11-24T06:00:00.000+08:00', found: truth, cause: 'set', source: 'system' },
    revision: 1,
  };
  const gap = { from: '2026-11-20T07:00:00.000+08:00', to: '2026-11-21T07:00:00.000+08:00' };
  const unknown: StreamRecord = { kind: 'gap', ...gap, reason: 'clock-unknown', basis: 'inferred', revision: 1 };
  await keep([unknown, minuteRecord(1), jump]);
  const { told } = await findings();
  expect(told('time-history')).toEqual([
    `note: ${jump.at}: the clock went from 2026-11-24T06:00:00.000+08:00 to ${truth} (set, by system)`,
    `note: 1 gap because the time was never known, the last from ${gap.from} to ${gap.to}`,
  ]);
  await keep(Array.from({ length: 6 }, () => jump));
  const more = await findings();
  expect(more.told('time-history')[0]).toBe('warning: the clock jumped 7 times; the last ones:');
  expect(more.told('time-history')).toHaveLength(7);
});

describe('the command', () => {
  async function doctor(language: Language, ...more: string[]) {
    const told: string[] = [];
    const print = (text: string): void => void told.push(text);
    const terminal = { language, input: process.stdin, print, complain: print };
    const code = await runCommandLine(['doctor', '--site', root, ...more], terminal);
    return { code, told: told.join('\n') };
  }

  test('prints the same in both languages and as JSON, and its exit code says whether something has to be done', async () => {
    writeFileSync(join(root, 'site.json'), document({ clock: { trust: 'system' } }));
    const [zh, en, json] = [await doctor('zh'), await doctor('en'), await doctor('en', '--json')];
    const report = JSON.parse(json.told);
    expect(report.checks.map(({ name }: { name: string }) => name)).toEqual([
      'site',
      'time',
      'time-zone',
      'time-history',
      'store',
      'exports',
    ]);
    expect([zh.code, en.code, json.code]).toEqual(Array(3).fill(report.needsHelp ? 1 : 0));
    expect(en.told).toContain('no gateway runs on this site');
    expect(zh.told).toContain('该站点当前没有网关在运行');
  });

  test('names every fault of a site file as a thing to be done', async () => {
    writeFileSync(join(root, 'site.json'), '{');
    const { code, told } = await doctor('en');
    expect([code, told]).toEqual([1, expect.stringMatching(/✕ 1 fault; the first: [\s\S]*→ See all of them/)]);
    expect((await doctor('en', '--sight')).code).toBe(2);
  });
});

test('the store of a gateway that runs is looked at beside it', async () => {
  const options = { directory: root, gateway: 'zl-0001', site: 'site-1', localTime: new LocalTime('Asia/Shanghai') };
  const clock = systemClock;
  const store = await openStore({ ...options, clock, observe: () => {}, uplinks: [], keepSamples: false });
  if ('refusal' in store) throw new Error(store.message);
  await store.hold('boot-9', [{ text: '[]', readings: 4200, first: 0, last: 60_000 }]);
  const { told, verdict } = await findings({ prepare: (machine) => machine.ntpHears() });
  expect(told('time-history')).toEqual(['note: 4200 readings wait in the holding table for the time']);
  expect(verdict('store')).not.toBe('bad');
  await store.close();
});
