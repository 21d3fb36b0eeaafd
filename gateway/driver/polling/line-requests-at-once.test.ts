import { describe, expect, test } from 'vitest';
import { counting, SimulatedModbusSlave } from '../../../test-rigs/instruments/simulated-modbus-slave.ts';
import { profileWith } from '../../../test-rigs/links/line-scene.ts';
import { MemoryLink } from '../../../test-rigs/links/memory-link.ts';
import { PacedLine } from '../../../test-rigs/links/paced-line.ts';
import { SimulatedClock } from '../../../test-rigs/surroundings/simulated-clock.ts';
import type { Reading } from '../../reading/reading.ts';
import type { DriverEvent } from '../events.ts';
import { Line } from '../line/line.ts';

/** One instrument on Modbus TCP whose 40 registers, in four blocks, make four requests; it answers after 100 ms. */
class Scene {
  readonly clock = new SimulatedClock();
  readonly readings: (readonly Reading[])[] = [];
  readonly events: DriverEvent[] = [];
  readonly slave: SimulatedModbusSlave;
  readonly link: MemoryLink;
  readonly line: Line;
  /** Most requests that were under way at once. */
  most = 0;

  constructor(outstanding: number, quirks: object = {}) {
    const wires = new PacedLine({ clock: this.clock });
    this.link = new MemoryLink({ id: 'cabinet', clock: this.clock, end: wires.connect() });
    const device = wires.connect();
    let underWay = 0;
    device.onBytes(() => {
      underWay += 1;
      this.most = Math.max(this.most, underWay);
      this.clock.after(99, () => {
        underWay -= 1;
      });
    });
    const points = Array.from({ length: 40 }, (_, index) => ({
      ...{ id: `r${index}`, factor: 'current', functionCode: 3, type: 'u16' },
      register: (index % 10) + 100 * Math.floor(index / 10),
    }));
    const profile = profileWith(0, { points, quirks, limits: { timeoutMs: 300, retries: 1, outstanding } });
    this.slave = new SimulatedModbusSlave({ address: 1, registers: counting(), clock: this.clock, turnAround: 100 });
    this.slave.serveModbusTcp(device);
    this.line = new Line({
      link: this.link,
      framing: 'modbus-tcp',
      instruments: [
        {
          settings: { id: 'i1', profile: profile.profile, link: 'cabinet', address: 1, point: 'p1', every: 1000 },
          profile,
          origin: 'simulated',
        },
      ],
      clock: this.clock,
      observe: (event) => this.events.push(event),
      onReadings: (readings) => this.readings.push(readings),
      random: () => 0.5,
    });
    this.line.start();
  }

  async stop(): Promise<void> {
    await this.clock.during(this.line.stop());
  }
}

describe('an instrument that takes several requests at once', () => {
  test('has a poll under way by as many, and gives every point once in each poll', async () => {
    const scene = new Scene(3);
    await scene.clock.advance(10_000);
    expect(scene.most).toBe(3);
    expect(scene.readings.map(({ length }) => length)).toEqual(new Array(10).fill(40));
    for (const { at } of scene.readings.flat())
      expect((at - (scene.readings[0]?.[0]?.at ?? 0)) % 1000).toBeLessThan(250);
    expect(scene.readings.flat().every(({ value }) => value !== null)).toBe(true);
    await scene.stop();
  });

  test('has what it refuses divided while others are under way', async () => {
    const scene = new Scene(4);
    scene.slave.refuses = (_, start, count) => (start <= 105 && start + count > 105 ? 2 : null);
    await scene.clock.advance(20_000);
    expect(scene.readings).toHaveLength(20);
    for (const poll of scene.readings) {
      expect(poll).toHaveLength(40);
      expect(poll.filter(({ value }) => value === null)).toMatchObject([{ mark: { reason: 'refused' } }]);
    }
    expect(scene.most).toBe(4);
    await scene.stop();
  });

  test('and refuses two of them silently costs no connection', async () => {
    const scene = new Scene(4, { silentRefusal: true });
    const missing = [105, 205];
    scene.slave.refuses = (_, start, count) =>
      missing.some((register) => start <= register && start + count > register) ? 'silence' : null;
    await scene.clock.advance(60_000);
    scene.readings.length = 0;
    await scene.clock.advance(10_000);
    expect(scene.readings.flat().filter(({ value }) => value !== null)).toHaveLength(10 * 38);
    expect(scene.link.generation).toBe(1);
    expect(scene.most).toBe(4);
    await scene.stop();
  });

  test('is asked one thing while it does not answer, and everything again when it does', async () => {
    const scene = new Scene(4);
    scene.slave.on = false;
    await scene.clock.advance(10_000);
    scene.most = 0;
    await scene.clock.advance(60_000);
    expect(scene.most).toBe(1);
    scene.slave.on = true;
    await scene.clock.advance(70_000);
    scene.readings.length = 0;
    await scene.clock.advance(10_000);
    expect(scene.readings.flat().filter(({ value }) => value !== null)).toHaveLength(400);
    await scene.stop();
  });

  test('gives each point once in a poll under which the line is lost', async () => {
    const scene = new Scene(4);
    scene.clock.after(3050, () => scene.link.unplug());
    scene.clock.after(7000, () => scene.link.plug());
    await scene.clock.advance(12_000);
    expect(new Set(scene.readings.map(({ length }) => length))).toEqual(new Set([40]));
    const lost = scene.readings.filter((poll) => poll.every(({ mark }) => mark.reason === 'line-lost'));
    expect(lost.length).toBeGreaterThanOrEqual(3);
    await scene.stop();
  });
});
