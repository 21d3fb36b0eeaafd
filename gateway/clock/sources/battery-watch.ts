import type { Monotonic, WallTime } from '../../clock.ts';
import type { ClockReport } from '../clock-report.ts';
import type { BatteryClock, ClockMemory, Machine } from '../machine.ts';
import {
  type BatteryMemory,
  type BatteryWord,
  batteryMemoryText,
  compared,
  readBatteryMemory,
  wordOf,
} from './battery-clock.ts';

/** The battery clock is compared, and that is remembered, so often while NTP vouches. */
const compareEvery = 3_600_000;

/** The battery clock as it was last seen, and how it compared with the true time, remembered over boots. */
export class BatteryWatch {
  readonly #machine: Machine;
  readonly #memory: ClockMemory;
  #seen: BatteryClock | null = null;
  #remembered: BatteryMemory | undefined;
  #comparedAt: Monotonic | null = null;

  private constructor(machine: Machine, memory: ClockMemory, remembered: BatteryMemory | undefined) {
    this.#machine = machine;
    this.#memory = memory;
    this.#remembered = remembered;
  }

  static async open(machine: Machine, memory: ClockMemory): Promise<BatteryWatch> {
    return new BatteryWatch(machine, memory, readBatteryMemory(await memory.read().catch(() => undefined)));
  }

  /** Whether it is time to compare it once more. */
  isDue(now: Monotonic): boolean {
    return this.#comparedAt === null || now - this.#comparedAt >= compareEvery;
  }

  async look(): Promise<void> {
    this.#seen = await this.#machine.batteryClock();
  }

  /** What it is worth, drifting so many parts per million; null where there is none. */
  word(drift: number): BatteryWord | null {
    return this.#seen && wordOf(this.#seen, this.#remembered, drift);
  }

  /** Compares it with the time, which is known, and remembers that. Rejects where it cannot be kept over a boot. */
  async compare(now: WallTime, monotonic: Monotonic): Promise<void> {
    if (this.#seen === null) return;
    const found = compared(this.#seen, now);
    this.#comparedAt = monotonic;
    if (found === undefined) return;
    this.#remembered = found;
    await this.#memory.write(batteryMemoryText(found));
  }

  get report(): ClockReport['battery'] {
    if (this.#seen === null) return null;
    const { name } = this.#seen;
    const remembered = this.#remembered?.name === name ? this.#remembered : undefined;
    const checkedAt = (remembered?.checkedAt as WallTime | undefined) ?? null;
    return { name, difference: remembered?.difference ?? null, checkedAt };
  }
}
