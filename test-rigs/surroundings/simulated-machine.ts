import type { BatteryClock, ClockMemory, Machine, NtpView } from '../../gateway/clock/machine.ts';
import { readStamp, type WallTime } from '../../gateway/clock.ts';
import type { SimulatedClock } from './simulated-clock.ts';

/** A machine on a simulated clock: what time it truly is, what its own clocks make of it, and whether NTP is heard. */
export class SimulatedMachine implements Machine {
  bootId = 'boot-1';
  /** Whether an NTP service runs at all, and whether it hears a server: then its own clock is right. */
  hasNtp = true;
  #heard: WallTime | null = null;
  #uncertainty = 20;
  readonly #clock: SimulatedClock;
  /** True time less monotonic time and time asleep. */
  readonly #truth: number;
  #bootAt = 0;
  #boots = 1;
  #battery: { readonly name: string; readonly ahead: number } | null = null;

  /** `truth`: what time it truly is at this moment. */
  constructor(clock: SimulatedClock, truth: string) {
    this.#clock = clock;
    this.#truth = (readStamp(truth) ?? Number.NaN) - this.#passed;
  }

  /** What time it truly is. */
  get truth(): WallTime {
    return (this.#truth + this.#passed) as WallTime;
  }

  uptime(): number {
    return this.#passed - this.#bootAt;
  }

  async ntp(): Promise<NtpView | null> {
    if (!this.hasNtp) return null;
    const synchronized = this.#heard !== null;
    const uncertainty = synchronized ? this.#uncertainty : null;
    return { service: 'chrony', synchronized, syncedAt: this.#heard, uncertainty, offset: 0, stratum: 2 };
  }

  async batteryClock(): Promise<BatteryClock | null> {
    if (this.#battery === null) return null;
    const time = Math.floor((this.truth + this.#battery.ahead) / 1000) * 1000;
    return { name: this.#battery.name, time: time as WallTime };
  }

  timezone(): string {
    return 'Asia/Shanghai';
  }

  /** NTP hears a server: the system's clock is set to the truth, with a step where need be. */
  ntpHears(uncertainty = 20): void {
    this.#uncertainty = uncertainty;
    this.#clock.jumpWall(this.truth - this.#clock.wall());
    this.#heard = this.#clock.wall();
  }

  /** NTP hears a server whose time is wrong by so much, and sets the system's clock to it. */
  ntpHearsWrong(by: number): void {
    this.#clock.jumpWall(this.truth + by - this.#clock.wall());
    this.#heard = this.#clock.wall();
  }

  ntpLost(): void {
    this.#heard = null;
  }

  /** Puts in a battery clock that is so much ahead of the truth; `null` takes it out. */
  fitBatteryClock(ahead: number | null, name = 'rtc-ds1307'): void {
    this.#battery = ahead === null ? null : { name, ahead };
  }

  /** The machine boots: another boot id, time since boot from 0, and the system's clock at this moment. */
  reboot(systemClock: string | number): void {
    this.#boots += 1;
    this.bootId = `boot-${this.#boots}`;
    this.#bootAt = this.#passed;
    this.#heard = null;
    const shown = typeof systemClock === 'number' ? systemClock : (readStamp(systemClock) ?? Number.NaN);
    this.#clock.jumpWall(shown - this.#clock.wall());
  }

  get #passed(): number {
    return this.#clock.monotonic() + this.#clock.asleep;
  }
}

/** Remembers in memory. */
export class SimulatedMemory implements ClockMemory {
  text: string | undefined;

  async read(): Promise<string | undefined> {
    return this.text;
  }

  async write(text: string): Promise<void> {
    this.text = text;
  }
}
