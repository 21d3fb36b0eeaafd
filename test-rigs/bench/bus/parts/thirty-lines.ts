import { join } from 'node:path';
import { pause, systemClock } from '../../../../gateway/clock.ts';
import { Program } from '../../measure/program.ts';
import { rounded } from '../../measure/statistics.ts';
import type { LinePlan } from '../masters/line-plan.ts';
import type { MasterFigures } from '../masters/tally.ts';
import type { CoarsePlan } from '../rig/coarse-rig.ts';
import type { PartOptions, PartResult } from './part.ts';
import { baudRate, characterTime, timeout, turnAround } from './theory.ts';

const [lines, slaves, registers, every] = [30, 10, 20, 1000];
/** Characters that an adapter gathers: 16 ms, the usual latency timer of FTDI chips, are 15 of them. */
const piece = 15;

/** Processor and memory of one process that runs thirty lines of ten slaves each: line loops and links alone. */
export async function measureThirtyLines({ quick }: PartOptions): Promise<PartResult> {
  const [settling, window] = quick ? [8000, 15_000] : [15_000, 60_000];
  console.error(`lines: ${lines} lines x ${slaves} slaves`);
  const addresses = Array.from({ length: slaves }, (_, index) => index + 1);
  const wires = { characterTime, turnAround, alive: addresses, registers };
  const rigPlan: CoarsePlan = { ...wires, lines, piece };
  const bus = join(import.meta.dirname, '..');
  const rig = await Program.start<{ paths: string[] }>(join(bus, 'rig', 'coarse-rig.ts'), rigPlan);
  const plan: LinePlan = {
    ...{ paths: rig.ready.paths, baudRate, addresses, registers, maxRegisters: 125, every, timeout },
  };
  try {
    const { program } = await Program.start(join(bus, 'masters', 'fenceline.ts'), plan);
    try {
      await pause(systemClock, settling);
      const [before, began] = [await program.ask<MasterFigures>('figures'), performance.now()];
      await pause(systemClock, window);
      const after = await program.ask<MasterFigures>('figures');
      return result(before, after, performance.now() - began);
    } finally {
      await program.stop();
    }
  } finally {
    await rig.program.stop();
  }
}

function result(before: MasterFigures, after: MasterFigures, length: number): PartResult {
  const sum = ({ points }: MasterFigures): number => Object.values(points).reduce((all, count) => all + count, 0);
  const polls = (sum(after) - sum(before)) / registers;
  const cpuMs = after.cpuMs - before.cpuMs;
  const kept = polls / ((lines * slaves * length) / every);
  const figures = {
    cpuPercent300: rounded((cpuMs / length) * 100, 1),
    rssMb300: rounded(after.rssMb, 0),
    kept300: rounded(kept, 3),
    cpuPerTransactionUs300: rounded((cpuMs / polls) * 1000, 0),
  };
  const text = [
    `${lines} lines x ${slaves} slaves in one process, each slave ${registers} registers at ${every / 1000} s: ttys paced at ${baudRate} 8N1 to a millisecond or two,`,
    `characters in pieces of ${piece}, as USB adapters hand them over; line loops and links alone, ${(length / 1000).toFixed(0)} s.`,
    '',
    `processor ${figures.cpuPercent300} % of one core (${figures.cpuPerTransactionUs300} us a transaction), memory ${figures.rssMb300} MB, ${(kept * 100).toFixed(1)} % of the polls, ${after.failed - before.failed} failed, ${after.wrong - before.wrong} wrong`,
  ];
  return { text: text.join('\n'), figures };
}
