import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { environment } from './measure/environment.ts';
import { Program } from './measure/program.ts';
import { median, medianRatio, rounded } from './measure/statistics.ts';
import { type Appending, measureAppending } from './store/appending.ts';
import type { DayFigures, DayPlan } from './store/programs/day.ts';
import { measureStarting, type Starting } from './store/starting.ts';

const usage = `npm run bench store [-- --seconds N] [--rounds N] [--minutes N] [--gigabytes N] [--json]

Measures what the store makes durable beside bare loops on the same disk, what it writes a day, and how it starts.

  --seconds N     length of each turn, 2 by default
  --rounds N      turns of each, 5 by default; the median counts
  --minutes N     simulated minutes for the bytes a day, 120 by default
  --gigabytes N   size of the store that is started, 5 by default; 0 leaves that part out
  --json          the last line is one JSON object of named numbers`;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '5' },
    minutes: { type: 'string', default: '120' },
    gigabytes: { type: 'string', default: '5' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const batches = [1, 10, 100];
const goals = { appendVsBare: 0.8, bytesPerDay: 300e6, startMs: 3000 };

async function measureDay(minutes: number): Promise<DayFigures> {
  const directory = mkdtempSync(join(tmpdir(), 'fenceline-bench-day-'));
  try {
    const file = fileURLToPath(new URL('./store/programs/day.ts', import.meta.url));
    const plan: DayPlan = { directory, minutes };
    const { program, ready } = await Program.start<DayFigures>(file, plan);
    await program.stop();
    return ready;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

async function run(): Promise<number> {
  const { seconds, rounds, minutes, gigabytes } = values;
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const [length, turns, simulated, size] = [Number(seconds), Number(rounds), Number(minutes), Number(gigabytes)];
  const isSound =
    length > 0 &&
    length <= 60 &&
    turns >= 1 &&
    turns <= 50 &&
    simulated >= 1 &&
    simulated <= 1440 &&
    size >= 0 &&
    size <= 50;
  if (!isSound || !Number.isInteger(turns) || !Number.isInteger(simulated)) {
    console.error(`--seconds takes up to 60, --rounds 1 to 50, --minutes 1 to 1440, --gigabytes 0 to 50\n\n${usage}`);
    return 2;
  }
  const appending: Appending[] = [];
  for (const batch of batches) {
    console.error(`batches of ${batch}`);
    appending.push(await measureAppending(batch, length, turns));
  }
  console.error(`${simulated} simulated minutes`);
  const day = await measureDay(simulated);
  console.error(size > 0 ? `a store of ${size} GB` : 'no large store');
  const starting = size > 0 ? await measureStarting(size) : null;
  const figures = figuresOf(appending, day, simulated, starting);
  print(figures, appending, day, starting);
  if (values.json) console.log(JSON.stringify({ ...figures, ...environment(), rounds: turns, seconds: length }));
  const starts = starting === null || starting.openMs <= goals.startMs;
  return figures.appendVsBare >= goals.appendVsBare && figures.bytesPerDay <= goals.bytesPerDay && starts ? 0 : 1;
}

interface Figures {
  /** The smallest of the three batches. */
  readonly appendVsBare: number;
  readonly bytesPerDay: number;
  readonly startMs: number | null;
}

function figuresOf(
  appending: readonly Appending[],
  day: DayFigures,
  minutes: number,
  starting: Starting | null,
): Figures {
  const ratios = appending.map(({ store, sqlite }) => medianRatio(store, sqlite));
  return {
    appendVsBare: rounded(Math.min(...ratios), 3),
    bytesPerDay: Math.round((day.written / minutes) * 1440),
    startMs: starting === null ? null : rounded(starting.openMs, 0),
  };
}

function print(figures: Figures, appending: readonly Appending[], day: DayFigures, starting: Starting | null): void {
  const { date, cpu, cores, node, system } = environment();
  console.log(`Minute records of 50 points, durable before the next batch begins; medians, ratios turn by turn.
The store hashes every record into its chain, from another thread; the bare loop inserts, the file appends.
${date}, ${cpu}, ${cores} cores, Node ${node}, ${system}

batch   store, records/s   bare node:sqlite   ratio   fdatasync appends   ratio`);
  for (const { batch, store, sqlite, file } of appending) {
    const cells = [
      String(batch).padEnd(8),
      Math.round(median(store)).toString().padEnd(19),
      Math.round(median(sqlite)).toString().padEnd(19),
      medianRatio(store, sqlite).toFixed(2).padEnd(8),
      Math.round(median(file)).toString().padEnd(20),
      medianRatio(store, file).toFixed(2),
    ];
    console.log(cells.join(''));
  }
  const megabytes = (figures.bytesPerDay / 1e6).toFixed(0);
  console.log(`
written a day, 50 points at 1 s, every sample kept, default windows: ${megabytes} MB (goal under ${goals.bytesPerDay / 1e6}); ${day.commits} commits measured, ${day.dropped} readings dropped`);
  if (starting === null) return;
  const { gigabytes, openMs, firstSpanMs, cold } = starting;
  console.log(
    `start with ${gigabytes.toFixed(1)} GB, ${cold ? 'cold caches' : 'caches not emptied (no right to)'}: ${openMs.toFixed(0)} ms (goal under ${goals.startMs}), first span for an uplink ${firstSpanMs.toFixed(0)} ms`,
  );
}

process.exitCode = await run();
