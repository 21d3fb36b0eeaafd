import type { Cancel, Clock, Monotonic } from '../../clock.ts';

/** Changes of one contact that are told one by one within a window; more of them are counted and told together. */
const most = { changes: 20, window: 60_000 };

export interface Edge {
  /** Null where it does not stand still. */
  readonly closed: boolean | null;
  /** When the level began to stand. */
  readonly at: Monotonic;
  /** How many changes this stands for: more than one where the contact chattered. */
  readonly changes: number;
  /** True for the first state that is known since the board was opened. */
  readonly first: boolean;
}

/** Keeps a chattering contact from filling the record: what it says is counted, and its last state is always told. */
export class Edges {
  readonly #clock: Clock;
  readonly #tell: (edge: Edge) => void;
  #told = 0;
  #since = Number.NEGATIVE_INFINITY;
  #held: Edge | undefined;
  #isFirst = true;
  #cancel: Cancel = () => undefined;

  constructor(clock: Clock, tell: (edge: Edge) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  changed(closed: boolean | null, at: Monotonic): void {
    const now = this.#clock.monotonic();
    if (now - this.#since >= most.window) {
      this.#since = now;
      this.#told = 0;
    }
    const edge = { closed, at, changes: (this.#held?.changes ?? 0) + 1, first: this.#isFirst };
    this.#isFirst = false;
    if (this.#told < most.changes) {
      this.#told += 1;
      this.#tell(edge);
      return;
    }
    if (this.#held === undefined) {
      this.#cancel = this.#clock.after(this.#since + most.window - now, () => this.#release());
    }
    this.#held = edge;
  }

  /** The board is gone: what was held is told. */
  stop(): void {
    this.#cancel();
    this.#release();
  }

  #release(): void {
    const held = this.#held;
    this.#held = undefined;
    if (held !== undefined) this.#tell(held);
  }
}
