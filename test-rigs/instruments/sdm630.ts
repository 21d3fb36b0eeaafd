import type { Clock } from '../../gateway/clock.ts';
import { float32, registerImage, swaying } from './register-image.ts';
import type { Registers } from './simulated-modbus-slave.ts';

/*
 * In three lines:
 *   const meter = new Sdm630(clock);
 *   new SimulatedModbusSlave({ address: 1, registers: meter.registers }).serveRtu(line.connect());
 *   meter.running = false;                              // the fan behind it is switched off
 */

/** An Eastron SDM630 on a fan of about 5.5 kW: float32 input registers, as its protocol lists them. */
export class Sdm630 {
  /** Whether the load is switched on; a meter without load still measures voltage and frequency. */
  running = true;
  readonly registers: Registers;
  readonly #clock: Clock;
  #energy = 1234.5;
  #countedAt: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#countedAt = clock.monotonic();
    this.registers = registerImage(4, () => this.#fields());
  }

  #fields(): [number, number[]][] {
    const now = this.#clock.monotonic();
    const voltage = [0, 1, 2].map((phase) => swaying(231 + phase, 1.5, 70 + phase * 9, now));
    const current = [0, 1, 2].map((phase) => (this.running ? swaying(8.4, 0.3, 45 + phase * 7, now) : 0));
    const factor = this.running ? 0.94 : 1;
    const apparent = voltage.map((volts, phase) => volts * (current[phase] ?? 0));
    const active = apparent.map((power) => power * factor);
    const reactive = apparent.map((power) => power * Math.sqrt(1 - factor * factor));
    const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);
    this.#energy += (sum(active) / 1000) * ((now - this.#countedAt) / 3_600_000);
    this.#countedAt = now;
    const angle = (Math.acos(factor) * 180) / Math.PI;
    const values = new Map<number, number>();
    const phases = (first: number, list: number[]): void => {
      for (const [phase, value] of list.entries()) values.set(first + phase * 2, value);
    };
    // Every even register of the documented block answers; what is not listed below reads 0.
    for (let register = 0; register <= 0x005a; register += 2) values.set(register, 0);
    for (let register = 0x00c8; register <= 0x0110; register += 2) values.set(register, 0);
    for (let register = 0x014e; register <= 0x017c; register += 2) values.set(register, 0);
    phases(0x0000, voltage);
    phases(0x0006, current);
    phases(0x000c, active);
    phases(0x0012, apparent);
    phases(0x0018, reactive);
    phases(0x001e, [factor, factor, factor]);
    phases(0x0024, [angle, angle, angle]);
    values
      .set(0x002a, sum(voltage) / 3)
      .set(0x002e, sum(current) / 3)
      .set(0x0030, sum(current));
    values.set(0x0034, sum(active)).set(0x0038, sum(apparent)).set(0x003c, sum(reactive));
    values
      .set(0x003e, factor)
      .set(0x0042, angle)
      .set(0x0046, swaying(50, 0.02, 33, now));
    values
      .set(0x0048, this.#energy)
      .set(0x004a, 0.12)
      .set(0x0156, this.#energy + 0.12);
    phases(0x00ea, [2.1, 2.2, 1.9]);
    values.set(0x00f8, 2.07);
    phases(0x015a, [this.#energy / 3, this.#energy / 3, this.#energy / 3]);
    return [...values].map(([register, value]): [number, number[]] => [register, float32(value)]);
  }
}
