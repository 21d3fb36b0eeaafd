/** The part of fengari that the rigs use; the package brings no types. https://github.com/fengari-lua/fengari */
declare module 'fengari' {
  export interface LuaState {
    readonly brand: unique symbol;
  }
  export const lua: {
    lua_pushcfunction(state: LuaState, call: (state: LuaState) => number): void;
    lua_pushstring(state: LuaState, text: Uint8Array): void;
    lua_pushlightuserdata(state: LuaState, thing: object): void;
    lua_setglobal(state: LuaState, name: Uint8Array): void;
    lua_getglobal(state: LuaState, name: Uint8Array): number;
    lua_pcall(state: LuaState, given: number, wanted: number, handler: number): number;
    lua_tojsstring(state: LuaState, at: number): string;
    lua_pop(state: LuaState, count: number): void;
    lua_settop(state: LuaState, top: number): void;
  };
  export const lauxlib: {
    luaL_newstate(): LuaState;
    luaL_loadstring(state: LuaState, chunk: Uint8Array): number;
  };
  export const lualib: { luaL_openlibs(state: LuaState): void };
  export function to_luastring(text: string): Uint8Array;
}
