import type { Cancel, Clock, Monotonic } from '../clock.ts';
import type { Arrival, LinkFault } from './link.ts';

interface Waiting {
  readonly resolve: (result: Arrival | 'timeout' | LinkFault) => void;
  readonly cancel: Cancel;
}

/**
 * What has arrived on a link and nobody has read yet. Holds at most `limit` bytes: a piece that would go beyond is
 * dropped whole and told, since nobody reads a line that has run so far ahead and its bytes are stale.
 */
export class ReceiveBuffer {
  readonly #clock: Clock;
  readonly #limit: number;
  readonly #overflow: (bytes: number) => void;
  #pieces: Uint8Array[] = [];
  #length = 0;
  #last = 0 as Monotonic;
  #waiting: Waiting | undefined;

  constructor(clock: Clock, limit: number, overflow: (bytes: number) => void) {
    this.#clock = clock;
    this.#limit = limit;
    this.#overflow = overflow;
  }

  /** Takes what the system has delivered. */
  push(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    if (this.#length + bytes.length > this.#limit) {
      this.#overflow(bytes.length);
      return;
    }
    this.#pieces.push(bytes);
    this.#length += bytes.length;
    this.#last = this.#clock.monotonic();
    if (this.#waiting) this.#settle(this.#take());
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
    this.#pieces = [];
    this.#length = 0;
    return length;
  }

  #take(): Arrival {
    const bytes = this.#pieces.length === 1 ? (this.#pieces[0] as Uint8Array) : Buffer.concat(this.#pieces);
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
