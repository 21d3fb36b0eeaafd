import { describe, expect, test } from 'vitest';
import { type ModbusProfile, profileSchema } from '../../../device-profiles/profile.ts';
import {
  counting,
  type Registers,
  rtuFrame,
  SimulatedModbusSlave,
} from '../../../test-rigs/instruments/simulated-modbus-slave.ts';
import { type Fault, FaultyEnd, faults } from '../../../test-rigs/links/faulty-end.ts';
import { MemoryLink } from '../../../test-rigs/links/memory-link.ts';
import { PacedLine } from '../../../test-rigs/links/paced-line.ts';
import { SimulatedClock } from '../../../test-rigs/surroundings/simulated-clock.ts';
import type { Reading } from '../../reading/reading.ts';
import type { DriverEvent } from '../events.ts';
import { instrumentSettings } from '../settings.ts';
import { ModbusDriver } from './modbus-driver.ts';
import { ModbusRtuConversation } from './modbus-rtu-conversation.ts';

/** Two blocks, so that one poll takes two requests. */
const twoTables = {
  profile: 'test/two-tables',
  name: { zh: '测试', en: 'Test' },
  sources: ['made up for a test'],
  confidence: 'C',
  protocol: 'modbus',
  serial: { default: '9600-8N1' },
  address: { default: 1 },
  limits: { timeoutMs: 300, retries: 1 },
  points: [
    { id: 'a', factor: 'current-a', functionCode: 3, register: 0, type: 'u16', sentinels: [0xffff] },
    { id: 'b', factor: 'current-b', functionCode: 4, register: 0, type: 'float32' },
  ],
};

/** One driver on a line at 9600 8N1, polled by the test. */
class Bench {
  readonly clock = new SimulatedClock();
  readonly events: DriverEvent[] = [];
  readonly slave: SimulatedModbusSlave;
  readonly end: FaultyEnd;
  readonly link: MemoryLink;
  readonly driver: ModbusDriver;

  constructor({
    profile = {},
    settings = {},
    registers = counting(),
  }: { profile?: object; settings?: object; registers?: Registers } = {}) {
    const { clock } = this;
    const wires = new PacedLine({ clock, baudRate: 9600 });
    this.end = new FaultyEnd(wires.connect(), clock);
    this.slave = new SimulatedModbusSlave({ address: 1, registers, clock, turnAround: 10 });
    this.slave.serveRtu(this.end);
    this.link = new MemoryLink({ id: 'line', clock, end: wires.connect(), characterTime: wires.characterTime });
    void this.link.open();
    const observe = (event: DriverEvent): void => void this.events.push(event);
    const conversation = new ModbusRtuConversation({ link: this.link, clock, observe });
    const parsed = profileSchema.parse({ ...twoTables, ...profile }) as ModbusProfile;
    const entry = { id: 'meter', profile: parsed.profile, link: 'line', every: '4s', point: 'fan', ...settings };
    const instrument = { settings: instrumentSettings.parse(entry), profile: parsed, origin: 'measured' } as const;
    this.driver = new ModbusDriver({ instrument, conversation, clock, observe });
  }

  async poll(): Promise<readonly Reading[]> {
    for (;;) {
      const readings = await this.clock.during(this.driver.step('fast', false));
      if (readings) return readings;
    }
  }

  get outcomes(): string[] {
    return this.events.flatMap((event) => (event.kind === 'transaction' ? [event.outcome] : []));
  }
}

const told = (readings: readonly Reading[]): unknown[] =>
  readings.map(({ factor, value, mark }) => [factor, value, mark.flag, mark.reason]);

describe('marks', () => {
  test('a block that the instrument refuses is marked so; the other has its value', async () => {
    const bench = new Bench({ registers: (table) => (table === 3 ? 7 : undefined) });
    expect(told(await bench.poll())).toEqual([
      ['current-a', 7, 'N', null],
      ['current-b', null, 'B', 'refused'],
    ]);
  });

  test("the instrument's own word for no value, and what is no number, are instrument faults", async () => {
    const bench = new Bench({ registers: (table) => (table === 3 ? 0xffff : 0x7fc0) });
    expect(told(await bench.poll())).toEqual([
      ['current-a', null, 'D', 'sentinel'],
      ['current-b', null, 'D', 'not-a-number'],
    ]);
  });

  test.each<[string, Fault]>([
    ['garbled', faults.truncated(4)],
    ['garbled', faults.flipped(3)],
    ['foreign-answer', faults.replaced((answer) => rtuFrame(99, answer.subarray(1, -2)))],
    ['no-answer', faults.silent],
  ])('answers that never come right are marked %s', async (reason, fault) => {
    const bench = new Bench();
    bench.end.choose = () => fault;
    expect(told(await bench.poll())).toEqual([
      ['current-a', null, 'B', reason],
      ['current-b', null, 'B', reason],
    ]);
  });

  test('a line lost between two blocks keeps what was read and marks the rest', async () => {
    const bench = new Bench({ registers: () => 7 });
    expect(await bench.clock.during(bench.driver.step('fast', false))).toBeNull();
    bench.link.unplug();
    expect(told(await bench.poll())).toEqual([
      ['current-a', 7, 'N', null],
      ['current-b', null, 'B', 'line-lost'],
    ]);
  });
});

describe('asking again', () => {
  test('a failed request is asked again before its points are given up', async () => {
    const bench = new Bench();
    let answers = 0;
    bench.end.choose = () => (answers++ % 2 === 0 ? faults.truncated(4) : faults.none);
    const readings = await bench.poll();
    expect(bench.outcomes).toEqual(['short', 'ok', 'short', 'ok']);
    expect(readings.every(({ mark }) => mark.flag === 'N')).toBe(true);
  });

  test('a refusal is not asked again', async () => {
    const bench = new Bench({ registers: () => undefined });
    await bench.poll();
    expect(bench.outcomes).toEqual(['exception', 'exception']);
  });

  test('a silent instrument gets one request a poll until it answers, then all of them', async () => {
    const bench = new Bench();
    bench.slave.on = false;
    for (let polls = 0; polls < 3; polls += 1) await bench.poll();
    expect(bench.outcomes).toEqual(['no-bytes', 'no-bytes', 'no-bytes', 'no-bytes']);
    bench.slave.on = true;
    expect((await bench.poll()).every(({ mark }) => mark.flag === 'N')).toBe(true);
    expect(bench.outcomes.slice(4)).toEqual(['ok', 'ok']);
  });

  test('an instrument that keeps silent about one block does not lose the other', async () => {
    const bench = new Bench();
    bench.end.choose = () => (answer) => (answer[1] === 3 ? [] : faults.none(answer));
    await bench.poll();
    const readings = await bench.poll();
    expect(readings.find(({ factor }) => factor === 'current-b')?.mark.flag).toBe('N');
    expect(readings.find(({ factor }) => factor === 'current-a')?.mark.reason).toBe('no-answer');
  });
});

describe('what the site wants', () => {
  const points = [
    { id: 'a', channel: '1', factor: 'current', functionCode: 3, register: 0, type: 'u16' },
    { id: 'b', channel: '2', factor: 'current', functionCode: 3, register: 1, type: 'u16' },
    { id: 'c', factor: 'voltage', functionCode: 3, register: 2, type: 'u16', optional: true },
  ];
  const places = async (settings: object): Promise<string[]> => {
    const bench = new Bench({ profile: { points }, settings });
    return (await bench.poll()).map(({ point, factor }) => `${point} ${factor}`);
  };

  test('channels go to the points that they are mapped to; a channel that is not mapped is not read', async () => {
    expect(await places({ point: undefined, channels: { '2': 'purifier' } })).toEqual(['purifier current']);
    const both = { '1': 'fan', '2': 'purifier' };
    expect(await places({ point: undefined, channels: both })).toEqual(['fan current', 'purifier current']);
  });

  test('an optional sensor is read only where the site says that it is fitted', async () => {
    expect(await places({ point: 'cabinet' })).toEqual([]);
    expect(await places({ point: 'cabinet', fitted: ['c'] })).toEqual(['cabinet voltage']);
  });

  test('the address is the one of the site, else the one as delivered', () => {
    expect(new Bench().driver.address).toBe(1);
    expect(new Bench({ settings: { address: 7 } }).driver.address).toBe(7);
  });
});

test('a value is stamped with the moment its answer was complete, not with the end of the poll', async () => {
  const bench = new Bench();
  const [first, second] = await bench.poll();
  // 8 bytes out, 10 ms, 7 back, at 10/9.6 ms a byte; the second block comes 17 bytes, a silence and 10 ms later.
  expect(first?.monotonic).toBeCloseTo(10 + 15 * (10 / 9.6), 1);
  expect((second?.monotonic ?? 0) - (first?.monotonic ?? 0)).toBeGreaterThan(30);
});
