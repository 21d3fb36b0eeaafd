import { median, medianRatio, percentile, rounded } from '../measure/statistics.ts';
import type { Drain } from './drain.ts';
import type { Held } from './memory.ts';
import type { Month } from './month.ts';
import type { WireFigures } from './wire/bytes.ts';

/** What was measured; a part that was not asked for is missing. */
export interface Measured {
  /** Turn by turn, ours and the bare outbox's records a second. */
  readonly drains?: readonly Drain[];
  readonly outbox?: readonly number[];
  readonly held?: readonly Held[];
  readonly wire?: readonly WireFigures[] | undefined;
  readonly month?: { readonly minutes: Month; readonly withSamples: Month } | undefined;
}

/** The named numbers of `--json`; null for what was not measured. */
export interface UplinkFigures {
  readonly drainPerSecond: number | null;
  readonly drainVsBareOutbox: number | null;
  readonly freshP99Ms: number | null;
  readonly loopP99Ms: number | null;
  readonly bytesPerNumberFresh50: number | null;
  readonly bytesPerNumberBacklog50: number | null;
  readonly megabytesPerMonth: number | null;
  readonly rssMb: number | null;
}

/** What the issue promises: no less than of the first, no more than of the others. */
const goals: { readonly [figure in keyof UplinkFigures]?: number } = {
  drainPerSecond: 50_000,
  freshP99Ms: 3000,
  loopP99Ms: 50,
  bytesPerNumberFresh50: 6,
  bytesPerNumberBacklog50: 3,
  megabytesPerMonth: 30,
  rssMb: 150,
};

const perSecond = ({ figures, seconds }: Drain): number => figures.acknowledged / seconds;

export function figuresOfRun({ drains = [], outbox = [], held = [], wire, month }: Measured): UplinkFigures {
  const some = (value: number, digits: number): number | null => (Number.isNaN(value) ? null : rounded(value, digits));
  const perNumber = (minutes: number): number | null =>
    wire?.find((one) => one.points === 50 && one.minutes === minutes)?.ours ?? null;
  const largest = held.toSorted((a, b) => b.records - a.records)[0];
  return {
    drainPerSecond: some(median(drains.map(perSecond)), 0),
    drainVsBareOutbox: some(medianRatio(drains.map(perSecond), outbox), 2),
    freshP99Ms: some(median(drains.map(({ freshMs }) => percentile(freshMs, 0.99))), 0),
    loopP99Ms: some(median(drains.map(({ figures }) => figures.loopP99Ms)), 1),
    bytesPerNumberFresh50: perNumber(1),
    bytesPerNumberBacklog50: perNumber(60),
    megabytesPerMonth: month?.minutes.megabytes ?? null,
    rssMb: largest === undefined ? null : rounded(largest.draining.peakMb, 0),
  };
}

const whatOf: { readonly [figure in keyof UplinkFigures]: string } = {
  drainPerSecond: 'drain, records a second, ended at the receipt',
  drainVsBareOutbox: 'the same over a bare outbox ended at the PUBACK',
  freshP99Ms: 'new minutes meanwhile, append to platform, p99, ms',
  loopP99Ms: "delay of the gateway's event loop meanwhile, p99, ms",
  bytesPerNumberFresh50: 'bytes a number, 50 points, one minute',
  bytesPerNumberBacklog50: 'bytes a number, 50 points, an hour of backlog',
  megabytesPerMonth: 'megabytes a month, 10 factors, TLS and pings in it',
  rssMb: 'most resident memory of the gateway while it drains, MB',
};

function line(cells: readonly (string | number)[]): string {
  return cells.map((cell, i) => (i === 0 ? String(cell).padEnd(60) : String(cell).padStart(14))).join('');
}

/** Whether a figure keeps what is promised; one that was not measured breaks nothing. */
export function holds(name: keyof UplinkFigures, figure: number | null): boolean {
  const goal = goals[name];
  if (figure === null || goal === undefined) return true;
  return name === 'drainPerSecond' ? figure >= goal : figure <= goal;
}

/** For people: figures with their goals, then what stands behind them. */
export function tableOf(figures: UplinkFigures, measured: Measured): string {
  const lines = [line(['', 'figure', 'goal', ''])];
  for (const name of Object.keys(whatOf) as (keyof UplinkFigures)[]) {
    const [figure, goal] = [figures[name], goals[name]];
    const aim = goal === undefined ? '' : `${name === 'drainPerSecond' ? '>=' : '<='} ${goal}`;
    lines.push(line([whatOf[name], figure ?? 'not measured', aim, holds(name, figure) ? '' : 'MISSED']));
  }
  return [
    ...lines,
    ...drainLines(measured),
    ...heldLines(measured),
    ...wireLines(measured),
    ...monthLines(measured),
  ].join('\n');
}

function drainLines({ drains = [], outbox = [] }: Measured): string[] {
  if (drains.length === 0) return [];
  const rows = drains.map((drain, turn) => {
    const { figures, seconds, processor, records, freshMs } = drain;
    const spent = `${processor.gateway.toFixed(1)} / ${processor.platform.toFixed(1)} / ${processor.broker.toFixed(1)}`;
    const loop = `${figures.loopP99Ms.toFixed(0)} / ${figures.loopLongestMs.toFixed(0)}`;
    return [
      `  turn ${turn + 1}: ${records} records in ${seconds.toFixed(1)} s, ${Math.round(perSecond(drain))} a second; bare outbox ${Math.round(outbox[turn] ?? Number.NaN)}`,
      `    ${figures.batches} batches, ${(figures.bytes / figures.acknowledged).toFixed(1)} bytes a record, ${figures.again} records twice; processor s of gateway / platform / broker ${spent}`,
      `    ${freshMs.length} new records, worst ${Math.max(...freshMs)} ms; event loop p99 / worst ${loop} ms`,
    ].join('\n');
  });
  return [
    '',
    'Drain: chain, signature and compression; the platform proves every batch and keeps every row in SQLite.',
    ...rows,
  ];
}

function heldLines({ held = [] }: Measured): string[] {
  if (held.length === 0) return [];
  const rows = held.map(({ records, waiting, draining }) =>
    line([
      `  ${records} records held, without a platform / while they drain`,
      rounded(waiting.peakMb, 0),
      rounded(draining.peakMb, 0),
    ]),
  );
  return [
    '',
    'Memory: `fenceline run` on 10 instruments of 20 registers at 1 s; most resident MB since its start (VmHWM).',
    ...rows,
  ];
}

function wireLines({ wire = [] }: Measured): string[] {
  if (wire.length === 0) return [];
  const rows = wire.map(({ points, minutes, ours, json, sparkplug, sparkplugCompressed }) =>
    line([`  ${points} points, ${minutes} min`, ours, json, sparkplug, sparkplugCompressed]),
  );
  return [
    '',
    line(['Bytes a number, packet and topic in it', 'Fenceline', 'JSON, a value', 'Sparkplug B', 'compressed']),
    ...rows,
  ];
}

function monthLines({ month }: Measured): string[] {
  if (month === undefined) return [];
  const row = (what: string, { megabytes, megabytesWithHeaders, bytesPerMinute, minutes }: Month): string =>
    `  ${what}: ${megabytes} MB on the socket, ${megabytesWithHeaders} with headers of TCP and IP; ${bytesPerMinute} bytes a minute over ${minutes} minutes`;
  return [
    '',
    'A month of a 10-factor site over TLS 1.3, status and pings in it, a connection a day:',
    row('minutes', month.minutes),
    row('minutes and all samples at 4 s', month.withSamples),
  ];
}
