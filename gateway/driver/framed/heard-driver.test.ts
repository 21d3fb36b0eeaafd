import { describe, expect, test } from 'vitest';
import { builtInProfiles, loadCatalogue } from '../../../device-profiles/catalogue.ts';
import {
  plantowerFrame,
  SimulatedPlantower,
  type SimulatedPlantowerOptions,
} from '../../../test-rigs/instruments/framed/simulated-plantower.ts';
import type { ByteEnd } from '../../../test-rigs/links/byte-end.ts';
import { MemoryLink } from '../../../test-rigs/links/memory-link.ts';
import { PacedLine } from '../../../test-rigs/links/paced-line.ts';
import { SimulatedClock } from '../../../test-rigs/surroundings/simulated-clock.ts';
import type { LinkEvent } from '../../link/link.ts';
import type { Reading } from '../../reading/reading.ts';
import type { DriverEvent } from '../events.ts';
import type { Instrument } from '../instrument.ts';
import { Line } from '../line/line.ts';
import { instrumentSettings } from '../settings.ts';

/** A PMS5003 whose PM2.5 in air is the number of its frame, on a line at 9600 8N1, heard by the product's loop. */
class Bench {
  readonly clock = new SimulatedClock();
  readonly events: DriverEvent[] = [];
  readonly links: LinkEvent[] = [];
  readonly readings: Reading[] = [];
  readonly sensor: SimulatedPlantower;
  readonly end: ByteEnd;
  readonly link: MemoryLink;
  readonly line: Line;

  constructor(every: string, options: SimulatedPlantowerOptions = {}, deviceServer = false) {
    const speed = deviceServer ? {} : { baudRate: 9600 };
    const wires = new PacedLine({ clock: this.clock, ...speed, grain: 'character' });
    this.end = wires.connect();
    const numbers = (frame: number): number[] => [9, 9, 9, 1, frame, 3, 4, 5, 6, 7, 8, 9];
    this.sensor = new SimulatedPlantower({ clock: this.clock, numbers, ...options });
    const { characterTime } = wires;
    const observe = (event: LinkEvent): void => void this.links.push(event);
    this.link = new MemoryLink({ id: 'uart', clock: this.clock, end: wires.connect(), characterTime, observe });
    const profile = loadCatalogue({ directories: [builtInProfiles] }).find('plantower/pms5003')
      ?.profile as Instrument['profile'];
    const settings = instrumentSettings.parse({
      id: 'pms',
      profile: 'plantower/pms5003',
      link: 'uart',
      every,
      point: 'gate',
    });
    this.line = new Line({
      link: this.link,
      framing: 'modbus-rtu',
      instruments: [{ settings, profile, origin: 'simulated' }],
      clock: this.clock,
      observe: (event) => this.events.push(event),
      onReadings: (readings) => this.readings.push(...readings),
    });
    this.line.start();
  }

  /** The values of PM2.5 so far. */
  get fine(): (number | null)[] {
    return this.readings.filter(({ factor }) => factor === 'pm2.5').map(({ value }) => value);
  }

  get outcomes(): string[] {
    return this.events.flatMap((event) => (event.kind === 'transaction' ? [event.outcome] : []));
  }

  async stop(): Promise<void> {
    await this.clock.during(this.line.stop());
  }
}

describe('a sensor that talks unasked', () => {
  test('each frame becomes one reading of every point', async () => {
    const bench = new Bench('1s');
    bench.sensor.serve(bench.end);
    await bench.clock.advance(9500);
    expect(bench.fine).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(bench.readings.filter(({ factor }) => factor === 'particles-0.3')[0]).toMatchObject({
      value: 40,
      point: 'gate',
    });
    await bench.stop();
  });

  test.each([
    [997, '1s', 60],
    [1003, '1s', 60],
    [800, '4s', 15],
    [200, '1s', 60],
    [2300, '4s', 15],
  ])(
    'that sends every %i ms and is wanted every %s gives about %i readings a minute',
    async (interval, every, expected) => {
      const bench = new Bench(every, { interval });
      bench.sensor.serve(bench.end);
      await bench.clock.advance(600_000);
      expect(Math.abs(bench.fine.length / 10 - expected)).toBeLessThanOrEqual(1);
      expect(bench.fine).not.toContain(null);
      await bench.stop();
    },
  );

  test('its zeros while it warms up are no measurement', async () => {
    const bench = new Bench('1s', { warmUp: 3000 });
    bench.sensor.serve(bench.end);
    await bench.clock.advance(4500);
    expect(bench.fine).toEqual([null, null, null, 3, 4]);
    expect(bench.readings[0]?.mark).toEqual({ flag: 'D', reason: 'warm-up', basis: 'inferred' });
    await bench.stop();
  });

  test('that goes quiet is missed in each period, flag B, and comes back by itself', async () => {
    const bench = new Bench('4s');
    bench.sensor.serve(bench.end);
    await bench.clock.advance(10_000);
    bench.sensor.on = false;
    bench.readings.length = 0;
    bench.events.length = 0;
    await bench.clock.advance(60_000);
    expect(bench.fine.length).toBeGreaterThanOrEqual(14);
    expect(new Set(bench.fine)).toEqual(new Set([null]));
    expect(bench.readings[0]?.mark).toEqual({ flag: 'B', reason: 'listening', basis: 'observed' });
    expect(new Set(bench.outcomes)).toEqual(new Set(['no-bytes']));
    bench.sensor.on = true;
    await bench.clock.advance(6000);
    expect(bench.fine.at(-1)).not.toBeNull();
    await bench.stop();
  });

  test('whose line is lost is missed in each period and heard again when it is back', async () => {
    const bench = new Bench('1s');
    bench.sensor.serve(bench.end);
    await bench.clock.advance(3500);
    bench.link.unplug();
    bench.readings.length = 0;
    await bench.clock.advance(10_000);
    expect(bench.fine.length).toBeGreaterThanOrEqual(9);
    expect(new Set(bench.readings.map(({ mark }) => mark.reason))).toEqual(new Set(['line-lost']));
    bench.link.plug();
    await bench.clock.advance(15_000);
    expect(bench.fine.at(-1)).not.toBeNull();
    await bench.stop();
  });
});

test('a quiet stream behind a device server is connected to anew, since its other end may be gone', async () => {
  const openings = async (deviceServer: boolean): Promise<number> => {
    const bench = new Bench('1s', {}, deviceServer);
    await bench.clock.advance(20_000);
    await bench.stop();
    return bench.links.filter(({ kind }) => kind === 'link-opened').length;
  };
  expect(await openings(true)).toBeGreaterThan(2);
  expect(await openings(false)).toBe(1);
});

describe('a stream that is damaged', () => {
  const frame = plantowerFrame([1, 1, 1, 1, 77, 1, 1, 1, 1, 1, 1, 1]);
  const joined = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));

  test('a frame cut at any byte into two pieces is one frame', async () => {
    for (let at = 1; at < frame.length; at += 1) {
      const bench = new Bench('1s');
      bench.clock.after(100, () => bench.end.send(frame.subarray(0, at)));
      bench.clock.after(300, () => bench.end.send(frame.subarray(at)));
      await bench.clock.advance(500);
      expect(bench.fine, `cut at ${at}`).toEqual([77]);
      await bench.stop();
    }
  });

  test.each<[string, Uint8Array]>([
    ['noise', Uint8Array.of(0, 0xff, 0x42, 0x00, 0x42, 0x42)],
    ['the end of another frame', frame.subarray(9)],
    ['a head with a length that no sensor has', Uint8Array.of(0x42, 0x4d, 0xff, 0xff)],
    ['a head without its frame', frame.subarray(0, 7)],
    ['a frame with a wrong check sum', Uint8Array.from(frame, (byte, at) => (at === 12 ? byte ^ 1 : byte))],
  ])('%s before a frame is stepped over and counted', async (_, junk) => {
    const bench = new Bench('1s');
    bench.clock.after(100, () => bench.end.send(joined(junk, frame)));
    await bench.clock.advance(500);
    expect(bench.fine).toEqual([77]);
    expect(bench.events.find((event) => event.kind === 'transaction')).toMatchObject({
      outcome: 'ok',
      junkBefore: junk.length,
    });
    await bench.stop();
  });

  test('a frame that is never finished is dropped after half a second of silence', async () => {
    const bench = new Bench('1s');
    bench.clock.after(100, () => bench.end.send(frame.subarray(0, 20)));
    bench.clock.after(800, () => bench.end.send(frame));
    await bench.clock.advance(1200);
    expect(bench.fine).toEqual([77]);
    await bench.stop();
  });

  test('a frame behind the head of a longer one that never comes is found once the line is quiet', async () => {
    const bench = new Bench('4s');
    bench.clock.after(100, () => bench.end.send(joined(Uint8Array.of(0x42, 0x4d, 0x00, 0x24), frame)));
    await bench.clock.advance(1500);
    expect(bench.fine).toEqual([77]);
    await bench.stop();
  });

  test.each<[string, (frame: Uint8Array) => Uint8Array, string, string]>([
    [
      'wrong check sums',
      (bytes) => Uint8Array.from(bytes, (byte, at) => (at === 12 ? byte ^ 1 : byte)),
      'crc',
      'garbled',
    ],
    ['noise', () => Uint8Array.of(1, 2, 3), 'junk', 'garbled'],
    ['halves', (bytes) => bytes.subarray(0, 16), 'short', 'garbled'],
    [
      'frames of another model',
      () => Uint8Array.of(0x42, 0x4d, 0, 0x14, ...new Array(18).fill(0), 0, 0xa3),
      'foreign-length',
      'foreign-answer',
    ],
  ])('that is all %s has no value, and says why', async (_, fault, outcome, reason) => {
    const bench = new Bench('4s');
    bench.sensor.fault = fault;
    bench.sensor.serve(bench.end);
    await bench.clock.advance(20_000);
    expect(new Set(bench.fine)).toEqual(new Set([null]));
    expect(new Set(bench.outcomes)).toEqual(new Set([outcome]));
    expect(bench.readings[0]?.mark).toEqual({ flag: 'B', reason, basis: 'observed' });
    await bench.stop();
  });
});
