import type { LuaValue } from '../crossing.ts';
import { type FirmwareLanguage, firmwareLua, firmwarePart } from '../firmware-part.ts';
import { LuaMachine } from '../lua-machine.ts';

/** A finished period as the firmware tells it. */
export interface Row {
  readonly s: number;
  readonly d: number;
  readonly nf: number;
  readonly na: number;
  readonly values: string;
}

export interface BenchSettings {
  readonly sensor?: 'plantower' | 'nova' | 'none';
  readonly adc?: 'none' | 'loop' | 'clamp' | 'sharp';
  readonly period?: number;
  /** Milliseconds since the boot at which measuring starts. */
  readonly startsAt?: number;
  /** Milliseconds that pass whenever the chip is asked for its uptime. */
  readonly askingTakes?: number;
  /** Epoch second at the boot, as the node was told it: its wall clock is this and its uptime. */
  readonly zero?: number;
  /** The ADC: so many millivolts are so many counts, and from which count on it tells nothing. */
  readonly adcScale?: readonly [millivolts: number, counts: number, full: number];
}

interface Measuring {
  advance(isLast: true): void;
  heardAt(): number | undefined;
  good(): number;
  bad(): number;
}

type Start = (hardware: LuaValue, sensor: string, adc: string, period: number, ...calls: LuaValue[]) => Measuring;

/**
 * The measuring half of the firmware in one language, on a chip that is nothing but a clock, a line and a pin, all three
 * moved by the test.
 */
export class MeasuringBench {
  /** Milliseconds since the boot. */
  now: number;
  /** Epoch milliseconds at the boot; undefined while the node was told no time. */
  epochAtBoot: number | undefined;
  readonly rows: Row[] = [];
  measuring!: Measuring;
  readonly #askingTakes: number;
  #onBytes: ((bytes: string) => void) | undefined;
  #onCount: ((count: number) => void) | undefined;
  readonly #ticks: { every: number; due: number; then: () => void }[] = [];

  static async open(language: FirmwareLanguage, settings: BenchSettings = {}): Promise<MeasuringBench> {
    const { sensor = 'none', adc = 'none', period = 60, startsAt = 5000, adcScale = [125, 128, 1023] } = settings;
    const bench = new MeasuringBench(startsAt, settings.askingTakes ?? 0);
    const { zero } = settings;
    const [perMillivolts, perCounts, fullCount] = adcScale;
    const start = await startIn(language);
    const hardware = { ...bench.#calls(), perMillivolts, perCounts, fullCount };
    bench.measuring = start(
      hardware as unknown as LuaValue,
      sensor,
      adc,
      period,
      ((now: number) => {
        if (zero !== undefined) return zero + now;
        return bench.epochAtBoot === undefined ? undefined : Math.floor((bench.epochAtBoot + bench.now) / 1000);
      }) as LuaValue,
      ((s: number, d: number, nf: number, na: number, values: string) => {
        bench.rows.push({ s, d, nf, na, values });
      }) as LuaValue,
    );
    return bench;
  }

  private constructor(now: number, askingTakes: number) {
    this.now = now;
    this.#askingTakes = askingTakes;
  }

  #calls(): Record<string, unknown> {
    return {
      uptime: () => {
        const seconds = Math.floor(this.now / 1000);
        this.now += this.#askingTakes;
        return seconds;
      },
      every: (every: number, then: () => void) => void this.#ticks.push({ every, due: this.now + every, then }),
      sensor: (onBytes: (bytes: string) => void) => {
        this.#onBytes = onBytes;
      },
      sample: (_: boolean, onCount: (count: number) => void) => {
        this.#onCount = onCount;
      },
    };
  }

  /** Lets the time pass up to then, milliseconds since the boot. */
  until(then: number): void {
    for (;;) {
      const next = this.#ticks.reduce((first, tick) => (tick.due < first.due ? tick : first));
      if (next.due > then) break;
      this.now = next.due;
      next.due += next.every;
      next.then();
    }
    this.now = then;
  }

  frame(bytes: Uint8Array): void {
    this.#onBytes?.(Buffer.from(bytes).toString('latin1'));
  }

  count(raw: number): void {
    this.#onCount?.(raw);
  }
}

async function startIn(language: FirmwareLanguage): Promise<Start> {
  if (language === 'JavaScript') {
    const part = await firmwarePart<{ startMeasuring: (...given: unknown[]) => Counted }>('measuring.ts', language);
    return (...given) => {
      const measuring = part.startMeasuring(...given);
      const { advance } = measuring;
      return { advance, heardAt: () => measuring.heardAt, good: () => measuring.good, bad: () => measuring.bad };
    };
  }
  const machine = await LuaMachine.create(language === 'Lua 5.1' ? '5.1' : '5.3');
  return machine.run(
    `local part = (function() ${firmwareLua('measuring.ts')} end)()
     return function(...)
       local measuring = part.startMeasuring(...)
       return {
         advance = measuring.advance, heardAt = function() return measuring.heardAt end,
         good = function() return measuring.good end, bad = function() return measuring.bad end,
       }
     end`,
    'measuring',
  ) as unknown as Start;
}

interface Counted {
  good: number;
  bad: number;
  heardAt: number | undefined;
  advance(isLast: true): void;
}
