import { median } from '../../measure/statistics.ts';
import type { Row } from '../report.ts';
import type { WindowFigures } from './scene.ts';
import { leastTime } from './theory.ts';

/** Points that are read as fast as the line goes. */
export interface Workload {
  readonly name: string;
  readonly slaves: number;
  readonly registers: number;
  readonly maxRegisters: number;
  /** Characters that are handed to the master in one piece; 1 without it. */
  readonly piece?: number;
  /** Utilisation is promised for it. */
  readonly hasBar: boolean;
}

/** What one master did with one workload: medians over its turns, but sums of what must not happen. */
export interface LineFigures {
  /** Least time for the points read over the time taken. */
  readonly utilisation: number;
  readonly pointsPerSecond: number;
  /** Share of the time in which a character was on the wire. */
  readonly busy: number;
  readonly gaps: number;
  readonly gapsTooShort: number;
  readonly gapsDoubtful: number;
  /** Milliseconds. */
  readonly gapLeast: number;
  readonly gapP50: number;
  readonly cpuUs: number;
  readonly rssMb: number;
  /** Reads that failed or brought wrong values, requests that collided or were not whole. */
  readonly failed: number;
  /** How late the rig was with a character, milliseconds: what the figures above are good to. */
  readonly lateness: { readonly p50: number; readonly p99: number; readonly max: number };
}

/** Processor time of the master a transaction, microseconds. */
export function cpuUs({ cpuMs, rig }: WindowFigures): number {
  return (cpuMs / rig.transactions) * 1000;
}

export function lineFigures(workload: Workload, turns: readonly WindowFigures[]): LineFigures {
  const middle = (figure: (turn: WindowFigures) => number): number => median(turns.map(figure));
  const sum = (figure: (turn: WindowFigures) => number): number => turns.reduce((all, one) => all + figure(one), 0);
  return {
    utilisation: middle(({ rig }) => leastTime(rig.registers, workload) / rig.span),
    pointsPerSecond: middle((turn) => turn.pointsPerSecond),
    busy: middle(({ rig }) => rig.busy / rig.span),
    gaps: sum(({ rig }) => rig.gaps.count),
    gapsTooShort: sum(({ rig }) => rig.gaps.tooShort),
    gapsDoubtful: sum(({ rig }) => rig.gaps.doubtful),
    gapLeast: Math.min(...turns.map(({ rig }) => rig.gaps.shortest ?? Number.NaN)),
    gapP50: middle(({ rig }) => rig.gaps.p50 ?? Number.NaN),
    cpuUs: middle(cpuUs),
    rssMb: middle(({ rssMb }) => rssMb),
    failed: sum(({ failed, wrong, rig }) => failed + wrong + rig.whileBusy + rig.broken),
    lateness: {
      p50: middle(({ rig }) => rig.lateness?.p50 ?? Number.NaN),
      p99: middle(({ rig }) => rig.lateness?.p99 ?? Number.NaN),
      max: Math.max(...turns.map(({ rig }) => rig.lateness?.max ?? Number.NaN)),
    },
  };
}

export const lineHead: Row = [
  ...['', 'utilisation', 'points/s', 'wire busy', 'gaps < 3.5 char', 'gap least/p50 ms', 'CPU us/tx', 'RSS MB'],
  ...['failed', 'rig late p50/p99/max ms'],
];

export function lineRow(name: string, figures: LineFigures): Row {
  const { utilisation, pointsPerSecond, busy, gapsTooShort, gapsDoubtful, gaps, gapP50, gapLeast } = figures;
  const { cpuUs, rssMb, failed } = figures;
  const { p50, p99, max } = figures.lateness;
  const tooShort = `${gapsTooShort}${gapsDoubtful > 0 ? ` (and ${gapsDoubtful} doubtful)` : ''} of ${gaps}`;
  return [
    ...[name, utilisation.toFixed(3), pointsPerSecond.toFixed(1), busy.toFixed(3), tooShort],
    ...[`${gapLeast.toFixed(2)} / ${gapP50.toFixed(2)}`, cpuUs.toFixed(0), rssMb.toFixed(0), String(failed)],
    `${p50.toFixed(3)} / ${p99.toFixed(3)} / ${max.toFixed(1)}`,
  ];
}
