import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { environment } from './measure/environment.ts';
import { type Drain, drainOnce, drainOutbox } from './uplink/drain.ts';
import { type FilledStore, fillStore } from './uplink/filled-store.ts';
import { type Held, measureHeld } from './uplink/memory.ts';
import { measureMonth } from './uplink/month.ts';
import { figuresOfRun, holds, type Measured, tableOf, type UplinkFigures } from './uplink/report.ts';
import { measureWire } from './uplink/wire/bytes.ts';

const names = ['drain', 'memory', 'wire', 'month'] as const;
type Part = (typeof names)[number];

const usage = `npm run bench uplink [-- --quick] [--only NAME,NAME] [--records N] [--rounds N] [--json]

Measures the way from the store to the platform: a backlog that drains to the reference platform over a local
mosquitto while new minutes are made, beside a bare outbox on the same minutes; memory meanwhile; bytes.

  --quick        50,000 records, one turn: to see that it works, not to quote
  --only NAMES   some of: ${names.join(', ')}
  --records N    the backlog, 1,000,000 by default; 10,000 to 10,000,000
  --rounds N     turns of the drain, 3 by default; the median counts
  --json         the last line is one JSON object of named numbers

The exit code is 0 only if every bar holds that was measured. A full run takes about five minutes.`;

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: names.join(',') },
    records: { type: 'string' },
    rounds: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

interface Workload {
  readonly parts: readonly Part[];
  readonly records: number;
  readonly rounds: number;
  readonly quick: boolean;
}

const recordsPerMinute = 50;
/** Milliseconds between two new minutes while a backlog drains: far more often than in life, so that there are many. */
const newMinuteEvery = 1000;

async function measure(workload: Workload): Promise<Measured> {
  const directory = await mkdtemp(join(tmpdir(), 'fenceline-bench-uplink-'));
  // Filling is not measured: in memory its thousands of commits need not wait for a disk.
  const shelf = await mkdtemp(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'fenceline-bench-filled-'));
  // Warm means: what the first start compiled is there.
  process.env.NODE_COMPILE_CACHE ??= join(directory, 'compile-cache');
  const [parts, minutes] = [new Set(workload.parts), Math.ceil(workload.records / recordsPerMinute)];
  try {
    const isFilled = parts.has('drain') || parts.has('memory');
    if (isFilled) console.error(`filling a store with ${workload.records} records`);
    const filled = isFilled ? await fillStore(join(shelf, 'all'), minutes) : undefined;
    return {
      ...(filled !== undefined && parts.has('drain') ? await drains(filled, directory, workload) : {}),
      ...(filled !== undefined && parts.has('memory') ? { held: await held(filled, directory, shelf) } : {}),
      ...(parts.has('wire') ? { wire: wire() } : {}),
      ...(parts.has('month') ? { month: await month(directory, workload) } : {}),
    };
  } finally {
    await rm(directory, { recursive: true, force: true });
    await rm(shelf, { recursive: true, force: true });
  }
}

async function drains(
  filled: FilledStore,
  directory: string,
  { rounds }: Workload,
): Promise<Pick<Measured, 'drains' | 'outbox'>> {
  const [ours, bare]: [Drain[], number[]] = [[], []];
  for (let turn = 1; turn <= rounds; turn++) {
    console.error(`drain, turn ${turn} of ${rounds}; load of the machine ${loadText()}`);
    const place = await mkdtemp(join(directory, 'turn-'));
    bare.push(await drainOutbox(place, filled.minutes));
    ours.push(await drainOnce(filled, place, newMinuteEvery));
    await rm(place, { recursive: true });
  }
  return { drains: ours, outbox: bare };
}

/** With nothing held, with a tenth, and with all of it: memory is flat if these are alike. */
async function held(filled: FilledStore, directory: string, shelf: string): Promise<Held[]> {
  const all: Held[] = [];
  for (const part of [0, 0.1, 1]) {
    const place = await mkdtemp(join(directory, 'held-'));
    const store = part === 1 ? filled : await fillStore(join(shelf, `part-${part}`), Math.round(part * filled.minutes));
    console.error(`memory with ${store.records} records held`);
    // The first start of all compiles; it is measured again.
    if (part === 0) await measureHeld(store, join(place, 'compiles'));
    all.push(await measureHeld(store, place));
    await rm(place, { recursive: true });
  }
  return all;
}

function wire(): NonNullable<Measured['wire']> {
  console.error('bytes of batches');
  return ([8, 50] as const).flatMap((points) =>
    ([1, 60] as const).map((minutes) => measureWire(points, minutes, minutes === 1 ? 200 : 20)),
  );
}

async function month(directory: string, { quick }: Workload): Promise<Measured['month']> {
  console.error('a month, 25 times as fast as life');
  const minutes = quick ? 3 : 20;
  return {
    minutes: await measureMonth(join(directory, 'month'), minutes, false),
    withSamples: await measureMonth(join(directory, 'month-with-samples'), minutes, true),
  };
}

function loadText(): string {
  return loadavg()
    .map((load) => load.toFixed(1))
    .join(' ');
}

async function run(): Promise<number> {
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const { quick, only, json } = values;
  const records = Number(values.records ?? (quick ? 50_000 : 1_000_000));
  const rounds = Number(values.rounds ?? (quick ? 1 : 3));
  const parts = only.split(',').filter((name): name is Part => (names as readonly string[]).includes(name));
  const isSound = Number.isInteger(records) && records >= 10_000 && records <= 10_000_000;
  if (parts.length !== only.split(',').length || !isSound || !Number.isInteger(rounds) || rounds < 1 || rounds > 20) {
    console.error(`--only, --records or --rounds is not one that this bench has\n\n${usage}`);
    return 2;
  }
  if (process.platform !== 'linux') {
    console.error('this bench reads /proc: run it on Linux');
    return 2;
  }
  const loadBefore = loadText();
  const measured = await measure({ parts, records, rounds, quick });
  const figures = figuresOfRun(measured);
  const surroundings = { ...environment(), records, rounds, loadBefore, loadAfter: loadText() };
  const { date, cpu, cores, node, system, loadAfter } = surroundings;
  console.log(
    `${date}, ${cpu}, ${cores} cores, Node ${node}, ${system}; load before ${loadBefore}, after ${loadAfter}`,
  );
  console.log(`${rounds} turns of ${records} records; medians.\n`);
  console.log(tableOf(figures, measured));
  if (json) console.log(JSON.stringify({ ...figures, ...surroundings }));
  const all = Object.entries(figures) as [keyof UplinkFigures, number | null][];
  return all.every(([name, figure]) => holds(name, figure)) ? 0 : 1;
}

process.exitCode = await run();
