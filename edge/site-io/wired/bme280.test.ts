import { describe, expect, test } from 'vitest';
import { Bme280Device, trimming as written } from '../../../test-rigs/surroundings/avr-board/bme280-device.ts';
import { climateOf, measuredBy, readTrimming, registers, type Trimming } from './bme280.ts';

const slice = (from: number, count: number, device = new Bme280Device()): Uint8Array =>
  device.registers.slice(from, from + count);

function trimmingOf(device = new Bme280Device()): Trimming {
  const { trimming: low, humidityTrimming: high } = registers;
  return readTrimming(slice(low.from, low.count, device), slice(high.from, high.count, device)) as Trimming;
}

/** The data registers for what the converters read. */
function data(pressure: number, temperature: number, humidity: number): Uint8Array {
  const twenty = (raw: number): number[] => [raw >> 12, (raw >> 4) & 0xff, (raw & 0xf) << 4];
  return Uint8Array.from([...twenty(pressure), ...twenty(temperature), humidity >> 8, humidity & 0xff]);
}

/**
 * Humidity by the other form of the datasheet, in 32-bit integers (BST-BME280-DS002, 4.2.3); %.
 */
function humidityInIntegers(raw: number, fine: number, [h1, h2, h3, h4, h5, h6]: readonly number[]): number {
  const int = (value: number): number => value | 0;
  const times = Math.imul;
  const [d1 = 0, d2 = 0, d3 = 0, d4 = 0, d5 = 0, d6 = 0] = [h1, h2, h3, h4, h5, h6];
  let v = int(fine - 76800);
  const left = int(int(int(raw << 14) - int(d4 << 20) - times(d5, v)) + 16384) >> 15;
  const inner = int(times(int(times(v, d6) >> 10), int(int(times(v, d3) >> 11) + 32768)) >> 10) + 2097152;
  const right = int(times(int(inner), d2) + 8192) >> 14;
  v = times(left, right);
  v = int(v - int(times(int(times(v >> 15, v >> 15) >> 7), d1) >> 4));
  return (v >> 12) / 1024;
}

describe('the climate of a BME280', () => {
  test('reads back the trimming of the chip, of which two share a byte', () => {
    expect(trimmingOf()).toEqual({ T: [...written.T], P: [...written.P], H: [...written.H] });
  });

  test('reads negative trimming of humidity', () => {
    const high = Uint8Array.of(0x6a, 0x01, 0, 0xff, 0xec, 0xff, 0xe2);
    const { from, count } = registers.trimming;
    expect(readTrimming(slice(from, count), high)?.H.slice(1)).toEqual([362, 0, -4, -2, -30]);
  });

  test('is what the example of the datasheet says: 25.08 °C, 1006.53 hPa', () => {
    const climate = climateOf(data(415_148, 519_888, 28_000), trimmingOf());
    expect(climate.temperature).toBeCloseTo(25.08, 2);
    expect(climate.pressure).toBeCloseTo(100.6533, 3);
  });

  test.each([23_000, 25_000, 28_000, 32_000])(
    'is the same humidity as by the integers of the datasheet, raw %d',
    (raw) => {
      const climate = climateOf(data(415_148, 519_888, raw), trimmingOf());
      const expected = humidityInIntegers(raw, 128_422, written.H);
      expect(expected).toBeGreaterThan(0);
      expect(expected).toBeLessThan(100);
      expect(climate.humidity).toBeCloseTo(expected, 1);
    },
  );

  test('has no value for what was not measured', () => {
    expect(climateOf(data(0x80000, 0x80000, 0x8000), trimmingOf())).toEqual({
      temperature: null,
      humidity: null,
      pressure: null,
    });
    expect(climateOf(data(0x80000, 519_888, 0x8000), trimmingOf())).toMatchObject({ humidity: null, pressure: null });
  });

  test('is taken from registers that show the order and its end, and from no others', () => {
    const bytes = (humidity: number, status: number, measurement: number): Uint8Array =>
      Uint8Array.of(humidity, status, measurement, 0, 0, ...data(415_148, 519_888, 28_000));
    expect(measuredBy(0x29, bytes(1, 0, 0x28))).toEqual(data(415_148, 519_888, 28_000));
    for (const other of [bytes(1, 0, 0x24), bytes(1, 8, 0x28), bytes(0, 0, 0x28), bytes(1, 0, 0x29)]) {
      expect(measuredBy(0x29, other)).toBeUndefined();
    }
  });

  test('has no value outside of what the chip is made for, and cuts none off', () => {
    expect(climateOf(data(415_148, 0xfffff, 65_000), trimmingOf())).toMatchObject({
      temperature: null,
      humidity: null,
    });
  });

  test.each([0x00, 0xff])('is none from a chip whose trimming is all %d', (byte) => {
    const { trimming: low, humidityTrimming: high } = registers;
    expect(readTrimming(new Uint8Array(low.count).fill(byte), new Uint8Array(high.count).fill(byte))).toBeUndefined();
  });
});
