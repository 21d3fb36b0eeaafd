import { registerValue } from '../rig/slaves.ts';

/** What a master has got so far, and what it took. */
export interface MasterFigures {
  /** Registers read by slave address. */
  readonly points: Readonly<Record<number, number>>;
  /** When the latest of them came, milliseconds on the master's own scale. */
  readonly latest: number;
  /** Reads that brought nothing. */
  readonly failed: number;
  /** Reads whose first value is not what this register of this slave holds; none of their registers counts. */
  readonly wrong: number;
  /** Processor time of all threads since its start, milliseconds. */
  readonly cpuMs: number;
  /** Resident memory, megabytes of 1 048 576 bytes. */
  readonly rssMb: number;
}

/** Counts what a master delivers. */
export class Tally {
  readonly #points: Record<number, number> = {};
  #latest = 0;
  #failed = 0;
  #wrong = 0;

  delivered(address: number, register: number, values: ArrayLike<number | null>): void {
    if (values[0] !== registerValue(address, register)) {
      this.#wrong += 1;
      return;
    }
    this.#points[address] = (this.#points[address] ?? 0) + values.length;
    this.#latest = performance.now();
  }

  failed(): void {
    this.#failed += 1;
  }

  figures(): MasterFigures {
    const { user, system } = process.cpuUsage();
    return {
      points: { ...this.#points },
      latest: this.#latest,
      failed: this.#failed,
      wrong: this.#wrong,
      cpuMs: (user + system) / 1000,
      rssMb: process.memoryUsage.rss() / 1_048_576,
    };
  }
}
