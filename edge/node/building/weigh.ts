import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Lua } from 'wasmoon-lua5.1';

/** Heap for the code of `node.lua` and one chip file together as they are loaded, bytes on a 32-bit machine. */
export const MOST_CODE = 12 * 1024;

/**
 * Heap that its start adds to that for good, bytes on a 32-bit machine: what it keeps, and the sections that stay loaded. An
 * ESP8266 has 44 KB; the rest is for the network, a message and the section of the moment.
 */
export const MOST_STATE = 8 * 1024;

/** What the firmware takes of the Lua heap on one kind of chip, bytes on a 32-bit machine. */
export interface Weight {
  readonly code: number;
  /** What is added to that once it has started; below 0 where code is let go of. */
  readonly state: number;
}

/**
 * Loads and starts the firmware in a real Lua 5.1 on a 32-bit machine (WebAssembly), on modules that do nothing
 * (`idle-chip.lua`), without debug information (`strip.lua`), and weighs the heap after full collections. Throws the Lua
 * error if it does not load or start.
 */
export async function weigh(chip: string, nodeLua: string, chipLua: string): Promise<Weight> {
  const lua = await Lua.create();
  try {
    for (const part of ['strip.lua', 'idle-chip.lua']) {
      lua.doStringSync(readFileSync(join(import.meta.dirname, part), 'utf8'));
    }
    for (const [name, value] of Object.entries({ chip_name: chip, node_text: nodeLua, chip_text: chipLua })) {
      lua.global.set(name, value);
    }
    const [code, live] = String(lua.doStringSync('return weigh()')).split(' ').map(Number) as [number, number];
    return { code, state: live - code };
  } finally {
    lua.global.close();
  }
}
