import type { LuaFunction, LuaValue } from '../crossing.ts';
import { LuaError } from '../crossing.ts';
import type { FarSide } from '../far-side/far-side.ts';
import type { LuaMachine } from '../lua-machine.ts';
import type { RigClock } from '../stepped-clock.ts';
import type { Flash } from './flash.ts';

export type ChipKind = 'esp8266' | 'esp32';

/** Why a chip starts, in the words of the rig; `node.bootreason` says it in numbers. */
export type ResetReason = 'power' | 'external' | 'watchdog' | 'exception' | 'software' | 'brownout' | 'deep-sleep';

/** The network around a chip. */
export class Air {
  rssi = -67;
  /** Name of the only network there is; any name will do without it. */
  network: string | null = null;
  #isUp = true;
  readonly #listeners = new Set<() => void>();

  get isUp(): boolean {
    return this.#isUp;
  }

  set isUp(isUp: boolean) {
    if (isUp === this.#isUp) return;
    this.#isUp = isUp;
    for (const listener of [...this.#listeners]) listener();
  }

  /** Whether a station that looks for this network finds it. */
  has(network: string): boolean {
    return this.#isUp && (this.network === null || this.network === network);
  }

  /** Calls at every change; gives what ends that. */
  watch(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}

/** What an ESP8266 needs of what is counted here: it packs a value into 12 bytes, where this machine takes 16. */
const PACKED = 0.9;

/** A pin that was written, microseconds since boot. */
export interface PinEdge {
  readonly pin: number;
  readonly level: number;
  readonly at: number;
}

/** What is around a chip and stays when it restarts. */
export interface Surroundings {
  readonly kind: ChipKind;
  readonly clock: RigClock;
  readonly flash: Flash;
  readonly air: Air;
  readonly farSide: FarSide;
  readonly chipId: number;
  /** 128 words of RTC memory. */
  readonly rtc: Int32Array;
  /** Edges of output pins, newest last, the last 10,000. */
  readonly edges: PinEdge[];
  /** Level of an input pin; 1 if nothing pulls it down. */
  inputs: (pin: number) => number;
  /** What the ADC's pin has, as a raw count, at so many microseconds since boot. */
  analogue: (microseconds: number, channel: number) => number;
  /** Bytes that the UART hands over at once; 1 as the chip does, more to save time. */
  uartPiece: number;
  /** Called with each line that the console shows. */
  onConsole: (text: string) => void;
  /** Bytes that leave on the sensor's line. */
  onToSensor: (bytes: string) => void;
  /** Bytes of heap that something else than Lua takes. */
  heapTaken: number;
  /** Whether the radio's buffers take no more bytes at this moment. */
  refusesToSend: () => boolean;
  /** 0 up to 1. */
  random: () => number;
  onReset: (reason: ResetReason) => void;
}

/** Free heap of a chip on which NodeMCU runs and nothing else; `node.heap()` says so on real ones. */
const freeHeap: Readonly<Record<ChipKind, number>> = { esp8266: 44_000, esp32: 180_000 };

/** One boot of a chip: what its modules share, and what ends with it. */
export class Chip {
  readonly around: Surroundings;
  readonly machine: LuaMachine;
  readonly reason: ResetReason;
  #isOver = false;
  #depth = 0;
  #wantsReset: ResetReason | null = null;
  #microseconds = 0;
  readonly #bootedAt: number;
  readonly #endings = new Set<() => void>();

  constructor(around: Surroundings, machine: LuaMachine, reason: ResetReason) {
    this.around = around;
    this.machine = machine;
    this.reason = reason;
    this.#bootedAt = around.clock.monotonic();
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Microseconds since this boot; a busy processor is ahead of the rig's clock until that catches up. */
  microseconds(): number {
    const now = (this.around.clock.monotonic() - this.#bootedAt) * 1000;
    this.#microseconds = Math.max(this.#microseconds, now);
    return this.#microseconds;
  }

  /** The processor was held up. */
  busy(microseconds: number): void {
    this.#microseconds = this.microseconds() + microseconds;
  }

  /** As the clock's, but ends with the boot. */
  after(milliseconds: number, action: () => void): () => void {
    const cancel = this.around.clock.after(milliseconds, () => {
      this.#endings.delete(cancel);
      if (!this.#isOver) action();
    });
    this.#endings.add(cancel);
    return () => {
      this.#endings.delete(cancel);
      cancel();
    };
  }

  /** Called when this boot ends, however that is. */
  atEnd(action: () => void): void {
    this.#endings.add(action);
  }

  freeHeap(): number {
    const { kind, heapTaken } = this.around;
    return Math.floor(freeHeap[kind] - PACKED * (this.machine.heap() ?? 12_000) - heapTaken);
  }

  /**
   * Calls into Lua, as the chip's scheduler does. An error that nobody caught is shown and restarts the chip ("PANIC:
   * unprotected error in call to Lua API"), and so does `node.restart`, once the call has come back.
   */
  run(call: LuaFunction | (() => LuaValue) | undefined, ...given: LuaValue[]): void {
    if (call === undefined || this.#isOver) return;
    this.#depth += 1;
    try {
      call(...given);
    } catch (error) {
      if (!(error instanceof LuaError)) throw error;
      if (!this.#isOver) {
        this.around.onConsole(`PANIC: unprotected error in call to Lua API (${error.message})`);
        this.#wantsReset = 'exception';
      }
    } finally {
      this.#depth -= 1;
    }
    if (this.#depth === 0 && this.#wantsReset !== null && !this.#isOver) this.around.onReset(this.#wantsReset);
  }

  /** Restarts as soon as Lua has come back. */
  reset(reason: ResetReason): void {
    if (this.#depth > 0) this.#wantsReset ??= reason;
    else if (!this.#isOver) this.around.onReset(reason);
  }

  /** Ends this boot at once: nothing of it is heard of again. */
  end(): void {
    this.#isOver = true;
    this.machine.stop();
    for (const ending of [...this.#endings]) ending();
    this.#endings.clear();
  }
}
