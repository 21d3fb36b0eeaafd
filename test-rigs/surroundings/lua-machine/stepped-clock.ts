/** What a chip needs of a clock. Milliseconds. */
export interface RigClock {
  monotonic(): number;
  /** Calls once, after so many milliseconds; gives what takes it back. */
  after(delay: number, action: () => void): () => void;
}

interface Waiting {
  readonly due: number;
  readonly order: number;
  action: (() => void) | null;
}

/**
 * A clock for rigs in which nothing waits on promises: it stands still until it is advanced, and then steps through its
 * timers at once. Days of a node pass in seconds.
 */
export class SteppedClock implements RigClock {
  #now = 0;
  #order = 0;
  /** A heap: each is due no later than the two below it. */
  readonly #waiting: Waiting[] = [];

  monotonic(): number {
    return this.#now;
  }

  after(delay: number, action: () => void): () => void {
    const waiting: Waiting = { due: this.#now + Math.max(0, delay), order: this.#order++, action };
    this.#push(waiting);
    return () => {
      waiting.action = null;
    };
  }

  advance(milliseconds: number): void {
    const end = this.#now + milliseconds;
    for (let next = this.#waiting[0]; next !== undefined && next.due <= end; next = this.#waiting[0]) {
      this.#pop();
      if (next.action === null) continue;
      this.#now = Math.max(this.#now, next.due);
      next.action();
    }
    this.#now = end;
  }

  #push(waiting: Waiting): void {
    const heap = this.#waiting;
    let at = heap.push(waiting) - 1;
    while (at > 0) {
      const above = (at - 1) >>> 1;
      if (!isBefore(waiting, heap[above] as Waiting)) break;
      heap[at] = heap[above] as Waiting;
      at = above;
    }
    heap[at] = waiting;
  }

  #pop(): void {
    const heap = this.#waiting;
    const last = heap.pop() as Waiting;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= heap.length) break;
      const right = heap[below + 1];
      if (right !== undefined && isBefore(right, heap[below] as Waiting)) below += 1;
      if (!isBefore(heap[below] as Waiting, last)) break;
      heap[at] = heap[below] as Waiting;
      at = below;
    }
    heap[at] = last;
  }
}

const isBefore = (left: Waiting, right: Waiting): boolean =>
  left.due < right.due || (left.due === right.due && left.order < right.order);
