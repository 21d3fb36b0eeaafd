import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { isSound, type Round, torture } from './torture.ts';

const usage = `npm run torture -- [--kills N] [--cuts N] [--minutes M] [--seed S] [--json]

Starts the real gateway again and again and ends each of its lives by SIGKILL or by a power cut, while the broker comes
and goes; then compares what it told, what its store holds and what the platform has.

  --kills N     SIGKILLs (200)
  --cuts N      power cuts (200)
  --minutes M   no more of either after so long (20)
  --seed S      the same choices as another time
  --json        the last line is one object: kills, powerCuts, lost, conflicts, chainBreaks and more

Exit code 0 when nothing is lost and nothing is counted twice, else 1.`;

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    cuts: { type: 'string', default: '200' },
    minutes: { type: 'string', default: '20' },
    seed: { type: 'string', default: String(randomInt(2 ** 32)) },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  console.log(usage);
  process.exit(0);
}

const [kills, cuts, minutes, seed] = [values.kills, values.cuts, values.minutes, values.seed].map(Number);
if (![kills, cuts, seed].every((one) => Number.isInteger(one) && Number(one) >= 0) || !(Number(minutes) > 0)) {
  console.error(usage);
  process.exit(2);
}

console.log(`seed ${seed}`);
const began = performance.now();

/** Every tenth round, and every one in which something is wrong. */
function say({ number, end, lived, isBrokerThere, committed, wrong }: Round): void {
  if (number % 10 !== 0 && wrong === null) return;
  const time = `${((performance.now() - began) / 60_000).toFixed(1)} min`;
  const how = end === 'kill' ? 'kill' : `power cut (${end})`;
  const where = `${how} after ${Math.round(lived)} ms, broker ${isBrokerThere ? 'there' : 'away'}`;
  console.log(`${time}  round ${number}: ${where}; ${committed} committed${wrong === null ? '' : `; WRONG: ${wrong}`}`);
}

const outcome = await torture({
  seed: seed ?? 0,
  kills: kills ?? 0,
  cuts: cuts ?? 0,
  within: Number(minutes) * 60_000,
  say,
});
for (const one of outcome.wrong) console.log(`wrong: ${one}`);
console.log(
  `${outcome.kills} kills and ${outcome.powerCuts} power cuts in ${((performance.now() - began) / 60_000).toFixed(1)} min: ` +
    `${outcome.committed} committed in ${outcome.epochs} epoch(s), ${outcome.lost} lost, ${outcome.conflicts} conflicts, ${outcome.chainBreaks} breaks of the chain`,
);
if (values.json) console.log(JSON.stringify(outcome));
process.exit(isSound(outcome) ? 0 : 1);
