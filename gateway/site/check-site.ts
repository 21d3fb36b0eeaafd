import { readdirSync, realpathSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import type { Catalogue } from '../../device-profiles/catalogue.ts';
import { checkCapacity } from './check/capacity.ts';
import { type Draft, draftOf } from './check/draft.ts';
import { type Complain, fieldName, type Sentence, type SiteFault, type Stops } from './check/fault.ts';
import { checkInstruments } from './check/instruments.ts';
import { readJson } from './check/json-places.ts';
import { checkCadence, checkTogether } from './check/lines.ts';
import { checkLinkHints } from './check/link-hints.ts';
import { checkLinks, type ResolveDevice } from './check/links.ts';
import { checkAdopted, checkNodes } from './check/nodes.ts';
import { schemaFaults } from './check/schema-faults.ts';
import type { Site, SiteInstrument } from './site-schema.ts';
import { siteSchema } from './site-schema.ts';

export type { Sentence, SiteFault } from './check/fault.ts';

export interface CheckOptions {
  readonly catalogue: Catalogue;
  /** How the file is to be named in faults. */
  readonly file: string;
  /** Which device a path stands for; by default asked of the operating system. */
  readonly resolveDevice?: ResolveDevice;
  /** The lasting names of this machine's serial ports; by default those that its system keeps. */
  readonly lastingNames?: readonly string[];
  /** Network addresses of this machine, without those of loopback; by default those that it has now. */
  readonly addresses?: readonly string[];
  /** Ids of the nodes that have an account; without them that is not looked at. */
  readonly adopted?: readonly string[] | undefined;
}

/** An instrument that cannot be run as the file describes it, as far as it can be understood. */
export interface LeftOutInstrument {
  /** Place in the list of instruments. */
  readonly index: number;
  readonly fields: Partial<SiteInstrument>;
  readonly faults: readonly SiteFault[];
}

export interface SiteCheck {
  /** The site whole; absent as soon as there is one fault. */
  readonly site?: Site;
  /** The site without the instruments and links at fault; absent when the document as a whole is unusable. */
  readonly usable?: Site;
  /** The document as it was written; absent when the text is not JSON. */
  readonly document?: unknown;
  readonly leftOut: readonly LeftOutInstrument[];
  readonly faults: readonly SiteFault[];
  readonly warnings: readonly SiteFault[];
}

/** Checks the text of a site file: every fault and every warning at once, in the order of the file. */
export function checkSite(text: string, options: CheckOptions): SiteCheck {
  const { file } = options;
  const json = readJson(text);
  if ('fault' in json) {
    const { line, column, fault, remedy } = json;
    const one: SiteFault = { file, line, column, field: '', fault, remedy, stops: 'document' };
    return { faults: [one], warnings: [], leftOut: [] };
  }
  const draft = draftOf(json.value);
  const collect = (into: SiteFault[]): Complain => {
    return (path, fault, remedy, stops = whatStops(path, draft)) => {
      into.push({ file, line: json.place(path).line, field: fieldName(path), fault, remedy, stops });
    };
  };
  const faults: SiteFault[] = [];
  const warnings: SiteFault[] = [];
  const complain = collect(faults);
  for (const path of json.repeated) complain(path, ...repeated);
  schemaFaults(json.value, complain);
  // What the schema has found wrong in a field is not said a second time in other words.
  const said = new Set(faults.map(({ field }) => field));
  const complainOnce: Complain = (path, ...rest) => {
    if (!said.has(fieldName(path))) complain(path, ...rest);
  };
  checkDraft(draft, options, complainOnce, collect(warnings));
  leaveOutPoints(draft, faults);
  const inOrder = (a: SiteFault, b: SiteFault): number => (a.line ?? 0) - (b.line ?? 0);
  faults.sort(inOrder);
  warnings.sort(inOrder);
  return { ...conclude(json.value, draft, faults), document: json.value, faults, warnings };
}

/** Whoever is asked which channel serves which point is not asked for a point of the whole instrument as well. */
function leaveOutPoints({ instruments }: Draft, faults: SiteFault[]): void {
  const fields = new Set(faults.map(({ field }) => field));
  for (const { index, fields: said, wrong } of instruments) {
    if (said.point !== undefined || wrong.has('point') || !fields.has(fieldName(['instruments', index, 'channels'])))
      continue;
    const at = faults.findIndex(({ field }) => field === fieldName(['instruments', index, 'point']));
    if (at >= 0) faults.splice(at, 1);
  }
}

const repeated: [Sentence, Sentence] = [
  { en: 'stands twice; only one of them would be used', zh: '重复出现，只有一处会生效' },
  { en: 'delete one, or give it another name', zh: '删去一处，或改名' },
];

/** What a fault at this place keeps from running. */
function whatStops([section, place]: readonly PropertyKey[], draft: Draft): Stops {
  if (section === 'instruments' && typeof place === 'number') return [place];
  if (section === 'links' && place !== undefined) {
    return draft.instruments.filter(({ fields }) => fields.link === place).map(({ index }) => index);
  }
  return 'document';
}

function checkDraft(draft: Draft, options: CheckOptions, complain: Complain, warn: Complain): void {
  const { catalogue, resolveDevice = deviceOf, lastingNames = namesThatLast(), addresses = addressesOf() } = options;
  checkIds('points', draft.points, complain);
  checkIds('uplinks', draft.uplinks, complain);
  checkIds(
    'instruments',
    draft.instruments.map(({ fields }) => fields.id),
    complain,
  );
  checkLinks(draft, resolveDevice, complain);
  checkLinkHints(draft, resolveDevice, lastingNames, addresses, warn);
  const known = checkInstruments(draft, catalogue, complain, warn);
  checkTogether(known, complain);
  checkCadence(known, draft, warn);
  checkCapacity(draft, known, warn);
  checkNodes(known, complain);
  if (options.adopted !== undefined) checkAdopted(known, options.adopted, warn);
  if (draft.duties > 0) {
    warn(
      ['duties'],
      { en: 'are kept in the document but not watched by this version', zh: '会保存，但本版本尚不执行监管规则' },
      { en: 'nothing to do', zh: '无需处理' },
    );
  }
}

function checkIds(section: string, ids: readonly (string | undefined)[], complain: Complain): void {
  ids.forEach((id, index) => {
    const first = ids.indexOf(id);
    if (id === undefined || first === index) return;
    complain(
      [section, index, 'id'],
      { en: `${id} is already the id of ${section}[${first}]`, zh: `${id} 已是 ${section}[${first}] 的 id` },
      { en: 'give it another id', zh: '改用其他 id' },
    );
  });
}

/** By the adapter's own name; or by the socket it is plugged into, where two adapters have the same name. */
const lastingPlaces = ['/dev/serial/by-id', '/dev/serial/by-path'];

function namesThatLast(): string[] {
  return lastingPlaces.flatMap((place) => {
    try {
      return readdirSync(place).map((name) => join(place, name));
    } catch {
      return [];
    }
  });
}

function addressesOf(): string[] {
  return Object.values(networkInterfaces()).flatMap((at = []) =>
    at.flatMap(({ address, internal }) => (internal ? [] : [address])),
  );
}

function deviceOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** What can be run in spite of the faults: everything but the instruments and links they concern. */
function conclude(
  document: unknown,
  draft: Draft,
  faults: readonly SiteFault[],
): Pick<SiteCheck, 'site' | 'usable' | 'leftOut'> {
  if (faults.length === 0) {
    const site = siteSchema.parse(document);
    return { site, usable: site, leftOut: [] };
  }
  if (faults.some(({ stops }) => stops === 'document')) return { leftOut: [] };
  const concerning = (index: number): SiteFault[] =>
    faults.filter(({ stops }) => stops !== 'document' && stops.includes(index));
  const leftOut = draft.instruments.flatMap(({ index, fields }) => {
    const own = concerning(index);
    return own.length === 0 ? [] : [{ index, fields, faults: own }];
  });
  const written = document as { links: Record<string, unknown>; instruments: unknown[] };
  const isAtFault = (name: string): boolean =>
    faults.some(({ field }) => field === `links.${name}` || field.startsWith(`links.${name}.`));
  const usable = siteSchema.safeParse({
    ...written,
    links: Object.fromEntries(Object.entries(written.links).filter(([name]) => !isAtFault(name))),
    instruments: written.instruments.filter((_, index) => concerning(index).length === 0),
  });
  return usable.success ? { usable: usable.data, leftOut } : { leftOut };
}
