import {
  ADCMuxInputType,
  AVRADC,
  AVRIOPort,
  AVRTimer,
  AVRTWI,
  AVRUSART,
  adcConfig,
  avrInstruction,
  CPU,
  PinState,
  portBConfig,
  portCConfig,
  portDConfig,
  timer0Config,
  twiConfig,
  usart0Config,
} from 'avr8js';
import { type ByteEnd, Listeners } from '../../links/byte-end.ts';
import type { Wired } from '../memory-board.ts';
import type { RegisterDevice } from './i2c-device.ts';

/** Clock of an Uno, cycles a millisecond. */
const cyclesPerMillisecond = 16_000;
/** Cycles that a wait goes on by, if it is not run: a sixteenth of what its timer takes to run over, and of a millisecond. */
const waitStep = 1000;
/** Cycles of one byte on the I2C bus: eight bits and the acknowledgement at 100 kbit/s. */
const i2cByte = 9 * 160;
/** Received bytes that wait for the wire; what is more is lost. */
const mostWaiting = 65_536;

/** The receive interrupt of the USART, as avr8js describes it to its CPU. */
const received = {
  address: usart0Config.rxCompleteInterrupt,
  flagRegister: usart0Config.UCSRA,
  flagMask: 0x80,
  enableRegister: usart0Config.UCSRB,
  enableMask: 0x80,
  constant: true,
};

/** RXC0 and UDRE0. */
const readOnlyFlags = 0xa0;

/** Volts at an analogue input: fixed, or by the milliseconds since the chip was powered. */
export type Voltage = number | ((milliseconds: number) => number);

/** Real firmware in a simulated ATmega328P with the peripherals of an Uno that it uses. Time passes only in `run`. */
export class Uno {
  /** The wires of the serial line, as its USB chip sees them. */
  readonly line: ByteEnd = { send: (bytes) => this.#receive(bytes), onBytes: (listener) => this.#heard.add(listener) };
  /** What is on the I2C bus, by address. */
  readonly i2c = new Map<number, RegisterDevice>();
  /** A bus whose clock line is held low: every transfer hangs. */
  isI2cStuck = false;
  readonly #flash: Uint8Array;
  readonly #waitsAt: number;
  readonly #heard = new Listeners();
  readonly #wired = new Map<number, Wired>();
  readonly #voltages = new Map<number, Voltage>();
  readonly #plans: { readonly due: number; readonly action: () => void }[] = [];
  #chip: Chip;
  #cyclesBefore = 0;
  #heldUntil = 0;
  #waiting: number[] = [];
  #sent: number[] = [];

  /**
   * With the address of `yield`, in which the firmware does nothing but wait, it is not run while it waits: the same comes of
   * it, much sooner.
   */
  constructor(flash: Uint8Array, waitsAt = -1) {
    this.#flash = flash;
    this.#waitsAt = waitsAt;
    this.#chip = this.#start();
  }

  /** Milliseconds of chip time since it was made, resets included. */
  get time(): number {
    return (this.#cyclesBefore + this.#chip.cpu.cycles) / cyclesPerMillisecond;
  }

  /** Lets so much chip time pass, and then hands over what the chip has sent in it. */
  run(milliseconds: number): void {
    const end = this.time + milliseconds;
    for (let plan = this.#plans[0]; plan !== undefined && plan.due <= end; plan = this.#plans[0]) {
      this.#plans.shift();
      this.#runUntil(plan.due);
      plan.action();
      this.#settle();
    }
    this.#runUntil(end);
    if (this.#sent.length === 0) return;
    const bytes = Uint8Array.from(this.#sent);
    this.#sent = [];
    this.#heard.tell(bytes);
  }

  /** Does something at a moment of chip time from now, to the microsecond. */
  after(milliseconds: number, action: () => void): void {
    this.#plans.push({ due: this.time + milliseconds, action });
    this.#plans.sort((one, other) => one.due - other.due);
  }

  /**
   * The reset line: by the button, or by DTR when its port is opened. Pins float until the firmware sets them, which
   * begins after so many milliseconds: those of the boot loader, which is not in the image.
   */
  reset(bootLoader = 0): void {
    this.#heldUntil = this.time + bootLoader;
    this.#cyclesBefore += this.#chip.cpu.cycles;
    this.#waiting = [];
    this.#sent = [];
    this.#chip = this.#start();
  }

  /** What is wired to a digital pin, 0 to 19. `open` leaves it to its pull-up; without one it picks up the mains. */
  setPin(pin: number, wired: Wired): void {
    this.#wired.set(pin, wired);
    this.#settle();
  }

  /** A contact that bounces: it changes over at each of these milliseconds from now, beginning with the other state. */
  bounce(pin: number, from: Wired, to: Wired, changes: readonly number[]): void {
    for (const [index, at] of changes.entries()) this.after(at, () => this.setPin(pin, index % 2 === 0 ? to : from));
  }

  setAnalogue(channel: number, voltage: Voltage): void {
    this.#voltages.set(channel, voltage);
  }

  /** The level that the chip drives a pin to; undefined while it is an input. */
  driven(pin: number): boolean | undefined {
    const state = this.#chip.pinState(pin);
    return state === PinState.High || state === PinState.Low ? state === PinState.High : undefined;
  }

  hasPullUp(pin: number): boolean {
    return this.#chip.pinState(pin) === PinState.InputPullUp;
  }

  #runUntil(moment: number): void {
    const { cpu } = this.#chip;
    const held = Math.min(moment, this.#heldUntil) - this.time;
    if (held > 0) this.#cyclesBefore += held * cyclesPerMillisecond;
    const end = moment * cyclesPerMillisecond - this.#cyclesBefore;
    while (cpu.cycles < end) {
      this.#pump();
      this.#settle();
      // The mains that floating pins pick up changes that often.
      const next = Math.min(end, cpu.cycles + cyclesPerMillisecond);
      while (cpu.cycles < next) {
        avrInstruction(cpu);
        if (cpu.pc === this.#waitsAt) cpu.cycles += waitStep;
        cpu.tick();
      }
    }
  }

  #start(): Chip {
    const chip = new Chip(this.#flash);
    chip.usart.onByteTransmit = (byte) => this.#sent.push(byte);
    chip.usart.onRxComplete = () => this.#pump();
    for (const port of chip.ports) port.addListener(() => this.#settle());
    chip.adc.onADCRead = (input) => {
      const channel = input.type === ADCMuxInputType.SingleEnded ? input.channel : -1;
      const voltage = this.#voltages.get(channel) ?? 0;
      const volts = typeof voltage === 'number' ? voltage : voltage(this.time);
      const count = Math.min(1023, Math.max(0, Math.floor((volts / 5) * 1024)));
      chip.cpu.addClockEvent(() => chip.adc.completeADCRead(count), chip.adc.sampleCycles);
    };
    this.#connectI2c(chip);
    return chip;
  }

  /** Levels of the inputs follow what is wired to them, and their pull-ups. */
  #settle(): void {
    for (let pin = 0; pin < 20; pin++) {
      const wired = this.#wired.get(pin) ?? 'open';
      const isHumHigh = Math.floor(this.time / 10) % 2 === 0;
      const left = this.hasPullUp(pin) || isHumHigh;
      this.#chip.setLevel(pin, wired === 'open' ? left : wired === 'supply');
    }
  }

  #receive(bytes: Uint8Array): void {
    if (this.#waiting.length + bytes.length <= mostWaiting) this.#waiting.push(...bytes);
  }

  /** The next byte goes onto the wire when the one before is through; a chip whose receiver is off hears none. */
  #pump(): void {
    const { usart } = this.#chip;
    if (!usart.rxEnable) this.#waiting = [];
    else if (!usart.rxBusy && this.#waiting.length > 0) usart.writeByte(this.#waiting.shift() as number);
  }

  #connectI2c({ cpu, twi }: Chip): void {
    let device: RegisterDevice | undefined;
    const soon = (action: () => void): void => {
      if (!this.isI2cStuck) cpu.addClockEvent(action, i2cByte);
    };
    twi.eventHandler = {
      start: () => soon(() => twi.completeStart()),
      stop: () => soon(() => twi.completeStop()),
      connectToSlave: (address, isWrite) => {
        device = this.i2c.get(address);
        if (isWrite) device?.begin();
        soon(() => twi.completeConnect(device !== undefined));
      },
      writeByte: (byte) => {
        device?.write(byte);
        soon(() => twi.completeWrite(device !== undefined));
      },
      readByte: () => soon(() => twi.completeRead(device?.read() ?? 0xff)),
    };
  }
}

/** One run of the firmware, from a reset to the next. */
class Chip {
  readonly cpu: CPU;
  readonly usart: AVRUSART;
  readonly adc: AVRADC;
  readonly twi: AVRTWI;
  readonly ports: readonly [d: AVRIOPort, b: AVRIOPort, c: AVRIOPort];

  constructor(flash: Uint8Array) {
    const cpu = new CPU(new Uint16Array(flash.slice().buffer), 2048);
    const frequency = cyclesPerMillisecond * 1000;
    this.cpu = cpu;
    // Timers 1 and 2 serve PWM and servos alone, and take as much time to simulate as this one.
    new AVRTimer(cpu, timer0Config);
    this.usart = new AVRUSART(cpu, usart0Config, frequency);
    this.adc = new AVRADC(cpu, adcConfig);
    this.twi = new AVRTWI(cpu, twiConfig, frequency);
    this.ports = [new AVRIOPort(cpu, portDConfig), new AVRIOPort(cpu, portBConfig), new AVRIOPort(cpu, portCConfig)];
    this.#keepReceived();
  }

  /**
   * avr8js forgets a received byte that nobody has read yet when UCSR0A or UCSR0B is written, which the Arduino library does
   * whenever it sends. In the chip only reading takes it away, and those flags cannot be written (ATmega328P datasheet,
   * 19.10.2 and 19.10.3).
   */
  #keepReceived(): void {
    const { cpu } = this;
    const { UCSRA, UCSRB } = usart0Config;
    for (const register of [UCSRA, UCSRB]) {
      const write = cpu.writeHooks[register];
      cpu.writeHooks[register] = (...given) => {
        const flags = (cpu.data[UCSRA] ?? 0) & readOnlyFlags;
        const isDone = write?.(...given);
        cpu.data[UCSRA] = (cpu.data[UCSRA] ?? 0) | flags;
        if ((flags & received.flagMask) !== 0) cpu.setInterruptFlag(received);
        return isDone;
      };
    }
  }

  pinState(pin: number): PinState {
    const [port, bit] = this.#place(pin);
    return port.pinState(bit);
  }

  setLevel(pin: number, high: boolean): void {
    const [port, bit] = this.#place(pin);
    port.setPin(bit, high);
  }

  /** Pins 0 to 7 are port D, 8 to 13 port B, 14 to 19 port C. */
  #place(pin: number): [AVRIOPort, number] {
    const [d, b, c] = this.ports;
    if (pin < 8) return [d, pin];
    return pin < 14 ? [b, pin - 8] : [c, pin - 14];
  }
}
