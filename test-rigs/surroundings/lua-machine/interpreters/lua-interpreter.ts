/** A Lua interpreter behind one door: text in, text out, printable ASCII only, in both directions. */
export interface LuaInterpreter {
  readonly version: '5.1' | '5.3';
  /** Runs a chunk at once; throws its error. */
  run(chunk: string): void;
  /** Calls the global function of that name with a text, and gives the text it returns. */
  call(name: string, text: string): string;
  /** Lua heap in use, bytes as on a 32-bit machine, garbage included; undefined if it cannot tell. */
  heap(): number | undefined;
  close(): void;
}

/** What the Lua side calls; it must not throw. */
export type HostDoor = (text: string) => string;
