import { createHash } from 'node:crypto';
import type { Catalogue } from '../../device-profiles/catalogue.ts';
import { factors } from '../../device-profiles/factors.ts';
import type { FirmataProfile } from '../../device-profiles/profile.ts';
import type { LocalTime } from '../clock.ts';
import type { Birth } from '../contract/birth.ts';
import type {
  BoardDescription,
  GatewayDescription,
  InstrumentDescription,
  LinkDescription,
  SeriesDescription,
} from '../diagnosis/sources.ts';
import { pointOf } from '../driver/instrument.ts';
import type { ReadingPicture } from '../http/lines/read-picture.ts';
import type { ProfilePicture } from '../http/picture/profile-picture.ts';
import type { SiteFaultPicture } from '../http/picture.ts';
import { addressText } from '../link/settings.ts';
import type { Reading } from '../reading/reading.ts';
import { canonicalJson } from '../record/canonical.ts';
import type { KeyLink } from '../record/key-chain.ts';
import type { Json } from '../record/record.ts';
import { settingsText } from '../site/check/links.ts';
import type { SiteFault } from '../site/check-site.ts';
import { expectedSeries, type LoadedSite, type SiteSeries } from '../site/load-site.ts';
import type { Site, SiteInstrument, SiteLink } from '../site/site-schema.ts';

const told = ({ field, fault, remedy }: SiteFault): SiteFaultPicture => ({ field, fault, remedy });

/** Version of a site document: SHA-256 of its canonical JSON, first 16 hexadecimal digits. */
export function siteVersionOf(document: unknown): string {
  return createHash('sha256')
    .update(canonicalJson(document as Json))
    .digest('hex')
    .slice(0, 16);
}

/** What a link is reached by, and its line settings in short. */
function describeLink(id: string, link: SiteLink): LinkDescription {
  return { id, kind: link.kind, address: addressOf(link), settings: settingsText(link) };
}

function addressOf(link: SiteLink): string {
  switch (link.kind) {
    case 'serial':
    case 'firmata':
      return link.path;
    case 'tcp':
      return addressText(link);
    case 'tcp-server':
      return `${link.host}:${link.port}`;
    case 'nodes':
      return link.listen === undefined ? (link.url ?? '') : addressText(link.listen);
  }
}

function describeInstrument(
  instrument: Partial<SiteInstrument>,
  leftOut: readonly SiteFault[] | undefined,
  series: readonly SiteSeries[],
  site: Site,
  catalogue: Catalogue,
): InstrumentDescription {
  const { id = '?', profile: profileId = '?', link = '?', address, every } = instrument;
  const entry = catalogue.find(profileId);
  const own = entry?.profile.protocol === 'modbus' ? (entry.profile.address.default ?? null) : null;
  return {
    id,
    profile: profileId,
    name: entry?.profile.name ?? { zh: profileId, en: profileId },
    local: entry?.local ?? false,
    unproven: isUnproven(catalogue, profileId),
    simulated: instrument.simulated ?? false,
    link,
    ...(instrument.node === undefined ? {} : { node: instrument.node }),
    address: entry !== undefined && entry.profile.protocol !== 'modbus' ? null : (address ?? own),
    every: every ?? null,
    leftOut: leftOut !== undefined,
    faults: (leftOut ?? []).map(told),
    series: series.filter((one) => one.instrument === id).map((one) => describeSeries(one, site)),
    ...(entry?.profile.protocol === 'firmata' && { board: describeBoard(instrument, entry.profile) }),
  };
}

/** What hangs on a board: the contacts that this site wants, and every relay. */
function describeBoard(settings: Partial<SiteInstrument>, profile: FirmataProfile): BoardDescription {
  return {
    contacts: profile.points.flatMap((one) => {
      const point = pointOf({ settings }, one);
      return one.contact === undefined || point === undefined
        ? []
        : [{ id: one.id, point, name: one.contact.name, says: one.contact.says }];
    }),
    relays: profile.relays.map(({ id, name, use, role, longestSeconds, warning, lockOut = null }) => {
      const allowed = settings.commands?.includes(id) ?? false;
      return { id, name, use, allowed, role, longestSeconds, warningSeconds: warning.seconds, lockOut };
    }),
  };
}

/** True where no frame of a real instrument, recorded or published, proves the profile. */
function isUnproven(catalogue: Catalogue, profile: string): boolean {
  const captures = catalogue.listingOf(profile)?.captures;
  return captures !== undefined && captures.recorded + captures.published === 0;
}

/** What there is to tell of the profiles of a site's instruments, by instrument. */
export function describeProfiles({ site }: LoadedSite, catalogue: Catalogue): Map<string, ProfilePicture> {
  const known = new Map<string, ProfilePicture>();
  for (const { id, profile } of site.instruments) {
    const entry = catalogue.find(profile);
    if (!entry) continue;
    const { confidence, sources, gotchas } = entry.profile;
    known.set(id, { profile, confidence, sources, gotchas, unproven: isUnproven(catalogue, profile) });
  }
  return known;
}

/** A reading with the names of what it is of, for whoever asked for it. */
export function describeReading(reading: Reading, site: Site, localTime: LocalTime): ReadingPicture {
  const { value, at, mark, origin } = reading;
  return { ...describeSeries(reading, site), value, at: localTime.stamp(at), ...mark, origin };
}

function describeSeries({ point, factor }: Pick<SiteSeries, 'point' | 'factor'>, site: Site): SeriesDescription {
  const { zh, en, unit, decimals } = factors[factor];
  const place = site.points.find(({ id }) => id === point)?.place;
  return { point, ...(place === undefined ? {} : { place }), factor, zh, en, unit, decimals };
}

/** An address without what nobody should read over a shoulder. */
function withoutCredentials(url: string): string {
  const parsed = new URL(url);
  parsed.username = '';
  parsed.password = '';
  return parsed.href;
}

/** What diagnosis is told of a site at the start. `version` of the software, `siteVersion` of the document. */
export function describeSite(
  loaded: LoadedSite,
  catalogue: Catalogue,
  version: string,
  siteVersion: string,
): GatewayDescription {
  const { site, leftOut, faults } = loaded;
  const series = expectedSeries(loaded, catalogue);
  return {
    id: site.gateway.id,
    area: site.gateway.area,
    version,
    site: siteVersion,
    siteFaults: faults.map(told),
    instruments: [
      ...site.instruments.map((one) => describeInstrument(one, undefined, series, site, catalogue)),
      ...leftOut.map((one) => describeInstrument(one.fields, one.faults, series, site, catalogue)),
    ],
    links: Object.entries(site.links).map(([id, link]) => describeLink(id, link)),
    uplinks: site.uplinks.map(({ id, url, acknowledge }) => ({ id, url: withoutCredentials(url), acknowledge })),
  };
}

/** What a platform is told of a site: the birth message. `at` is the moment it is said. */
export function describeBirth(
  loaded: LoadedSite,
  catalogue: Catalogue,
  version: string,
  siteVersion: string,
  keys: () => readonly KeyLink[],
): (at: string) => Birth {
  const { site } = loaded;
  const codes = [...new Set(expectedSeries(loaded, catalogue).map(({ factor }) => factor))];
  return (at) => ({
    v: 1,
    area: site.gateway.area,
    gateway: site.gateway.id,
    at,
    software: { name: 'fenceline', version },
    alg: 'Ed25519',
    publicKey: keys().at(-1)?.publicKey ?? '',
    keys: keys().map((link) => ({ ...link })),
    site: siteVersion,
    source: site.source,
    points: site.points,
    instruments: site.instruments.map(({ id, profile, serial, point, channels, commands }) => ({
      id,
      profile,
      serial,
      point,
      channels,
      commands,
    })),
    factors: codes.map((factor) => {
      const { hj212, zh, en, unit, decimals } = factors[factor];
      return { factor, hj212, zh, en, unit, decimals };
    }),
  });
}
