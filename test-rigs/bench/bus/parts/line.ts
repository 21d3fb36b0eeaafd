import { medianRatio, rounded } from '../../measure/statistics.ts';
import { table } from '../report.ts';
import { cpuUs, type LineFigures, lineFigures, lineHead, lineRow, type Workload } from './line-figures.ts';
import type { PartOptions, PartResult } from './part.ts';
import { type Master, masterTexts, type WindowFigures, watch } from './scene.ts';
import { baudRate, characterTime, leastTime, silence, timeout, transactionTime, turnAround } from './theory.ts';

const fiveSlaves: Workload = {
  name: '5 slaves x 20 registers',
  slaves: 5,
  registers: 20,
  maxRegisters: 125,
  hasBar: true,
};
const workloads: readonly Workload[] = [
  fiveSlaves,
  { name: '1 slave x 100 registers', slaves: 1, registers: 100, maxRegisters: 125, hasBar: true },
  // As adapters on USB hand them over: 16 ms, the usual latency timer of FTDI chips, are 15 characters.
  { ...fiveSlaves, name: '5 slaves x 20 registers, answers in pieces of 15 characters', piece: 15, hasBar: false },
  { name: '100 single registers', slaves: 1, registers: 100, maxRegisters: 1, hasBar: false },
];

/** Milliseconds that are not counted: what has run little is compiled little. */
const settling = 4000;
/** A rig that is later than this with one character in a hundred, milliseconds, says more of the machine than of a master. */
const tolerableLateness = 0.5;
/** How often a turn is measured at most, because the rig was late. */
const mostAttempts = 3;

type Found = ReadonlyMap<Workload, ReadonlyMap<Master, readonly WindowFigures[]>>;

/** Utilisation, gaps, points and processor time on the paced line, the masters in turn. */
export async function measureLine({ rounds, quick, masters }: PartOptions): Promise<PartResult> {
  const seconds = quick ? 6 : 15;
  const attempts = quick ? 1 : mostAttempts;
  const found = new Map<Workload, ReadonlyMap<Master, readonly WindowFigures[]>>();
  for (const workload of workloads) {
    if (quick && workload.piece !== undefined) continue;
    const turns = new Map<Master, WindowFigures[]>(masters.map((master) => [master, []]));
    for (let round = 1; round <= (workload.hasBar ? rounds : 1); round++) {
      for (const [master, list] of turns) {
        console.error(`line: ${workload.name}, ${master}, round ${round}`);
        list.push(await undisturbed(attempts, () => turn(workload, master, seconds)));
      }
    }
    found.set(workload, turns);
  }
  return { text: textOf(found, seconds, rounds), figures: figuresOf(found) };
}

/** A turn on a rig that was in time, or the last attempt at one; the lateness is in the table. */
async function undisturbed(attempts: number, turn: () => Promise<WindowFigures>): Promise<WindowFigures> {
  for (let attempt = 1; ; attempt++) {
    const figures = await turn();
    const late = figures.rig.lateness?.p99 ?? 0;
    if (late <= tolerableLateness || attempt === attempts) return figures;
    console.error(`line: the rig was ${late.toFixed(1)} ms late (p99), the turn is measured again`);
  }
}

async function turn(workload: Workload, master: Master, seconds: number): Promise<WindowFigures> {
  const { slaves, registers, maxRegisters, piece = 1 } = workload;
  const addresses = Array.from({ length: slaves }, (_, index) => index + 1);
  const every = master === 'node-red' ? roundWithoutSilence(workload) : 0;
  const [, window] = await watch({
    master,
    rig: { characterTime, turnAround, alive: addresses, registers, piece, pacing: 'exact' },
    plan: { baudRate, addresses, registers, maxRegisters, every, timeout },
    windows: [settling, seconds * 1000],
  });
  if (!window) throw new Error(`${master} was not watched`);
  return window;
}

/**
 * What the line can give to a master that keeps no silence at all, in whole milliseconds. Node-RED polls by intervals
 * alone, and queues without end what it cannot send.
 */
function roundWithoutSilence(workload: Workload): number {
  const { slaves, registers, maxRegisters } = workload;
  const requests = slaves * Math.ceil(registers / maxRegisters);
  return Math.floor(leastTime(slaves * registers, workload) - requests * silence);
}

function textOf(found: Found, seconds: number, rounds: number): string {
  const masters = new Set([...found.values()].flatMap((figures) => [...figures.keys()]));
  const lines = [
    `Paced line: ${baudRate} 8N1, ${characterTime.toFixed(4)} ms a character of 10 bits, 3.5 characters ${silence.toFixed(3)} ms, slaves answer after ${turnAround} ms, timeout ${timeout} ms;`,
    `as fast as it goes, ${rounds} turns of ${seconds} s in turn (those without a bar: 1), medians. Utilisation: least time for the points read / time taken.`,
    `A turn in which the rig was more than ${tolerableLateness} ms late (p99) was measured again, at most ${mostAttempts - 1} times.`,
    ...[...masters].map((master) => `${master}: ${masterTexts[master]}`),
  ];
  for (const [workload, turns] of found) {
    const least = transactionTime(Math.min(workload.registers, workload.maxRegisters)).toFixed(2);
    const rows = [...turns].map(([master, list]) => lineRow(master, lineFigures(workload, list)));
    lines.push('', `${workload.name} (a transaction takes at least ${least} ms)`, table([lineHead, ...rows]));
  }
  return lines.join('\n');
}

function figuresOf(found: Found): PartResult['figures'] {
  const each = [...found].map(([workload, turns]) => {
    const figures = [...turns].map(([master, list]) => [master, lineFigures(workload, list)] as const);
    return { ...workload, masters: Object.fromEntries(figures) as Partial<Record<Master, LineFigures>> };
  });
  const ours = each.flatMap(({ hasBar, masters: { fenceline } }) => (fenceline ? [{ ...fenceline, hasBar }] : []));
  const promised = ours.filter(({ hasBar }) => hasBar).map(({ utilisation }) => utilisation);
  const ratio = (figure: (turn: WindowFigures) => number, peer: Master): number | null => {
    const compared = found.get(fiveSlaves);
    const [us = [], them] = [compared?.get('fenceline'), compared?.get(peer)];
    return them ? rounded(medianRatio(us.map(figure), them.map(figure)), 3) : null;
  };
  return {
    utilisation: rounded(Math.min(...promised), 4),
    gapsTooShort: ours.reduce((sum, { gapsTooShort }) => sum + gapsTooShort, 0),
    cpuVsModbusSerial: ratio(cpuUs, 'modbus-serial'),
    cpuVsNodeRed: ratio(cpuUs, 'node-red'),
    pointsVsNodeRed: ratio(({ pointsPerSecond }) => pointsPerSecond, 'node-red'),
    pointsVsModbusSerial: ratio(({ pointsPerSecond }) => pointsPerSecond, 'modbus-serial'),
    line: Object.fromEntries(each.map(({ name, masters }) => [name, masters])),
  };
}
