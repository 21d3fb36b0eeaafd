import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LocalTime, systemClock } from '../../gateway/clock.ts';
import type { ExportChoice } from '../../gateway/contract/export/manifest.ts';
import type { ExportTask } from '../../gateway/export/export-store.ts';
import type { StreamRecord } from '../../gateway/record/record.ts';
import { KeyRing } from '../../gateway/site/key-ring.ts';
import { prepareSiteDirectory, siteDirectory } from '../../gateway/site/site-directory.ts';
import { openStore } from '../../gateway/store/sqlite-store.ts';
import type { StoreOptions } from '../../gateway/store/store-options.ts';
import { gateway, minuteRecord, reading } from './sample-records.ts';

/** A site directory that a gateway has run in and left: its store, its key, its site file. */
export interface ExportedSite {
  readonly root: string;
  readonly directory: string;
  readonly keys: KeyRing;
  /** Where nothing is yet. */
  out(name: string): string;
  /** Opens the store once more, appends, and closes it. */
  append(records: readonly StreamRecord[], readings?: number, more?: Partial<StoreOptions>): Promise<void>;
}

const site = {
  gateway: { id: gateway.gateway, area: gateway.area, timezone: 'Asia/Shanghai' },
  instruments: [{ id: 'dust-1', profile: 'jxct/jxbs-3001-pm', point: 'north-gate' }],
};

export async function exportedSite(): Promise<ExportedSite> {
  const root = mkdtempSync(join(tmpdir(), 'fenceline-export-'));
  const directory = join(root, 'site');
  mkdirSync(directory);
  writeFileSync(join(directory, 'site.json'), JSON.stringify(site));
  await prepareSiteDirectory(siteDirectory(directory));
  const keys = await KeyRing.open(siteDirectory(directory));
  const append: ExportedSite['append'] = async (records, readings = 0, more = {}) => {
    const options = { directory, gateway: gateway.gateway, site: 'site-1', localTime: new LocalTime('Asia/Shanghai') };
    const store = await openStore({
      ...options,
      clock: systemClock,
      observe: () => {},
      uplinks: [],
      keepSamples: true,
      windows: { records: 1, samples: 1 },
      ...more,
    });
    if ('refusal' in store) throw new Error(store.message);
    // A commit each hundred, so that there are several blocks.
    for (let at = 0; at < records.length; at += 100) {
      await Promise.all(records.slice(at, at + 100).map((record) => store.append(record)));
    }
    for (let n = 0; n < readings; n++) void store.sample([reading(n)]);
    await store.close();
  };
  return { root, directory, keys, append, out: (name) => join(root, name) };
}

/** Minutes 1 to n of 2026-11-24, of alternating factors. */
export function minutes(n: number, from = 1): StreamRecord[] {
  return Array.from({ length: n }, (_, i) => {
    const record = minuteRecord(from + i);
    return i % 2 === 0 ? record : { ...record, factor: 'noise' };
  });
}

/** All records of all time. */
export const everything: ExportChoice = {
  from: null,
  to: null,
  kinds: ['minute', 'hour', 'day', 'event', 'gap', 'state', 'site', 'audit', 'key'],
  points: null,
  factors: null,
  instruments: null,
};

/** What exports everything of the site to a directory of that name, but for what is said otherwise. */
export function exportTask(site: ExportedSite, out: string, more: Partial<ExportTask> = {}): ExportTask {
  return {
    site: site.directory,
    out: site.out(out),
    ...gateway,
    timezone: 'Asia/Shanghai',
    version: '0.1.0',
    choice: everything,
    pointsOfInstruments: [],
    content: 'jsonl',
    language: 'en',
    bom: true,
    partBytes: 64_000_000,
    privateKey: site.keys.privateKey,
    keys: site.keys.chain,
    clock: systemClock,
    ...more,
  };
}
