import { median, medianRatio, rounded } from '../../measure/statistics.ts';
import type { Counted } from '../masters/line-plan.ts';
import { type Row, table } from '../report.ts';
import type { PartOptions, PartResult } from './part.ts';
import { watchCounted } from './scene.ts';
import { baudRate, timeout } from './theory.ts';

/** As many slaves as one RS-485 line takes: enough polls to keep a line busy that answers at once. */
const slaves = 30;
const registers = 20;

interface Contender {
  readonly name: string;
  readonly master: 'fenceline' | 'modbus-serial' | 'bare-tty';
  /** Milliseconds of rest after each transaction. */
  readonly rest?: number;
}

/**
 * Our line keeps its silence here too, so it does some 200 transactions a second where a loop does thousands. Between two
 * of them a process goes to sleep and its caches grow cold: what that costs us it costs a loop that rests as well, and
 * the bare tty shows what Node itself takes, both ways.
 */
const rest = 4;
const asFastAsItGoes: Contender = { name: 'modbus-serial loop, as fast as it goes', master: 'modbus-serial' };
const resting: Contender = { name: `modbus-serial loop, resting ${rest} ms`, master: 'modbus-serial', rest };
const contenders: readonly Contender[] = [
  { name: 'fenceline, keeping 3.5 characters', master: 'fenceline' },
  asFastAsItGoes,
  resting,
  { name: 'bare tty, as fast as it goes', master: 'bare-tty' },
  { name: `bare tty, resting ${rest} ms`, master: 'bare-tty', rest },
];

/** Processor time of one turn's counted reads, microseconds each, and what else is told of them. */
interface Turn {
  readonly cpuUs: number;
  readonly perSecond: number;
  readonly failed: number;
}

async function turn({ master, rest }: Contender, counted: Counted): Promise<Turn> {
  const addresses = Array.from({ length: slaves }, (_, index) => index + 1);
  const plan = { baudRate, addresses, registers, maxRegisters: 125, every: 0, timeout, counted };
  const figures = await watchCounted({
    master,
    rig: { characterTime: 0, turnAround: 0, alive: addresses, registers, pacing: 'at-once' },
    plan: rest === undefined ? plan : { ...plan, rest },
  });
  const { cpuMs, length } = figures.counted ?? { cpuMs: Number.NaN, length: Number.NaN };
  return {
    cpuUs: (cpuMs / counted.reads) * 1000,
    perSecond: (counted.reads / length) * 1000,
    failed: figures.failed + figures.wrong,
  };
}

/** Processor time of a transaction on a tty that answers at once. */
export async function measureProcessor({ rounds, quick }: PartOptions): Promise<PartResult> {
  const counted: Counted = quick ? { after: 500, reads: 1000 } : { after: 1000, reads: 2000 };
  const turns = new Map<Contender, Turn[]>(contenders.map((contender) => [contender, []]));
  for (let round = 1; round <= rounds; round++) {
    for (const [contender, list] of turns) {
      console.error(`cpu: ${contender.name}, round ${round}`);
      list.push(await turn(contender, counted));
    }
  }
  return { text: textOf(turns, counted, rounds), figures: figuresOf(turns) };
}

type Turns = ReadonlyMap<Contender, readonly Turn[]>;

const cpuOf = (turns: readonly Turn[] = []): number[] => turns.map(({ cpuUs }) => cpuUs);

function ratioTo(turns: Turns, peer: Contender): number {
  const [ours = []] = turns.values();
  return rounded(medianRatio(cpuOf(ours), cpuOf(turns.get(peer))), 3);
}

function textOf(turns: Turns, { after, reads }: Counted, rounds: number): string {
  const rows = [...turns].map(([contender, list]): Row => {
    const perSecond = median(list.map((one) => one.perSecond));
    const failed = list.reduce((sum, one) => sum + one.failed, 0);
    return [
      ...[contender.name, median(cpuOf(list)).toFixed(1), perSecond.toFixed(0), String(failed)],
      ratioTo(turns, contender).toFixed(2),
    ];
  });
  return [
    `A tty that answers at once, ${slaves} slaves x ${registers} registers: processor time of the master, all threads, a transaction;`,
    `${reads} of them after the first ${after}, ${rounds} turns in turn, medians.`,
    '',
    table([['', 'CPU us/tx', 'transactions/s', 'failed', 'ours / this'], ...rows]),
  ].join('\n');
}

function figuresOf(turns: Turns): PartResult['figures'] {
  return {
    cpuUnpacedVsModbusSerial: ratioTo(turns, asFastAsItGoes),
    cpuUnpacedVsRestingModbusSerial: ratioTo(turns, resting),
    cpuUnpacedUs: Object.fromEntries([...turns].map(([{ name }, list]) => [name, rounded(median(cpuOf(list)), 1)])),
  };
}
