import type { Cancel, Clock } from '../../gateway/clock.ts';
import type { ByteEnd } from './byte-end.ts';

/*
 * In three lines:
 *   const faulty = new FaultyEnd(line.connect(), clock, () => faults.late(300));
 *   slave.serveRtu(faulty);
 *   faulty.choose = () => faults.none;
 */

/** Bytes put on the line, and how many milliseconds after the instrument gave its answer. */
interface Delivery {
  readonly after: number;
  readonly bytes: Uint8Array;
}

/** What becomes of one whole answer of an instrument. */
export type Fault = (answer: Uint8Array) => readonly Delivery[];

const now = (...parts: Uint8Array[]): Delivery[] => parts.map((bytes) => ({ after: 0, bytes }));

/** What is known to happen to answers in the field, each as a change to the bytes or their time. */
export const faults = {
  none: (answer: Uint8Array) => now(answer),
  /** The instrument is switched off or the cable is open. */
  silent: () => [],
  late:
    (milliseconds: number): Fault =>
    (answer) => [{ after: milliseconds, bytes: answer }],
  /** The driver of the line is released too early: only so many bytes come. */
  truncated:
    (length: number): Fault =>
    (answer) =>
      now(answer.subarray(0, Math.min(length, answer.length - 1))),
  /** One bit flips, at this byte. */
  flipped:
    (at: number, bit = 0): Fault =>
    (answer) => {
      const bytes = answer.slice();
      const place = at % bytes.length;
      bytes[place] = (bytes[place] ?? 0) ^ (1 << bit);
      return now(bytes);
    },
  junkBefore:
    (junk: Uint8Array): Fault =>
    (answer) =>
      now(junk, answer),
  junkAfter:
    (junk: Uint8Array): Fault =>
    (answer) =>
      now(answer, junk),
  /** The answer comes twice. */
  twice: (answer: Uint8Array) => now(answer, answer),
  /** Another frame comes in its place, such as one of another slave. */
  replaced:
    (other: (answer: Uint8Array) => Uint8Array): Fault =>
    (answer) =>
      now(other(answer)),
  /** Another frame comes first. */
  preceded:
    (other: (answer: Uint8Array) => Uint8Array): Fault =>
    (answer) =>
      now(other(answer), answer),
  /** The answer comes in two pieces, `pause` milliseconds apart. */
  split:
    (at: number, pause: number): Fault =>
    (answer) => [
      { after: 0, bytes: answer.subarray(0, at) },
      { after: pause, bytes: answer.subarray(at) },
    ],
} as const;

/** An instrument's end of a line on which the answers suffer. Each `send` is taken for one whole answer. */
export class FaultyEnd implements ByteEnd {
  /** Asked for each answer. */
  choose: () => Fault;
  readonly #end: ByteEnd;
  readonly #clock: Clock;

  constructor(end: ByteEnd, clock: Clock, choose: () => Fault = () => faults.none) {
    this.#end = end;
    this.#clock = clock;
    this.choose = choose;
  }

  send(bytes: Uint8Array): void {
    for (const delivery of this.choose()(bytes)) {
      if (delivery.after === 0) this.#end.send(delivery.bytes);
      else this.#clock.after(delivery.after, () => this.#end.send(delivery.bytes));
    }
  }

  onBytes(listener: (bytes: Uint8Array) => void): Cancel {
    return this.#end.onBytes(listener);
  }
}

/** A two-wire adapter that hears itself: everything the master sends comes back to it first. */
export class EchoingEnd implements ByteEnd {
  readonly #end: ByteEnd;
  readonly #listeners = new Set<(bytes: Uint8Array) => void>();

  constructor(end: ByteEnd) {
    this.#end = end;
    end.onBytes((bytes) => this.#tell(bytes));
  }

  send(bytes: Uint8Array): void {
    this.#tell(bytes);
    this.#end.send(bytes);
  }

  onBytes(listener: (bytes: Uint8Array) => void): Cancel {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tell(bytes: Uint8Array): void {
    for (const listener of this.#listeners) listener(bytes);
  }
}
