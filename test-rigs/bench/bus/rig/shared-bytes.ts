/** Bytes that may lie unread; a master has one request under way, of eight bytes. */
const capacity = 4096;

/** The memory of a {@link SharedBytes}, to be handed to a worker. */
export interface SharedMemory {
  readonly cells: SharedArrayBuffer;
  readonly bytes: SharedArrayBuffer;
  readonly moments: SharedArrayBuffer;
}

export function sharedMemory(): SharedMemory {
  return {
    cells: new SharedArrayBuffer(3 * Int32Array.BYTES_PER_ELEMENT),
    bytes: new SharedArrayBuffer(capacity),
    moments: new SharedArrayBuffer(capacity * Float64Array.BYTES_PER_ELEMENT),
  };
}

const [stirredCell, writtenCell, orderCell] = [0, 1, 2];

/** What a rig's threads are told to do: count from here on, or tell what was counted. */
const orders = ['begin', 'figures'] as const;
export type Order = (typeof orders)[number];

/**
 * Bytes from one thread to another, each with the moment it came, and an order to the other thread now and then. The
 * other one sleeps until something comes: waking through a message would cost a turn of its event loop.
 */
export class SharedBytes {
  readonly #cells: Int32Array;
  readonly #bytes: Uint8Array;
  readonly #moments: Float64Array;
  #taken = 0;
  #seen = 0;

  constructor({ cells, bytes, moments }: SharedMemory) {
    this.#cells = new Int32Array(cells);
    this.#bytes = new Uint8Array(bytes);
    this.#moments = new Float64Array(moments);
  }

  push(bytes: Uint8Array, at: number): void {
    let written = Atomics.load(this.#cells, writtenCell);
    for (const byte of bytes) {
      this.#bytes[written % capacity] = byte;
      this.#moments[written % capacity] = at;
      written += 1;
    }
    Atomics.store(this.#cells, writtenCell, written);
    this.#stir();
  }

  order(order: Order): void {
    Atomics.store(this.#cells, orderCell, orders.indexOf(order) + 1);
    this.#stir();
  }

  #stir(): void {
    Atomics.add(this.#cells, stirredCell, 1);
    Atomics.notify(this.#cells, stirredCell);
  }

  /** Hands over what has come, one byte at a time. */
  take(heard: (byte: Uint8Array, at: number) => void): void {
    this.#seen = Atomics.load(this.#cells, stirredCell);
    const written = Atomics.load(this.#cells, writtenCell);
    for (; this.#taken < written; this.#taken += 1) {
      const place = this.#taken % capacity;
      heard(this.#bytes.subarray(place, place + 1), this.#moments[place] ?? Number.NaN);
    }
  }

  /** The order that was given, once. */
  takeOrder(): Order | undefined {
    const number = Atomics.exchange(this.#cells, orderCell, 0);
    return orders[number - 1];
  }

  /** Sleeps at most so many milliseconds, and not at all if something has come since the last `take`. */
  sleep(milliseconds: number): void {
    Atomics.wait(this.#cells, stirredCell, this.#seen, milliseconds);
  }
}
