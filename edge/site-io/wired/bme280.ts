/**
 * What a BME280 measures, from its registers. Names and formulas are those of the datasheet (BST-BME280-DS002: 4.2.2 for
 * the trimming, 5.4 for the registers, 8.1 for the compensation in floating point).
 *
 *   0x88 … 0xA1   T1 T2 T3 P1 … P9 (words, low byte first), a spare byte, H1
 *   0xE1 … 0xE7   H2 (word), H3, H4 and H5 (12 bits each, sharing 0xE5), H6
 *   0xF2 … 0xF5   ctrl_hum, status (bit 3: measuring), ctrl_meas (bits 1-0: mode, 0 when it has measured), config
 *   0xF7 … 0xFE   pressure 20 bits, temperature 20 bits, humidity 16 bits (high byte first)
 */

/** Trimming of one chip, written into it at the factory. */
export interface Trimming {
  readonly T: readonly number[];
  readonly P: readonly number[];
  readonly H: readonly number[];
}

export interface Climate {
  /** °C. */
  readonly temperature: number | null;
  /** % relative. */
  readonly humidity: number | null;
  /** kPa. */
  readonly pressure: number | null;
}

export const registers = {
  id: 0xd0,
  trimming: { from: 0x88, count: 26 },
  humidityTrimming: { from: 0xe1, count: 7 },
  controlHumidity: 0xf2,
  controlMeasurement: 0xf4,
  /** From ctrl_hum to the last byte of humidity. */
  measured: { from: 0xf2, count: 13 },
} as const;

/**
 * One sample of everything, now, then sleep: oversampling x1 of humidity and temperature, x1 or x2 of pressure, forced mode.
 * Taken in turn: I2C has no checksum and the firmware does not tell of a write that the chip did not take, and the chip
 * keeps what it measured before; so each order differs from the one before, and is read back with what came of it.
 */
export const controlHumidity = 0x01;
export const measureOnce = [0x25, 0x29] as const;
/** Milliseconds that takes at most (appendix B: 1.25 + 2.3 + 2 x 2.3 + 0.575 + 2.3 + 0.575 = 11.6). */
export const measuringTime = 12;

/** The eight bytes of data, where the registers show that the chip has carried out this order; else undefined. */
export function measuredBy(order: number, bytes: Uint8Array): Uint8Array | undefined {
  const [humidity = 0, status = 0, measurement = 0] = bytes;
  const isDone = (humidity & 0x07) === controlHumidity && (status & 0x08) === 0 && measurement === (order & 0xfc);
  return isDone ? bytes.subarray(5) : undefined;
}

export const idOfBme280 = 0x60;

/** What the registers hold until something has been measured. */
const notMeasured = { twenty: 0x80000, sixteen: 0x8000 };

/** What the chip is made for (table 1); outside of it, it is broken or badly wired. */
const operating = { temperature: [-40, 85], humidity: [0, 100], pressure: [30, 110] } as const;

/** Undefined where the registers hold no trimming: all bits alike, as from a chip that does not answer soundly. */
export function readTrimming(low: Uint8Array, high: Uint8Array): Trimming | undefined {
  const view = new DataView(low.buffer, low.byteOffset, low.length);
  const words = (from: number, count: number): number[] =>
    Array.from({ length: count }, (_, index) =>
      // T1 and P1 are unsigned, all others signed.
      index === 0 ? view.getUint16(from, true) : view.getInt16(from + 2 * index, true),
    );
  const [e1 = 0, e2 = 0, e3 = 0, e4 = 0, e5 = 0, e6 = 0, e7 = 0] = high;
  const signed = (byte: number): number => (byte << 24) >> 24;
  const T = words(0, 3);
  const P = words(6, 9);
  const H = [
    low[25] ?? 0,
    ((e2 << 24) >> 16) | e1,
    e3,
    (signed(e4) << 4) | (e5 & 0xf),
    (signed(e6) << 4) | (e5 >> 4),
    signed(e7),
  ];
  const isBlank = [0, 0xffff].includes(T[0] ?? 0) || [0, 0xffff].includes(P[0] ?? 0);
  return isBlank ? undefined : { T, P, H };
}

/** A value that the chip did not measure, or that is outside of what it is made for, is null. */
export function climateOf(data: Uint8Array, trimming: Trimming): Climate {
  const twenty = (at: number): number =>
    ((data[at] ?? 0) << 12) | ((data[at + 1] ?? 0) << 4) | ((data[at + 2] ?? 0) >> 4);
  const [pressure, temperature] = [twenty(0), twenty(3)];
  const humidity = ((data[6] ?? 0) << 8) | (data[7] ?? 0);
  if (temperature === notMeasured.twenty) return { temperature: null, humidity: null, pressure: null };
  const fine = fineTemperature(temperature, trimming);
  return {
    temperature: within(operating.temperature, fine / 5120),
    humidity:
      humidity === notMeasured.sixteen ? null : within(operating.humidity, humidityOf(humidity, fine, trimming)),
    pressure: pressure === notMeasured.twenty ? null : within(operating.pressure, pressureOf(pressure, fine, trimming)),
  };
}

function within([from, to]: readonly [number, number], value: number): number | null {
  return value >= from && value <= to ? value : null;
}

/** `t_fine` of the datasheet: 5120 a degree. */
function fineTemperature(raw: number, { T: [t1 = 0, t2 = 0, t3 = 0] }: Trimming): number {
  const linear = (raw / 16384 - t1 / 1024) * t2;
  return linear + (raw / 131072 - t1 / 8192) ** 2 * t3;
}

/** kPa. */
function pressureOf(raw: number, fine: number, { P }: Trimming): number {
  const [p1 = 0, p2 = 0, p3 = 0, p4 = 0, p5 = 0, p6 = 0, p7 = 0, p8 = 0, p9 = 0] = P;
  const offset = fine / 2 - 64000;
  const square = ((offset * offset * p6) / 32768 + offset * p5 * 2) / 4 + p4 * 65536;
  const scale = (1 + ((p3 * offset * offset) / 524288 + p2 * offset) / 524288 / 32768) * p1;
  const first = ((1048576 - raw - square / 4096) * 6250) / scale;
  const pascal = first + ((p9 * first * first) / 2147483648 + (first * p8) / 32768 + p7) / 16;
  return pascal / 1000;
}

/** %; the datasheet cuts it off at 0 and 100. */
function humidityOf(raw: number, fine: number, { H }: Trimming): number {
  const [h1 = 0, h2 = 0, h3 = 0, h4 = 0, h5 = 0, h6 = 0] = H;
  const offset = fine - 76800;
  const linear =
    (raw - (h4 * 64 + (h5 / 16384) * offset)) *
    ((h2 / 65536) * (1 + (h6 / 67108864) * offset * (1 + (h3 / 67108864) * offset)));
  return linear * (1 - (h1 * linear) / 524288);
}
