import type { Cancel, Clock, Monotonic } from '../clock.ts';
import type { Arrival, LinkFault } from './link.ts';

interface Waiting {
  readonly resolve: (result: Arrival | 'timeout' | LinkFault) => void;
  readonly cancel: Cancel;
}

const nothing = new Uint8Array(0);
/** Room that is made for the first bytes that nobody waits for: an answer of Modbus RTU, 256 bytes at most, fits in. */
const firstRoom = 256;

/**
 * What has arrived on a link and nobody has read yet. Holds at most `limit` bytes: a piece that would go beyond is
 * dropped whole and told, since nobody reads a line that has run so far ahead and its bytes are stale.
 */
export class ReceiveBuffer {
  readonly #clock: Clock;
  readonly #limit: number;
  readonly #overflow: (bytes: number) => void;
  /** The bytes, one piece behind the other, and room for more. */
  #room = nothing;
  #length = 0;
  #last = 0 as Monotonic;
  #waiting: Waiting | undefined;

  constructor(clock: Clock, limit: number, overflow: (bytes: number) => void) {
    this.#clock = clock;
    this.#limit = limit;
    this.#overflow = overflow;
  }

  /** Takes what the system has delivered; the bytes are handed on as they are. */
  push(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    const at = this.#clock.monotonic();
    if (this.#waiting) {
      this.#settle({ bytes, at });
    } else if (this.#length + bytes.length > this.#limit) {
      this.#overflow(bytes.length);
    } else {
      this.#keep(bytes);
      this.#last = at;
    }
  }

  /** Ends a read that is under way: the line is gone. */
  fail(fault: LinkFault): void {
    this.#settle(fault);
  }

  read(timeout: number): Promise<Arrival | 'timeout' | LinkFault> {
    if (this.#length > 0) return Promise.resolve(this.#take());
    if (timeout <= 0) return Promise.resolve('timeout');
    return new Promise((resolve) => {
      const cancel = this.#clock.after(timeout, () => this.#settle('timeout'));
      this.#waiting = { resolve, cancel };
    });
  }

  /** Throws away what has arrived; the number of bytes. */
  discard(): number {
    const length = this.#length;
    this.#room = nothing;
    this.#length = 0;
    return length;
  }

  #keep(bytes: Uint8Array): void {
    const length = this.#length + bytes.length;
    if (length > this.#room.length) {
      const larger = new Uint8Array(Math.min(this.#limit, Math.max(firstRoom, 2 * length)));
      larger.set(this.#room.subarray(0, this.#length));
      this.#room = larger;
    }
    this.#room.set(bytes, this.#length);
    this.#length = length;
  }

  #take(): Arrival {
    const bytes = this.#room.subarray(0, this.#length);
    this.discard();
    return { bytes, at: this.#last };
  }

  #settle(result: Arrival | 'timeout' | LinkFault): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.cancel();
    waiting?.resolve(result);
  }
}
