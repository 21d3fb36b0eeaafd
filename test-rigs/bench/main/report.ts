import type { Environment } from '../measure/environment.ts';
import { median, percentile, rounded } from '../measure/statistics.ts';
import type { Turn } from './turns.ts';
import { workload } from './workload.ts';

/** The figures of one peer: medians over its turns. */
interface Figures {
  readonly rssMb: number;
  readonly peakMb: number;
  readonly cpuPercent: number;
  readonly latencyP50Ms: number;
  readonly latencyP99Ms: number;
  readonly firstReadingMs: number;
}

/** What issue and README promise of the gateway. */
const goals: Partial<Figures> = { rssMb: 130, cpuPercent: 4, latencyP99Ms: 1500, firstReadingMs: 2000 };

const rows: readonly { readonly figure: keyof Figures; readonly what: string; readonly unit: string }[] = [
  { figure: 'rssMb', what: 'resident memory at the end', unit: 'MB' },
  { figure: 'peakMb', what: 'resident memory, most', unit: 'MB' },
  { figure: 'cpuPercent', what: 'processor, of one core', unit: '%' },
  { figure: 'latencyP50Ms', what: 'register to platform, p50', unit: 'ms' },
  { figure: 'latencyP99Ms', what: 'register to platform, p99', unit: 'ms' },
  { figure: 'firstReadingMs', what: 'start to first reading', unit: 'ms' },
];

export function figuresOfTurns(turns: readonly Turn[]): Figures {
  const middle = (figure: (turn: Turn) => number, digits: number): number => rounded(median(turns.map(figure)), digits);
  return {
    rssMb: middle(({ rssMb }) => rssMb, 1),
    peakMb: middle(({ peakMb }) => peakMb, 1),
    cpuPercent: middle(({ cpuPercent }) => cpuPercent, 2),
    latencyP50Ms: middle(({ latencies }) => percentile(latencies, 0.5), 0),
    latencyP99Ms: middle(({ latencies }) => percentile(latencies, 0.99), 0),
    firstReadingMs: middle(({ firstReadingMs }) => firstReadingMs, 0),
  };
}

/** Gateway over peer, per figure. */
export function ratios(gateway: Figures, peer: Figures): Figures {
  const entries = rows.map(({ figure }) => [figure, rounded(gateway[figure] / peer[figure], 2)]);
  return Object.fromEntries(entries) as unknown as Figures;
}

/** For people: the surroundings, then a row a figure. */
export function table(
  gateway: Figures,
  bare: Figures,
  { date, cpu, cores, node, system, broker, seconds, rounds }: Environment & RunSettings,
): string {
  const ratio = ratios(gateway, bare);
  const line = (cells: readonly (string | number)[]): string =>
    cells.map((cell, index) => (index === 0 ? String(cell).padEnd(32) : String(cell).padStart(13))).join('');
  return [
    workload.text,
    `${date}, ${cpu}, ${cores} cores, Node ${node}, ${system}, broker ${broker}`,
    `${rounds} turns each of ${seconds} s, in turn; medians. The bare script (modbus-serial, mqtt.js) keeps, judges and averages nothing.`,
    '',
    line(['', 'gateway', 'bare script', 'ratio', 'goal']),
    ...rows.map(({ figure, what, unit }) => {
      const goal = goals[figure];
      return line([
        `${what}, ${unit}`,
        gateway[figure],
        bare[figure],
        ratio[figure],
        goal === undefined ? '' : `< ${goal}`,
      ]);
    }),
  ].join('\n');
}

interface RunSettings {
  readonly broker: string;
  readonly seconds: number;
  readonly rounds: number;
}
