import { readFileSync } from 'node:fs';
import { LocalTime } from '../../../../gateway/clock.ts';
import { openStore, type SqliteStore } from '../../../../gateway/store/sqlite-store.ts';
import { SimulatedClock } from '../../../surroundings/simulated-clock.ts';
import { childPlan, serveParent } from '../../measure/child-program.ts';
import { SiteMinutes } from '../../uplink/site-minutes.ts';

export interface DayPlan {
  readonly directory: string;
  readonly minutes: number;
}

/** Bytes that this process had written to the medium (`write_bytes` of proc(5)) and to the database, over the minutes. */
export interface DayFigures {
  readonly written: number;
  readonly commits: number;
  readonly dropped: number;
}

/*
 * A site of 50 points for some minutes: a reading of each every second, all kept, and a record of each every minute,
 * at the store's own windows. The clock is simulated, the commits and their syncs are the real ones.
 */
const { directory, minutes } = childPlan<DayPlan>();
const clock = new SimulatedClock();
let [commits, dropped] = [0, 0];
const opened = await openStore({
  directory,
  gateway: 'bench',
  site: '0123456789abcdef',
  clock,
  localTime: new LocalTime('Asia/Shanghai'),
  uplinks: ['district'],
  keepSamples: true,
  observe: (event) => {
    if (event.kind === 'store-committed') commits += 1;
    if (event.kind === 'store-dropped') dropped += event.entries;
  },
});
if ('refusal' in opened) throw new Error(opened.message);
const store: SqliteStore = opened;
clock.settleWith(() => store.idle());
const site = new SiteMinutes(50, 7, clock.wall());

async function minute(): Promise<void> {
  for (let second = 0; second < 60; second++) {
    for (const readings of site.readings(clock.wall(), clock.monotonic())) void store.sample(readings);
    await clock.advance(1000);
  }
  for (const record of site.minute()) void store.append(record).catch(() => undefined);
}

const written = (): number => Number(/^write_bytes: (\d+)$/m.exec(readFileSync('/proc/self/io', 'utf8'))?.[1]);

// The first minutes fill the log for the first time, which later ones write over.
for (let warm = 0; warm < 10; warm++) await minute();
const [before, commitsBefore] = [written(), commits];
for (let n = 0; n < minutes; n++) await minute();
const figures: DayFigures = { written: written() - before, commits: commits - commitsBefore, dropped };
serveParent({ ready: figures, answers: {}, end: () => store.close() });
