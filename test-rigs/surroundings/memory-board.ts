import type {
  Board,
  BoardFault,
  InputSettings,
  LevelListener,
  Output,
  SampleListener,
} from '../../edge/site-io/board.ts';
import { type Cancel, type Clock, pause } from '../../gateway/clock.ts';

/*
 * In three lines:
 *   const uno = new MemoryUno({ clock });
 *   const board = uno.open({ samplingInterval: 19, onLost });
 *   uno.setPin(4, 'ground');      // a contact that closes; uno.setAnalogue(0, 512); uno.unplug();
 */

/** What is wired to a pin: `open` leaves it to its pull-up. */
export type Wired = 'open' | 'ground' | 'supply';

interface Settings {
  readonly clock: Clock;
  /** Milliseconds from an order to an output to its confirmation; none of its own time if absent. */
  readonly answersAfter?: number;
}

interface Opened {
  readonly onLost: (fault: BoardFault) => void;
  readonly samplingInterval: number;
}

/** Milliseconds that closing waits for a board to confirm that it let go. */
const closingPatience = 1000;

/** Digital pins of an Uno that a site may use: 0 and 1 are its serial line, 13 has the LED that Firmata blinks. */
const isUsable = (pin: number): boolean => Number.isInteger(pin) && pin >= 2 && pin <= 19 && pin !== 13;

/**
 * An Uno whose pins are variables, for what is built on a {@link Board} and runs on a simulated clock. It keeps the same
 * contract as the board with real firmware, and is checked by the same suite. An unplugged one can be plugged and opened
 * again; its outputs then fall to low, as an Uno that is reset lets them.
 */
export class MemoryUno {
  readonly #clock: Clock;
  readonly #wired = new Map<number, Wired>();
  readonly #analogue = new Map<number, number>();
  /** Registers of I2C devices, by address. */
  readonly i2c = new Map<number, Uint8Array>();
  readonly #driven = new Map<number, boolean>();
  answersAfter: number;
  /** Its chip hangs: no sample comes, and nothing tells so before the board is lost. */
  isHung = false;
  #isPlugged = true;
  #open: MemoryBoard | undefined;

  constructor({ clock, answersAfter = 0 }: Settings) {
    this.#clock = clock;
    this.answersAfter = answersAfter;
  }

  /** Opens it anew; `absent` while it is unplugged. */
  open(options: Opened): Board | BoardFault {
    if (!this.#isPlugged) return { kind: 'absent', message: 'memory: the board is not there; plug it in' };
    this.#driven.clear();
    this.#open = new MemoryBoard(this, this.#clock, options);
    return this.#open;
  }

  unplug(): void {
    this.#isPlugged = false;
    this.#driven.clear();
    this.lose('the device was unplugged');
  }

  plug(): void {
    this.#isPlugged = true;
  }

  /** The board falls silent, restarts, or whatever else loses it. */
  lose(cause: string): void {
    this.#open?.lose({ kind: 'lost', message: `memory: ${cause}; it is opened again by itself` });
    this.#open = undefined;
  }

  setPin(pin: number, wired: Wired): void {
    this.#wired.set(pin, wired);
    this.#open?.look();
  }

  /** Counts, 0 to 1023. */
  setAnalogue(channel: number, raw: number): void {
    this.#analogue.set(channel, raw);
  }

  /** What the pin is driven to; undefined while the board does not drive it. */
  driven(pin: number): boolean | undefined {
    return this.#driven.get(pin);
  }

  drive(pin: number, high: boolean): void {
    this.#driven.set(pin, high);
  }

  /** A pin that nothing holds reads low here; a real one reads anything. */
  level(pin: number, pullUp: boolean): boolean {
    const wired = this.#wired.get(pin) ?? 'open';
    return wired === 'open' ? pullUp : wired === 'supply';
  }

  raw(channel: number): number {
    return this.#analogue.get(channel) ?? 0;
  }
}

class MemoryBoard implements Board {
  readonly firmware = { name: 'memory', version: '2.4' };
  readonly #uno: MemoryUno;
  readonly #clock: Clock;
  readonly #options: Opened;
  readonly #used = new Set<number>();
  readonly #outputs = new Map<number, boolean>();
  readonly #looks: (() => void)[] = [];
  readonly #samples: (() => void)[] = [];
  #sampling: Cancel | undefined;
  #over: BoardFault | undefined;
  #closing: Promise<boolean> | undefined;

  constructor(uno: MemoryUno, clock: Clock, options: Opened) {
    this.#uno = uno;
    this.#clock = clock;
    this.#options = options;
  }

  /** Undefined while the board is usable. */
  get over(): BoardFault | undefined {
    return this.#over;
  }

  watchLevel(pin: number, { pullUp }: InputSettings, onLevel: LevelListener): BoardFault | null {
    const refused = this.#use(pin);
    if (refused) return refused;
    let last: boolean | undefined;
    const look = (): void => {
      const high = this.#uno.level(pin, pullUp);
      if (high === last || this.#over) return;
      last = high;
      onLevel(high, this.#clock.monotonic());
    };
    this.#looks.push(() => this.#clock.after(0, look));
    this.#clock.after(0, look);
    return null;
  }

  watchAnalogue(channel: number, onSample: SampleListener): BoardFault | null {
    if (!(channel >= 0 && channel <= 5)) return this.#refused(`channel ${channel} is not one of its channels 0 to 5`);
    const refused = this.#use(14 + channel);
    if (refused) return refused;
    this.#samples.push(() => onSample(this.#uno.raw(channel), this.#clock.monotonic()));
    this.#sampling ??= this.#sampleOn();
    return null;
  }

  output(pin: number, safe: { readonly high: boolean }): Output | BoardFault {
    const refused = this.#use(pin);
    if (refused) return refused;
    const output = new MemoryOutput(pin, this, this.#uno, this.#clock);
    this.#outputs.set(pin, safe.high);
    void output.set(safe.high);
    return output;
  }

  async readRegisters(
    address: number,
    register: number,
    count: number,
  ): Promise<Uint8Array | 'no-answer' | BoardFault> {
    if (this.#over) return this.#over;
    const unusable = this.#useI2c();
    if (unusable) return unusable;
    return this.#uno.i2c.get(address)?.slice(register, register + count) ?? 'no-answer';
  }

  async writeRegister(address: number, register: number, value: number): Promise<BoardFault | null> {
    if (this.#over) return this.#over;
    const unusable = this.#useI2c();
    if (unusable) return unusable;
    this.#uno.i2c.get(address)?.set([value], register);
    return null;
  }

  close(): Promise<boolean> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<boolean> {
    if (this.#over) return false;
    for (const [pin, high] of this.#outputs) this.#uno.drive(pin, high);
    this.#end({ kind: 'lost', message: 'memory: the board was closed' });
    return this.#uno.answersAfter <= closingPatience;
  }

  look(): void {
    for (const look of this.#looks) look();
  }

  lose(fault: BoardFault): void {
    if (this.#over) return;
    this.#end(fault);
    this.#options.onLost(fault);
  }

  #end(fault: BoardFault): void {
    this.#over = fault;
    this.#sampling?.();
  }

  #isI2cUsed = false;

  /** I2C sits on A4 and A5. */
  #useI2c(): BoardFault | null {
    if (this.#isI2cUsed) return null;
    const refused = this.#use(18) ?? this.#use(19);
    this.#isI2cUsed = refused === null;
    return refused;
  }

  #sampleOn(): Cancel {
    return this.#clock.after(this.#options.samplingInterval, () => {
      for (const sample of this.#samples) if (!this.#over && !this.#uno.isHung) sample();
      if (!this.#over) this.#sampling = this.#sampleOn();
    });
  }

  #use(pin: number): BoardFault | null {
    if (this.#over) return this.#over;
    if (!isUsable(pin)) return this.#refused(`pin ${pin} is not one of its pins 2 to 12 and 14 to 19`);
    if (this.#used.has(pin)) return this.#refused(`pin ${pin} is used twice`);
    this.#used.add(pin);
    return null;
  }

  #refused(why: string): BoardFault {
    return { kind: 'refused', message: `memory: ${why}; correct it in the profile` };
  }
}

class MemoryOutput implements Output {
  readonly pin: number;
  readonly #board: MemoryBoard;
  readonly #uno: MemoryUno;
  readonly #clock: Clock;
  #high: boolean | null = null;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(pin: number, board: MemoryBoard, uno: MemoryUno, clock: Clock) {
    this.pin = pin;
    this.#board = board;
    this.#uno = uno;
    this.#clock = clock;
  }

  get high(): boolean | null {
    return this.#board.over ? null : this.#high;
  }

  set(high: boolean): Promise<BoardFault | null> {
    this.#high = null;
    const done = this.#turn.then(async () => {
      if (this.#board.over) return this.#board.over;
      this.#uno.drive(this.pin, high);
      if (this.#uno.answersAfter > 0) await pause(this.#clock, this.#uno.answersAfter);
      if (this.#board.over) return this.#board.over;
      this.#high = high;
      return null;
    });
    this.#turn = done;
    return done;
  }
}
