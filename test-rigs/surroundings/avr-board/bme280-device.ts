import { RegisterDevice } from './i2c-device.ts';

/** What the converters of the chip read: 20, 20 and 16 bits. */
export interface RawClimate {
  readonly temperature: number;
  readonly pressure: number;
  readonly humidity: number;
}

/** The trimming values of one chip, as named in the datasheet (BST-BME280-DS002, 4.2.2, table 16). */
export const trimming = {
  // Those of the example in BST-BMP280-DS001, 3.12: raw 519888 and 415148 are 25.08 °C and 1006.53 hPa.
  T: [27504, 26435, -1000],
  P: [36477, -10685, 3024, 2855, 140, -7, 15500, -14600, 6000],
  // Of one BME280, read from a real chip.
  H: [75, 362, 0, 324, 50, 30],
} as const;

const idOfBme280 = 0x60;
const idOfBmp280 = 0x58;

/**
 * A BME280 on the I2C bus: it measures once when it is told to (forced mode) and then sleeps again, humidity only if
 * that was switched on before (BST-BME280-DS002, 5.4). Before its first measurement it holds the values of a reset.
 */
export class Bme280Device extends RegisterDevice {
  /** What it will read when it next measures. */
  raw: RawClimate = { temperature: 519_888, pressure: 415_148, humidity: 28_000 };
  /** It takes no write, as one whose bytes were disturbed on the bus. */
  isDeaf = false;
  #humidityIsOn = false;

  constructor({ isBmp280 = false }: { isBmp280?: boolean } = {}) {
    super(new Uint8Array(256));
    this.registers[0xd0] = isBmp280 ? idOfBmp280 : idOfBme280;
    this.#trim();
    this.#show({ temperature: 0x80000, pressure: 0x80000, humidity: 0x8000 });
  }

  protected override put(register: number, byte: number): void {
    // Only its control registers can be written.
    if (this.isDeaf || ![0xe0, 0xf2, 0xf4, 0xf5].includes(register)) return;
    super.put(register, byte);
    if (register !== 0xf4) return;
    // A change of ctrl_hum counts only once ctrl_meas has been written after it (5.4.3).
    this.#humidityIsOn = ((this.registers[0xf2] ?? 0) & 7) !== 0;
    if ((byte & 3) === 0) return;
    this.#show({
      temperature: byte >> 5 === 0 ? 0x80000 : this.raw.temperature,
      pressure: ((byte >> 2) & 7) === 0 ? 0x80000 : this.raw.pressure,
      humidity: this.#humidityIsOn ? this.raw.humidity : 0x8000,
    });
    if ((byte & 3) !== 3) this.registers[0xf4] = byte & 0xfc;
  }

  #show({ temperature, pressure, humidity }: RawClimate): void {
    const twenty = (raw: number): number[] => [raw >> 12, (raw >> 4) & 0xff, (raw & 0xf) << 4];
    this.registers.set([...twenty(pressure), ...twenty(temperature), humidity >> 8, humidity & 0xff], 0xf7);
  }

  #trim(): void {
    const view = new DataView(this.registers.buffer);
    const words = [...trimming.T, ...trimming.P];
    // dig_T1 and dig_P1 are unsigned; the bytes are the same.
    for (const [index, word] of words.entries()) view.setInt16(0x88 + 2 * index, word, true);
    const [h1, h2, h3, h4, h5, h6] = trimming.H;
    view.setUint8(0xa1, h1);
    view.setInt16(0xe1, h2, true);
    view.setUint8(0xe3, h3);
    // dig_H4 and dig_H5 share 0xE5, four bits each.
    view.setInt8(0xe4, h4 >> 4);
    view.setUint8(0xe5, (h4 & 0xf) | ((h5 & 0xf) << 4));
    view.setInt8(0xe6, h5 >> 4);
    view.setInt8(0xe7, h6);
  }
}
