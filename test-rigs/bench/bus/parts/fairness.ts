import { rounded } from '../../measure/statistics.ts';
import { type Row, table } from '../report.ts';
import type { PartOptions, PartResult } from './part.ts';
import { type Master, type WindowFigures, watch } from './scene.ts';
import { baudRate, characterTime, silence, timeout, transactionTime, turnAround } from './theory.ts';

const registers = 20;
/** Milliseconds between two polls of one slave. */
const every = 1000;
/** Bytes of a request to a slave that does not answer. */
const requestBytes = 8;
/**
 * The product's own rule (gateway/driver/line/line-drivers.ts, settings.ts): attempts at silent instruments take a tenth of the line
 * if all are silent, and come at least once a minute; a pause is cut by up to a quarter, so that they come apart.
 */
const [probesShare, longestPause, shortestPauseShare] = [0.1, 60_000, 0.75];

interface Case {
  readonly master: Master;
  readonly slaves: number;
  readonly dead: number;
}

interface CaseFigures extends Case {
  /** Share of the line's time that is asked for. */
  readonly needed: number;
  /** Smallest and mean share of its rate that a healthy slave kept. */
  readonly worst: number;
  readonly mean: number;
  /** Share of their polls that healthy slaves lost while it started, on average. */
  readonly lostAtStart: number;
  readonly attempts: number;
  readonly gapsTooShort: number;
  /** Too short behind an answer that the rig was late with. */
  readonly gapsDoubtful: number;
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

function cases({ quick, masters }: PartOptions): Case[] {
  const some = (master: Master, slaves: number, dead: readonly number[]): Case[] =>
    dead.map((each) => ({ master, slaves, dead: each }));
  return masters.flatMap((master) => {
    if (quick) return [...some(master, 3, [1]), ...some(master, 10, master === 'fenceline' ? [0, 5, 9] : [5])];
    return [...some(master, 3, numbers(3)), ...some(master, 10, master === 'fenceline' ? numbers(10) : [0, 1, 5, 9])];
  });
}

/** The line could carry it: the polls of the healthy slaves, and the attempts at the dead ones at their longest pause. */
function neededOf({ slaves, dead }: Case): number {
  const pause = Math.min(longestPause, (slaves * timeout) / probesShare) * shortestPauseShare;
  const attempt = silence + requestBytes * characterTime + timeout;
  return ((slaves - dead) * transactionTime(registers)) / every + (dead * attempt) / pause;
}

/** The dead ones are spread among the others: slaves 2, 4, 6 … first. */
function aliveOf({ slaves, dead }: Case): number[] {
  const order = [...numbers(slaves).filter((n) => n % 2 === 1), ...numbers(slaves).filter((n) => n % 2 === 0)];
  const gone = new Set(order.slice(0, dead));
  return numbers(slaves).flatMap((n) => (gone.has(n) ? [] : [n + 1]));
}

function sharesOf(alive: readonly number[], { points, length }: WindowFigures): number[] {
  return alive.map((address) => (points[address] ?? 0) / registers / (length / every));
}

async function measure(one: Case, starting: number, window: number): Promise<CaseFigures> {
  console.error(`fairness: ${one.master}, ${one.dead} of ${one.slaves} dead`);
  const alive = aliveOf(one);
  const addresses = numbers(one.slaves).map((n) => n + 1);
  const [start, steady] = await watch({
    master: one.master,
    rig: { characterTime, turnAround, alive, registers, pacing: 'asleep' },
    plan: { baudRate, addresses, registers, maxRegisters: 125, every, timeout },
    windows: [starting, window],
  });
  if (!start || !steady) throw new Error(`${one.master} was not watched`);
  const mean = (shares: readonly number[]): number => shares.reduce((sum, share) => sum + share, 0) / shares.length;
  const shares = sharesOf(alive, steady);
  return {
    ...one,
    needed: neededOf(one),
    worst: Math.min(...shares),
    mean: mean(shares),
    lostAtStart: Math.max(0, 1 - mean(sharesOf(alive, start))),
    attempts: steady.rig.unanswered,
    gapsTooShort: steady.rig.gaps.tooShort + start.rig.gaps.tooShort,
    gapsDoubtful: steady.rig.gaps.doubtful + start.rig.gaps.doubtful,
  };
}

/** What healthy slaves keep of their rate while others are dead; scenes run side by side, each on a line of its own. */
export async function measureFairness(options: PartOptions): Promise<PartResult> {
  const [starting, window] = options.quick ? [12_000, 30_000] : [30_000, 120_000];
  const waiting = cases(options);
  const found: CaseFigures[] = [];
  const worker = async (): Promise<void> => {
    for (let one = waiting.shift(); one; one = waiting.shift()) found.push(await measure(one, starting, window));
  };
  await Promise.all(Array.from({ length: options.sideBySide }, worker));
  const ours = found.filter(({ master }) => master === 'fenceline');
  const carried = ours.filter(({ needed }) => needed <= 1);
  const worst = Math.min(...carried.map((one) => one.worst));
  return {
    text: [
      `Fairness: slaves x ${registers} registers at ${every / 1000} s, timeout ${timeout} ms, ${window / 1000} s after the first ${starting / 1000} s, ${options.sideBySide} lines side by side.`,
      'A line can carry it if the healthy polls, and one attempt at each dead slave in each longest pause of ours, take no more than its time.',
      '',
      table([head, ...found.toSorted(byCase).map(row)]),
    ].join('\n'),
    figures: {
      fairnessWorst: Number.isFinite(worst) ? rounded(worst, 4) : null,
      fairnessGapsTooShort: ours.reduce((sum, { gapsTooShort }) => sum + gapsTooShort, 0),
      fairness: found.toSorted(byCase),
    },
  };
}

function byCase(a: Case, b: Case): number {
  return a.slaves - b.slaves || a.dead - b.dead || a.master.localeCompare(b.master);
}

const head: Row = [
  ...['slaves, dead', 'master', 'line needed', 'worst kept', 'mean kept', 'lost at start', 'attempts at dead'],
  ...['gaps < 3.5 char', 'doubtful'],
];

function row({ slaves, dead, master, needed, worst, mean, lostAtStart, ...counts }: CaseFigures): Row {
  return [
    ...[`${slaves}, ${dead}`, master, needed.toFixed(2), worst.toFixed(3), mean.toFixed(3), lostAtStart.toFixed(3)],
    ...[String(counts.attempts), String(counts.gapsTooShort), String(counts.gapsDoubtful)],
  ];
}
