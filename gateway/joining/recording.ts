import { Averaging, graceOfNodes, usualGrace } from '../averaging/averaging.ts';
import type { SiteClock } from '../clock/site-clock.ts';
import type { LocalTime } from '../clock.ts';
import type { Diagnosis } from '../diagnosis/diagnosis.ts';
import type { GatewayOptions } from '../gateway.ts';
import { Holding } from '../holding/holding.ts';
import { expectedSeries } from '../site/load-site.ts';
import { hasNodes } from '../site/site-schema.ts';
import type { StoreRefusal } from '../store/port.ts';
import { openStore, type SqliteStore } from '../store/sqlite-store.ts';
import type { SiteSupervision } from './commands/site-changing.ts';
import { hasMinutes } from './own-records.ts';

interface RecordingOptions extends Omit<GatewayOptions, 'clock'> {
  readonly clock: SiteClock;
  readonly localTime: LocalTime;
  readonly siteVersion: string;
}

/** Opens the store as the site wants it. */
export function openSiteStore(options: RecordingOptions): Promise<SqliteStore | StoreRefusal> {
  const { site } = options.loaded;
  const { directory, siteVersion, clock, localTime, observe } = options;
  return openStore({
    ...{ directory, clock, localTime, observe },
    gateway: site.gateway.id,
    site: siteVersion,
    isGuess: !clock.isKnown(),
    // One that is retired has no claim: what it never gets must not be kept before what others still want.
    uplinks: site.uplinks.map(({ id }) => id).filter((id) => !isRetired(id, options.supervision)),
    keepSamples: site.samples.keep,
    windows: { records: site.records.commitEvery, samples: site.samples.commitEvery },
    retention: { ...site.store, limit: site.store.limit ?? null },
    ...(options.ledger === undefined ? {} : { ledger: options.ledger }),
    ...(options.machineId === undefined ? {} : { machine: options.machineId }),
  });
}

/** Begins to make minutes of what is measured, and to hold what waits for the time. `isReading`: whether anything is measured. */
export async function startHolding(
  { loaded, catalogue, clock, localTime, observe }: RecordingOptions,
  store: SqliteStore,
  diagnosis: Diagnosis,
  isReading: boolean,
): Promise<Holding> {
  const { site } = loaded;
  const series = isReading ? expectedSeries(loaded, catalogue).filter(hasMinutes) : [];
  const grace = hasNodes(site) ? graceOfNodes : usualGrace;
  const holding = new Holding({
    ...{ clock, store, localTime, observe },
    averaging: (said, emit) =>
      new Averaging({ series, rule: site.averaging, grace, clock, localTime, said, emit, observe }),
    onRecord(record) {
      if (record.kind === 'minute') diagnosis.minute(record);
    },
  });
  await holding.start();
  return holding;
}

function isRetired(id: string, supervision: SiteSupervision | undefined): boolean {
  return supervision?.retired.some(({ uplink, phase }) => uplink === id && phase === 'retired') ?? false;
}
