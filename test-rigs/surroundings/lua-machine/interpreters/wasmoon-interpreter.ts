import { Lua } from 'wasmoon-lua5.1';
import type { HostDoor, LuaInterpreter } from './lua-interpreter.ts';

/** The Lua 5.1 of lua.org on a 32-bit machine (WebAssembly): what an ESP8266 runs, and its heap figures. */
export async function wasmoonInterpreter(host: HostDoor): Promise<LuaInterpreter> {
  const lua = await Lua.create();
  lua.global.set('fenceline_host', host);
  const doors = new Map<string, (text: string) => string>();
  return {
    version: '5.1',
    run: (chunk) => void lua.doStringSync(chunk),
    call: (name, text) => {
      const door = doors.get(name) ?? (lua.global.get(name) as (text: string) => string);
      doors.set(name, door);
      return door(text);
    },
    heap: () => Number(lua.doStringSync('return collectgarbage("count") * 1024')),
    close: () => lua.global.close(),
  };
}
