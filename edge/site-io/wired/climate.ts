import type { Cancel, Clock, Monotonic } from '../../../gateway/clock.ts';
import { type Board, isBoardFault } from '../board.ts';
import {
  type Climate,
  climateOf,
  controlHumidity,
  idOfBme280,
  measuredBy,
  measureOnce,
  measuringTime,
  readTrimming,
  registers,
  type Trimming,
} from './bme280.ts';

/** Why there is no climate: nothing answers at the address, another chip does, or the chip is not sound or did not obey. */
export type ClimateFault = 'no-answer' | 'other-chip' | 'not-sound';

export interface ClimateOptions {
  readonly board: Board;
  readonly clock: Clock;
  /** 0x76, or 0x77 where SDO is wired high. */
  readonly address: number;
  /** Milliseconds from one measurement to the next; a second at the least. */
  readonly every: number;
  readonly onSample: (sample: Climate | ClimateFault, at: Monotonic) => void;
}

/**
 * Measures with a BME280 over and over, until the board is lost or it is told to stop. It is asked anew each time what it is:
 * another one may have been put in its place, and a byte of its trimming that was disturbed on the bus, which has no
 * checksum, must not make every later value wrong. A fault is told each time.
 *
 * A DHT11 or DHT22 cannot be read like this: it tells its bits by the length of pulses of 26 and 70 µs, which the board
 * would have to time itself, and StandardFirmata does not.
 */
export class ClimateSensor {
  readonly #options: ClimateOptions;
  #isStopped = false;
  #orders = 0;
  #next: Cancel;

  constructor(options: ClimateOptions) {
    this.#options = options;
    this.#next = options.clock.after(0, () => void this.#turn());
  }

  stop(): void {
    this.#isStopped = true;
    this.#next();
  }

  async #turn(): Promise<void> {
    const trimming = await this.#identify();
    if (trimming) await this.#measure(trimming);
    if (!this.#isStopped) this.#next = this.#options.clock.after(this.#options.every, () => void this.#turn());
  }

  /** Its trimming; undefined where there is no BME280, which is told. */
  async #identify(): Promise<Trimming | undefined> {
    const id = await this.#read(registers.id, 1);
    if (id === undefined) return undefined;
    if (id[0] !== idOfBme280) return this.#tell('other-chip');
    const low = await this.#read(registers.trimming.from, registers.trimming.count);
    const high = low && (await this.#read(registers.humidityTrimming.from, registers.humidityTrimming.count));
    return low && high && (readTrimming(low, high) ?? this.#tell('not-sound'));
  }

  async #measure(trimming: Trimming): Promise<void> {
    const { board, clock, address } = this.#options;
    // Humidity is switched on only by the write to the other register after it (5.4.3).
    const order = measureOnce[this.#orders++ % measureOnce.length] as number;
    await board.writeRegister(address, registers.controlHumidity, controlHumidity);
    await board.writeRegister(address, registers.controlMeasurement, order);
    await new Promise<void>((resolve) => clock.after(measuringTime, resolve));
    const bytes = await this.#read(registers.measured.from, registers.measured.count);
    const data = bytes && measuredBy(order, bytes);
    if (bytes) this.#tell(data === undefined ? 'not-sound' : climateOf(data, trimming));
  }

  /** The bytes; undefined when none come, which is told unless the board itself is lost. */
  async #read(from: number, count: number): Promise<Uint8Array | undefined> {
    const bytes = await this.#options.board.readRegisters(this.#options.address, from, count);
    if (bytes === 'no-answer') return this.#tell('no-answer');
    if (!isBoardFault(bytes)) return bytes;
    this.#isStopped = true;
    return undefined;
  }

  #tell(sample: Climate | ClimateFault): undefined {
    if (!this.#isStopped) this.#options.onSample(sample, this.#options.clock.monotonic());
  }
}
