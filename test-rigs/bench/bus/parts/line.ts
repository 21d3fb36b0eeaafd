import { rounded } from '../../measure/statistics.ts';
import { table } from '../report.ts';
import { type LineFigures, lineFigures, lineHead, lineRow, type Workload } from './line-figures.ts';
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
  { name: '100 single registers', slaves: 1, registers: 100, maxRegisters: 1, hasBar: false },
];

const settling = 2000;

type Found = ReadonlyMap<Workload, ReadonlyMap<Master, LineFigures>>;

/** Utilisation, gaps, points and processor time on the paced line, the masters in turn. */
export async function measureLine({ rounds, quick, masters }: PartOptions): Promise<PartResult> {
  const seconds = quick ? 8 : 15;
  const found = new Map<Workload, Map<Master, LineFigures>>();
  for (const workload of workloads) {
    const turns = new Map<Master, WindowFigures[]>(masters.map((master) => [master, []]));
    for (let round = 1; round <= (workload.hasBar ? rounds : 1); round++) {
      for (const [master, list] of turns) {
        console.error(`line: ${workload.name}, ${master}, round ${round}`);
        list.push(await turn(workload, master, seconds));
      }
    }
    found.set(workload, new Map([...turns].map(([master, list]) => [master, lineFigures(workload, list)])));
  }
  return { text: textOf(found, seconds, rounds), figures: figuresOf(found) };
}

async function turn(workload: Workload, master: Master, seconds: number): Promise<WindowFigures> {
  const { slaves, registers, maxRegisters } = workload;
  const addresses = Array.from({ length: slaves }, (_, index) => index + 1);
  const every = master === 'node-red' ? roundWithoutSilence(workload) : 0;
  const [, window] = await watch({
    master,
    rig: { characterTime, turnAround, alive: addresses, registers, pacing: 'exact' },
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
    `as fast as it goes, ${rounds} turns of ${seconds} s in turn (single registers: 1), medians. Utilisation: least time for the points read / time taken.`,
    ...[...masters].map((master) => `${master}: ${masterTexts[master]}`),
  ];
  for (const [{ name, registers, maxRegisters }, figures] of found) {
    const least = transactionTime(Math.min(registers, maxRegisters)).toFixed(2);
    lines.push('', `${name} (a transaction takes at least ${least} ms)`);
    lines.push(table([lineHead, ...[...figures].map(([master, one]) => lineRow(master, one))]));
  }
  return lines.join('\n');
}

function figuresOf(found: Found): PartResult['figures'] {
  const ours = [...found].flatMap(([{ hasBar }, figures]) => {
    const one = figures.get('fenceline');
    return one ? [{ ...one, hasBar }] : [];
  });
  const promised = ours.filter(({ hasBar }) => hasBar).map(({ utilisation }) => utilisation);
  const compared = found.get(fiveSlaves);
  const ratio = (figure: 'pointsPerSecond' | 'cpuUs', peer: Master): number | null => {
    const [us, them] = [compared?.get('fenceline'), compared?.get(peer)];
    return us && them ? rounded(us[figure] / them[figure], 3) : null;
  };
  return {
    utilisation: rounded(Math.min(...promised), 4),
    gapsTooShort: ours.reduce((sum, { gapsTooShort }) => sum + gapsTooShort, 0),
    pointsVsNodeRed: ratio('pointsPerSecond', 'node-red'),
    pointsVsModbusSerial: ratio('pointsPerSecond', 'modbus-serial'),
    cpuPacedVsModbusSerial: ratio('cpuUs', 'modbus-serial'),
    cpuPacedVsNodeRed: ratio('cpuUs', 'node-red'),
    line: Object.fromEntries([...found].map(([{ name }, figures]) => [name, Object.fromEntries(figures)])),
  };
}
