import { expect, test } from 'vitest';
import {
  decodeAll,
  faultsOf,
  float32,
  modbusProfile,
  registers,
  valuesIn,
} from '../../test-rigs/profiles/written-profile.ts';
import { readModbus } from '../decode.ts';

// Part D of the requirements for profiles: points. Each test names the requirement it meets.

test('D17: coils, discrete inputs, holding and input registers stand side by side in one profile', () => {
  const profile = modbusProfile(`points:
  - { id: a, factor: ph, functionCode: 1, register: 7, type: bit }
  - { id: b, factor: turbidity, functionCode: 2, register: 7, type: bit }
  - { id: c, factor: noise, functionCode: 3, register: 7, type: u16 }
  - { id: d, factor: humidity, functionCode: 4, register: 7, type: u16 }
`);
  expect(valuesIn(profile, { '1:7': 1, '2:7': 0, '3:7': 3, '4:7': 4 })).toEqual({ a: 1, b: 0, c: 3, d: 4 });
});

test('D18: a register may be written in the notation of the manual, decimal or hexadecimal', () => {
  const profile = modbusProfile(`points:
  - { id: a, factor: noise, functionCode: 3, register: 0x01F4, type: u16 }
  - { id: b, factor: humidity, functionCode: 3, register: 501, type: u16 }
`);
  expect(profile.points.map(({ register }) => register)).toEqual([500, 501]);
});

const oneType = (type: string, more = '') =>
  modbusProfile(`points:\n  - { id: p, factor: temperature, functionCode: 3, register: 0, type: ${type}${more} }\n`);

test.each([
  ['u8-high', '', [0x12fe], 0x12],
  ['u8-low', '', [0x12fe], 0xfe],
  ['s8-high', '', [0xfe12], -2],
  ['s8-low', '', [0x12fe], -2],
  ['u24', '', [0x0012, 0x3456], 0x123456],
  ['s24', '', [0x00ff, 0xfffe], -2],
  ['bcd16', '', [0x1234], 1234],
  ['bcd32', '', [0x0012, 0x3456], 123456],
  ['bcd48', ', scale: 0.0001', [0x0012, 0x3456, 0x7890], 123456.789],
  ['bcd64', '', [0x0000, 0x0000, 0x0012, 0x3456], 123456],
  ['bcd16', ', signBit: true', [0x8234], -234],
  ['bcd32', ', order: DCBA', [0x5634, 0x1200], 123456],
  ['u16', ', bits: [4, 7]', [0x00a5], 10],
  ['u32', ', bits: [28, 31]', [0x9000, 0x0000], 9],
])('D19: type %s%s is read from its registers', (type, more, words, value) => {
  expect(valuesIn(oneType(type, more), registers(0, ...words))).toEqual({ p: value });
});

test.each([
  ['time-bcd', [0x2507, 0x1423, 0x5912], '2025-07-14T23:59:12'],
  ['time-bcd-minutes', [0x2025, 0x0714, 0x2359], '2025-07-14T23:59:00'],
  ['time-seven', [0x07e9, 0x070e, 0x173b, 0x0cff], '2025-07-14T23:59:12'],
  ['time-seven-low', [0xff07, 0xe907, 0x0e17, 0x3b0c], '2025-07-14T23:59:12'],
  ['time-seven', [0x07e9, 0x0d0e, 0x173b, 0x0cff], Number.NaN],
  ['time-bcd-minutes', [0x2025, 0x071a, 0x2359], Number.NaN],
] as const)(
  'D19: a moment of type %s is read from its registers, and is none where there is no such moment',
  (type, words, text) => {
    const read = { id: 'at', functionCode: 3, register: 7, type, order: 'ABCD', cadence: 'fast' } as const;
    expect(readModbus(read, Uint16Array.from(words), 7)).toBe(text);
  },
);

test('D19: digits that are none make no number', () => {
  expect(valuesIn(oneType('bcd16'), registers(0, 0x12a4))).toEqual({ p: 'not-a-number' });
});

test('D19: the type belongs to the point, not to the instrument', () => {
  const profile = modbusProfile(`points:
  - { id: voltage-a, factor: voltage-a, functionCode: 3, register: 0x61, type: u16, scale: 0.1 }
  - { id: power, factor: active-power, functionCode: 3, register: 0x16A, type: s32 }
`);
  expect(valuesIn(profile, { ...registers(0x61, 2301), ...registers(0x16a, 0xffff, 0xfff0) })).toEqual({
    'voltage-a': 230.1,
    power: -16,
  });
});

test.each([
  ['ABCD', [0x4366, 0x3334]],
  ['CDAB', [0x3334, 0x4366]],
  ['BADC', [0x6643, 0x3433]],
  ['DCBA', [0x3433, 0x6643]],
])('D20: order %s gives the same float', (order, words) => {
  expect(valuesIn(oneType('float32', `, order: ${order}`), registers(0, ...words))).toEqual({ p: 230.20001 });
});

test('D21: a scale read from a decimals register moves the point, and none is guessed where it is missing', () => {
  const profile = modbusProfile(`points:
  - { id: ph, factor: ph, functionCode: 3, register: 2, type: u32, scaleFrom: { auxiliary: digits, as: decimals } }
auxiliaries:
  - { id: digits, functionCode: 3, register: 4, type: u16 }
`);
  expect(valuesIn(profile, registers(2, 0, 701, 2))).toEqual({ ph: 7.01 });
  expect(valuesIn(profile, registers(2, 0, 701, 1))).toEqual({ ph: 70.1 });
  expect(valuesIn(profile, registers(2, 0, 701))).toEqual({ ph: 'scale-unknown' });
  expect(valuesIn(profile, registers(2, 0, 701, 99))).toEqual({ ph: 'scale-unknown' });
});

test('D21: a power with an exponent register (ACR: P x 10^(DPQ - 4)) is read as the manual says', () => {
  const profile = modbusProfile(`points:
  - { id: power, factor: active-power, functionCode: 3, register: 0x31, type: s16, scaleFrom: { auxiliary: dpq, as: exponent, minus: 4 } }
auxiliaries:
  - { id: dpq, functionCode: 3, register: 0x23, type: u8-high }
`);
  expect(valuesIn(profile, { ...registers(0x31, 1234), ...registers(0x23, 0x0500) })).toEqual({ power: 12340 });
  expect(valuesIn(profile, { ...registers(0x31, 0xff85), ...registers(0x23, 0x0200) })).toEqual({ power: -1.23 });
});

test('D21: a code that stands for a factor scales only where the profile knows it', () => {
  const profile = modbusProfile(`points:
  - { id: ph, factor: ph, functionCode: 3, register: 0, type: u16, scaleFrom: { auxiliary: code, codes: { 1: 0.1, 0x02: 0.01 } } }
auxiliaries:
  - { id: code, functionCode: 3, register: 1, type: u16 }
`);
  expect(valuesIn(profile, registers(0, 701, 2))).toEqual({ ph: 7.01 });
  expect(valuesIn(profile, registers(0, 701, 3))).toEqual({ ph: 'scale-unknown' });
});

test('D21: the CT and PT ratios of the site multiply what the meter reports of its secondary side', () => {
  const profile = modbusProfile(`parameters:
  ct: { zh: 电流互感器变比？, en: CT ratio?, range: [1, 10000] }
  pt: { zh: 电压互感器变比？, en: PT ratio?, range: [1, 1000], default: 1 }
points:
  - { id: power, factor: active-power, functionCode: 3, register: 0, type: u16, unit: kW, scale: 0.001, times: [ct, pt] }
`);
  expect(valuesIn(profile, registers(0, 1234), { ct: 40 })).toEqual({ power: 49360 });
  expect(valuesIn(profile, registers(0, 1234), { ct: 40, pt: 100 })).toEqual({ power: 4936000 });
  expect(valuesIn(profile, registers(0, 1234))).toEqual({ power: 'scale-unknown' });
});

test('D21: a ratio may also be read from the meter itself', () => {
  const profile = modbusProfile(`points:
  - { id: energy, factor: energy-total, functionCode: 3, register: 0, type: u32, scale: 0.01, times: [pt, ct] }
auxiliaries:
  - { id: pt, functionCode: 3, register: 0x8D, type: u16, sentinels: [0] }
  - { id: ct, functionCode: 3, register: 0x8E, type: u16, sentinels: [0] }
`);
  expect(valuesIn(profile, { ...registers(0, 0, 12345), ...registers(0x8d, 1, 40) })).toEqual({ energy: 4938 });
  expect(valuesIn(profile, { ...registers(0, 0, 12345), ...registers(0x8d, 0, 40) })).toEqual({
    energy: 'scale-unknown',
  });
});

test('D23: a unit read from a register decides what the number is; another code gives no value', () => {
  const profile = modbusProfile(`points:
  - { id: so2, factor: sulfur-dioxide, functionCode: 3, register: 0, type: float32, unitFrom: { auxiliary: unit, codes: { 1: ppm, 2: ppb, 5: µg/m³ } }, reference: 25C }
auxiliaries:
  - { id: unit, functionCode: 3, register: 2, type: u16 }
`);
  const with2 = (unit: number) => valuesIn(profile, registers(0, ...float32(20), unit)).so2;
  expect(with2(5)).toBe(20);
  expect(with2(2)).toBeCloseTo((20 * 64.07) / 24.45, 9);
  expect(with2(1)).toBeCloseTo((20_000 * 64.07) / 24.45, 6);
  expect(with2(4)).toBe('scale-unknown');
});

test('D24: whole and fraction in registers of their own make one value (TUF-2000)', () => {
  const profile = modbusProfile(`auxiliaries:
  - { id: whole, functionCode: 3, register: 8, type: s32, order: CDAB, frame: total }
  - { id: fraction, functionCode: 3, register: 10, type: float32, order: CDAB, frame: total }
computed:
  - { id: total, factor: water-volume, join: [whole, fraction] }
`);
  const [high, low] = float32(0.7);
  expect(valuesIn(profile, registers(8, 0xe240, 0x0001, low, high))).toEqual({ total: 123456.7 });
  expect(valuesIn(profile, registers(8, 0xe240, 0x0001))).toEqual({});
});

test('D24: an energy that is kept by tariff is the sum of its tariffs (PAC3220)', () => {
  const profile = modbusProfile(`repeat:
  - over: [1, 2, 3, 4]
    stride: 2
    auxiliaries:
      - { id: tariff-<each>, functionCode: 3, register: 100, type: u32, scale: 0.001 }
computed:
  - { id: energy-import, factor: energy-import, join: [tariff-1, tariff-2, tariff-3, tariff-4] }
`);
  expect(valuesIn(profile, registers(100, 0, 100, 0, 200, 0, 300, 0, 5))).toEqual({ 'energy-import': 0.605 });
});

test('D25: phases repeat with a stride, and the name of each stands in id and factor', () => {
  const profile = modbusProfile(`repeat:
  - over: [a, b, c]
    stride: 2
    points:
      - { id: voltage-<each>, factor: voltage-<each>, functionCode: 3, register: 0x2006, type: float32, scale: 0.1 }
      - { id: current-<each>, factor: current-<each>, functionCode: 3, register: 0x200C, type: float32, scale: 0.001 }
`);
  expect(profile.points.map(({ id, register }) => `${id} ${register.toString(16)}`)).toEqual([
    'voltage-a 2006',
    'voltage-b 2008',
    'voltage-c 200a',
    'current-a 200c',
    'current-b 200e',
    'current-c 2010',
  ]);
});

test('D25: nozzles repeat as channels, each with its own auxiliaries and computed point', () => {
  const profile = modbusProfile(`repeat:
  - over: [1, 2]
    stride: 19
    auxiliaries:
      - { id: fuel-<each>, functionCode: 3, register: 1, type: u16, scale: 0.01, frame: nozzle-<each> }
      - { id: vapour-<each>, functionCode: 3, register: 2, type: u16, scale: 0.01, frame: nozzle-<each> }
    computed:
      - { id: al-<each>, factor: vapour-liquid-ratio, channel: <each>, ratio: [vapour-<each>, fuel-<each>], when: [{ value: fuel-<each>, atLeast: 15 }] }
`);
  const image = { ...registers(1, 2000, 2100), ...registers(20, 1000, 1100) };
  expect(valuesIn(profile, image)).toEqual({ 'al-1': 1.05, 'al-2': 'not-applicable' });
  expect(profile.computed.map(({ channel }) => channel)).toEqual(['1', '2']);
});

const sonde = `slots:
  - id: sonde
    count: 4
    code: { functionCode: 3, register: 128, stride: 1, type: u16, end: 0 }
    value: { functionCode: 3, register: 384, stride: 2, type: float32, order: CDAB }
    status: { functionCode: 3, register: 256, stride: 1, type: u16, values: { 0: { flag: N }, 2: { flag: D, zh: 不可用, en: not available, noValue: true } } }
    meanings:
      - { code: 1, id: temperature, factor: water-temperature }
      - { code: 2, id: temperature-f, factor: water-temperature, unit: °F }
      - { code: 18, id: ph, factor: ph }
`;
const slot = (value: number) => float32(value).reverse();

test('D26: the instrument says which slot holds what, wherever that is', () => {
  const profile = modbusProfile(sonde);
  const values = registers(384, ...slot(7.5), ...slot(68), ...slot(1), ...slot(2));
  const status = registers(256, 0, 0, 0, 0);
  expect(valuesIn(profile, { ...registers(128, 18, 2, 0, 0), ...values, ...status })).toEqual({
    ph: 7.5,
    'temperature-f': 20,
    temperature: 'not-listed',
  });
  expect(valuesIn(profile, { ...registers(128, 99, 18, 0, 0), ...values, ...status }).ph).toBe(68);
});

test('D26: a slot behind the end of the list, or listed twice, is never taken', () => {
  const profile = modbusProfile(sonde);
  const values = { ...registers(384, ...Array(4).fill(slot(7.5)).flat()), ...registers(256, 0, 2, 0, 0) };
  expect(valuesIn(profile, { ...registers(128, 1, 0, 18, 0), ...values }).ph).toBe('not-listed');
  expect(valuesIn(profile, { ...registers(128, 18, 1, 18, 0), ...values }).ph).toBe('not-listed');
  const decoded = decodeAll(profile, { ...registers(128, 1, 18, 0, 0), ...values });
  expect(decoded.get('ph')).toMatchObject({ value: null, reason: 'instrument-status', state: { flag: 'D' } });
});

test('D26: units and parameters that each slot names itself are followed (In-Situ)', () => {
  const profile = modbusProfile(`slots:
  - id: probe
    count: 2
    code: { functionCode: 3, register: 39, stride: 8, type: u16 }
    value: { functionCode: 3, register: 37, stride: 8, type: float32 }
    unit: { functionCode: 3, register: 40, stride: 8, type: u16, codes: { 1: °C, 2: °F, 17: kPa } }
    meanings:
      - { code: 1, id: temperature, factor: water-temperature }
`);
  const image = (unit: number) => ({ ...registers(37, ...float32(212), 1, unit), ...registers(45, 0, 0, 2, 17) });
  expect(valuesIn(profile, image(2))).toEqual({ temperature: 100 });
  expect(valuesIn(profile, image(9))).toEqual({ temperature: 'scale-unknown' });
  expect(valuesIn(profile, image(17))).toEqual({ temperature: 'scale-unknown' });
});

test('D27: computed points know a closed list of operators', () => {
  const profile = modbusProfile(`points:
  - { id: thc, factor: total-hydrocarbons, functionCode: 3, register: 0, type: u16, scale: 0.1 }
  - { id: methane, factor: methane, functionCode: 3, register: 1, type: u16, scale: 0.1 }
  - { id: before, factor: tvoc, functionCode: 3, register: 2, type: u16 }
  - { id: after, factor: tvoc, channel: outlet, functionCode: 3, register: 3, type: u16 }
  - { id: no, factor: flue-nitric-oxide, functionCode: 3, register: 4, type: u16 }
  - { id: no2, factor: flue-nitrogen-dioxide, functionCode: 3, register: 5, type: u16 }
computed:
  - { id: nmhc, factor: nmhc, difference: [thc, methane] }
  - { id: efficiency, factor: treatment-efficiency, efficiency: [before, after] }
  - { id: nox, factor: flue-nitrogen-oxides, noxAsNo2: [no, no2] }
`);
  const values = valuesIn(profile, registers(0, 123, 23, 200, 10, 100, 5));
  expect(values).toMatchObject({ nmhc: 10, efficiency: 95 });
  expect(values.nox).toBeCloseTo((100 * 46.01) / 30.01 + 5, 9);
  expect(valuesIn(profile, registers(0, 123, 23, 0, 10, 100, 5)).efficiency).toBe('not-applicable');
});

test('D27: a computed point has no value where one of its inputs has none, for the same reason', () => {
  const profile = modbusProfile(`points:
  - { id: thc, factor: total-hydrocarbons, functionCode: 3, register: 0, type: u16, sentinels: [0xFFFF] }
  - { id: methane, factor: methane, functionCode: 3, register: 1, type: u16 }
computed:
  - { id: nmhc, factor: nmhc, difference: [thc, methane] }
`);
  expect(valuesIn(profile, registers(0, 0xffff, 20)).nmhc).toBe('sentinel');
  expect(valuesIn(profile, registers(1, 20))).toEqual({ methane: 20 });
});

test('D28: a 4-20 mA signal becomes a value; a broken loop and an overload become none', () => {
  const profile = modbusProfile(`parameters:
  full: { zh: 量程上限？, en: full scale?, range: [1, 10000] }
points:
  - { id: pressure, factor: tank-pressure, functionCode: 3, register: 0, type: u16, scale: 0.001, curve: { from: [4, 20], to: [0, full], under: 3.6, over: 21 } }
`);
  const at = (microamperes: number) => valuesIn(profile, registers(0, microamperes), { full: 1000 }).pressure;
  expect([at(4000), at(12_000), at(20_000), at(3800), at(20_500)]).toEqual([0, 500, 1000, -12.5, 1031.25]);
  expect([at(3599), at(21_001), at(0)]).toEqual(['broken-loop', 'over-range', 'broken-loop']);
});

test('D28: counts of a PLC module (6400 to 32000) are a straight line', () => {
  const profile = modbusProfile(`points:
  - { id: flow, factor: flue-velocity, functionCode: 3, register: 0, type: s16, curve: { from: [6400, 32000], to: [0, 30], under: 5760, over: 32700 } }
`);
  expect(valuesIn(profile, registers(0, 19200))).toEqual({ flow: 15 });
});

test('D28: a table is straight between its pairs and has no value outside', () => {
  const profile = modbusProfile(`points:
  - { id: level, factor: water-level, functionCode: 3, register: 0, type: u16, curve: { table: [[100, 0], [200, 1], [400, 2]] } }
`);
  const at = (raw: number) => valuesIn(profile, registers(0, raw)).level;
  expect([at(100), at(150), at(300), at(400)]).toEqual([0, 0.5, 1.5, 2]);
  expect([at(99), at(401)]).toEqual(['outside-curve', 'outside-curve']);
});

test('D28: a power law a x signal^b reads a semiconductor sensor', () => {
  const profile = modbusProfile(`points:
  - { id: methane, factor: methane, functionCode: 3, register: 0, type: u16, scale: 0.01, curve: { power: { a: 10, b: -2 } } }
`);
  const at = (raw: number) => valuesIn(profile, registers(0, raw)).methane;
  expect([at(100), at(200)]).toEqual([10, 2.5]);
  expect(at(0)).toBe('outside-curve');
});

const gas = (fields: string) => `points:\n  - { id: p, functionCode: 3, register: 0, type: u16, ${fields} }\n`;

test('D29: ppm becomes mg/m³ by the molar mass of the factor and the stated state of the gas', () => {
  const at25 = modbusProfile(gas('factor: sulfur-dioxide, unit: ppb, reference: 25C'));
  expect(valuesIn(at25, registers(0, 100)).p).toBeCloseTo((100 * 64.07) / 24.45, 9);
  const at0 = modbusProfile(gas('factor: flue-carbon-monoxide, unit: ppm, reference: 0C'));
  expect(valuesIn(at0, registers(0, 100)).p).toBeCloseTo((100 * 28.01) / 22.4, 9);
});

test('D29: a conversion that is not known is refused, with the remedy', () => {
  expect(faultsOf(gas('factor: sulfur-dioxide, unit: ppm'))).toEqual([
    '9 points[p].unit: ppm becomes µg/m³ only at a stated temperature of the gas; add reference: 25C for ambient air, 0C for stack gas, as the maker states it',
  ]);
  expect(faultsOf(gas('factor: nmhc, unit: ppm, reference: 0C'))[0]).toContain('a mixture without a molar mass');
  expect(faultsOf(gas('factor: temperature, unit: kPa'))[0]).toContain('kPa cannot become °C');
  expect(faultsOf(gas('factor: temperature, unit: kPa'))[0]).toContain('write one of: °C, °F, K');
  expect(faultsOf(gas('factor: temperature, unit: degC'))[0]).toContain('"degC" is not allowed');
});

test('D29: a concentration in wet gas becomes one in dry gas at standard state from T, P and RH', () => {
  const profile = modbusProfile(`auxiliaries:
  - { id: wet, functionCode: 3, register: 0, type: u16 }
points:
  - { id: t, factor: flue-temperature, functionCode: 3, register: 1, type: u16 }
  - { id: p, factor: flue-pressure, functionCode: 3, register: 2, type: s16, unit: Pa }
  - { id: h, factor: flue-humidity, functionCode: 3, register: 3, type: u16 }
computed:
  - { id: dust, factor: flue-dust, dryStandard: { concentration: wet, temperature: t, staticPressure: p, humidity: h } }
`);
  const { dust } = valuesIn(profile, registers(0, 20, 100, 0x10000 - 1325, 10));
  expect(dust).toBeCloseTo((20 * (101.325 / 100) * (373 / 273)) / 0.9, 9);
});

test('D30: a counter names the reading at which it begins again; only a counter can', () => {
  const body = (factor: string) =>
    `points:\n  - { id: p, factor: ${factor}, functionCode: 3, register: 0, type: u32, scale: 0.01, rollover: 1000000 }\n`;
  expect(modbusProfile(body('energy-import')).points[0]?.rollover).toBe(1_000_000);
  expect(faultsOf(body('noise'))[0]).toContain('noise is no counter');
});
