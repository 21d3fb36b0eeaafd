import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { minutesBetween, minutesOf } from '../stories/received.ts';
import { SimulatedSite } from '../stories/simulated-site.ts';
import { dustMeter } from '../stories/wiring.ts';
import type { Tally } from './tally.ts';

const minute = 60_000;
const day = 24 * 60 * minute;
const begin = '2026-11-24T00:00:00.000+08:00';
/** Wall time at a site east of UTC by 8 hours. */
const stampAt = (time: number): string => new Date(time + 8 * 60 * minute).toISOString().replace('Z', '+08:00');

/** Bytes that a week may take in memory beyond the first hour of it: caches fill, nothing grows with the backlog. */
const mostGrowth = 32 * 1_048_576;

/** Bytes in use once the collector has been round. */
function bytesInUse(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return process.memoryUsage().heapUsed;
}

interface LongOutage {
  /** Entries held when the broker came back. */
  readonly held: number;
  /** Bytes by which memory grew from the first hour of the outage to its end. */
  readonly grown: number;
}

/**
 * So many days without a broker on the simulated clock, while the whole gateway measures, averages and stores; then the
 * drain. Everything must be there once, every minute of it, and memory must not have grown with the backlog.
 */
export async function longOutage(days: number, tally: Tally): Promise<LongOutage> {
  await using site = await SimulatedSite.start({
    from: begin,
    instruments: [dustMeter('dust-1', 1, { every: '60s' })],
    document: (as) => ({ ...as, samples: { keep: true, commitEvery: '60s' } }),
  });
  await site.clock.advance(10 * minute);
  site.broker.cut();
  await site.clock.advance(60 * minute);
  const before = bytesInUse();
  await site.clock.advance(days * day);
  const grown = bytesInUse() - before;
  const held = await site.held();
  site.broker.restore();
  await site.drained();
  await site.clock.advance(2 * minute);
  await site.drained();

  const { committed, missing, conflicts, faults } = site.account();
  tally.committed += committed;
  tally.lost += missing;
  tally.conflicts += conflicts;
  if (faults > 0) tally.wrong.push(`after ${days} days without a broker the platform finds ${faults} faults`);
  if (grown > mostGrowth) tally.wrong.push(`${days} days without a broker took ${grown} bytes of memory`);
  const wanted = minutesBetween(begin, stampAt(Date.parse(begin) + days * day));
  for (const factor of ['pm2.5', 'pm10']) {
    const minutes = minutesOf(site.platform, 'dust-1', factor);
    const wrong = wanted.find((from, index) => minutes[index]?.from !== from);
    if (wrong !== undefined)
      tally.wrong.push(`the minute ${wrong} of ${factor} is not in its place after ${days} days`);
  }
  return { held, grown };
}
