import type { Clock } from '../../../gateway/clock.ts';
import type { ByteEnd } from '../../links/byte-end.ts';
import { ChipFlash, type ConsoleBrain, LuaConsole } from './lua-console.ts';

/*
 * In three lines:
 *   const chip = new SimulatedChip({ end: line.connect(), clock });
 *   await chip.reset();                       // or: chip.behaviour = { … } first
 *   chip.flash.text('init.lua');
 */

/** How a chip behaves; everything left out is as on a good NodeMCU board. */
export interface ChipBehaviour {
  readonly chip?: 'esp8266' | 'esp32';
  /** Milliseconds that a line takes to run. */
  readonly busy?: number;
  /** Modules that its image lacks, separated by spaces. */
  readonly modulesMissing?: string;
  /**
   * What is on it beside files; where there is an init.lua it is Fenceline's, which leaves the console 5 s after a reset
   * unless it is held. `flooding`: something writes without a pause beside the console; `deaf`: and takes nothing.
   */
  readonly runs?: 'nothing' | 'flooding' | 'deaf';
  /** Asked for each piece of bytes that comes or goes: what arrives of it. */
  readonly damage?: (bytes: Uint8Array) => Uint8Array;
  /** It restarts by itself before it runs the line with that number since the beginning, counted from 1. */
  readonly restartsAt?: readonly number[];
  /** What the firmware says after it was started, and how many milliseconds it waits before. */
  readonly says?: string;
  readonly window?: number;
}

interface SimulatedChipOptions {
  readonly end: ByteEnd;
  readonly clock: Clock;
  readonly behaviour?: ChipBehaviour;
  /** Starts what runs the lines, in place of an interpreter that knows the files alone: a whole chip, with its init.lua. */
  readonly brain?: () => ConsoleBrain;
}

/** Room for what comes while Lua runs (nodemcu-firmware, uart.h: RX_BUFF_SIZE). */
const receiveBuffer = 256;
/** A line, with its end (user_config.h: LUA_MAXINPUT). */
const longestInput = 256;
const latin = (text: string): Uint8Array => Buffer.from(text, 'latin1');

/**
 * A chip with a NodeMCU image at the end of a serial line: boot noise at another speed, banner, echo, prompts,
 * continuation, complaints, a bounded receive buffer that drops what overflows it, and real Lua 5.1 behind it
 * (nodemcu-firmware: app/driver/input.c, app/lua/lua.c).
 */
export class SimulatedChip {
  readonly flash = new ChipFlash();
  behaviour: ChipBehaviour;
  /** Bytes lost because the buffer was full; lines run; starts; longest line typed. */
  dropped = 0;
  lines = 0;
  starts = 0;
  longest = 0;
  readonly #end: ByteEnd;
  readonly #clock: Clock;
  readonly #brain: SimulatedChipOptions['brain'];
  #console: ConsoleBrain | undefined;
  #boot = 0;
  #waiting: number[] = [];
  #line: number[] = [];
  #last = 0;
  #isBusy = true;
  #isListening = false;
  #says = '';

  constructor({ end, clock, behaviour = {}, brain }: SimulatedChipOptions) {
    this.#brain = brain;
    this.#end = end;
    this.#clock = clock;
    this.behaviour = behaviour;
    end.onBytes((bytes) => this.#hear(this.behaviour.damage?.(bytes) ?? bytes));
  }

  /** Power on, the RST button, or its watchdog. */
  async reset(): Promise<void> {
    this.#boot += 1;
    const boot = this.#boot;
    this.starts += 1;
    this.#console?.close();
    this.#console = undefined;
    this.#isBusy = true;
    this.#isListening = this.behaviour.runs !== 'deaf';
    this.#waiting = [];
    this.#line = [];
    // The boot ROM talks at 74880: at 115200 it reads as this.
    this.#send(Uint8Array.from({ length: 120 }, (_, at) => 128 + ((at * 37) % 128)));
    const { chip = 'esp8266', modulesMissing = '' } = this.behaviour;
    const whole = this.#brain?.();
    if (whole) {
      this.#console = whole;
      this.#clock.after(300, () => boot === this.#boot && this.#banner(boot));
      return;
    }
    const console = await LuaConsole.boot({
      ...{ flash: this.flash, chip, modulesMissing },
      out: (text) => {
        this.#says += text;
      },
      restart: () => void this.#clock.after(20, () => void this.reset()),
    });
    if (boot !== this.#boot) return console.close();
    this.#console = console;
    this.#clock.after(300, () => boot === this.#boot && this.#banner(boot));
  }

  /** Its end of the line is let go of. */
  close(): void {
    this.#boot += 1;
    this.#console?.close();
    this.#console = undefined;
    this.#isListening = false;
  }

  #banner(boot: number): void {
    const version = this.behaviour.chip === 'esp32' ? '5.3.5 on ESP-IDF v5.1' : '5.1.4 on SDK 3.0.1-dev';
    this.#tell(`\n\nNodeMCU 3.0.0.0\n\tbranch: release\n build 2024-01-01 powered by Lua ${version}\n`);
    const { runs = 'nothing' } = this.behaviour;
    if (this.#console?.said) this.#listen(boot);
    else if (this.flash.files.has('init.lua')) this.#window(boot);
    else this.#tell('cannot open init.lua: \n');
    if (runs === 'flooding' || runs === 'deaf') this.#flood(boot);
    this.#isBusy = false;
    this.#tell('> ');
    this.#next();
  }

  #window(boot: number): void {
    this.#tell('fenceline: starting in 5 s\n');
    this.#clock.after(this.behaviour.window ?? 5000, () => {
      if (boot !== this.#boot) return;
      this.#says = '';
      this.#console?.take('print(fenceline_hold)');
      const isHeld = this.#says.startsWith('true');
      this.#says = '';
      if (isHeld) return;
      this.#tell(this.behaviour.says ?? '');
      // The UART goes to the sensor; on an ESP32 that is another one.
      if (this.behaviour.chip !== 'esp32') this.#isListening = false;
    });
  }

  /** What a whole chip says by itself. */
  #listen(boot: number): void {
    if (boot !== this.#boot) return;
    this.#tell(this.#console?.said?.() ?? '');
    this.#clock.after(20, () => this.#listen(boot));
  }

  #flood(boot: number): void {
    if (boot !== this.#boot) return;
    this.#tell(`reading ${this.#clock.monotonic()} pm 17 heap 20312\n`);
    this.#clock.after(20, () => this.#flood(boot));
  }

  #hear(bytes: Uint8Array): void {
    if (!this.#isListening) return;
    for (const byte of bytes) {
      if (this.#waiting.length < receiveBuffer) this.#waiting.push(byte);
      else this.dropped += 1;
      // The input task takes them out one by one, while Lua does not run.
      if (!this.#isBusy) this.#next();
    }
  }

  #next(): void {
    while (!this.#isBusy && this.#waiting.length > 0) this.#character(this.#waiting.shift() ?? 0);
  }

  #character(byte: number): void {
    const [lf, cr] = [10, 13];
    if ((byte === cr && this.#last === lf) || (byte === lf && this.#last === cr)) {
      this.#last = 0;
      return;
    }
    this.#last = byte;
    if (byte !== cr && byte !== lf) {
      this.#send(Uint8Array.of(byte));
      if (this.#line.length + 1 >= longestInput) this.#line = [];
      this.#line.push(byte);
      return;
    }
    this.#tell('\n');
    if (this.#line.length === 0) {
      this.#tell('> ');
      return;
    }
    const text = Buffer.from(this.#line).toString('latin1');
    this.longest = Math.max(this.longest, this.#line.length);
    this.#line = [];
    this.#run(text);
  }

  #run(text: string): void {
    this.lines += 1;
    if (this.behaviour.restartsAt?.includes(this.lines)) return void this.reset();
    this.#isBusy = true;
    const boot = this.#boot;
    this.#clock.after(this.behaviour.busy ?? 3, () => {
      if (boot !== this.#boot) return;
      const outcome = this.#console?.take(text) ?? 'done';
      this.#tell(this.#says + (this.#console?.said?.() ?? ''));
      this.#says = '';
      if (typeof outcome === 'object') this.#tell(`Lua error: ${outcome.complaint}\n`);
      this.#tell(outcome === 'more' ? '>> ' : '> ');
      this.#isBusy = false;
      this.#next();
    });
  }

  /** The UART makes CR LF of each LF. */
  #tell(text: string): void {
    if (text !== '') this.#send(latin(text.replaceAll('\n', '\r\n')));
  }

  #send(bytes: Uint8Array): void {
    this.#end.send(this.behaviour.damage?.(bytes) ?? bytes);
  }
}
