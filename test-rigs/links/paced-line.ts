import type { Clock } from '../../gateway/clock.ts';
import { type ByteEnd, Listeners } from './byte-end.ts';

/*
 * In three lines:
 *   const line = new PacedLine({ clock, baudRate: 9600 });
 *   slave.serveRtu(line.connect());
 *   const link = new MemoryLink({ id: 'line', clock, end: line.connect(), characterTime: line.characterTime });
 */

interface PacedLineOptions {
  readonly clock: Clock;
  /** Bits per second; without it bytes arrive at once. */
  readonly baudRate?: number;
  /** Start, data, parity and stop bits of one character; 10 is 8N1. */
  readonly characterBits?: number;
  /** How bytes are handed over: one by one as they come off the wire, or a burst whole when its last byte is there. */
  readonly grain?: 'character' | 'burst';
}

interface Travelling {
  readonly bytes: Uint8Array;
  readonly begins: number;
  given: number;
}

/**
 * A pair of wires in memory: what one end sends, every other end hears, at the speed of the line. Arrival times follow
 * an absolute schedule, so a timer that fires late does not push the following bytes back. What an end sends while its
 * earlier bytes are under way goes after them; ends that talk at the same time are not garbled by each other.
 */
export class PacedLine {
  /** Milliseconds per character; 0 without a baud rate. */
  readonly characterTime: number;
  readonly #clock: Clock;
  readonly #grain: 'character' | 'burst';
  readonly #ends: LineEnd[] = [];

  constructor({ clock, baudRate, characterBits = 10, grain = 'burst' }: PacedLineOptions) {
    this.#clock = clock;
    this.#grain = grain;
    this.characterTime = baudRate === undefined ? 0 : (characterBits * 1000) / baudRate;
  }

  connect(): ByteEnd {
    const end: LineEnd = new LineEnd(this.#clock, this.characterTime, this.#grain, (bytes) => {
      for (const other of this.#ends) if (other !== end) other.heard.tell(bytes);
    });
    this.#ends.push(end);
    return end;
  }
}

class LineEnd implements ByteEnd {
  readonly heard = new Listeners();
  readonly #clock: Clock;
  readonly #characterTime: number;
  readonly #grain: 'character' | 'burst';
  readonly #deliver: (bytes: Uint8Array) => void;
  readonly #queue: Travelling[] = [];
  #freeAt = 0;

  constructor(clock: Clock, characterTime: number, grain: 'character' | 'burst', deliver: (bytes: Uint8Array) => void) {
    this.#clock = clock;
    this.#characterTime = characterTime;
    this.#grain = grain;
    this.#deliver = deliver;
  }

  onBytes(listener: (bytes: Uint8Array) => void): () => void {
    return this.heard.add(listener);
  }

  send(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    const begins = Math.max(this.#clock.monotonic(), this.#freeAt);
    this.#freeAt = begins + bytes.length * this.#characterTime;
    this.#queue.push({ bytes: bytes.slice(), begins, given: 0 });
    if (this.#queue.length === 1) this.#next();
  }

  #next(): void {
    const first = this.#queue[0];
    if (!first) return;
    const upTo = this.#grain === 'burst' ? first.bytes.length : first.given + 1;
    const due = first.begins + upTo * this.#characterTime;
    this.#clock.after(due - this.#clock.monotonic(), () => this.#arrive(first));
  }

  #arrive(first: Travelling): void {
    const passed = this.#characterTime === 0 ? Number.POSITIVE_INFINITY : this.#clock.monotonic() - first.begins;
    // A hair is added: a timer may fire some microseconds before its time.
    const onWire = Math.min(first.bytes.length, Math.floor(passed / this.#characterTime + 0.01));
    const upTo = this.#grain === 'burst' && onWire < first.bytes.length ? first.given : onWire;
    if (upTo > first.given) {
      const piece = first.bytes.subarray(first.given, upTo);
      first.given = upTo;
      this.#deliver(piece);
    }
    if (first.given === first.bytes.length) this.#queue.shift();
    this.#next();
  }
}
