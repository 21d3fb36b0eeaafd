import { type CheckReport, type Examined, type HealthCheck, worst } from './finding.ts';
import { recordsLeaving } from './records-leaving.ts';
import { siteFile } from './site-file.ts';
import { storeRoom } from './store-room.ts';
import { time } from './time.ts';
import { timeHistory } from './time-history.ts';
import { timeZone } from './time-zone.ts';

/** Everything that is looked at, in the order in which it is told. */
const checks: readonly HealthCheck[] = [siteFile, time, timeZone, timeHistory, storeRoom, recordsLeaving];

/** Looks at everything. */
export async function examine(examined: Examined): Promise<CheckReport[]> {
  const reports: CheckReport[] = [];
  for (const { name, title, examine } of checks) {
    const findings = await examine(examined);
    reports.push({ name, title, verdict: worst(findings.map(({ verdict }) => verdict)), findings });
  }
  return reports;
}
