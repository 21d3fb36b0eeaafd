import { describe, expect, test } from 'vitest';
import { counting, SimulatedModbusSlave } from '../../../test-rigs/instruments/simulated-modbus-slave.ts';
import { FaultyEnd, faults } from '../../../test-rigs/links/faulty-end.ts';
import { profileWith } from '../../../test-rigs/links/line-scene.ts';
import { MemoryLink } from '../../../test-rigs/links/memory-link.ts';
import { PacedLine } from '../../../test-rigs/links/paced-line.ts';
import { SimulatedClock } from '../../../test-rigs/surroundings/simulated-clock.ts';
import type { Reading } from '../../reading/reading.ts';
import type { DriverEvent, Overload } from '../events.ts';
import { Line } from './line.ts';

interface Plan {
  /** Instruments behind one connection, each with a slave address of its own. */
  readonly instruments: number;
  /** Milliseconds from one poll to the next. */
  readonly every: number;
  /** What the profile says that the instrument takes at once. */
  readonly allowed: number;
  /** What the site says that the device takes at once. */
  readonly outstanding?: number;
  /** How often a request that failed is sent again; once without it. */
  readonly retries?: number;
}

/** A device that answers each request 100 ms after it came, and any number of them side by side. */
class Scene {
  readonly clock = new SimulatedClock();
  readonly readings: Reading[] = [];
  readonly events: DriverEvent[] = [];
  readonly line: Line;
  readonly link: MemoryLink;
  /** Where the answers can be made to suffer. */
  readonly device: FaultyEnd;
  /** Most requests that were under way at once. */
  most = 0;

  constructor({ instruments, every, allowed, outstanding, retries = 1 }: Plan) {
    const wires = new PacedLine({ clock: this.clock });
    this.link = new MemoryLink({ id: 'cabinet', clock: this.clock, end: wires.connect() });
    const device = new FaultyEnd(wires.connect(), this.clock);
    this.device = device;
    let underWay = 0;
    device.onBytes(() => {
      underWay += 1;
      this.most = Math.max(this.most, underWay);
      this.clock.after(99, () => {
        underWay -= 1;
      });
    });
    const profile = profileWith(2, { limits: { timeoutMs: 300, retries, outstanding: allowed } });
    const addresses = Array.from({ length: instruments }, (_, index) => index + 1);
    for (const address of addresses) {
      const slave = new SimulatedModbusSlave({ address, registers: counting(), clock: this.clock, turnAround: 100 });
      slave.serveModbusTcp(device);
    }
    this.line = new Line({
      link: this.link,
      framing: 'modbus-tcp',
      instruments: addresses.map((address) => ({
        settings: {
          id: `i${address}`,
          profile: profile.profile,
          link: 'cabinet',
          address,
          point: `p${address}`,
          every,
        },
        profile,
        origin: 'simulated',
      })),
      clock: this.clock,
      observe: (event) => this.events.push(event),
      onReadings: (readings) => this.readings.push(...readings),
      random: () => 0.5,
      ...(outstanding === undefined ? {} : { outstanding }),
    });
  }

  /** Runs for so many milliseconds; values of each instrument, by its id. */
  async run(milliseconds: number): Promise<Map<string, number>> {
    this.line.start();
    await this.clock.advance(milliseconds);
    const values = new Map<string, number>();
    for (const { instrument, factor, value } of this.readings) {
      if (value !== null && factor === 'current') values.set(instrument, (values.get(instrument) ?? 0) + 1);
    }
    await this.clock.during(this.line.stop());
    return values;
  }
}

describe('a device on Modbus TCP', () => {
  test('is asked one thing at a time where its profile does not say that it takes more', async () => {
    const scene = new Scene({ instruments: 4, every: 1000, allowed: 1 });
    await scene.run(5000);
    expect(scene.most).toBe(1);
  });

  test('is asked as many as the profiles of all its instruments allow', async () => {
    const scene = new Scene({ instruments: 8, every: 200, allowed: 4 });
    const values = await scene.run(10_000);
    expect(scene.most).toBe(4);
    // 8 x 100 ms of answers in every 200 ms: four times what one at a time could carry.
    for (const count of values.values()) expect(count).toBeGreaterThanOrEqual(2 * 48);
  });

  test('is asked as many as the site says, even where each slave behind it takes one', async () => {
    const scene = new Scene({ instruments: 4, every: 100, allowed: 1, outstanding: 4 });
    await scene.run(5000);
    expect(scene.most).toBe(4);
  });

  test('that carries what is asked, side by side, is not told to be overloaded', async () => {
    const scene = new Scene({ instruments: 8, every: 400, allowed: 4 });
    await scene.run(60_000);
    const told = scene.events.filter((event): event is Overload => event.kind === 'overload');
    expect(told.filter(({ needed }) => needed > 1)).toEqual([]);
  });

  test('that is lost under several requests gives every period of every instrument a reason', async () => {
    const scene = new Scene({ instruments: 4, every: 1000, allowed: 4 });
    scene.clock.after(3050, () => scene.link.unplug());
    await scene.run(8000);
    const lost = scene.readings.filter(({ mark }) => mark.reason === 'line-lost');
    expect(new Set(lost.map(({ instrument }) => instrument)).size).toBe(4);
    for (const id of ['i1', 'i2', 'i3', 'i4']) {
      expect(scene.readings.filter(({ instrument }) => instrument === id).length).toBeGreaterThanOrEqual(2 * 7);
    }
  });

  test('whose answers are cut, so that the connection is made anew over every poll, gives every period a reason', async () => {
    const scene = new Scene({ instruments: 1, every: 1000, allowed: 1, retries: 2 });
    scene.device.choose = () => faults.truncated(12);
    const asked: Reading[] = [];
    scene.clock.after(5100, () => void scene.line.read('i1').then((readings) => asked.push(...readings)));
    await scene.run(20_000);
    expect(asked).toHaveLength(2);
    expect(new Set(scene.readings.map(({ value }) => value))).toEqual(new Set([null]));
    // Two periods pass before it is clear that the line is lost over each.
    expect(scene.readings.length).toBeGreaterThanOrEqual(2 * 9);
    const connections = scene.events.flatMap((event) => (event.kind === 'transaction' ? [event.generation] : []));
    expect(new Set(connections).size).toBeGreaterThanOrEqual(5);
  });
});
