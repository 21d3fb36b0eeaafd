/** What every master does on its line. */
export interface LinePlan {
  /** The tty; several for several lines in one process, all alike. */
  readonly paths: readonly string[];
  readonly baudRate: number;
  /** Addresses of the slaves that are asked, dead ones among them. */
  readonly addresses: readonly number[];
  /** Holding registers that are read of each, from 0 on. */
  readonly registers: number;
  /** Most registers of one request. */
  readonly maxRegisters: number;
  /** Milliseconds from one poll of a slave to the next; 0: as fast as the line goes. */
  readonly every: number;
  /** Milliseconds that an answer may take until it begins. */
  readonly timeout: number;
  /** The reads whose processor time is wanted by itself. */
  readonly counted?: Counted;
  /** Milliseconds that a loop of its own rests after each transaction; only to slow down a peer that keeps no silence. */
  readonly rest?: number;
}

/** So many reads after the first `after`: a program that has done little runs slower than one that has done much. */
export interface Counted {
  readonly after: number;
  readonly reads: number;
}

/** One read request. */
interface Block {
  readonly start: number;
  readonly count: number;
}

/** The fewest requests that read one slave. */
export function blocksOf({ registers, maxRegisters }: Pick<LinePlan, 'registers' | 'maxRegisters'>): Block[] {
  return Array.from({ length: Math.ceil(registers / maxRegisters) }, (_, index) => {
    const start = index * maxRegisters;
    return { start, count: Math.min(maxRegisters, registers - start) };
  });
}
