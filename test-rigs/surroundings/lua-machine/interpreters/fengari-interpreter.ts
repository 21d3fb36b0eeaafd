import { type LuaState, lauxlib, lua, lualib, to_luastring } from 'fengari';
import type { HostDoor, LuaInterpreter } from './lua-interpreter.ts';

/** Lua 5.3 with 32-bit integers, as an ESP32 has it (numbers with a point are doubles here, singles there). */
export function fengariInterpreter(host: HostDoor): LuaInterpreter {
  const state = lauxlib.luaL_newstate();
  lualib.luaL_openlibs(state);
  lua.lua_pushcfunction(state, (inner: LuaState) => {
    const answer = host(lua.lua_tojsstring(inner, 1));
    lua.lua_pushstring(inner, to_luastring(answer));
    return 1;
  });
  lua.lua_setglobal(state, to_luastring('fenceline_host'));
  lua.lua_pushlightuserdata(state, { what: 'null' });
  lua.lua_setglobal(state, to_luastring('fenceline_null'));
  const run = (chunk: string): void => {
    if (lauxlib.luaL_loadstring(state, to_luastring(chunk)) !== 0) throw fault(state);
    if (lua.lua_pcall(state, 0, 0, 0) !== 0) throw fault(state);
  };
  // JavaScript collects its garbage; fengari has no figures of its own, and throws when it is asked.
  run('collectgarbage = function(what) return what == "count" and 20 or 0 end');
  return {
    version: '5.3',
    run,
    call: (name, text) => {
      lua.lua_getglobal(state, to_luastring(name));
      lua.lua_pushstring(state, to_luastring(text));
      if (lua.lua_pcall(state, 1, 1, 0) !== 0) throw fault(state);
      const answer = lua.lua_tojsstring(state, -1);
      lua.lua_pop(state, 1);
      return answer;
    },
    heap: () => undefined,
    close: () => lua.lua_settop(state, 0),
  };
}

function fault(state: LuaState): Error {
  const message = lua.lua_tojsstring(state, -1);
  lua.lua_pop(state, 1);
  return new Error(message);
}
