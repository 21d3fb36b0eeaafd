import { availableParallelism, cpus, release } from 'node:os';

/** What figures mean nothing without. */
export interface Environment {
  readonly date: string;
  readonly cpu: string;
  readonly cores: number;
  readonly node: string;
  readonly system: string;
}

export function environment(): Environment {
  return {
    date: new Date().toISOString().slice(0, 10),
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    node: process.version,
    system: `${process.platform} ${process.arch} ${release()}`,
  };
}
