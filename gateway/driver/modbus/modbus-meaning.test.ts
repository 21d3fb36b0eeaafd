import { describe, expect, test } from 'vitest';
import { loadCatalogue } from '../../../device-profiles/catalogue.ts';
import { SimulatedModbusSlave, type Table } from '../../../test-rigs/instruments/simulated-modbus-slave.ts';
import { MemoryLink } from '../../../test-rigs/links/memory-link.ts';
import { PacedLine } from '../../../test-rigs/links/paced-line.ts';
import { float32, head, registers, WrittenProfiles } from '../../../test-rigs/profiles/written-profile.ts';
import { SimulatedClock } from '../../../test-rigs/surroundings/simulated-clock.ts';
import { LocalTime } from '../../clock.ts';
import type { Reading } from '../../reading/reading.ts';
import type { DriverEvent } from '../events.ts';
import { instrumentOf } from '../instrument.ts';
import type { ModbusInstrument } from '../polling/poll-values.ts';
import { instrumentSettings } from '../settings.ts';
import { ModbusDriver } from './modbus-driver.ts';
import { ModbusRtuConversation } from './modbus-rtu-conversation.ts';

/** What a profile says beyond plain points, over real bytes: one driver and one slave on a line at 9600 8N1. */
class Bench {
  readonly clock = new SimulatedClock('2026-11-24T08:10:00.000+08:00');
  readonly events: DriverEvent[] = [];
  /** Requests that came to the slave: `table start count`. */
  readonly asked: string[] = [];
  readonly slave: SimulatedModbusSlave;
  readonly driver: ModbusDriver;
  /** What the slave holds by register of table 3; `table:register` for another. */
  image: Record<string, number>;

  constructor(body: string, image: Record<string, number>, settings: object = {}) {
    const { clock } = this;
    this.image = image;
    const written = WrittenProfiles.inTest();
    written.write('acme/test', head + body);
    const catalogue = loadCatalogue({ directories: [written.directory] });
    const entry = catalogue.find('acme/test');
    if (!entry) throw new Error(JSON.stringify(catalogue.faults('acme/test')));
    const own = { id: 'i', profile: 'acme/test', link: 'line', every: '4s', point: 'gate', ...settings };
    const instrument = instrumentOf({ ...instrumentSettings.parse(own), simulated: false }, entry);
    const wires = new PacedLine({ clock, baudRate: 9600 });
    const held = (table: Table, register: number): number | undefined =>
      this.image[`${table}:${register}`] ?? (table === 3 ? this.image[register] : undefined);
    this.slave = new SimulatedModbusSlave({
      ...{ address: 1, registers: held, clock, turnAround: 10, answersNone: true },
      onRequest: (table, start, count) => void this.asked.push(`${table} ${start} ${count}`),
    });
    this.slave.serveRtu(wires.connect());
    const link = new MemoryLink({ id: 'line', clock, end: wires.connect(), characterTime: wires.characterTime });
    void link.open();
    const observe = (event: DriverEvent): void => void this.events.push(event);
    const conversation = new ModbusRtuConversation({ link, clock, observe });
    const localTime = new LocalTime('Asia/Shanghai');
    this.driver = new ModbusDriver({
      instrument: instrument as ModbusInstrument,
      conversation,
      clock,
      localTime,
      observe,
    });
  }

  async poll(): Promise<readonly Reading[]> {
    for (;;) {
      const readings = await this.clock.during(this.driver.step('fast', true));
      if (readings) return readings;
    }
  }

  async told(): Promise<unknown[]> {
    return (await this.poll()).map(({ factor, value, mark }) => [factor, value, mark.flag, mark.reason]);
  }

  eventsOf<Kind extends DriverEvent['kind']>(kind: Kind) {
    return this.events.filter((event): event is DriverEvent & { kind: Kind } => event.kind === kind);
  }
}

describe('what a point leans on', () => {
  test('D21: decimals in another register, read in the same poll, scale the value', async () => {
    const body = `points:
  - { id: ph, factor: ph, functionCode: 3, register: 2, type: u16, scaleFrom: { auxiliary: digits, as: decimals } }
auxiliaries:
  - { id: digits, functionCode: 3, register: 900, type: u16 }
`;
    const bench = new Bench(body, { 2: 701, 900: 2 });
    expect(await bench.told()).toEqual([['ph', 7.01, 'N', null]]);
    bench.image = { 2: 701, 900: 1 };
    expect(await bench.told()).toEqual([['ph', 70.1, 'N', null]]);
    bench.image = { 2: 701 };
    expect(await bench.told()).toEqual([['ph', null, 'D', 'scale-unknown']]);
    bench.image = { 900: 1 };
    expect(await bench.told()).toEqual([['ph', null, 'B', 'refused']]);
  });

  test('D21: the CT ratio that the site states multiplies the value', async () => {
    const body = `parameters:
  ct: { zh: 变比？, en: CT ratio?, range: [1, 1000] }
points:
  - { id: p, factor: active-power, functionCode: 3, register: 0, type: u16, times: [ct] }
`;
    expect(await new Bench(body, { 0: 12 }, { parameters: { ct: 40 } }).told()).toEqual([
      ['active-power', 480, 'N', null],
    ]);
  });

  test('E31: a state becomes the flag of the readings, is told once in words, and again when it changes', async () => {
    const body = `points:
  - { id: nmhc, factor: nmhc, functionCode: 3, register: 0, type: float32 }
auxiliaries:
  - { id: state, functionCode: 2, register: 16, type: bit }
status:
  - { auxiliary: state, values: { 0: { flag: N }, 1: { flag: C, zh: 校准, en: calibration } } }
`;
    const bench = new Bench(body, { ...registers(0, ...float32(12.5)), '2:16': 1 });
    expect(await bench.told()).toEqual([['nmhc', 12.5, 'C', 'instrument-status']]);
    await bench.poll();
    bench.image['2:16'] = 0;
    expect(await bench.told()).toEqual([['nmhc', 12.5, 'N', null]]);
    expect(bench.eventsOf('instrument-says').map(({ says }) => says)).toEqual([
      [{ flag: 'C', zh: '校准', en: 'calibration' }],
      [],
    ]);
  });

  test('D27: a computed point is of origin computed, and is missing for the reason of what it is made of', async () => {
    const body = `points:
  - { id: thc, factor: total-hydrocarbons, functionCode: 3, register: 0, type: u16 }
  - { id: methane, factor: methane, functionCode: 3, register: 500, type: u16 }
computed:
  - { id: nmhc, factor: nmhc, difference: [thc, methane] }
`;
    const bench = new Bench(body, { 0: 12, 500: 2 });
    const [, , nmhc] = await bench.poll();
    expect(nmhc).toMatchObject({ factor: 'nmhc', value: 10, origin: 'computed' });
    bench.image = { 0: 12 };
    expect((await bench.told()).at(-1)).toEqual(['nmhc', null, 'B', 'refused']);
    bench.slave.on = false;
    expect(await bench.told()).toEqual([
      ['total-hydrocarbons', null, 'B', 'no-answer'],
      ['methane', null, 'B', 'no-answer'],
      ['nmhc', null, 'B', 'no-answer'],
    ]);
  });

  test('D26: what the instrument lists is found where it is, and what the profile does not know is told', async () => {
    const body = `slots:
  - id: sonde
    count: 3
    code: { functionCode: 3, register: 128, stride: 1, type: u16, end: 0 }
    value: { functionCode: 3, register: 384, stride: 2, type: float32, order: CDAB }
    meanings:
      - { code: 1, id: temperature, factor: water-temperature }
      - { code: 18, id: ph, factor: ph }
`;
    const values = registers(384, ...[7.25, 8.5, 9.75].flatMap((value) => float32(value).reverse()));
    const bench = new Bench(body, { ...registers(128, 77, 18, 0), ...values }, { fitted: ['ph', 'temperature'] });
    expect(await bench.told()).toEqual([
      ['water-temperature', null, 'D', 'not-listed'],
      ['ph', 8.5, 'N', null],
    ]);
    await bench.poll();
    expect(bench.eventsOf('unknown-parameters').map(({ codes }) => codes)).toEqual([
      [{ slots: 'sonde', slot: 0, code: 77 }],
    ]);
  });
});

describe('new samples', () => {
  test('E35: an answer that the instrument only repeats within its refresh time gives no reading', async () => {
    const body = `points:
  - { id: e, factor: energy-import, functionCode: 3, register: 0, type: u16, refreshSeconds: 5 }
  - { id: p, factor: active-power, functionCode: 3, register: 1, type: u16 }
`;
    const bench = new Bench(body, { 0: 7, 1: 9 });
    const factors = async () => (await bench.poll()).map(({ factor }) => factor);
    expect(await factors()).toEqual(['energy-import', 'active-power']);
    await bench.clock.advance(2000);
    expect(await factors()).toEqual(['active-power']);
    await bench.clock.advance(4000);
    expect(await factors()).toEqual(['energy-import', 'active-power']);
  });

  test('D30: a fill is read once, at the time that the instrument gives to it', async () => {
    const body = `points:
  - { id: fuel, factor: fuel-volume, functionCode: 3, register: 1, type: u16, scale: 0.01 }
auxiliaries:
  - { id: vapour, functionCode: 3, register: 2, type: u16, scale: 0.01 }
  - { id: time, functionCode: 3, register: 3, type: time-bytes }
computed:
  - { id: al, factor: vapour-liquid-ratio, ratio: [vapour, fuel] }
events:
  - { id: fill, points: [fuel, al], at: time }
`;
    const fill = (minute: number, fuel: number) => registers(1, fuel, 2100, 0x1a0b, 0x1808, minute * 256 + 30);
    const bench = new Bench(body, fill(5, 2000));
    const readings = await bench.poll();
    expect(readings.map(({ factor, value, at }) => [factor, value, new Date(at).toISOString()])).toEqual([
      ['fuel-volume', 20, '2026-11-24T00:05:30.000Z'],
      ['vapour-liquid-ratio', 1.05, '2026-11-24T00:05:30.000Z'],
    ]);
    expect(await bench.poll()).toEqual([]);
    bench.image = fill(59, 3000);
    const [late] = await bench.poll();
    // Nobody set the clock of this one: it is ahead of us by most of an hour.
    expect(late?.at).toBeCloseTo(bench.clock.wall(), -2);
  });
});

const noise = '  - { id: noise, factor: noise, functionCode: 3, register: 0, type: u16, scale: 0.1 }\n';

describe('when it is connected', () => {
  test('B12: an instrument is started by a read of no registers before it is read, and again after it was silent', async () => {
    const bench = new Bench(`start: [{ functionCode: 3, register: 0x2500, count: 0 }]\npoints:\n${noise}`, { 0: 512 });
    expect(await bench.told()).toEqual([['noise', 51.2, 'N', null]]);
    await bench.poll();
    expect(bench.asked).toEqual(['3 9472 0', '3 0 1', '3 0 1']);
    bench.slave.on = false;
    expect(await bench.told()).toEqual([['noise', null, 'B', 'no-answer']]);
    expect(await bench.told()).toEqual([['noise', null, 'B', 'no-answer']]);
    bench.slave.on = true;
    bench.asked.length = 0;
    await bench.clock.advance(2000);
    expect(await bench.told()).toEqual([['noise', 51.2, 'N', null]]);
    expect(bench.asked).toEqual(['3 9472 0', '3 0 1']);
  });

  test('B12: an instrument that was started is stopped before the line is closed, unless it is silent', async () => {
    const stop = 'stop: [{ functionCode: 3, register: 0x2E00, count: 0 }]\n';
    const bench = new Bench(`${stop}points:\n${noise}`, { 0: 512 });
    await bench.poll();
    await bench.clock.during(bench.driver.farewell?.() ?? Promise.resolve());
    expect(bench.asked).toEqual(['3 0 1', '3 11776 0']);
    bench.slave.on = false;
    await bench.poll();
    const before = bench.eventsOf('transaction').length;
    await bench.clock.during(bench.driver.farewell?.() ?? Promise.resolve());
    expect(bench.eventsOf('transaction')).toHaveLength(before);
  });

  test('B12: an instrument that refuses to be started is read all the same', async () => {
    const bench = new Bench(`start: [{ functionCode: 3, register: 900, count: 1 }]\npoints:\n${noise}`, { 0: 512 });
    expect(await bench.told()).toEqual([['noise', 51.2, 'N', null]]);
  });

  test('D21: what nobody changes meanwhile is read once, and anew after the line was opened again', async () => {
    const body = `points:
  - { id: e, factor: energy-total, functionCode: 3, register: 0, type: u16, times: [ct] }
auxiliaries:
  - { id: ct, functionCode: 3, register: 0x8E, type: u16, once: true }
`;
    const bench = new Bench(body, { 0: 100, 142: 40 });
    expect(await bench.told()).toEqual([['energy-total', 4000, 'N', null]]);
    await bench.poll();
    expect(bench.asked).toEqual(['3 142 1', '3 0 1', '3 0 1']);
    bench.image[142] = 60;
    bench.driver.reset();
    expect(await bench.told()).toEqual([['energy-total', 6000, 'N', null]]);
  });

  test('D19: serial number and firmware are read as text and numbers when it is connected, and told once', async () => {
    const body = `points:
${noise}auxiliaries:
  - { id: serial-number, functionCode: 3, register: 0x900, type: text, registers: 4 }
  - { id: firmware, functionCode: 3, register: 0x910, type: bcd16 }
identity: [serial-number, firmware]
`;
    const bench = new Bench(body, { 0: 512, ...registers(0x900, 0x5953, 0x2d30, 0x3037, 0), 2320: 0x0210 });
    await bench.poll();
    await bench.poll();
    expect(bench.eventsOf('instrument-identity').map(({ identity }) => identity)).toEqual([
      { 'serial-number': 'YS-007', firmware: 210 },
    ]);
    expect(bench.asked).toEqual(['3 2304 4', '3 2320 1', '3 0 1', '3 0 1']);
  });

  const twoBases = `points:
${noise}variants:
  - id: at-101e
    name: { zh: 电能在 101E, en: energy at 101E }
    probe: { functionCode: 3, register: 0x101E, type: float32, range: [0, 1000000] }
    points: [{ id: energy, factor: energy-import, functionCode: 3, register: 0x101E, type: float32 }]
  - id: at-401e
    name: { zh: 电能在 401E, en: energy at 401E }
    probe: { functionCode: 3, register: 0x401E, type: float32, range: [0, 1000000] }
    points: [{ id: energy, factor: energy-import, functionCode: 3, register: 0x401E, type: float32 }]
`;

  test('A1: the variant whose register can be right is found, told, and read', async () => {
    const bench = new Bench(twoBases, { 0: 512, ...registers(0x401e, ...float32(1234.5)) });
    expect(await bench.told()).toEqual([
      ['noise', 51.2, 'N', null],
      ['energy-import', 1234.5, 'N', null],
    ]);
    expect(bench.eventsOf('variant-found')).toMatchObject([{ variant: 'at-401e', fitting: ['at-401e'] }]);
    await bench.poll();
    expect(bench.asked).toEqual(['3 4126 2', '3 16414 2', '3 0 1', '3 16414 2', '3 0 1', '3 16414 2']);
  });

  test.each([
    ['no variant fits', {}, []],
    [
      'two variants fit',
      { ...registers(0x101e, ...float32(7)), ...registers(0x401e, ...float32(8)) },
      ['at-101e', 'at-401e'],
    ],
  ])(
    'A1: where %s, nothing is read, every value says configuration, and it is tried again a minute later',
    async (_, more, fitting) => {
      const bench = new Bench(twoBases, { 0: 512, ...more });
      const nothing = [
        ['noise', null, 'B', 'configuration'],
        ['energy-import', null, 'B', 'configuration'],
      ];
      expect(await bench.told()).toEqual(nothing);
      expect(bench.eventsOf('variant-found')).toMatchObject([{ variant: null, fitting }]);
      bench.asked.length = 0;
      expect(await bench.told()).toEqual(nothing);
      expect(bench.asked).toEqual([]);
      bench.image = { 0: 512, ...registers(0x101e, ...float32(7)) };
      await bench.clock.advance(61_000);
      expect(await bench.told()).toEqual([
        ['noise', 51.2, 'N', null],
        ['energy-import', 7, 'N', null],
      ]);
    },
  );

  test('A1: a silent instrument costs one timeout, not one for each rule', async () => {
    const bench = new Bench(twoBases, { 0: 512 });
    bench.slave.on = false;
    expect((await bench.told())[0]).toEqual(['noise', null, 'B', 'no-answer']);
    const before = bench.eventsOf('transaction').length;
    for (;;) if (await bench.clock.during(bench.driver.step('fast', false))) break;
    expect(bench.eventsOf('transaction').length - before).toBe(1);
  });
});

describe('what another master is answered', () => {
  const body = `points:
  - { id: ph, factor: ph, functionCode: 3, register: 2, type: u16, scaleFrom: { auxiliary: digits, as: decimals } }
  - { id: energy, factor: energy-import, functionCode: 3, register: 10, type: u16, refreshSeconds: 60 }
auxiliaries:
  - { id: digits, functionCode: 3, register: 900, type: u16 }
`;
  const overhear = (bench: Bench, start: number, ...words: number[]) => {
    const data = Uint8Array.from(words.flatMap((word) => [word >> 8, word & 0xff]));
    const read = { address: 1, functionCode: 3 as const, start, count: words.length };
    const at = bench.clock.monotonic();
    const request = { read, bytes: new Uint8Array(0), at };
    const exchange = { kind: 'exchange', request, reply: new Uint8Array(0), data, exception: null, at } as const;
    return bench.driver.overhear(exchange).map(({ factor, value, mark }) => [factor, value, mark.reason]);
  };

  test('is scaled by what was heard of the scale, and has no value before', () => {
    const bench = new Bench(body, {});
    expect(overhear(bench, 2, 701)).toEqual([['ph', null, 'scale-unknown']]);
    expect(overhear(bench, 900, 2)).toEqual([['ph', 7.01, null]]);
    expect(overhear(bench, 2, 702)).toEqual([['ph', 7.02, null]]);
  });

  test('is no new sample where the instrument only repeats it, whatever else is heard of it', async () => {
    const bench = new Bench(body, {});
    expect(overhear(bench, 10, 7)).toEqual([['energy-import', 7, null]]);
    await bench.clock.advance(61_000);
    overhear(bench, 900, 2);
    expect(overhear(bench, 10, 7)).toEqual([['energy-import', 7, null]]);
    expect(overhear(bench, 10, 7)).toEqual([]);
  });
});
