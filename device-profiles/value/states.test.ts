import { expect, test } from 'vitest';
import {
  decodeAll,
  faultsOf,
  float32,
  modbusProfile,
  registers,
  valuesIn,
} from '../../test-rigs/profiles/written-profile.ts';

// Part E of the requirements for profiles: quality. Each test names the requirement it meets.

const withStatus = (auxiliary: string, status: string) =>
  modbusProfile(`points:
  - { id: nmhc, factor: nmhc, functionCode: 3, register: 0, type: float32 }
  - { id: oxygen, factor: flue-oxygen, functionCode: 3, register: 2, type: float32 }
auxiliaries:
  - { id: state, ${auxiliary} }
status:
  - { auxiliary: state, ${status} }
`);

const values = registers(0, ...float32(12.5), ...float32(20.9));

/** Flag and value of each point. */
function flagged(profile: ReturnType<typeof modbusProfile>, image: Record<string, number>) {
  const entries = [...decodeAll(profile, image)].map(([id, { value, state }]) => [id, [state?.flag ?? 'N', value]]);
  return Object.fromEntries(entries);
}

test('E31: a state sent as a float enum (LanBao) becomes the flag of HJ 212, beside the value', () => {
  const profile = withStatus(
    'functionCode: 3, register: 4, type: float32',
    'values: { 0: { flag: N }, 1: { flag: F, zh: 停用, en: out of service }, 5: { flag: C, zh: 校准, en: calibration } }',
  );
  expect(flagged(profile, { ...values, ...registers(4, ...float32(0)) })).toEqual({
    nmhc: ['N', 12.5],
    oxygen: ['N', 20.9],
  });
  expect(flagged(profile, { ...values, ...registers(4, ...float32(5)) })).toEqual({
    nmhc: ['C', 12.5],
    oxygen: ['C', 20.9],
  });
});

test('E31: a state that the profile does not know is a fault that names the number, never normal', () => {
  const profile = withStatus('functionCode: 3, register: 4, type: u16', 'values: { 0: { flag: N } }');
  const nmhc = decodeAll(profile, { ...values, ...registers(4, 9) }).get('nmhc');
  expect(nmhc).toMatchObject({ value: 12.5, state: { flag: 'D' } });
  expect(nmhc?.state?.en).toContain('state 9');
});

test('E31: otherwise says what every other number means (Janitza: anything but 1 is not valid)', () => {
  const profile = withStatus(
    'functionCode: 3, register: 4, type: u16',
    'values: { 1: { flag: N } }, otherwise: { flag: D, zh: 无效, en: not valid, noValue: true }',
  );
  expect(valuesIn(profile, { ...values, ...registers(4, 1) }).nmhc).toBe(12.5);
  expect(valuesIn(profile, { ...values, ...registers(4, 0) }).nmhc).toBe('instrument-status');
});

test('E31: bits of a status word; of several that are raised the gravest holds', () => {
  const profile = withStatus(
    'functionCode: 3, register: 4, type: u16',
    'bits: { 15: { flag: D, zh: 故障, en: fault }, 3: { flag: M, zh: 维护, en: maintenance } }, points: [nmhc]',
  );
  const flags = (word: number) => flagged(profile, { ...values, ...registers(4, word) });
  expect(flags(0x0001).nmhc).toEqual(['N', 12.5]);
  expect(flags(0x0008).nmhc).toEqual(['M', 12.5]);
  expect(flags(0x8008).nmhc).toEqual(['D', 12.5]);
  expect(flags(0x8008).oxygen).toEqual(['N', 20.9]);
});

test('E31: a bit that is low while something is wrong', () => {
  const profile = withStatus(
    'functionCode: 3, register: 4, type: u16',
    'activeLow: true, bits: { 0: { flag: D, zh: 故障, en: fault } }',
  );
  expect(flagged(profile, { ...values, ...registers(4, 1) }).nmhc).toEqual(['N', 12.5]);
  expect(flagged(profile, { ...values, ...registers(4, 0) }).nmhc).toEqual(['D', 12.5]);
});

test('E31: a discrete input beside input registers tells the state (SICK MCS100FT)', () => {
  const profile = withStatus(
    'functionCode: 2, register: 4003, type: bit',
    'values: { 0: { flag: N }, 1: { flag: M, zh: 维护, en: maintenance } }',
  );
  expect(flagged(profile, { ...values, '2:4003': 1 }).nmhc).toEqual(['M', 12.5]);
});

test('E31: a state that could not be read leaves the values marked, not normal', () => {
  const profile = withStatus('functionCode: 3, register: 4, type: u16', 'values: { 0: { flag: N } }');
  expect(decodeAll(profile, values).get('nmhc')).toMatchObject({ value: 12.5, state: { flag: 'B', unknown: true } });
});

test('E31: a computed point inherits the flag of what it is made of', () => {
  const profile = modbusProfile(`points:
  - { id: thc, factor: total-hydrocarbons, functionCode: 3, register: 0, type: u16 }
  - { id: methane, factor: methane, functionCode: 3, register: 1, type: u16 }
auxiliaries:
  - { id: state, functionCode: 3, register: 2, type: u16 }
computed:
  - { id: nmhc, factor: nmhc, difference: [thc, methane] }
status:
  - { auxiliary: state, points: [methane], values: { 0: { flag: N }, 1: { flag: C, zh: 校准, en: calibration } } }
`);
  expect(flagged(profile, registers(0, 12, 2, 1))).toEqual({ thc: ['N', 12], methane: ['C', 2], nmhc: ['C', 10] });
});

test('E31: a state is said in both languages, and normal is among them', () => {
  const body = (status: string) => `points:
  - { id: noise, factor: noise, functionCode: 3, register: 0, type: u16 }
auxiliaries:
  - { id: state, functionCode: 3, register: 1, type: u16 }
status:
  - { auxiliary: state, ${status} }
`;
  expect(faultsOf(body('values: { 0: { flag: N }, 1: { flag: D } }'))[0]).toContain('does not say what the state is');
  expect(faultsOf(body('values: { 1: { flag: D, zh: 障, en: fault } }'))[0]).toContain(
    'no number means that all is normal',
  );
  expect(faultsOf(body('values: { 0: { flag: X } }'))[0]).toContain('write one of: N, F, M, S, D, C, T, B');
  expect(faultsOf(body('values: { 0: { flag: N } }, bits: { 1: { flag: N } }'))[0]).toContain(
    'write either values or bits',
  );
  expect(faultsOf(body('values: { 0: { flag: N, noValue: true } }'))[0]).toContain('noValue');
});

test('E32: a sentinel is the raw value as its type reads it, and is no value', () => {
  const profile = modbusProfile(`points:
  - { id: t, factor: temperature, functionCode: 3, register: 0, type: s16, scale: 0.1, sentinels: [0x7FFF, -32768] }
  - { id: al, factor: vapour-liquid-ratio, functionCode: 3, register: 1, type: float32, sentinels: [-0.01] }
`);
  expect(valuesIn(profile, registers(0, 0x8000, ...float32(-0.01)))).toEqual({ t: 'sentinel', al: 'sentinel' });
  expect(valuesIn(profile, registers(0, 0xffff, ...float32(0)))).toEqual({ t: -0.1, al: 0 });
});

test('E32: a block that is zero all through while the instrument warms up holds no value, not zeros', () => {
  const profile = modbusProfile(`points:
  - { id: pm2.5, factor: pm2.5, functionCode: 3, register: 0, type: u16 }
  - { id: pm10, factor: pm10, functionCode: 3, register: 1, type: u16 }
  - { id: noise, factor: noise, functionCode: 3, register: 2, type: u16 }
allZero: [pm2.5, pm10]
`);
  expect(valuesIn(profile, registers(0, 0, 0, 0))).toEqual({ 'pm2.5': 'warm-up', pm10: 'warm-up', noise: 0 });
  expect(valuesIn(profile, registers(0, 0, 3, 0))).toEqual({ 'pm2.5': 0, pm10: 3, noise: 0 });
});

test('E33: a sensor that may not be fitted is optional, and the site has to confirm it', () => {
  const profile = modbusProfile(`points:
  - { id: noise, factor: noise, functionCode: 3, register: 0, type: u16, optional: true }
`);
  expect(profile.points[0]?.optional).toBe(true);
});
