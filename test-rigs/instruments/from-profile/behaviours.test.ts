import { describe, expect, test } from 'vitest';
import { loadCatalogue } from '../../../device-profiles/catalogue.ts';
import { instrumentOf } from '../../../gateway/driver/instrument.ts';
import { Line } from '../../../gateway/driver/line/line.ts';
import type { Reading } from '../../../gateway/reading/reading.ts';
import { MemoryLink } from '../../links/memory-link.ts';
import { PacedLine } from '../../links/paced-line.ts';
import { WrittenProfiles } from '../../profiles/written-profile.ts';
import { SimulatedClock } from '../../surroundings/simulated-clock.ts';
import {
  absent,
  type Behaviour,
  behaviourOf,
  cycle,
  drift,
  noise,
  resetCounter,
  says,
  stuck,
  times,
  warmUp,
} from './behaviours.ts';
import { simulate } from './simulated-instrument.ts';

/** What the product reads in two minutes, every two seconds, of an instrument that behaves so. */
async function read(id: string, behaviours: Behaviour[], directories: string[] = []): Promise<readonly Reading[]> {
  const clock = new SimulatedClock();
  const instrument = simulate(id, { clock, behaviours, directories });
  const wires = new PacedLine({ clock, baudRate: 9600 });
  instrument.serve(wires.connect());
  const entry = loadCatalogue({ directories }).find(id);
  if (!entry) throw new RangeError(`no profile ${id}`);
  const { parameters, fitted } = instrument;
  const settings = { id: 'it', profile: id, link: 'wire', every: 2000, point: 'here', simulated: false, address: 1 };
  const readings: Reading[] = [];
  const { characterTime } = wires;
  const line = new Line({
    link: new MemoryLink({ id: 'wire', clock, end: wires.connect(), characterTime, observe: () => undefined }),
    framing: 'modbus-rtu',
    instruments: [instrumentOf({ ...settings, parameters, fitted: [...fitted] }, entry)],
    clock,
    observe: () => undefined,
    onReadings: (some) => readings.push(...some),
    listenFirst: 0,
  });
  line.start();
  await clock.advance(120_000);
  await clock.during(line.stop());
  return readings;
}

const valuesOf = (readings: readonly Reading[], factor: string): (number | null)[] =>
  readings.filter((reading) => reading.factor === factor).map(({ value }) => value);

test('a value that sways as it should never stands still, and one that is stuck does', async () => {
  const sound = valuesOf(await read('eastron/sdm120', []), 'voltage');
  expect(new Set(sound).size).toBeGreaterThan(40);
  const held = valuesOf(await read('eastron/sdm120', [stuck('voltage')]), 'voltage');
  expect(new Set(held).size).toBe(1);
  expect(held.length).toBe(sound.length);
});

test('drift and noise are added to the true value, the same noise each time', async () => {
  const sound = valuesOf(await read('eastron/sdm120', []), 'voltage');
  const away = valuesOf(await read('eastron/sdm120', [drift('voltage', 300)]), 'voltage');
  expect(Number(away.at(-1)) - Number(sound.at(-1))).toBeCloseTo(300 / 30, 0);
  const loud = await read('eastron/sdm120', [noise('voltage', 5)]);
  expect(valuesOf(await read('eastron/sdm120', [noise('voltage', 5)]), 'voltage')).toEqual(valuesOf(loud, 'voltage'));
  expect(
    Math.max(...valuesOf(loud, 'voltage').map((value, at) => Math.abs(Number(value) - Number(sound[at])))),
  ).toBeGreaterThan(3);
});

test('a counter that begins again reads less than before', async () => {
  const counted = valuesOf(await read('eastron/sdm120', [resetCounter('energy-import', 60)]), 'energy-import').map(
    Number,
  );
  expect(counted.at(0)).toBeGreaterThan(300);
  expect(counted.at(-1)).toBeLessThan(1);
});

test('a chromatograph has a new value once a cycle', async () => {
  const values = valuesOf(await read('jxct/jxbs-3001-air', [cycle('tvoc', 30)]), 'tvoc');
  expect(new Set(values).size).toBeLessThanOrEqual(5);
  expect(values.length).toBeGreaterThan(50);
});

test('a sensor that warms up sends the zeros that its profile knows, and they are no measurement', async () => {
  const readings = await read('plantower/pms5003', [warmUp(30)]);
  const fine = readings.filter(({ factor }) => factor === 'pm2.5');
  expect(fine[0]).toMatchObject({ value: null, mark: { reason: 'warm-up' } });
  expect(fine.at(-1)?.value).toBeGreaterThan(0);
});

test('a sensor that is gone sends what its profile knows as no value', async () => {
  const readings = await read('jxct/co2', [absent('carbon-dioxide')]);
  expect(readings[0]).toMatchObject({ value: null, mark: { flag: 'D', reason: 'sentinel' } });
});

test('a value beyond the range is sent as it is', async () => {
  const readings = await read('eastron/sdm120', [times('voltage', 2)]);
  expect(Number(valuesOf(readings, 'voltage').at(-1))).toBeGreaterThan(400);
});

describe('an instrument that says what state it is in', () => {
  const body = `profile: acme/analyser
name: { zh: 分析仪, en: analyser }
sources: [made up for a test]
confidence: C
protocol: modbus
address: { default: 1 }
points: [{ id: nmhc, factor: nmhc, functionCode: 3, register: 0, type: float32, order: CDAB }]
auxiliaries: [{ id: state, functionCode: 3, register: 2, type: u16 }]
status: [{ auxiliary: state, values: { 0: { flag: N }, 2: { flag: M, zh: 维护, en: maintenance }, 5: { flag: C, zh: 校准, en: calibration, noValue: true } } }]
`;

  test('marks its values by the code that its profile has for it', async () => {
    const written = WrittenProfiles.inTest();
    written.write('acme/analyser', body);
    const kept = await read('acme/analyser', [says('M', 60)], [written.directory]);
    expect(kept[0]?.mark.flag).toBe('N');
    expect(kept.at(-1)).toMatchObject({ value: expect.any(Number), mark: { flag: 'M' } });
    const calibrating = await read('acme/analyser', [says('C', 60)], [written.directory]);
    expect(calibrating.at(-1)).toMatchObject({ value: null, mark: { flag: 'C' } });
  });

  test('cannot be told to say what its profile has no code for', async () => {
    expect(() => simulate('eastron/sdm120', { behaviours: [absent('voltage')] })).not.toThrow();
    const written = WrittenProfiles.inTest();
    written.write('acme/analyser', body);
    const options = { behaviours: [says('F')], directories: [written.directory] };
    expect(() => simulate('acme/analyser', options)).toThrow('the instrument cannot say that it is in state F');
  });
});

test.each<[string, string | undefined]>([
  ['drift:pm10=5', 'drift:pm10=5'],
  ['stuck:pm2.5', 'stuck:pm2.5'],
  ['warm-up=30', 'warm-up=30'],
  ['says=D', 'says=D'],
  ['cycle:nmhc=120', 'cycle:nmhc=120'],
  ['says=X', undefined],
  ['drift', undefined],
  ['drift:pm10=much', undefined],
  ['explode:pm10=1', undefined],
])('%s is the behaviour %s', (text, name) => {
  expect(behaviourOf(text)?.name).toBe(name);
});
