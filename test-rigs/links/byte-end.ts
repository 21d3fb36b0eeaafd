import type { Cancel } from '../../gateway/clock.ts';

/** One end of anything that carries bytes both ways: a line in memory, a tty, a TCP connection. Instruments sit on it. */
export interface ByteEnd {
  send(bytes: Uint8Array): void;
  /** Several listeners may hear the same end, as several instruments hear the same pair of wires. */
  onBytes(listener: (bytes: Uint8Array) => void): Cancel;
}

/** The listeners of one end. */
export class Listeners {
  readonly #listeners = new Set<(bytes: Uint8Array) => void>();

  add(listener: (bytes: Uint8Array) => void): Cancel {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  tell(bytes: Uint8Array): void {
    for (const listener of this.#listeners) listener(bytes);
  }
}

/** Lets what arrives on one end leave on the other, both ways: a relay. */
export function join(one: ByteEnd, other: ByteEnd): Cancel {
  const stops = [one.onBytes((bytes) => other.send(bytes)), other.onBytes((bytes) => one.send(bytes))];
  return () => {
    for (const stop of stops) stop();
  };
}
