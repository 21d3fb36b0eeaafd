import type { Catalogue } from '../../device-profiles/catalogue.ts';
import type { FactorCode } from '../../device-profiles/factors.ts';
import { originOf, originOfInstrument } from '../driver/instrument.ts';
import { periodOf } from '../driver/settings.ts';
import { type Series, seriesOf } from './check/series.ts';
import { type CheckOptions, checkSite, type LeftOutInstrument, type SiteCheck, type SiteFault } from './check-site.ts';
import { writeDurably } from './durable-file.ts';
import { readIfThere, type SiteDirectory } from './site-directory.ts';
import type { Site } from './site-schema.ts';

/** A site that can be run, whole or in part. */
export interface LoadedSite {
  readonly kind: 'loaded';
  /** `last-good`: site.json is unusable; this is the last document that was not. */
  readonly source: 'current' | 'last-good';
  /** Only what can be run: instruments and links at fault are not in it. */
  readonly site: Site;
  /** The document as it is written, whole: what its version is the hash of. */
  readonly document: unknown;
  readonly text: string;
  readonly leftOut: readonly LeftOutInstrument[];
  /** Of site.json as it stands; with `last-good` also those of the document in use. */
  readonly faults: readonly SiteFault[];
  readonly warnings: readonly SiteFault[];
}

/** There is nothing to run with: neither site.json nor an earlier one is usable. */
export interface RefusedSite {
  readonly kind: 'refused';
  readonly faults: readonly SiteFault[];
}

type LoadOptions = Pick<CheckOptions, 'catalogue' | 'resolveDevice'>;

/**
 * Reads a site to run it. What cannot be done safely is left out and told; a document that is unusable as a whole gives
 * way to the last good one. Writes nothing: see {@link keepLastGood}.
 */
export async function loadSite(directory: SiteDirectory, options: LoadOptions): Promise<LoadedSite | RefusedSite> {
  const current = await check(directory.document, options);
  const loaded = loadedFrom(current, 'current', []);
  if (loaded !== undefined) return loaded;
  const kept = await check(directory.lastGood, options);
  return loadedFrom(kept, 'last-good', current.faults) ?? { kind: 'refused', faults: current.faults };
}

/** Remembers the document in use as the last good one. To be called once the gateway runs with it. */
export async function keepLastGood(directory: SiteDirectory, { source, text }: LoadedSite): Promise<void> {
  if (source === 'last-good' || (await readIfThere(directory.lastGood)) === text) return;
  await writeDurably(directory.lastGood, text);
}

type Checked = SiteCheck & { readonly text: string };

async function check(file: string, options: LoadOptions): Promise<Checked> {
  const read = await readSiteText(file);
  if (typeof read !== 'string') return { text: '', faults: [read], warnings: [], leftOut: [] };
  return { ...checkSite(read, { ...options, file }), text: read };
}

/** The text of a site file, or why there is none to read. */
export async function readSiteText(file: string): Promise<string | SiteFault> {
  const at = { file, field: '', stops: 'document' } as const;
  try {
    const text = await readIfThere(file);
    if (text !== undefined) return text;
    const remedy = {
      en: 'write one; fenceline init --site DIR begins it',
      zh: '新建该文件；可用 fenceline init --site DIR 生成初稿',
    };
    return { ...at, fault: { en: 'there is no such file', zh: '文件不存在' }, remedy };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const remedy = { en: 'make it a file that this user may read', zh: '确认这是文件，且当前用户可读' };
    return { ...at, fault: { en: `cannot be read: ${why}`, zh: `无法读取：${why}` }, remedy };
  }
}

function loadedFrom(
  { usable, document, text, leftOut, faults, warnings }: Checked,
  source: LoadedSite['source'],
  earlier: readonly SiteFault[],
): LoadedSite | undefined {
  if (usable === undefined) return undefined;
  const all = [...earlier, ...faults];
  return { kind: 'loaded', source, site: usable, document, text, leftOut, faults: all, warnings };
}

/** A series that the site expects, and how often. */
export interface SiteSeries {
  readonly point: string;
  readonly factor: FactorCode;
  readonly instrument: string;
  /** Milliseconds between samples; null for what is read only when the line is opened, or means something only now and then. */
  readonly every: number | null;
  readonly origin: ReturnType<typeof originOfInstrument> | 'computed';
  /** For a counter: the reading at which it begins again, in the factor's unit; null where that is not known. */
  readonly rollover: number | null;
  /** True when its instrument is left out: its periods are empty and say `configuration`. */
  readonly leftOut: boolean;
}

/**
 * Every series that the site expects, also of instruments that are left out, as far as their profile and place are
 * known. Each series is named once: where two instruments claim it, the one that runs has it.
 */
export function expectedSeries({ site, leftOut }: LoadedSite, catalogue: Catalogue): SiteSeries[] {
  const points = new Set(site.points.map(({ id }) => id));
  const series = new Map<string, SiteSeries>();
  const add = (fields: LeftOutInstrument['fields'], isLeftOut: boolean): void => {
    const profile = fields.profile === undefined ? undefined : catalogue.find(fields.profile)?.profile;
    if (profile === undefined) return;
    for (const one of seriesOf(fields, profile)) {
      const { point, factor, rollover = null } = one;
      const key = `${point} ${factor}`;
      if (series.has(key) || !points.has(point)) continue;
      const origin = originOf(originOfInstrument(profile, fields.simulated ?? false), one.of);
      const { id: instrument = '', every = usualCadence } = fields;
      const period = samplePeriod(one, every);
      series.set(key, {
        ...{ point, factor, instrument, origin, rollover, leftOut: isLeftOut },
        every: Number.isFinite(period) ? period : null,
      });
    }
  };
  for (const instrument of site.instruments) add(instrument, false);
  for (const { fields } of leftOut) add(fields, true);
  return [...series.values()];
}

/** Milliseconds between samples that are new: an answer that the instrument only repeats is none. */
function samplePeriod({ cadence, refreshSeconds = 0, seldom }: Series, every: number): number {
  const period = periodOf(cadence, every);
  // Polls come in steps of their own period, so the first one after the refresh is what can be counted on.
  return seldom ? Number.POSITIVE_INFINITY : Math.max(1, Math.ceil((refreshSeconds * 1000) / period)) * period;
}

/** What an instrument is taken to have been meant to give when its own `every` cannot be read: 15 samples a minute. */
const usualCadence = 4000;
