import { randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type MishapKind, mishapKinds } from './mishaps.ts';
import { type SoakResult, soak } from './soak.ts';

const usage = `npm run soak -- [--seed S] [--hours H] [--seeds N] [--apart M] [--only KIND,KIND] [--json]

Lets a whole site live through mishaps at random, on simulated time: two sensor nodes with their real firmware, a dust
meter, the gateway and its store, broker and platform. Then compares what the platform has with what the sensors gave.

  --seed S      the same mishaps as another time (by chance; it is printed)
  --hours H     simulated hours in which mishaps happen (24)
  --seeds N     so many sites, one after the other, with seeds from S on (1)
  --apart M     minutes from one mishap to the next, on average (30)
  --only …      of ${mishapKinds.join(', ')}
  --json        the last line is one object

Exit code 0 when nothing diverges, else 1.`;

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(randomInt(2 ** 31)) },
    hours: { type: 'string', default: '24' },
    seeds: { type: 'string', default: '1' },
    apart: { type: 'string', default: '30' },
    only: { type: 'string', default: mishapKinds.join(',') },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(usage);
  process.exit(0);
}
const [seed, hours, seeds, apart] = [values.seed, values.hours, values.seeds, values.apart].map(Number) as [
  number,
  number,
  number,
  number,
];
const kinds = values.only.split(',') as MishapKind[];
if (![seed, hours, seeds, apart].every((one) => one > 0) || !kinds.every((kind) => mishapKinds.includes(kind))) {
  console.error(usage);
  process.exit(2);
}
// The store's syncs cost real time and prove nothing here.
if (existsSync('/dev/shm')) process.env.TMPDIR ??= '/dev/shm';

const total = { hours: 0, mishaps: 0, rows: 0, rowsLost: 0, committed: 0, divergences: 0 };

function say(
  one: number,
  begun: number,
  { divergences, mishaps, boots, rows, rowsLost, answers, committed }: SoakResult,
): void {
  const took = ((performance.now() - begun) / 1000).toFixed(0);
  console.log(
    `seed ${one}: ${hours} h, ${mishaps.length} mishaps, ${boots} boots, ${rows} rows of nodes, ${rowsLost} lost with their power, ` +
      `${answers} answers of the meter, ${committed} entries, ${divergences.length} divergences; took ${took} s`,
  );
  for (const line of divergences.slice(0, 20)) console.log(`  ${line}`);
  total.hours += hours;
  total.mishaps += mishaps.length;
  total.rows += rows;
  total.rowsLost += rowsLost;
  total.committed += committed;
  total.divergences += divergences.length;
}

for (let one = seed; one < seed + seeds; one++) {
  const begun = performance.now();
  say(one, begun, await soak({ seed: one, hours, apart: apart * 60_000, kinds }));
}
if (values.json) console.log(JSON.stringify({ seed, seeds, ...total }));
process.exit(total.divergences === 0 && total.rows > 0 ? 0 : 1);
