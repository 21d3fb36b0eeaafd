import { Lua, type LuaApi, LuaReturn } from 'wasmoon-lua5.1';
import type { HostDoor, LuaInterpreter } from './lua-interpreter.ts';

let api: LuaApi | undefined;

/** To be waited for once, before the first machine. */
export async function loadWasmoon(): Promise<void> {
  api ??= (await Lua.create()).luaApi;
}

/** The Lua 5.1 of lua.org on a 32-bit machine (WebAssembly): what an ESP8266 runs, and its heap figures. */
export function wasmoonInterpreter(host: HostDoor): LuaInterpreter {
  if (api === undefined) throw new Error('loadWasmoon() first');
  const lua = new Lua(api, { openStandardLibs: true });
  lua.global.set('fenceline_host', host);
  const state = lua.global.address;
  return {
    version: '5.1',
    run: (chunk) => void lua.doStringSync(chunk),
    // Not through wasmoon's own functions, which leave something behind at each call.
    call: (name, text) => {
      const { luaApi } = lua;
      luaApi.lua_getglobal(state, name);
      luaApi.lua_pushstring(state, text);
      const status = luaApi.lua_pcall(state, 1, 1, 0);
      const answer = luaApi.lua_tolstring(state, -1, null);
      luaApi.lua_pop(state, 1);
      if (status !== LuaReturn.Ok) throw new Error(answer);
      return answer;
    },
    heap: () => Number(lua.doStringSync('return collectgarbage("count") * 1024')),
    close: () => lua.global.close(),
  };
}
