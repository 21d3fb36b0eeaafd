import { describe, expect, test } from 'vitest';
import { builtInProfiles, loadCatalogue } from '../../device-profiles/catalogue.ts';
import { profileSchema } from '../../device-profiles/profile.ts';
import { counting, SimulatedModbusSlave } from '../../test-rigs/instruments/simulated-modbus-slave.ts';
import { MemoryLink } from '../../test-rigs/links/memory-link.ts';
import { PacedLine } from '../../test-rigs/links/paced-line.ts';
import { SimulatedClock } from '../../test-rigs/surroundings/simulated-clock.ts';
import type { Reading } from '../reading/reading.ts';
import type { DriverEvent, Transaction } from './events.ts';
import type { Instrument } from './instrument.ts';
import { Line } from './line.ts';
import { instrumentSettings } from './settings.ts';

/** An instrument with `registers` holding registers of one request. */
function profileWith(registers: number, more: object = {}): Instrument['profile'] {
  return profileSchema.parse({
    profile: 'test/registers',
    name: { zh: '测试', en: 'Test' },
    sources: ['made up for a test'],
    confidence: 'C',
    protocol: 'modbus',
    serial: { default: '9600-8N1' },
    address: { default: 1 },
    limits: { timeoutMs: 300, retries: 1 },
    points: Array.from({ length: registers }, (_, register) => ({
      id: `r${register}`,
      factor: 'current',
      functionCode: 3,
      register,
      type: 'u16',
    })),
    ...more,
  });
}

interface Plan {
  readonly every?: string;
  readonly profile?: Instrument['profile'];
}

/** Instruments `i1`, `i2`, … at addresses 1, 2, … on a line at 9600 8N1, run by the product's loop. */
class Bench {
  readonly clock = new SimulatedClock();
  readonly events: DriverEvent[] = [];
  readonly readings: Reading[] = [];
  readonly slaves: SimulatedModbusSlave[];
  readonly link: MemoryLink;
  readonly line: Line;

  constructor(plans: readonly Plan[]) {
    const wires = new PacedLine({ clock: this.clock, baudRate: 9600 });
    this.slaves = plans.map((_, index) => {
      const slave = new SimulatedModbusSlave({
        address: index + 1,
        registers: counting(),
        clock: this.clock,
        turnAround: 10,
      });
      slave.serveRtu(wires.connect());
      return slave;
    });
    const { characterTime } = wires;
    this.link = new MemoryLink({ id: 'rs485-1', clock: this.clock, end: wires.connect(), characterTime });
    this.line = new Line({
      link: this.link,
      framing: 'modbus-rtu',
      instruments: plans.map(({ every = '1s', profile = profileWith(2) }, index) => ({
        settings: instrumentSettings.parse({
          id: `i${index + 1}`,
          profile: profile.profile,
          link: 'rs485-1',
          address: index + 1,
          every,
          point: `p${index + 1}`,
        }),
        profile,
        origin: 'simulated',
      })),
      clock: this.clock,
      observe: (event) => this.events.push(event),
      onReadings: (readings) => this.readings.push(...readings),
      random: () => 0.5,
    });
  }

  get transactions(): Transaction[] {
    return this.events.filter((event) => event.kind === 'transaction');
  }

  polls(instrument: string): number {
    return new Set(this.readings.filter((reading) => reading.instrument === instrument).map(({ at }) => at)).size;
  }

  of(instrument: string): Reading[] {
    return this.readings.filter((reading) => reading.instrument === instrument);
  }

  async stop(): Promise<void> {
    await this.clock.during(this.line.stop());
  }
}

describe('the schedule', () => {
  test('every instrument is read once in each of its periods', async () => {
    const bench = new Bench([{ every: '1s' }, { every: '4s' }, { every: '500ms' }]);
    bench.line.start();
    await bench.clock.advance(40_000);
    expect([bench.polls('i1'), bench.polls('i2'), bench.polls('i3')]).toEqual([40, 10, 80]);
    await bench.stop();
  });

  test('instruments with the same period start apart from each other', async () => {
    const bench = new Bench(new Array(4).fill({ every: '4s' }));
    bench.line.start();
    await bench.clock.advance(3999);
    const firsts = bench.transactions.map(({ monotonic }) => Math.floor(monotonic / 1000));
    expect(firsts).toEqual([0, 1, 2, 3]);
    await bench.stop();
  });

  test('two conversations never overlap, also when reads are asked for from outside', async () => {
    const bench = new Bench(new Array(5).fill({ every: '200ms', profile: profileWith(20) }));
    bench.line.start();
    for (let round = 0; round < 40; round += 1) {
      void bench.line.read(`i${(round % 5) + 1}`);
      void bench.line.read(`i${((round * 3) % 5) + 1}`);
      await bench.clock.advance(137);
    }
    const spans = bench.transactions.map(({ monotonic, duration }) => [monotonic - duration, monotonic] as const);
    expect(spans.length).toBeGreaterThan(60);
    spans.slice(1).forEach(([begin], index) => {
      expect(begin).toBeGreaterThanOrEqual(spans[index]?.[1] ?? 0);
    });
    expect(bench.transactions.every(({ outcome }) => outcome === 'ok')).toBe(true);
    await bench.stop();
  });

  test('a line that cannot carry what is asked says so in numbers and serves all alike', async () => {
    const bench = new Bench(new Array(5).fill({ every: '200ms', profile: profileWith(20) }));
    expect(bench.events).toMatchObject([{ kind: 'overload', link: 'rs485-1' }]);
    bench.line.start();
    await bench.clock.advance(60_000);
    const polls = ['i1', 'i2', 'i3', 'i4', 'i5'].map((id) => bench.polls(id));
    expect(Math.max(...polls) - Math.min(...polls)).toBeLessThanOrEqual(2);
    const { needed } = bench.events.find((event) => event.kind === 'overload') ?? { needed: 0 };
    expect(needed).toBeGreaterThan(1.5);
    await bench.stop();
  });

  test('after a block nothing is made up for', async () => {
    const bench = new Bench([{ every: '1s' }]);
    bench.line.start();
    await bench.clock.advance(2500);
    bench.link.unplug();
    await bench.clock.advance(30_000);
    bench.link.plug();
    await bench.clock.advance(10_000);
    const before = bench.transactions.length;
    await bench.clock.advance(10_000);
    expect(bench.transactions.length - before).toBe(10);
    await bench.stop();
  });

  test('after one slow instrument has held the line, the others are not read in a burst', async () => {
    const slow = profileWith(2, { limits: { timeoutMs: 20_000, retries: 0 } });
    const bench = new Bench([{ every: '500ms' }, { every: '1h', profile: slow }]);
    (bench.slaves[1] as SimulatedModbusSlave).on = false;
    bench.line.start();
    await bench.clock.advance(2000);
    void bench.line.read('i2');
    await bench.clock.advance(20_100);
    const before = bench.polls('i1');
    await bench.clock.advance(5000);
    expect(bench.polls('i1') - before).toBeLessThanOrEqual(11);
    await bench.stop();
  });
});

describe('a read from outside the schedule', () => {
  test('comes before what is only due, and its readings go to the asker alone', async () => {
    const bench = new Bench([{ every: '1h' }, { every: '1h' }]);
    bench.line.start();
    await bench.clock.advance(1000);
    const before = bench.readings.length;
    const readings = await bench.clock.during(bench.line.read('i2'));
    expect(readings).toHaveLength(2);
    expect(readings[0]).toMatchObject({ instrument: 'i2', point: 'p2', factor: 'current', origin: 'simulated' });
    expect(bench.readings).toHaveLength(before);
    await bench.stop();
  });

  test('of an unknown instrument, or on a line that stands still, is refused', async () => {
    const bench = new Bench([{}]);
    await expect(bench.line.read('i1')).rejects.toThrow('not running');
    bench.line.start();
    await expect(bench.line.read('nobody')).rejects.toThrow('no instrument nobody');
    await bench.stop();
  });

  test('of an instrument on a lost line is answered at once, with nothing', async () => {
    const bench = new Bench([{ every: '1h' }]);
    bench.link.unplug();
    bench.line.start();
    await bench.clock.advance(100);
    const readings = await bench.clock.during(bench.line.read('i1'));
    expect(readings.map(({ value, mark }) => [value, mark.reason])).toEqual(new Array(2).fill([null, 'line-lost']));
    await bench.stop();
  });
});

describe('an instrument that does not answer', () => {
  test('has every point in every period, empty, flag B, never its last value', async () => {
    const bench = new Bench([{ every: '4s' }]);
    bench.line.start();
    await bench.clock.advance(8000);
    const slave = bench.slaves[0] as SimulatedModbusSlave;
    slave.on = false;
    bench.readings.length = 0;
    await bench.clock.advance(40_000);
    expect(bench.polls('i1')).toBe(10);
    for (const { value, mark } of bench.readings) {
      expect({ value, mark }).toEqual({ value: null, mark: { flag: 'B', reason: 'no-answer', basis: 'observed' } });
    }
    slave.on = true;
    await bench.clock.advance(4000);
    expect(bench.readings.at(-1)?.value).toBeTypeOf('number');
    expect(bench.events.filter(({ kind }) => kind === 'instrument-condition')).toMatchObject([
      { condition: 'answering' },
      { condition: 'not-answering', outcome: 'no-bytes' },
      { condition: 'answering' },
    ]);
    await bench.stop();
  });

  test('does not cost the others their rate', async () => {
    const bench = new Bench([{ every: '1s' }, { every: '1s' }, { every: '1s' }]);
    (bench.slaves[1] as SimulatedModbusSlave).on = false;
    bench.line.start();
    await bench.clock.advance(60_000);
    for (const id of ['i1', 'i3']) {
      expect(bench.of(id).filter(({ value }) => value !== null).length / 2, id).toBeGreaterThanOrEqual(59);
    }
    // One request a period, no retry, and the late answer that never comes is not waited for by the others.
    expect(bench.transactions.filter(({ instrument }) => instrument === 'i2').length).toBeLessThanOrEqual(61);
    await bench.stop();
  });
});

describe('a lost line', () => {
  test('goes on with empty readings, is tried again with growing pauses, and resumes by itself', async () => {
    const bench = new Bench([{ every: '1s' }]);
    bench.line.start();
    await bench.clock.advance(3500);
    bench.link.unplug();
    bench.readings.length = 0;
    await bench.clock.advance(20_000);
    expect(bench.polls('i1')).toBe(20);
    expect(new Set(bench.readings.map(({ mark }) => mark.reason))).toEqual(new Set(['line-lost']));
    bench.link.plug();
    await bench.clock.advance(10_000);
    expect(bench.readings.at(-1)?.mark.flag).toBe('N');
    await bench.stop();
  });

  test('that came back and is lost again is tried at once, not after the pause it had grown to', async () => {
    const bench = new Bench([{ every: '1s' }]);
    bench.line.start();
    bench.link.unplug();
    await bench.clock.advance(60_000);
    bench.link.plug();
    await bench.clock.advance(30_000);
    bench.link.unplug();
    await bench.clock.advance(1000);
    bench.link.plug();
    bench.readings.length = 0;
    await bench.clock.advance(3000);
    expect(bench.readings.some(({ mark }) => mark.flag === 'N')).toBe(true);
    await bench.stop();
  });

  test('that is stopped says nothing about its instruments', async () => {
    const bench = new Bench([{ every: '1s' }]);
    bench.line.start();
    await bench.clock.advance(2005);
    const told = bench.events.length;
    await bench.stop();
    expect(bench.events).toHaveLength(told);
  });

  test('stops within a second while it waits, sleeps or asks', async () => {
    for (const moment of [0, 5, 150, 700]) {
      const bench = new Bench([{ every: '1s' }]);
      (bench.slaves[0] as SimulatedModbusSlave).on = false;
      bench.line.start();
      await bench.clock.advance(moment);
      const begun = bench.clock.monotonic();
      await bench.stop();
      expect(bench.clock.monotonic() - begun).toBeLessThan(1000);
      const told = bench.readings.length;
      await bench.clock.advance(5000);
      expect(bench.readings).toHaveLength(told);
    }
  });
});

test('the profiles of the catalogue are read point by point', async () => {
  const found = loadCatalogue({ directories: [builtInProfiles] }).find('eastron/sdm630');
  expect(found?.profile.points.length).toBeGreaterThan(40);
  const bench = new Bench([{ profile: found?.profile as Instrument['profile'], every: '4s' }]);
  // An SDM630 has input registers only; the counting slave has all.
  bench.line.start();
  await bench.clock.advance(3000);
  expect(new Set(bench.readings.map(({ factor }) => factor)).size).toBe(found?.profile.points.length);
  await bench.stop();
});
