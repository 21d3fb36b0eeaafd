import { parseArgs } from 'node:util';
import { loadCatalogue } from '../../device-profiles/catalogue.ts';
import { type BlockWork, floats, words } from './decode/block.ts';
import { type Loading, measureLoading } from './decode/loading.ts';
import { packet } from './decode/packet.ts';
import { environment } from './measure/environment.ts';
import { median, medianRatio, rounded } from './measure/statistics.ts';

const usage = `npm run bench decode [-- --seconds N] [--rounds N] [--json]

Measures decoding on one core beside a loop written by hand, in turn, and how long profiles take to load.

  --seconds N   length of each turn, 1 by default
  --rounds N    turns of each, 5 by default; the median counts
  --json        the last line is one JSON object of named numbers`;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '5' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

/** What the issue and the README promise. */
const goals = { siteProfilesMs: 100, catalogueMs: 300 };

/** How often a second the work is done; its result is used, so that nothing is left out as useless. */
function rate(work: () => number, seconds: number): number {
  const began = performance.now();
  const end = began + seconds * 1000;
  let times = 0;
  let sum = 0;
  while (performance.now() < end) {
    for (let run = 0; run < 100; run += 1) sum += work();
    times += 100;
  }
  if (!Number.isFinite(sum) || sum === 0) throw new Error('the work came to nothing');
  return times / ((performance.now() - began) / 1000);
}

interface Rates {
  readonly ours: number[];
  readonly bare: number[];
}

function inTurn({ ours, bare }: Pick<BlockWork, 'ours' | 'bare'>, seconds: number, rounds: number): Rates {
  // The first turn of each only warms up.
  rate(ours, seconds / 2);
  rate(bare, seconds / 2);
  const rates: Rates = { ours: [], bare: [] };
  for (let round = 0; round < rounds; round += 1) {
    rates.ours.push(rate(ours, seconds));
    rates.bare.push(rate(bare, seconds));
  }
  return rates;
}

function loadingOf(rounds: number): Loading {
  const turns = Array.from({ length: rounds }, measureLoading);
  const middle = (of: (turn: Loading) => number): number => rounded(median(turns.map(of)), 1);
  return {
    siteProfilesMs: middle(({ siteProfilesMs }) => siteProfilesMs),
    catalogueMs: middle(({ catalogueMs }) => catalogueMs),
    withoutIndexMs: middle(({ withoutIndexMs }) => withoutIndexMs),
  };
}

function run(): number {
  const [seconds, rounds] = [Number(values.seconds), Number(values.rounds)];
  if (values.help) {
    console.log(usage);
    return 0;
  }
  if (!(seconds > 0 && seconds <= 60) || !Number.isInteger(rounds) || rounds < 1 || rounds > 50) {
    console.error(`--seconds takes up to 60, --rounds 1 to 50\n\n${usage}`);
    return 2;
  }
  const [floatBlock, wordBlock] = [floats(), words()];
  const line = packet();
  const floatRates = inTurn(floatBlock, seconds, rounds);
  const wordRates = inTurn(wordBlock, seconds, rounds);
  const packetRates = inTurn(line, seconds, rounds);
  const loading = loadingOf(rounds);
  const list = loadCatalogue({ directories: [] }).list();
  const captures = list.reduce((sum, { captures: c }) => sum + c.recorded + c.published + c.constructed, 0);
  const figures = {
    profiles: list.length,
    captures,
    pointsPerSecond: Math.round(median(floatRates.ours) * floatBlock.points),
    pointsVsBare: rounded(medianRatio(floatRates.ours, floatRates.bare), 3),
    wordsPerSecond: Math.round(median(wordRates.ours) * wordBlock.points),
    wordsVsBare: rounded(medianRatio(wordRates.ours, wordRates.bare), 3),
    framesPerSecond: Math.round(median(packetRates.ours)),
    framesVsBare: rounded(medianRatio(packetRates.ours, packetRates.bare), 3),
    catalogueLoadMs: loading.catalogueMs,
    siteProfilesLoadMs: loading.siteProfilesMs,
    withoutIndexMs: loading.withoutIndexMs,
  };
  print(figures, seconds, rounds);
  if (values.json) console.log(JSON.stringify({ ...figures, ...environment(), seconds, rounds }));
  return loading.catalogueMs <= goals.catalogueMs && loading.siteProfilesMs <= goals.siteProfilesMs ? 0 : 1;
}

function print(figures: Readonly<Record<string, number>>, seconds: number, rounds: number): void {
  const { date, cpu, cores, node, system } = environment();
  console.log(`Blocks of 120 registers, packets of HJ 212 with nine factors, on one core; ${rounds} turns of ${seconds} s each, medians.
The loop by hand knows the layout, trusts the bytes, and gives floats; ours gives decimals in the unit of the factor, or why there is none.
${date}, ${cpu}, ${cores} cores, Node ${node}, ${system}
`);
  const names: Readonly<Record<string, string>> = {
    profiles: 'profiles in the catalogue',
    captures: 'captures that prove them',
    pointsPerSecond: 'points a second, block of 60 float32',
    pointsVsBare: '  of the loop by hand',
    wordsPerSecond: 'points a second, block of 120 u16 with tenths',
    wordsVsBare: '  of the loop by hand',
    framesPerSecond: 'packets of HJ 212 a second',
    framesVsBare: '  of split and a CRC loop',
    catalogueLoadMs: `list of the catalogue through its index, ms (goal ${goals.catalogueMs})`,
    siteProfilesLoadMs: `five profiles of a site's own, ms (goal ${goals.siteProfilesMs})`,
    withoutIndexMs: 'list of the catalogue without its index, ms',
  };
  for (const [name, value] of Object.entries(figures)) console.log(`${(names[name] ?? name).padEnd(60)}${value}`);
}

process.exitCode = run();
