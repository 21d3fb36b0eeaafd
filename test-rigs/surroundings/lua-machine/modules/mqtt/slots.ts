import type { LuaFunction } from '../../crossing.ts';

/** Places for callbacks, one each: setting one lets go of the one before. */
export class Slots<Name extends string> {
  readonly #calls = new Map<Name, LuaFunction>();

  set(name: Name, call: unknown): void {
    if (typeof call !== 'function') return;
    this.clear(name);
    this.#calls.set(name, call as LuaFunction);
  }

  get(name: Name): LuaFunction | undefined {
    return this.#calls.get(name);
  }

  clear(name: Name): void {
    this.#calls.get(name)?.release();
    this.#calls.delete(name);
  }

  /** Empties the place; whoever took the callback lets go of it. */
  forget(name: Name): void {
    this.#calls.delete(name);
  }
}

/** What a client was made with. */
export interface Account {
  readonly clientId: string;
  readonly keepAlive: number;
  readonly user: string | undefined;
  readonly password: string | undefined;
}

export type Will = { readonly topic: string; readonly message: string; readonly qos: number; readonly retain: boolean };
