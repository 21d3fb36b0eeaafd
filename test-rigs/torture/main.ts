import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import type { Life } from './lives.ts';
import { longOutage } from './long-outage.ts';
import type { Tally } from './tally.ts';
import { torture } from './torture.ts';

const usage = `npm run torture -- [--kills N] [--cuts N] [--minutes M] [--seed S] [--json]

Starts the real gateway again and again and ends each of its lives by SIGKILL or by a power cut, while the broker comes
and goes; then compares what it told, what its store holds and what the platform has. Of a life that ends in a power cut,
several moments are cut: one of the states lives on, and the store of the others is opened and compared.

  --kills N     SIGKILLs (200)
  --cuts N      power cuts (200)
  --minutes M   no more of either after so long (15)
  --days N      after that, so many days without a broker on the simulated clock, and the drain (7)
  --seed S      the same choices as another time
  --json        the last line is one object: kills, powerCuts, lost, conflicts, chainBreaks and more

Exit code 0 when nothing is lost, nothing is counted twice and nothing was left out for lack of time; else 1.`;

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    cuts: { type: 'string', default: '200' },
    minutes: { type: 'string', default: '15' },
    days: { type: 'string', default: '7' },
    seed: { type: 'string', default: String(randomInt(2 ** 32)) },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  console.log(usage);
  process.exit(0);
}

const { kills, cuts, minutes, days, seed } = {
  kills: Number(values.kills),
  cuts: Number(values.cuts),
  minutes: Number(values.minutes),
  days: Number(values.days),
  seed: Number(values.seed),
};
if (![kills, cuts, days, seed].every((one) => Number.isInteger(one) && one >= 0) || !(minutes > 0)) {
  console.error(usage);
  process.exit(2);
}

console.log(`seed ${seed}`);
const began = performance.now();

/** Every tenth life, and every one after which something is wrong. */
let lives = 0;
function say({ end, lived, isBrokerThere }: Life, tally: Tally): void {
  lives++;
  if (lives % 10 !== 0 && tally.isSound) return;
  const how = end === 'kill' ? 'kill' : `power cut (${end})`;
  const where = `${how} after ${Math.round(lived)} ms, broker ${isBrokerThere ? 'there' : 'away'}`;
  const so = `${tally.kills} kills, ${tally.powerCuts} cuts`;
  console.log(`${minutesGone()} min  life ${lives}: ${where}; ${so}${tally.isSound ? '' : '; WRONG'}`);
}

const minutesGone = (): string => ((performance.now() - began) / 60_000).toFixed(1);

const tally = await torture({
  seed,
  kills,
  cuts,
  within: minutes * 60_000,
  say,
});
if (days > 0 && tally.isSound) {
  const { held, grown } = await longOutage(days, tally);
  const megabytes = (grown / 1_048_576).toFixed(1);
  console.log(
    `${minutesGone()} min  ${days} days without a broker: ${held} entries held, memory grew by ${megabytes} MB`,
  );
}
const { powerCuts, committed, lost, conflicts, chainBreaks, wrong } = tally;
for (const one of wrong) console.log(`wrong: ${one}`);
console.log(
  `${tally.kills} kills and ${powerCuts} power cuts in ${minutesGone()} min: ${committed} committed, ` +
    `${lost} lost, ${conflicts} conflicts, ${chainBreaks} breaks of the chain`,
);
const isShort = tally.kills < kills || powerCuts < cuts;
if (isShort && tally.isSound) console.log('fewer than asked for: the time was over');
if (values.json) {
  const counts = { seed, committed, wrong: wrong.length, kills: tally.kills, powerCuts, lost, conflicts, chainBreaks };
  console.log(JSON.stringify(counts));
}
process.exit(tally.isSound && committed > 0 && !isShort ? 0 : 1);
