import { parseArgs } from 'node:util';
import { measureFairness } from './bus/parts/fairness.ts';
import { measureLine } from './bus/parts/line.ts';
import type { PartOptions, PartResult } from './bus/parts/part.ts';
import { measureProcessor } from './bus/parts/processor.ts';
import { masters } from './bus/parts/scene.ts';
import { measureTcp } from './bus/parts/tcp.ts';
import { measureThirtyLines } from './bus/parts/thirty-lines.ts';
import { judge, verdictTable } from './bus/report.ts';
import { environment } from './measure/environment.ts';
import { installPeers, peersText } from './peers/installed-peers.ts';

const parts: Readonly<Record<string, (options: PartOptions) => Promise<PartResult>>> = {
  line: measureLine,
  cpu: measureProcessor,
  tcp: measureTcp,
  lines: measureThirtyLines,
  fairness: measureFairness,
};
const names = Object.keys(parts);

const usage = `npm run bench bus [-- --quick] [--only NAME,NAME] [--rounds N] [--side-by-side N] [--json]

Measures the line's loop against theory and peers: on a paced tty, on one without a speed, and over TCP.

  --quick            short turns, under 5 minutes in all: to see that it works, not to quote
  --only NAMES       some of: ${names.join(', ')}
  --rounds N         turns of each, 3 by default; the median counts
  --side-by-side N   lines that wait side by side in the part fairness, 8 by default
  --json             the last line is one JSON object of named numbers

The exit code is 0 only if every bar holds that was measured.`;

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: names.join(',') },
    rounds: { type: 'string' },
    'side-by-side': { type: 'string', default: '8' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

/** No part may find a gap that is too short. */
function withEveryGap(figures: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const found = ['gapsTooShort', 'fairnessGapsTooShort'].flatMap((name) => {
    const count = figures[name];
    return typeof count === 'number' ? [count] : [];
  });
  return found.length === 0 ? figures : { ...figures, gapsTooShort: found.reduce((sum, count) => sum + count, 0) };
}

async function run(): Promise<number> {
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const wanted = values.only.split(',');
  const rounds = Number(values.rounds ?? (values.quick ? 1 : 3));
  const sideBySide = Number(values['side-by-side']);
  const isCount = (count: number): boolean => Number.isInteger(count) && count >= 1 && count <= 20;
  if (!wanted.every((name) => name in parts) || !isCount(rounds) || !isCount(sideBySide)) {
    console.error(`--only takes names of parts, --rounds and --side-by-side 1 to 20\n\n${usage}`);
    return 2;
  }
  const why = await installPeers();
  if (why !== null) console.error(`Node-RED cannot be installed, its figures are null: ${why}`);
  const options: PartOptions = {
    ...{ quick: values.quick, rounds, sideBySide },
    masters: masters.filter((master) => why === null || master !== 'node-red'),
  };
  const surroundings = environment();
  const { date, cpu, cores, node, system } = surroundings;
  console.log(`${date}, ${cpu}, ${cores} cores, Node ${node}, ${system}; ${peersText}`);
  if (values.quick) console.log('A quick run: its figures show that it works and are not to be quoted.');
  let figures: Record<string, unknown> = {};
  for (const name of names) {
    if (!wanted.includes(name)) continue;
    const result = await parts[name]?.(options);
    figures = { ...figures, ...result?.figures };
    console.log(`\n${result?.text}`);
  }
  figures = withEveryGap(figures);
  const verdicts = judge(figures);
  if (verdicts.length > 0) console.log(`\n${verdictTable(verdicts)}`);
  if (values.json) console.log(JSON.stringify({ ...figures, quick: values.quick, rounds, ...surroundings }));
  return verdicts.every(({ goal, isMet }) => isMet || !goal.isBar) ? 0 : 1;
}

process.exitCode = await run();
