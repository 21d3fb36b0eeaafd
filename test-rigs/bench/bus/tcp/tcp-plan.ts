import type { MasterFigures } from '../masters/tally.ts';

/** What every client does over Modbus TCP, as fast as it goes. */
export interface TcpPlan {
  /** On 127.0.0.1. */
  readonly port: number;
  /** Requests that are kept under way. */
  readonly outstanding: number;
}

/** Holding registers of one read, of unit 1. */
export const registersPerRead = 20;
export const unit = 1;
/** Reads begin at registers 0 up to this, one after the other, so that a swapped answer shows. */
const places = 64;

/** What a client has done so far. */
export interface TcpFigures extends Pick<MasterFigures, 'failed' | 'wrong' | 'cpuMs' | 'rssMb'> {
  readonly transactions: number;
}

/** Counts what a client gets. */
export class Transactions {
  #done = 0;
  #failed = 0;
  #wrong = 0;
  #start = 0;

  /** The first register of the next read. */
  next(): number {
    this.#start = (this.#start + 1) % places;
    return this.#start;
  }

  /** A read of registers from `start` on brought this as its first value; undefined: nothing. */
  got(start: number, first: number | undefined): void {
    if (first === undefined) this.#failed += 1;
    else if (first !== start + 1000) this.#wrong += 1;
    else this.#done += 1;
  }

  figures(): TcpFigures {
    const { user, system } = process.cpuUsage();
    return {
      ...{ transactions: this.#done, failed: this.#failed, wrong: this.#wrong, cpuMs: (user + system) / 1000 },
      rssMb: process.memoryUsage.rss() / 1_048_576,
    };
  }
}
