import type { Chip } from '../chip/chip.ts';
import { type LuaFunction, LuaObject, type LuaValue, nil, Several } from '../crossing.ts';

/** Longest interval, milliseconds: 1 h 54 min 30.947 s. */
const LONGEST = 6_870_947;

const SINGLE = 0;
const AUTO = 1;
const SEMI = 2;

/**
 * `tmr` as https://nodemcu.readthedocs.io/en/release/modules/tmr/ and .../dev-esp32/modules/tmr/ have it, with what
 * app/modules/tmr.c and components/modules/tmr.c say beside: an ESP32's timers move in ticks of 10 ms (`pdMS_TO_TICKS`
 * rounds down), and `softwd` restarts by software.
 */
export function tmrModule(chip: Chip): Record<string, LuaValue> {
  const timers = { create: () => new Timer(chip), ALARM_SINGLE: SINGLE, ALARM_SEMI: SEMI, ALARM_AUTO: AUTO };
  if (chip.around.kind === 'esp32') return timers;
  let cancelWatchdog = (): void => undefined;
  return {
    ...timers,
    // 31 bits: it goes back to 0 after 35 min 47 s.
    now: () => {
      chip.busy(3);
      return Math.floor(chip.microseconds()) % 2 ** 31;
    },
    time: () => Math.floor(chip.microseconds() / 1_000_000) % 2 ** 31,
    delay: (microseconds: number) => chip.busy(microseconds + Math.floor(chip.around.random() * 6)),
    softwd: (seconds: number) => {
      cancelWatchdog();
      cancelWatchdog = seconds < 0 ? () => undefined : chip.after(seconds * 1000, () => chip.reset('software'));
    },
    wdclr: () => undefined,
  };
}

class Timer extends LuaObject {
  readonly #chip: Chip;
  #interval = 0;
  #mode: number | null = null;
  #then: LuaFunction | null = null;
  #cancel: (() => void) | null = null;

  constructor(chip: Chip) {
    super();
    this.#chip = chip;
  }

  alarm(interval: number, mode: number, then: LuaFunction): boolean {
    this.register(interval, mode, then);
    return this.start();
  }

  register(interval: number, mode: number, then: LuaFunction): void {
    this.#interval = this.#checked(interval);
    if (mode !== SINGLE && mode !== AUTO && mode !== SEMI) throw new Error('Invalid mode');
    if (typeof then !== 'function') throw new Error('bad argument #3 to alarm (function expected)');
    this.unregister();
    this.#mode = mode;
    this.#then = then;
  }

  start(): boolean {
    if (this.#mode === null) throw new Error('timer not registered');
    if (this.#cancel !== null) return false;
    this.#wait();
    return true;
  }

  stop(): boolean {
    const isRunning = this.#cancel !== null;
    this.#cancel?.();
    this.#cancel = null;
    return isRunning;
  }

  unregister(): void {
    this.stop();
    this.#mode = null;
    this.#then?.release();
    this.#then = null;
  }

  interval(interval: number): void {
    this.#interval = this.#checked(interval);
    if (this.stop()) this.#wait();
  }

  state(): Several {
    return this.#mode === null ? nil : new Several(this.#cancel !== null, this.#mode);
  }

  #checked(interval: number): number {
    if (!(interval >= 1 && interval <= LONGEST)) throw new Error(`Range: 1-${LONGEST}`);
    if (this.#chip.around.kind === 'esp8266') return Math.floor(interval);
    const ticks = Math.floor(interval / 10);
    // FreeRTOS asserts on a period of no ticks, which takes the chip down.
    if (ticks === 0) throw new Error('FreeRTOS timer creation failed');
    return ticks * 10;
  }

  #wait(): void {
    this.#cancel = this.#chip.after(this.#interval, () => this.#fire());
  }

  #fire(): void {
    const then = this.#then ?? undefined;
    const mode = this.#mode;
    this.#cancel = null;
    if (mode === AUTO) this.#wait();
    if (mode === SINGLE) {
      this.#mode = null;
      this.#then = null;
    }
    this.#chip.run(then, this);
    if (mode === SINGLE && !this.#chip.isOver) then?.release();
  }
}
