import { Lua } from 'wasmoon-lua5.1';
import { prelude } from './lua-prelude.ts';

/** The flash of a chip: what stays over a restart. Contents in hexadecimal. */
export class ChipFlash {
  readonly files = new Map<string, string>();
  /** Bytes it holds. */
  size = 200_000;

  get used(): number {
    return [...this.files.values()].reduce((sum, hex) => sum + hex.length / 2, 0);
  }

  text(name: string): string | undefined {
    const hex = this.files.get(name);
    return hex === undefined ? undefined : Buffer.from(hex, 'hex').toString('latin1');
  }

  put(name: string, text: string): void {
    this.files.set(name, Buffer.from(text, 'latin1').toString('hex'));
  }
}

interface LuaConsoleOptions {
  readonly flash: ChipFlash;
  readonly chip: 'esp8266' | 'esp32';
  readonly modulesMissing: string;
  readonly out: (text: string) => void;
  readonly restart: () => void;
}

/** What became of a line: more of it is awaited, or it is done with, well or with a complaint. */
export type LineOutcome = 'more' | 'done' | { readonly complaint: string };

/** What runs what is typed. */
export interface ConsoleBrain {
  take(line: string): LineOutcome;
  /** Of a brain that boots by itself: what it said since it was last asked. */
  said?(): string;
  close(): void;
}

/** Real Lua 5.1 behind a console: what is typed is compiled and run. */
export class LuaConsole implements ConsoleBrain {
  readonly #lua: Lua;
  #open = '';

  private constructor(lua: Lua) {
    this.#lua = lua;
  }

  static async boot({ flash, chip, modulesMissing, out, restart }: LuaConsoleOptions): Promise<LuaConsole> {
    const lua = await Lua.create();
    Object.assign(lua.ctx, {
      out,
      restart_chip: restart,
      is_esp32: chip === 'esp32',
      modules_missing: modulesMissing,
      disk_size: flash.size,
      disk_get: (name: string) => flash.files.get(name) ?? 'none',
      disk_put: (name: string, hex: string) => void flash.files.set(name, hex),
      disk_remove: (name: string) => void flash.files.delete(name),
      disk_names: () => [...flash.files].map(([name, hex]) => `${name} ${hex.length / 2}`).join('/'),
      disk_used: () => flash.used,
    });
    lua.doStringSync('load_text = loadstring');
    lua.doStringSync(prelude);
    return new LuaConsole(lua);
  }

  take(line: string): LineOutcome {
    const chunk = this.#open + line;
    try {
      this.#lua.doStringSync(chunk.startsWith('=') ? `print(${chunk.slice(1)})` : chunk);
    } catch (error) {
      const told = String((error as Error).message);
      const complaint = /\]:\d+: .*/s.exec(told)?.[0].replace(/^\]:/, 'stdin:') ?? told;
      if (/'<eof>'/.test(complaint) && !/^stdin:\d+: unfinished/.test(complaint)) {
        this.#open = `${chunk}\n`;
        return 'more';
      }
      this.#open = '';
      return { complaint };
    }
    this.#open = '';
    return 'done';
  }

  close(): void {
    this.#lua.global.close();
  }
}
