import { LocalTime, systemClock } from '../../../gateway/clock.ts';
import { openStore, type SqliteStore } from '../../../gateway/store/sqlite-store.ts';

/** No group closes by itself: a bench closes it. */
const never = 3_600_000;

/** A site's store as the gateway opens it, but for the clock's windows. Throws what the store says where it refuses. */
export async function benchStore(directory: string): Promise<SqliteStore> {
  const store = await openStore({
    directory,
    gateway: 'bench',
    site: '0123456789abcdef',
    clock: systemClock,
    localTime: new LocalTime('Asia/Shanghai'),
    uplinks: ['district'],
    keepSamples: true,
    observe: () => undefined,
    windows: { records: never, samples: never },
  });
  if ('refusal' in store) throw new Error(store.message);
  return store;
}
