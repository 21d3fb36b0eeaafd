import type { Cancel, Clock, Monotonic } from '../../../gateway/clock.ts';
import type { Board, BoardFault, BoardPort, InputSettings, LevelListener, Output, SampleListener } from '../board.ts';
import { type Arduino, type FirmataIo, modes } from './arduino.ts';
import { FirmataOutput } from './firmata-output.ts';

/** The LED of this pin blinks out the version whenever the firmware starts. */
const ledPin = 13;
/** Milliseconds from one look at the board to the next. */
const heartbeat = 2000;
/** Milliseconds that it may take to answer: it does within ten, and an I2C transfer holds it up for a few more. */
const patience = 2000;
/**
 * Milliseconds that are given to what may wait in the system already: where this process was held up, its timers come
 * before what it has not read.
 */
const grace = 100;
/** Milliseconds that closing waits until the outputs are safe. */
const closingPatience = 1000;
/** StandardFirmata keeps an I2C answer of 32 bytes, address and register included; its Wire library as many. */
const mostRegisters = 28;

/** What a pin was set to, as the board must confirm it: mode, and level of an output or pull-up of an input. */
interface PinUse {
  readonly mode: number;
  state?: number;
}

interface Parts {
  readonly arduino: Arduino;
  readonly port: BoardPort;
  readonly clock: Clock;
  readonly onLost: (fault: BoardFault) => void;
}

/** A board that runs StandardFirmata and has told what it can do. */
export class FirmataBoard implements Board {
  readonly firmware: Board['firmware'];
  readonly #arduino: Arduino;
  readonly #io: FirmataIo;
  readonly #port: BoardPort;
  readonly #clock: Clock;
  readonly #onLost: (fault: BoardFault) => void;
  readonly #uses = new Map<number, PinUse>();
  readonly #outputs = new Map<FirmataOutput, boolean>();
  /** A watched pin of each port. */
  readonly #watched = new Map<number, number>();
  /** When each watched channel was last heard. */
  readonly #heardAt = new Map<number, Monotonic>();
  #turn: Promise<unknown> = Promise.resolve();
  #over: BoardFault | undefined;
  #interrupt: (fault: BoardFault) => void = () => undefined;
  readonly #interrupted: Promise<BoardFault>;
  #heart: Cancel | undefined;
  #looked = 0;
  #closing: Promise<boolean> | undefined;
  #isI2cOn = false;

  constructor({ arduino, port, clock, onLost }: Parts) {
    this.#arduino = arduino;
    this.#io = arduino.io;
    this.#port = port;
    this.#clock = clock;
    this.#onLost = onLost;
    const { name = '', version } = arduino.io.firmware;
    this.firmware = { name, version: `${version?.major}.${version?.minor}` };
    this.#interrupted = new Promise((resolve) => {
      this.#interrupt = resolve;
    });
    // Nobody asks for it any more: the board tells it only when it starts.
    this.#io.on('queryfirmware', () => this.lose('the board restarted by itself (its supply? its reset button?)'));
    this.#beat();
  }

  /** Undefined while the board is usable. */
  get over(): BoardFault | undefined {
    return this.#over;
  }

  watchLevel(pin: number, { pullUp }: InputSettings, onLevel: LevelListener): BoardFault | null {
    const refused = this.#use(pin, modes.input, pullUp ? 1 : 0);
    if (refused) return refused;
    let last: boolean | undefined;
    let isSettled = false;
    this.#watched.set(pin >> 3, pin);
    this.#arduino.pinMode(pin, modes.input);
    this.write(pin, pullUp);
    this.#arduino.digitalRead(pin, (level) => {
      const high = level === 1;
      const isChange = high !== last;
      last = high;
      if (isSettled && isChange) onLevel(high, this.#clock.monotonic());
    });
    // What comes before the board confirms the pin may still be from before its pull-up was on.
    void this.confirm(pin, () => undefined).then((fault) => {
      if (fault || this.#over) return;
      if (last === undefined) {
        this.lose(`it confirms pin ${pin}, but does not report its level`);
        return;
      }
      isSettled = true;
      onLevel(last, this.#clock.monotonic());
    });
    return null;
  }

  watchAnalogue(channel: number, onSample: SampleListener): BoardFault | null {
    if (this.#over) return this.#over;
    const pin = this.#io.analogPins[channel];
    if (pin === undefined) {
      return this.#refused(`channel ${channel} is not one of its 0 to ${this.#io.analogPins.length - 1}`);
    }
    const refused = this.#use(pin, modes.analogue);
    if (refused) return refused;
    const highest = this.#io.RESOLUTION.ADC ?? 1023;
    this.#heardAt.set(channel, this.#clock.monotonic());
    this.#arduino.pinMode(channel, modes.analogue);
    this.#arduino.analogRead(channel, (raw) => {
      const now = this.#clock.monotonic();
      this.#heardAt.set(channel, now);
      if (raw > highest)
        this.lose(`it sent ${raw} as a sample of channel ${channel}, above ${highest}: bytes were lost`);
      else onSample(raw, now);
    });
    return null;
  }

  output(pin: number, safe: { readonly high: boolean }): Output | BoardFault {
    const refused = this.#use(pin, modes.output);
    if (refused) return refused;
    this.#arduino.pinMode(pin, modes.output);
    const output = new FirmataOutput(pin, this);
    this.#outputs.set(output, safe.high);
    void output.set(safe.high);
    return output;
  }

  readRegisters(address: number, register: number, count: number): Promise<Uint8Array | 'no-answer' | BoardFault> {
    const unusable = this.#useI2c(count);
    if (unusable) return Promise.resolve(unusable);
    const where = `while it read I2C address 0x${address.toString(16)}; check the wires SDA and SCL`;
    return this.#inTurn(where, (then: (result: Uint8Array | 'no-answer') => void) => {
      // The firmware says so in a text, and then all the same sends an answer, made of what it had read before.
      let isComplaint = false;
      const complain = (text: string): void => {
        isComplaint ||= /too (few|many) bytes/i.test(text);
      };
      this.#io.on('string', complain);
      this.#arduino.i2cReadOnce(address, register, count, (bytes) => {
        this.#io.off('string', complain);
        then(isComplaint || bytes.length !== count ? 'no-answer' : Uint8Array.from(bytes));
      });
    });
  }

  async writeRegister(address: number, register: number, value: number): Promise<BoardFault | null> {
    const unusable = this.#useI2c(1);
    if (unusable) return unusable;
    return this.confirm(18, () => this.#arduino.i2cWriteReg(address, register, value));
  }

  close(): Promise<boolean> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /**
   * Does something and then asks the board how the pin stands, in its turn. Null when it stands as it was set; a pin
   * that does not is a board that is no longer what it was.
   */
  async confirm(pin: number, act: () => void): Promise<BoardFault | null> {
    const state = await this.#inTurn('', (then: (state: PinUse) => void) => {
      act();
      this.#arduino.queryPinState(pin, () => then({ ...this.#io.pins[pin] } as PinUse));
    });
    if ('kind' in state) return state;
    const use = this.#uses.get(pin);
    const isAsSet = !use || (state.mode === use.mode && (use.state === undefined || use.state === state.state));
    return isAsSet ? null : this.lose(`pin ${pin} is no longer what it was set to`);
  }

  /** Sends the level of an output, or the pull-up of an input. */
  write(pin: number, high: boolean): void {
    const port = pin >> 3;
    // A message carries eight pins, and firmata-io puts into it what it last read from the inputs among them, which
    // would switch off the pull-up of every closed contact.
    let bits = 0;
    for (const [used, { state }] of this.#uses) if (used >> 3 === port && state === 1) bits |= 1 << (used & 7);
    const bit = 1 << (pin & 7);
    this.#io.ports[port] = high ? bits | bit : bits & ~bit;
    const use = this.#uses.get(pin);
    if (use) use.state = high ? 1 : 0;
    this.#io.writeDigitalPort(port);
  }

  /** The board is of no use any more, for a cause that is known here. */
  lose(cause: string): BoardFault {
    return this.loseWith(this.#lost(cause));
  }

  /** The board is of no use any more. */
  loseWith(fault: BoardFault): BoardFault {
    if (this.#over) return this.#over;
    this.#end(fault);
    void this.#port.close();
    if (!this.#closing) this.#onLost(fault);
    return fault;
  }

  async #close(): Promise<boolean> {
    if (this.#over) return false;
    const answers = Promise.all([...this.#outputs].map(([output, high]) => output.set(high)));
    const safe = answers.then((faults) => faults.every((fault) => fault === null));
    const enough = new Promise<false>((resolve) => {
      const cancel = this.#clock.after(closingPatience, () => resolve(false));
      void safe.then(cancel);
    });
    const isSafe = await Promise.race([safe, enough]);
    if (this.#over) return false;
    this.#end(this.#lost('the board was closed'));
    await this.#port.close();
    return isSafe;
  }

  #end(fault: BoardFault): void {
    this.#over = fault;
    this.#heart?.();
    this.#io.removeAllListeners();
    this.#interrupt(fault);
    // Both libraries keep every board that there ever was (johnny-five, board.js; firmata-io, i2cActive): they keep it
    // empty. Not within the message that brought this about, which they are still reading.
    setImmediate(() => [this.#io, this.#arduino].forEach(empty));
  }

  /** One question at a time; the board is lost when it does not answer, and every question then ends with that. */
  #inTurn<Result extends object | string>(
    doing: string,
    ask: (then: (result: Result) => void) => void,
  ): Promise<Result | BoardFault> {
    const asked = this.#turn.then(() => {
      if (this.#over) return this.#over;
      const answer = new Promise<Result>((resolve) => {
        const enough = this.#after(patience, () => this.lose(`it does not answer any more ${doing}`.trim()));
        void this.#interrupted.then(enough);
        ask((result) => {
          enough();
          resolve(result);
        });
      });
      return Promise.race([answer, this.#interrupted]);
    });
    this.#turn = asked;
    return asked;
  }

  /** Looks at one used pin after the other, and at whether samples come. */
  #beat(): void {
    this.#heart = this.#after(heartbeat, () => {
      const silent = [...this.#heardAt].find(([, at]) => this.#clock.monotonic() - at > heartbeat);
      if (silent) {
        this.lose(`no sample of channel ${silent[0]} came for ${heartbeat / 1000} s`);
        return;
      }
      const pins = [...this.#uses.keys()];
      const pin = pins[this.#looked % Math.max(1, pins.length)] ?? 2;
      this.#looked += 1;
      this.#beat();
      // Levels are reported when they change and when reporting is asked for: one that was lost on the way comes again.
      for (const watched of this.#watched.values()) this.#io.reportDigitalPin(watched, 1);
      void this.confirm(pin, () => undefined);
    });
  }

  #after(milliseconds: number, action: () => void): Cancel {
    let cancel = this.#clock.after(milliseconds, () => {
      cancel = this.#clock.after(grace, action);
    });
    return () => cancel();
  }

  #use(pin: number, mode: number, state?: number): BoardFault | null {
    if (this.#over) return this.#over;
    if (pin === ledPin) return this.#refused(`pin ${pin} has the LED that blinks at every start`);
    if (!this.#io.pins[pin]?.supportedModes.includes(mode)) return this.#refused(`pin ${pin} cannot be used for that`);
    if (this.#uses.has(pin)) return this.#refused(`pin ${pin} is used twice`);
    this.#uses.set(pin, state === undefined ? { mode } : { mode, state });
    return null;
  }

  /** SDA and SCL of an Uno are A4 and A5, pins 18 and 19. */
  #useI2c(count: number): BoardFault | null {
    if (count < 1 || count > mostRegisters) return this.#refused(`${count} registers are not read at once`);
    if (this.#over || this.#isI2cOn) return this.#over ?? null;
    const refused = this.#use(18, modes.i2c) ?? this.#use(19, modes.i2c);
    if (refused) return refused;
    this.#isI2cOn = true;
    this.#arduino.i2cConfig({ delay: 0 });
    return null;
  }

  #refused(why: string): BoardFault {
    return { kind: 'refused', message: `${this.#port.name}: ${why}; correct the profile or the site file` };
  }

  #lost(cause: string): BoardFault {
    return { kind: 'lost', message: `${this.#port.name}: ${cause}; it is opened again by itself` };
  }
}

function empty(kept: object): void {
  for (const key of Object.keys(kept)) Reflect.deleteProperty(kept, key);
}
