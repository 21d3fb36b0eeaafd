import { EventEmitter } from 'node:events';
import type { BoardPort } from '../board.ts';
import type { FirmataIo } from './arduino.ts';

/** The longest message of the firmware, its capabilities, has about 200 bytes; what grows beyond this is none. */
const longestMessage = 2048;
/** So much of what a board sends first is kept, to be quoted. */
const quoted = 24;
const [startOfLong, endOfLong] = [0xf0, 0xf7];

const notFirmata = 'it sent what is not Firmata; it is opened again by itself';
const broken = 'a message broke off: bytes were lost on its line, or it restarted; it is opened again by itself';

/**
 * The port, in the shape in which firmata-io takes one. Firmata has no checksums, and firmata-io takes the first byte of the
 * next message for the last of one that broke off; so once the board is open, a message that is not whole ends it.
 *
 *     90 | port, E0 | channel, F9    two bytes below 80 follow
 *     F0 … F7                        bytes below 80 between
 */
export class Wire extends EventEmitter {
  readonly #port: BoardPort;
  /** The first bytes that came. */
  readonly first: number[] = [];
  /** Why no more can come; undefined while it can. */
  gone: string | undefined;
  onGone: (message: string) => void = () => undefined;
  /** Before the board is open, anything may come: the end of an old message, noise of its start. */
  isStrict = false;
  #missing = 0;
  #isInLong = false;

  constructor(port: BoardPort) {
    super();
    this.#port = port;
  }

  write(bytes: Uint8Array, taken?: () => void): void {
    this.#port.write(bytes);
    taken?.();
  }

  listen(io: FirmataIo): void {
    this.#port.hear(
      (bytes) => this.#take(bytes, io),
      (message) => this.#end(message),
    );
    this.emit('open');
  }

  /** firmata-io throws on pins that the board does not have, and collects without end what begins like a long message. */
  #take(bytes: Uint8Array, io: FirmataIo): void {
    if (this.gone !== undefined) return;
    if (this.first.length < quoted) this.first.push(...bytes.subarray(0, quoted - this.first.length));
    let isBroken = false;
    for (const byte of bytes) isBroken = !this.#follow(byte) || isBroken;
    if (isBroken && this.isStrict) {
      this.#end(`${this.#port.name}: ${broken}`);
      return;
    }
    try {
      this.emit('data', bytes);
    } catch {
      this.#end(`${this.#port.name}: ${notFirmata}`);
    }
    if (io.buffer.length > longestMessage) this.#end(`${this.#port.name}: ${notFirmata}`);
  }

  /** Whether this byte may come where it comes. */
  #follow(byte: number): boolean {
    const isData = byte < 0x80;
    const isExpected = this.#isInLong ? isData || byte === endOfLong : isData === this.#missing > 0;
    if (isData) {
      this.#missing = Math.max(0, this.#missing - 1);
      return isExpected;
    }
    const isShort = byte === 0xf9 || (byte & 0xf0) === 0x90 || (byte & 0xf0) === 0xe0;
    const isKnown = isShort || byte === startOfLong || (byte === endOfLong && this.#isInLong);
    this.#isInLong = byte === startOfLong;
    this.#missing = isShort ? 2 : 0;
    return isExpected && isKnown;
  }

  #end(message: string): void {
    if (this.gone !== undefined) return;
    this.gone = message;
    this.onGone(message);
  }
}
