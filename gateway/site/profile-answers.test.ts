import { describe, expect, test } from 'vitest';
import { loadCatalogue } from '../../device-profiles/catalogue.ts';
import { head, WrittenProfiles } from '../../test-rigs/profiles/written-profile.ts';
import { checkSite } from './check-site.ts';
import { expectedSeries, type LoadedSite } from './load-site.ts';
import { type LooseSite, sampleSite, told } from './trial/sample-site.ts';

// What a profile asks of the site, and what the site then expects of the instrument.

const meter = `parameters:
  ct: { zh: 电流互感器变比？, en: CT ratio (40 for 200/5)?, range: [1, 10000] }
  pt: { zh: 电压互感器变比？, en: PT ratio?, range: [1, 1000], default: 1 }
points:
  - { id: power, factor: active-power, functionCode: 3, register: 0, type: u16, times: [ct, pt] }
  - { id: energy, factor: energy-import, functionCode: 3, register: 1, type: u32, times: [ct, pt], refreshSeconds: 5, rollover: 1000 }
`;

function checked(body: string, fields: Record<string, unknown>) {
  const written = WrittenProfiles.inTest();
  written.write('acme/test', head + body);
  const catalogue = loadCatalogue({ directories: [written.directory] });
  const site: LooseSite = sampleSite();
  const instrument = { ...site.instruments[0], profile: 'acme/test', id: 'meter', ...fields };
  site.instruments = [instrument];
  const check = checkSite(JSON.stringify(site), { file: 'site.json', catalogue, resolveDevice: (path) => path });
  const series = (): ReturnType<typeof expectedSeries> =>
    expectedSeries({ site: check.usable, leftOut: check.leftOut } as unknown as LoadedSite, catalogue);
  return { faults: told(check.faults), check, series };
}

test('D21: a CT ratio that the site does not state is a fault, and the instrument is left out', () => {
  const { faults, check, series } = checked(meter, {});
  expect(faults).toEqual([
    'instruments[0].parameters.ct: is missing: CT ratio (40 for 200/5)?; write "parameters": { "ct": … }, from 1 to 10000',
  ]);
  expect(check.faults[0]?.fault.zh).toBe('缺少此项：电流互感器变比？');
  expect(check.leftOut.map(({ index }) => index)).toEqual([0]);
  expect(series().map(({ factor, leftOut }) => `${factor} ${leftOut}`)).toEqual([
    'active-power true',
    'energy-import true',
  ]);
});

const builtIn = loadCatalogue({ directories: [] });

test('D21: a stated ratio is taken within its range only, and one that nobody asked for is told', () => {
  expect(checked(meter, { parameters: { ct: 40 } }).faults).toEqual([]);
  expect(checked(meter, { parameters: { ct: 0 } }).faults[0]).toContain('0 cannot be right: CT ratio');
  expect(checked(meter, { parameters: { ct: 40, tc: 2 } }).faults).toEqual([
    'instruments[0].parameters.tc: acme/test asks for no tc; write ct',
  ]);
});

test('E35: a value that the instrument makes every 5 s is expected at the polls that can find a new one', () => {
  const every = Object.fromEntries(
    checked(meter, { parameters: { ct: 40 } })
      .series()
      .map((one) => [one.factor, one.every]),
  );
  expect(every).toEqual({ 'active-power': 4000, 'energy-import': 8000 });
});

test('D30: the reading at which a counter begins again goes with its series', () => {
  const series = checked(meter, { parameters: { ct: 40 } }).series();
  // The meter counts to 1000 kWh behind transformers of 40 : 1.
  expect(series.map(({ rollover }) => rollover)).toEqual([null, 40_000]);
});

test('D27: computed points are series of their own, of origin computed, and of no cadence where a condition decides', () => {
  const { series, faults } = checked(
    `points:
  - { id: vapour, factor: vapour-volume, functionCode: 3, register: 0, type: u16 }
  - { id: fuel, factor: fuel-volume, functionCode: 3, register: 1, type: u16 }
computed:
  - { id: al, factor: vapour-liquid-ratio, ratio: [vapour, fuel], when: [{ value: fuel, atLeast: 15 }] }
  - { id: sum, factor: water-flow, join: [a, b] }
auxiliaries:
  - { id: a, functionCode: 3, register: 2, type: u16 }
  - { id: b, functionCode: 3, register: 3, type: u16 }
`,
    {},
  );
  expect(faults).toEqual([]);
  expect(series().map(({ factor, every, origin }) => [factor, every, origin])).toEqual([
    ['vapour-volume', 4000, 'measured'],
    ['fuel-volume', 4000, 'measured'],
    ['vapour-liquid-ratio', null, 'computed'],
    ['water-flow', 4000, 'measured'],
  ]);
});

test('D26: the site expects what it lists as fitted of an instrument that lists its own parameters', () => {
  const sonde = `slots:
  - id: sonde
    count: 4
    code: { functionCode: 3, register: 128, stride: 1, type: u16, end: 0 }
    value: { functionCode: 3, register: 384, stride: 2, type: float32 }
    meanings:
      - { code: 1, id: temperature, factor: water-temperature }
      - { code: 2, id: temperature-f, factor: water-temperature, unit: °F }
      - { code: 18, id: ph, factor: ph }
`;
  expect(
    checked(sonde, { fitted: ['ph', 'temperature'] })
      .series()
      .map(({ factor }) => factor),
  ).toEqual(['water-temperature', 'ph']);
  expect(checked(sonde, { fitted: ['phh'] }).faults[0]).toContain('acme/test has no sensor phh');
  expect(checked(sonde, { fitted: ['temperature', 'temperature-f'] }).faults[0]).toContain(
    'temperature and temperature-f are both water-temperature',
  );
});

describe('an analogue module', () => {
  const channels = { 'channel-1': 'north-gate', 'channel-2': 'fan' };
  const faultsWith = (fields: object): string[] => {
    const site: LooseSite = sampleSite();
    const own = { id: 'module', profile: 'analog/s7-200', link: 'rs485-1', address: 9, every: '4s', channels };
    site.instruments = [{ ...own, ...fields }];
    return told(
      checkSite(JSON.stringify(site), { file: 'site.json', catalogue: builtIn, resolveDevice: (path) => path }).faults,
    );
  };

  test('asks for the two ends of what is connected, and of nothing else', () => {
    const parameters = { 'low-1': 0, 'high-1': 5 };
    expect(faultsWith({ fitted: ['level-1'], parameters })).toEqual([]);
    expect(faultsWith({ fitted: ['level-1', 'ph-2'], parameters }).map((fault) => fault.split(':')[0])).toEqual([
      'instruments[0].parameters.low-2',
      'instruments[0].parameters.high-2',
    ]);
  });

  test('whose channels are nowhere measures nothing, whatever its own point', () => {
    const fields = { fitted: ['level-1'], parameters: { 'low-1': 0, 'high-1': 5 }, channels: undefined, point: 'fan' };
    expect(faultsWith(fields)[0]).toContain('instruments[0].channels: is missing: which channel measures which point?');
  });

  test('has one quantity on one input', () => {
    const parameters = { 'low-1': 0, 'high-1': 5 };
    expect(faultsWith({ fitted: ['level-1', 'ph-1'], parameters })).toEqual([
      'instruments[0].fitted[1]: level-1 and ph-1 are the same input; keep what is connected to it',
    ]);
  });
});

test('B7, B8: where no source states the address, the site must, and the line may have any settings', () => {
  const written = WrittenProfiles.inTest();
  const open = head.replace(/^(serial|address):.*\n/gm, '');
  written.write(
    'acme/test',
    `${open}points:\n  - { id: v, factor: voltage, functionCode: 4, register: 0, type: u16 }\n`,
  );
  const catalogue = loadCatalogue({ directories: [written.directory] });
  const checkedWith = (address: number | undefined) => {
    const site: LooseSite = sampleSite();
    site.instruments = [{ ...site.instruments[0], profile: 'acme/test', address, point: site.points[0]?.id }];
    return checkSite(JSON.stringify(site), { file: 'site.json', catalogue, resolveDevice: (path) => path });
  };
  expect(told(checkedWith(undefined).faults)).toEqual([
    'instruments[0].address: is missing; write the address set on the instrument, 1 to 247',
  ]);
  expect(checkedWith(7).faults).toEqual([]);
  expect(checkedWith(7).warnings).toEqual([]);
});

test('B8: a general address serves an instrument that is alone on its line, and is refused beside others', () => {
  const written = WrittenProfiles.inTest();
  const meters = head.replace('{ default: 1 }', '{ default: 1, general: [248] }');
  const points = 'points:\n  - { id: v, factor: voltage, functionCode: 4, register: 0, type: u16 }\n';
  written.write('acme/test', meters + points);
  const catalogue = loadCatalogue({ directories: [written.directory] });
  const faultsWith = (...addresses: number[]): string[] => {
    const site: LooseSite = sampleSite();
    site.instruments = addresses.map((address, index) => {
      const id = `meter-${index}`;
      return { ...site.instruments[0], profile: 'acme/test', id, address, point: site.points[index]?.id };
    });
    return told(
      checkSite(JSON.stringify(site), { file: 'site.json', catalogue, resolveDevice: (path) => path }).faults,
    );
  };
  expect(faultsWith(248)).toEqual([]);
  expect(faultsWith(249)[0]).toContain('cannot have the address 249');
  expect(faultsWith(1, 248)).toEqual([
    'instruments[1].address: 248 is answered by every acme/test, and rs485-1 has other instruments; give it an address of its own, on the instrument and here',
  ]);
});
