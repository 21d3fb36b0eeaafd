import * as z from 'zod';
import { clockSettings } from '../clock/settings.ts';
import { instrumentSettings } from '../driver/settings.ts';
import { duration } from '../duration.ts';
import { pageSettings } from '../http/settings.ts';
import { linkSettings } from '../link/settings.ts';
import { storeSettings } from '../store/settings.ts';
import { uplinkSettings } from '../uplink/settings.ts';

/**
 * The shape of `site.json`: what is measured where, with what, and who is told. Objects are strict: an unknown field is
 * a fault, since a field that is silently not obeyed costs a day at the site.
 */

/** Names that stand in records, topics and file names: they never change once data exists. */
const identifier = z
  .string()
  .regex(/^[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,38}[A-Za-z0-9])?$/)
  .describe('Letters, digits, dots, underscores and hyphens, at most 40');

const gatewaySchema = z.strictObject({
  id: identifier.describe('Unique in the area; part of every topic and every chain hash'),
  area: z
    .string()
    .regex(/^\d{6}$/)
    .describe('Administrative division code, six digits (GB/T 2260), as in HJ 212'),
  timezone: z
    .string()
    .refine(isTimezone)
    .default('Asia/Shanghai')
    .describe('IANA name; periods are cut on its wall clock'),
});

function isTimezone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
}

const sourceSchema = z.strictObject({
  name: z.string().min(1).describe('The enterprise or site, as the platform knows it'),
  creditCode: z
    .string()
    .regex(/^[0-9A-HJ-NP-RTUW-Y]{18}$/)
    .optional()
    .describe('Unified social credit code, 18 characters (GB 32100-2015)'),
  permit: z.string().min(1).optional().describe('Number of the pollutant discharge permit'),
  kind: z.enum([
    'construction-site',
    'petrol-station',
    'paint-shop',
    'boiler',
    'restaurant',
    'water-outfall',
    'air-station',
    'other',
  ]),
  longitude: z.number().min(-180).max(180).optional().describe('Degrees, east positive'),
  latitude: z.number().min(-90).max(90).optional().describe('Degrees, north positive'),
  datum: z.enum(['CGCS2000', 'WGS84']).default('CGCS2000').describe('What longitude and latitude refer to'),
});

const pointSchema = z.strictObject({
  id: identifier.describe('Stays when the instrument is exchanged: a series is (point, factor)'),
  place: z.string().min(1).optional().describe('Where that is, in words'),
  outlet: z
    .string()
    .regex(/^D[AW]\d{3}$/)
    .optional()
    .describe('Outlet of the discharge permit: DA001 waste gas, DW001 waste water'),
});

/** One instrument as this site has it. */
export const siteInstrumentSchema = instrumentSettings.safeExtend({
  simulated: z.boolean().default(false).describe('Its readings carry the origin `simulated` and count for nothing'),
});

/** Rules that the site must keep to; only their shape's head is known here, and nothing watches them yet. */
const dutySchema = z.looseObject({ kind: z.string().min(1) });

const commitWindow = duration.refine((milliseconds) => milliseconds >= 50 && milliseconds <= 60_000);

const recordsSchema = z.strictObject({
  commitEvery: commitWindow.prefault('1s').describe('Longest time a record waits to become durable and go out'),
});

const samplesSchema = z.strictObject({
  keep: z.boolean().default(true).describe('Whether raw readings are kept and sent at all'),
  commitEvery: commitWindow.prefault('10s').describe('Longest time raw readings wait to become durable and go out'),
});

/**
 * When a minute counts as normal. HJ 212-2017 Annex D asks for at least 12 valid instantaneous values, taken at most 5 s
 * apart. An instrument that cannot be asked so often needs `share` of what it could give instead.
 */
const averagingSchema = z.strictObject({
  minimumValid: z.int().min(1).max(60).default(12).describe('Valid samples that a minute needs'),
  share: z.number().min(0.5).max(1).default(0.75).describe('Share of the possible samples, where those are fewer'),
});

export const siteSchema = z.strictObject({
  gateway: gatewaySchema,
  source: sourceSchema,
  clock: clockSettings.prefault({}),
  links: z.record(identifier, linkSettings),
  points: z.array(pointSchema).max(200),
  instruments: z.array(siteInstrumentSchema).max(200),
  uplinks: z.array(uplinkSettings).max(8).default([]),
  duties: z.array(dutySchema).max(100).default([]),
  page: pageSettings.prefault({}),
  records: recordsSchema.prefault({}),
  samples: samplesSchema.prefault({}),
  store: storeSettings.prefault({}),
  averaging: averagingSchema.prefault({}),
});

/** A site as the gateway uses it: defaults filled in, durations in milliseconds. */
export type Site = z.output<typeof siteSchema>;
/** A site as it is written. */
export type SiteDocument = z.input<typeof siteSchema>;
export type SiteInstrument = z.output<typeof siteInstrumentSchema>;
export type SiteLink = z.output<typeof linkSettings>;
export type SiteUplink = z.output<typeof uplinkSettings>;

/** Whether sensor nodes may be heard at the site. */
export function hasNodes({ links }: Site): boolean {
  return Object.values(links).some(({ kind }) => kind === 'nodes');
}
