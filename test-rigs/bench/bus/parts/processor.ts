import { median, medianRatio, rounded } from '../../measure/statistics.ts';
import { type Row, table } from '../report.ts';
import type { PartOptions, PartResult } from './part.ts';
import { type WindowFigures, watch } from './scene.ts';
import { baudRate, timeout } from './theory.ts';

/** As many slaves as one RS-485 line takes: enough polls to keep a line busy that answers at once. */
const slaves = 30;
const registers = 20;
const settling = 3000;

interface Contender {
  readonly name: string;
  readonly master: 'fenceline' | 'modbus-serial';
  /** Milliseconds of rest after each transaction. */
  readonly rest?: number;
}

const contenders: readonly Contender[] = [
  { name: 'fenceline, keeping 3.5 characters', master: 'fenceline' },
  { name: 'modbus-serial loop, as fast as it goes', master: 'modbus-serial' },
  // Between two transactions a process goes to sleep and its caches grow cold: what our silence costs, it costs a peer too.
  { name: 'modbus-serial loop, resting 4 ms', master: 'modbus-serial', rest: 4 },
];

async function turn({ master, rest }: Contender, seconds: number): Promise<WindowFigures> {
  const addresses = Array.from({ length: slaves }, (_, index) => index + 1);
  const plan = { baudRate, addresses, registers, maxRegisters: 125, every: 0, timeout };
  const [, window] = await watch({
    master,
    rig: { characterTime: 0, turnAround: 0, alive: addresses, registers, pacing: 'at-once' },
    plan: rest === undefined ? plan : { ...plan, rest },
    windows: [settling, seconds * 1000],
  });
  if (!window) throw new Error(`${master} was not watched`);
  return window;
}

/** Processor time of a transaction on a tty that answers at once. */
export async function measureProcessor({ rounds, quick }: PartOptions): Promise<PartResult> {
  const seconds = quick ? 5 : 10;
  const turns = new Map<Contender, WindowFigures[]>(contenders.map((contender) => [contender, []]));
  for (let round = 1; round <= rounds; round++) {
    for (const [contender, list] of turns) {
      console.error(`cpu: ${contender.name}, round ${round}`);
      list.push(await turn(contender, seconds));
    }
  }
  return { text: textOf(turns, seconds, rounds), figures: figuresOf(turns) };
}

type Turns = ReadonlyMap<Contender, readonly WindowFigures[]>;

const cpuUs = ({ cpuMs, rig }: WindowFigures): number => (cpuMs / rig.transactions) * 1000;

function ratioTo(turns: Turns, peer: Contender): number {
  const [ours = []] = turns.values();
  return rounded(medianRatio(ours.map(cpuUs), (turns.get(peer) ?? []).map(cpuUs)), 3);
}

function textOf(turns: Turns, seconds: number, rounds: number): string {
  const rows = [...turns].map(([contender, list]): Row => {
    const perSecond = median(list.map(({ rig, length }) => (rig.transactions / length) * 1000));
    const failed = list.reduce((sum, one) => sum + one.failed + one.wrong, 0);
    return [
      ...[contender.name, median(list.map(cpuUs)).toFixed(1), perSecond.toFixed(0), String(failed)],
      ratioTo(turns, contender).toFixed(2),
    ];
  });
  return [
    `A tty that answers at once, ${slaves} slaves x ${registers} registers: processor time of the master, all threads, a transaction;`,
    `${rounds} turns of ${seconds} s in turn, medians. The ratio that counts is to the loop as fast as it goes.`,
    '',
    table([['', 'CPU us/tx', 'transactions/s', 'failed', 'ours / this'], ...rows]),
  ].join('\n');
}

function figuresOf(turns: Turns): PartResult['figures'] {
  const [, asFastAsItGoes, resting] = contenders;
  return {
    cpuVsModbusSerial: asFastAsItGoes ? ratioTo(turns, asFastAsItGoes) : null,
    cpuVsRestingModbusSerial: resting ? ratioTo(turns, resting) : null,
    cpuPerTransactionUs: Object.fromEntries(
      [...turns].map(([{ name }, list]) => [name, rounded(median(list.map(cpuUs)), 1)]),
    ),
  };
}
