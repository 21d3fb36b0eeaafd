import { registerValue } from '../rig/slaves.ts';
import type { Counted } from './line-plan.ts';

/** What a master has got so far, and what it took. */
export interface MasterFigures {
  /** Registers read by slave address. */
  readonly points: Readonly<Record<number, number>>;
  /** When the latest of them came, milliseconds on the master's own scale. */
  readonly latest: number;
  /** Reads that brought nothing. */
  readonly failed: number;
  /** Reads whose first value is not what its register holds; none of their registers counts. */
  readonly wrong: number;
  /** Processor time of all threads since its start, milliseconds. */
  readonly cpuMs: number;
  /** What the reads that were to be counted took, once they are done, milliseconds. */
  readonly counted: { readonly cpuMs: number; readonly length: number } | null;
  /** Resident memory, megabytes of 1 048 576 bytes. */
  readonly rssMb: number;
}

interface Mark {
  readonly at: number;
  readonly cpuMs: number;
}

function markNow(): Mark {
  const { user, system } = process.cpuUsage();
  return { at: performance.now(), cpuMs: (user + system) / 1000 };
}

/** Counts what a master delivers. */
export class Tally {
  readonly #points: Record<number, number> = {};
  #latest = 0;
  #failed = 0;
  #wrong = 0;
  readonly #counted: Counted | undefined;
  #reads = 0;
  #from: Mark | undefined;
  #to: Mark | undefined;

  constructor(counted?: Counted) {
    this.#counted = counted;
  }

  /** A read from `register` on brought these values; null where there is none. */
  delivered(address: number, register: number, values: readonly (number | null)[]): void {
    const first = values.findIndex((value) => value !== null);
    if (values[first] !== registerValue(address, register + first)) {
      this.#wrong += 1;
      return;
    }
    const count = values.reduce<number>((sum, value) => (value === null ? sum : sum + 1), 0);
    this.#points[address] = (this.#points[address] ?? 0) + count;
    this.#latest = performance.now();
    if (this.#counted) this.#mark(this.#counted);
  }

  #mark({ after, reads }: Counted): void {
    this.#reads += 1;
    if (this.#reads === after) this.#from = markNow();
    else if (this.#reads === after + reads) this.#to = markNow();
  }

  failed(): void {
    this.#failed += 1;
  }

  figures(): MasterFigures {
    const [from, to] = [this.#from, this.#to];
    return {
      points: { ...this.#points },
      latest: this.#latest,
      failed: this.#failed,
      wrong: this.#wrong,
      cpuMs: markNow().cpuMs,
      counted: from && to ? { cpuMs: to.cpuMs - from.cpuMs, length: to.at - from.at } : null,
      rssMb: process.memoryUsage.rss() / 1_048_576,
    };
  }
}
