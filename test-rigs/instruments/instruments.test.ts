import { expect, test } from 'vitest';
import { builtInProfiles, loadCatalogue } from '../../device-profiles/catalogue.ts';
import { decodeRaw, readModbus } from '../../device-profiles/decode.ts';
import { planRequests } from '../../device-profiles/plan.ts';
import type { Profile } from '../../device-profiles/profile.ts';
import { SimulatedClock } from '../surroundings/simulated-clock.ts';
import { jxctDust } from './jxct-jxbs-3001.ts';
import { renkeStation } from './renke-rs-fsxcs.ts';
import { Sdm630 } from './sdm630.ts';
import type { Registers, Table } from './simulated-modbus-slave.ts';

const catalogue = loadCatalogue({ directories: [builtInProfiles] });

/** Every point of the profile as the simulated instrument holds it; undefined where a register is missing. */
function valuesOf(id: string, registers: Registers): Map<string, number | null | undefined> {
  const profile = catalogue.find(id)?.profile as Extract<Profile, { protocol: 'modbus' }>;
  const values = new Map<string, number | null | undefined>();
  for (const { functionCode, start, count, reads } of planRequests(profile, profile.points)) {
    registers.onRequest?.();
    const words = Array.from({ length: count }, (_, index) => registers(functionCode as Table, start + index));
    const block = words.includes(undefined) ? undefined : Uint16Array.from(words, (word = 0) => word);
    for (const point of reads) values.set(point.id, block && decodeRaw(point, readModbus(point, block, start)).value);
  }
  return values;
}

test.each<[string, (clock: SimulatedClock) => Registers, Record<string, [number, number]>]>([
  [
    'eastron/sdm630',
    (clock) => new Sdm630(clock).registers,
    { 'voltage-a': [225, 237], 'active-power': [4500, 6500], frequency: [49.9, 50.1], 'energy-import': [1234, 1300] },
  ],
  [
    'renke/rs-fsxcs-n01@wind-tenths',
    renkeStation,
    {
      'wind-speed': [0, 6],
      'wind-direction': [0, 360],
      temperature: [15, 22],
      'pm2.5': [20, 60],
      noise: [50, 70],
      pressure: [101, 102],
    },
  ],
  ['jxct/jxbs-3001-pm', jxctDust, { 'pm2.5': [25, 60], pm10: [60, 110] }],
])('a simulated %s answers every point of its profile with values that one believes', async (id, make, ranges) => {
  const clock = new SimulatedClock();
  const registers = make(clock);
  const seen = new Set<string>();
  for (let minute = 0; minute < 60; minute += 1) {
    const values = valuesOf(id, registers);
    expect([...values].filter(([, value]) => value === undefined || value === null)).toEqual([]);
    for (const [point, [lowest, highest]] of Object.entries(ranges)) {
      expect(values.get(point), point).toBeGreaterThanOrEqual(lowest);
      expect(values.get(point), point).toBeLessThanOrEqual(highest);
    }
    seen.add([...values.values()].join());
    await clock.advance(60_000);
  }
  expect(seen.size).toBeGreaterThan(30);
});

test('a meter whose load is switched off measures voltage and no power', () => {
  const meter = new Sdm630(new SimulatedClock());
  meter.running = false;
  const values = valuesOf('eastron/sdm630', meter.registers);
  expect(values.get('active-power')).toBe(0);
  expect(values.get('voltage-a')).toBeGreaterThan(200);
});
