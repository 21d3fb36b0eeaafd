import { describe, expect, test } from 'vitest';
import { Bme280Device } from '../../../test-rigs/surroundings/avr-board/bme280-device.ts';
import { ClockedUno } from '../../../test-rigs/surroundings/avr-board/clocked-uno.ts';
import { standardFirmata } from '../../../test-rigs/surroundings/avr-board/sketches.ts';
import { SimulatedClock } from '../../../test-rigs/surroundings/simulated-clock.ts';
import { type Board, isBoardFault } from '../board.ts';
import { openBoard } from '../johnny-five-board.ts';
import type { Climate } from './bme280.ts';
import { Clamp, type ClampReading } from './clamp.ts';
import { type ClimateFault, ClimateSensor } from './climate.ts';
import { Contact } from './contact.ts';
import { CurrentLoop } from './current-loop.ts';

/** What hangs on a board, on real firmware in a simulated Uno; one chip for all tests. */
const clock = new SimulatedClock();
const uno = new ClockedUno({ clock, flash: standardFirmata() });

async function opened(samplingInterval = 19): Promise<Board> {
  const board = await clock.during(openBoard({ port: uno.port(), clock, samplingInterval, onLost: () => undefined }));
  if (isBoardFault(board)) throw new Error(board.message);
  return board;
}

/** Volts of a clamp whose burden has so many volts root mean square, around half of the supply, from some phase on. */
const clampVoltage =
  (rms: number, phase: number) =>
  (milliseconds: number): number =>
    2.5 + rms * Math.SQRT2 * Math.sin((2 * Math.PI * milliseconds) / 20 + phase);

describe('a clamp with a true 0.500 V', () => {
  test.each([11, 13, 17, 19])('reads 0.48 to 0.52 V within a second sampled every %d ms', async (sampling) => {
    const board = await opened(sampling);
    uno.setAnalogue(0, clampVoltage(0.5, 1));
    const found: ClampReading[] = [];
    const clamp = new Clamp({ sampling, windowSeconds: 1 }, (reading) => found.push(reading));
    board.watchAnalogue(0, (raw) => clamp.add(raw));
    await clock.advance(1400);
    expect(found).toMatchObject([{ fault: null }]);
    const volts = ((found[0]?.rms ?? 0) * 5) / 1024;
    expect(volts).toBeGreaterThan(0.48);
    expect(volts).toBeLessThan(0.52);
    await clock.during(board.close());
  });

  test('reads 0.2 V or 0.7 V sampled every 10 ms, as its phase happens to lie: which is why that is refused', async () => {
    const board = await opened(10);
    // Six clamps around the same current, that differ by the phase alone.
    const clamps = [0, 1, 2, 3, 4, 5].map((channel) => ({ channel, sum: 0, squares: 0, count: 0 }));
    for (const clamp of clamps) {
      uno.setAnalogue(clamp.channel, clampVoltage(0.5, (clamp.channel * Math.PI) / 6));
      board.watchAnalogue(clamp.channel, (raw) => {
        clamp.sum += raw;
        clamp.squares += raw * raw;
        clamp.count += 1;
      });
    }
    await clock.advance(1000);
    const volts = clamps.map(({ sum, squares, count }) => (Math.sqrt(squares / count - (sum / count) ** 2) * 5) / 1024);
    expect(Math.min(...volts)).toBeLessThan(0.3);
    expect(Math.max(...volts)).toBeGreaterThan(0.6);
    await clock.during(board.close());
  });
});

test('a 4-20 mA loop over 150 Ω reads 4, 12 and 20 mA within 0.05 mA, and a cut wire as broken', async () => {
  const board = await opened();
  const loop = new CurrentLoop((counts) => ((counts + 0.5) / 1024) * (5 / 0.15));
  board.watchAnalogue(1, (raw) => loop.add(raw));
  for (const current of [4, 12, 20]) {
    uno.setAnalogue(1, current * 0.15);
    await clock.advance(50);
    loop.take();
    await clock.advance(200);
    const reading = loop.take();
    expect(reading?.state).toBe('signal');
    expect(Math.abs((reading?.milliamperes ?? 0) - current)).toBeLessThan(0.05);
  }
  uno.setAnalogue(1, 0);
  await clock.advance(300);
  expect(loop.take()?.failed).toBeGreaterThan(10);
  await clock.during(board.close());
});

test('a contact that bounces for 9 ms is one edge, at its first touch', async () => {
  const board = await opened();
  const edges: [boolean | null, boolean | null, number][] = [];
  uno.setPin(4, 'open');
  const contact = new Contact({
    clock,
    settings: { closedIs: 'low', stable: 50 },
    onChange: (closed, was, at) => edges.push([closed, was, at]),
  });
  board.watchLevel(4, { pullUp: true }, (high, at) => contact.level(high, at));
  await clock.advance(100);
  const touch = clock.monotonic();
  uno.bounce(4, 'open', 'ground', [0.3, 0.9, 2.1, 2.6, 6, 7.4, 9]);
  await clock.advance(100);
  expect(edges.map(([closed, was]) => [closed, was])).toEqual([
    [false, null],
    [true, false],
  ]);
  expect((edges[1]?.[2] ?? 0) - touch).toBeGreaterThan(0);
  expect((edges[1]?.[2] ?? 0) - touch).toBeLessThan(5);
  expect(contact.bounces).toBeGreaterThanOrEqual(4);
  await clock.during(board.close());
});

describe('a BME280', () => {
  test('is read over the I2C bus of the board, and told when it is gone, without its last values', async () => {
    const board = await opened();
    uno.i2c.set(0x76, new Bme280Device());
    const seen: (Climate | ClimateFault)[] = [];
    const sensor = new ClimateSensor({ board, clock, address: 0x76, every: 500, onSample: (one) => seen.push(one) });
    await clock.advance(200);
    expect(seen).toHaveLength(1);
    const first = seen[0] as Climate;
    expect(first.temperature).toBeCloseTo(25.08, 2);
    expect(first.pressure).toBeCloseTo(100.653, 3);
    expect(first.humidity).toBeGreaterThan(10);
    uno.i2c.delete(0x76);
    await clock.advance(500);
    expect(seen[1]).toBe('no-answer');
    sensor.stop();
    await clock.during(board.close());
  });

  test('that did not take the order to measure has no value, and not the one of before once more', async () => {
    const board = await opened();
    const device = new Bme280Device();
    uno.i2c.set(0x76, device);
    const seen: (Climate | ClimateFault)[] = [];
    const sensor = new ClimateSensor({ board, clock, address: 0x76, every: 300, onSample: (one) => seen.push(one) });
    await clock.advance(200);
    device.isDeaf = true;
    await clock.advance(300);
    device.isDeaf = false;
    await clock.advance(300);
    const warm = { temperature: expect.closeTo(25.08, 2) };
    expect(seen).toMatchObject([warm, 'not-sound', warm]);
    sensor.stop();
    await clock.during(board.close());
  });

  test('that was put in the place of another between two values is read with its own trimming', async () => {
    const board = await opened();
    uno.i2c.set(0x76, new Bme280Device());
    const seen: (Climate | ClimateFault)[] = [];
    const sensor = new ClimateSensor({ board, clock, address: 0x76, every: 200, onSample: (one) => seen.push(one) });
    await clock.advance(150);
    const other = new Bme280Device();
    // T2: the slope of its thermometer.
    new DataView(other.registers.buffer).setInt16(0x8a, 20_000, true);
    uno.i2c.set(0x76, other);
    await clock.advance(250);
    const [first, second] = seen as [Climate, Climate];
    expect(first.temperature).toBeCloseTo(25.08, 2);
    expect(second.temperature).toBeCloseTo((25.08 * 20_000) / 26_435, 1);
    sensor.stop();
    await clock.during(board.close());
  });

  test('is not confused with a BMP280, which measures no humidity', async () => {
    const board = await opened();
    uno.i2c.set(0x76, new Bme280Device({ isBmp280: true }));
    const seen: (Climate | ClimateFault)[] = [];
    const sensor = new ClimateSensor({ board, clock, address: 0x76, every: 500, onSample: (one) => seen.push(one) });
    await clock.advance(100);
    expect(seen).toEqual(['other-chip']);
    sensor.stop();
    await clock.during(board.close());
  });
});
