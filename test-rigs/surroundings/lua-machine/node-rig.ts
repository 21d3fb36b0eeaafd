import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Air, Chip, type ChipKind, type PinEdge, type ResetReason, type Surroundings } from './chip/chip.ts';
import { type Cut, Flash } from './chip/flash.ts';
import { LuaError, type LuaValue } from './crossing.ts';
import type { FarSide } from './far-side/far-side.ts';
import { LuaMachine, type LuaVersion } from './lua-machine.ts';
import { fileModules } from './modules/file.ts';
import { mqttModule } from './modules/mqtt/mqtt.ts';
import { nodeModule } from './modules/node.ts';
import { pinModules } from './modules/pins.ts';
import { rtcmemModule } from './modules/rtcmem.ts';
import { sjsonModule } from './modules/sjson.ts';
import { tmrModule } from './modules/tmr.ts';
import { type SerialLines, uartModule } from './modules/uart.ts';
import { wifiModule } from './modules/wifi.ts';
import type { RigClock } from './stepped-clock.ts';

const bootLua = readFileSync(join(import.meta.dirname, 'boot.lua'), 'utf8');

/** Sets the global `strip`, with which stock Lua 5.1 drops debug information as NodeMCU does. */
const stripLua = readFileSync(join(import.meta.dirname, '../../../edge/node/building/strip.lua'), 'utf8');

/** Milliseconds from power, or a reset, to the first line of `init.lua`. */
const BOOTING = 300;

export interface NodeRigOptions {
  readonly kind: ChipKind;
  readonly clock: RigClock;
  readonly farSide: FarSide;
  /** Files on its flash before it is first powered: text of bytes, by name. */
  readonly files?: Readonly<Record<string, string>>;
  /** Its interpreter; that of its kind if not given (5.1 on ESP8266, 5.3 on ESP32). */
  readonly lua?: LuaVersion;
  readonly chipId?: number;
  /** Bytes of its file system. */
  readonly flashSize?: number;
  /** Bytes that the UART hands over at once: 1 as the chip does, more saves time. */
  readonly uartPiece?: number;
  /** Whether the highest use of the heap is looked for, which takes its time. */
  readonly watchesHeap?: boolean;
  /** Of what is left to chance. */
  readonly seed?: number;
  /** Called when a boot begins, and when one has ended: flash is as it was left then. */
  readonly onBoot?: (reason: ResetReason) => void;
  readonly onBootEnd?: () => void;
}

/**
 * A node on the bench: a chip with what is on its flash, around it the network, the sensor's line, its console and its
 * power. What Lua does to the modules, and they to it, is as NodeMCU's documents have it; each module's file cites them.
 */
export class NodeRig {
  readonly flash: Flash;
  readonly air = new Air();
  readonly edges: PinEdge[] = [];
  /** Lines that the console has shown, ever. */
  readonly console: string[] = [];
  /** Bytes that came out of the sensor's line, ever. */
  toSensor = '';
  /** Why it booted, each time, oldest first. */
  readonly boots: ResetReason[] = [];
  /** Errors of Lua that nobody caught. */
  readonly panics: string[] = [];
  readonly #around: Surroundings;
  readonly #version: LuaVersion;
  #chip: Chip | null = null;
  #lines: SerialLines | null = null;
  readonly #watchesHeap: boolean;
  #peak: () => number = () => 0;
  readonly #onBoot: (reason: ResetReason) => void;
  readonly #onBootEnd: () => void;
  #isPowered = false;
  #cancelBoot: () => void = () => undefined;

  private constructor(options: NodeRigOptions) {
    this.flash = new Flash(options.flashSize ?? 1_000_000, () => this.cutPower());
    for (const [name, text] of Object.entries(options.files ?? {})) this.flash.files.set(name, text);
    this.#watchesHeap = options.watchesHeap ?? false;
    this.#onBoot = options.onBoot ?? (() => undefined);
    this.#onBootEnd = options.onBootEnd ?? (() => undefined);
    this.#version = options.lua ?? (options.kind === 'esp8266' ? '5.1' : '5.3');
    this.#around = {
      kind: options.kind,
      clock: options.clock,
      flash: this.flash,
      air: this.air,
      farSide: options.farSide,
      chipId: options.chipId ?? 0x7f3a12,
      rtc: new Int32Array(128),
      edges: this.edges,
      inputs: () => 1,
      analogue: () => 0,
      uartPiece: options.uartPiece ?? 1,
      onConsole: (text) => {
        this.console.push(text);
        if (text.startsWith('PANIC')) this.panics.push(text);
      },
      onToSensor: (bytes) => {
        this.toSensor += bytes;
      },
      heapTaken: 0,
      refusesToSend: () => false,
      random: seeded(options.seed ?? 1),
      onReset: (reason) => this.reset(reason),
    };
  }

  /** A node without power. */
  static async create(options: NodeRigOptions): Promise<NodeRig> {
    await LuaMachine.load();
    return new NodeRig(options);
  }

  get isPowered(): boolean {
    return this.#isPowered;
  }

  powerOn(reason: ResetReason = 'power'): void {
    if (this.#isPowered) return;
    this.#isPowered = true;
    // Without power the RTC's memory forgets: it comes up as anything.
    this.#around.rtc.forEach((_, at, rtc) => {
      rtc[at] = Math.floor(this.#around.random() * 2 ** 32) | 0;
    });
    this.#bootLater(reason);
  }

  /** At once, in the middle of whatever it does. */
  cutPower(): void {
    this.#isPowered = false;
    this.#endBoot();
  }

  /** The power goes in the middle of an operation on flash, counted from now, and stays away. */
  cutPowerAt(cut: Cut | null): void {
    this.flash.cutAt(cut);
  }

  /** Restarts it: RAM is lost, flash and the RTC's memory stay. */
  reset(reason: ResetReason = 'external'): void {
    if (!this.#isPowered) return;
    this.#endBoot();
    this.#bootLater(reason);
  }

  /** Bytes from the sensor on its line. */
  sensorSends(bytes: string): void {
    this.#lines?.fromSensor(bytes);
  }

  /** Types at the console; without effect once the UART has gone to the sensor. */
  type(text: string): void {
    this.#lines?.typed(text);
  }

  /** What the ADC's pin has, as a raw count, at so many microseconds since boot. */
  set analogue(count: (microseconds: number, channel: number) => number) {
    this.#around.analogue = count;
  }

  /** Level of an input pin. */
  set inputs(level: (pin: number) => number) {
    this.#around.inputs = level;
  }

  /** Bytes of heap that something else takes, to bring the node into need. */
  set heapTaken(bytes: number) {
    this.#around.heapTaken = bytes;
  }

  /** Whether the radio takes no bytes at this moment, so that `publish` answers false. */
  set refusesToSend(refuses: () => boolean) {
    this.#around.refusesToSend = refuses;
  }

  /** Heap that Lua has in use after a full collection, bytes on a 32-bit machine; undefined with fengari. */
  get heap(): number | undefined {
    return this.#chip?.machine.heap();
  }

  /** The most heap that was in use at once in this boot, as `heap`; 0 unless it is watched. */
  get peakHeap(): number {
    return this.#peak();
  }

  /** Free heap as `node.heap` tells it. */
  get freeHeap(): number | undefined {
    return this.#chip?.freeHeap();
  }

  /** Runs Lua on the chip as it stands, for a look inside. */
  lua(chunk: string): LuaValue {
    if (this.#chip === null) throw new Error('the chip does not run');
    return this.#chip.machine.run(chunk, 'rig');
  }

  #bootLater(reason: ResetReason): void {
    this.#cancelBoot = this.#around.clock.after(BOOTING, () => this.#boot(reason));
  }

  #endBoot(): void {
    this.#cancelBoot();
    this.#lines = null;
    if (this.#chip === null) return;
    this.#chip.end();
    this.#chip = null;
    this.#onBootEnd();
  }

  #boot(reason: ResetReason): void {
    this.boots.push(reason);
    this.#onBoot(reason);
    const machine = LuaMachine.createNow(this.#version);
    const chip = new Chip(this.#around, machine, reason);
    this.#chip = chip;
    const { module: uart, lines } = uartModule(chip);
    this.#lines = lines;
    const modules: Record<string, LuaValue> = {
      uart,
      tmr: tmrModule(chip),
      mqtt: mqttModule(chip),
      wifi: wifiModule(chip),
      node: nodeModule(chip),
      sjson: sjsonModule(),
      io: undefined,
      os: undefined,
      debug: undefined,
      ...fileModules(chip),
      ...pinModules(chip),
      fenceline_file: (name: string) => this.flash.files.get(name),
      fenceline_compiling: (isCompiling: boolean) => machine.looksAway(isCompiling),
      fenceline_print: (text: string) => lines.print(text),
    };
    if (this.#around.kind === 'esp8266') modules.rtcmem = rtcmemModule(chip);
    for (const [name, value] of Object.entries(modules)) machine.setGlobal(name, value);
    // fengari's heap is not measured, so nothing has to be dropped from it.
    if (machine.version === '5.1') machine.run(stripLua, 'strip.lua');
    machine.run(bootLua, 'boot.lua');
    // On a chip the modules are in flash, not in the heap.
    machine.zeroHeap();
    if (this.#watchesHeap) this.#peak = machine.watchHeap();
    chip.run(() => this.#start(chip));
  }

  #start(chip: Chip): undefined {
    if (!this.flash.files.has('init.lua')) return undefined;
    try {
      chip.machine.run('dofile("init.lua")', 'init');
    } catch (error) {
      // What init.lua throws is shown, and the console is there.
      if (!(error instanceof LuaError)) throw error;
      if (!chip.isOver) this.#around.onConsole(error.message);
    }
    return undefined;
  }
}

/** Numbers from 0 up to 1 that are the same for the same seed (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
