import { LocalTime, systemClock } from '../../../../gateway/clock.ts';
import { openStore } from '../../../../gateway/store/sqlite-store.ts';
import { childPlan, serveParent } from '../../measure/child-program.ts';
import { SiteMinutes } from '../site-minutes.ts';

/** What the store of a gateway is filled with: so many minutes of a site, each minute a commit of its own. */
export interface FillPlan {
  readonly directory: string;
  readonly gateway: string;
  readonly uplink: string;
  readonly points: 8 | 10 | 50;
  readonly minutes: number;
  readonly seed: number;
}

/*
 * Fills a store and ends, so that the gateway that drains it has never held any of it. Commits are dated back, as an
 * outage would have left them: what is sent of it is late.
 */
const { directory, gateway, uplink, points, minutes, seed } = childPlan<FillPlan>();
const long = 7 * 86_400_000;
const clock = { ...systemClock, wall: () => (systemClock.wall() - long) as ReturnType<typeof systemClock.wall> };

const store = await openStore({
  ...{ directory, gateway, site: '5a0d3c1be1f2a790', uplinks: [uplink], keepSamples: true },
  ...{ clock, localTime: new LocalTime('Asia/Shanghai'), observe: () => undefined },
  windows: { records: 3_600_000, samples: 3_600_000 },
});
if ('refusal' in store) throw new Error(store.message);
const site = new SiteMinutes(points, seed);
for (let minute = 0; minute < minutes; minute++) {
  for (const record of site.minute()) void store.append(record);
  await store.flush();
}
const records = (await store.backlog(uplink)).records;
await store.close();
serveParent({ ready: { records }, answers: {} });
