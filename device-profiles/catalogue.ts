import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type CatalogueIndex, isCurrent, readIndex } from './catalogue-index.ts';
import type { Capture } from './check/captures.ts';
import { oneOf, type ProfileFault } from './check/faults.ts';
import { capturesFileOf, checkLayers, checkWithCaptures, withVariant } from './check/profile-check.ts';
import { type Layer, layerOf, readProfileFile } from './check/profile-file.ts';
import { both, spoken } from './check/said.ts';
import { variantChoices } from './check/variant-choices.ts';
import type { VariantChoice } from './modbus/choose-variant.ts';
import { type Profile, profileIdPattern } from './profile.ts';

export { describeFault, type ProfileFault } from './check/faults.ts';
export { capturesFileOf } from './check/profile-check.ts';

/** Where the profiles that come with Fenceline stand. */
export const builtInProfiles = import.meta.dirname;

export interface CatalogueEntry {
  /** As it was asked for: `maker/model` or `maker/model@variant`. */
  id: string;
  /** With `choices`, the first of them: all of them give the same series. */
  profile: Profile;
  /** Where no variant was asked for and each can be told at the instrument: all of them; else none. */
  choices: readonly VariantChoice[];
  /** True if it is the site's own and not the one that came with Fenceline. */
  local: boolean;
  file: string;
  /** SHA-256 in hexadecimal of the file, of the files it extends, and of the variant's name: changes with any of them. */
  hash: string;
}

/** One line of the list of known profiles. */
export interface CatalogueListing {
  id: string;
  local: boolean;
  file: string;
  /** Null if there are faults. */
  name: Profile['name'] | null;
  protocol: string | null;
  /** Captures that prove it, by kind. All zero: unproven. */
  captures: Record<Capture['kind'], number>;
  faults: ProfileFault[];
  /** Every file that this was made from, also captures that are not there. */
  sources: readonly string[];
}

export interface Catalogue {
  /** The profile of that name, read and checked when first asked for; `undefined` if there is none or it is faulty. */
  find(id: string): CatalogueEntry | undefined;
  /** Why `find` gives nothing: what is wrong with the profile, or that there is none and what comes nearest. */
  faults(id: string): ProfileFault[];
  /** One line of that list, by the name without a variant; undefined where there is no such instrument. */
  listingOf(id: string): CatalogueListing | undefined;
  /** Every profile that is not abstract, checked with its captures. Reads all files: for people, not for the start. */
  list(): CatalogueListing[];
}

interface CatalogueOptions {
  readonly directories: readonly string[];
  readonly index?: CatalogueIndex;
}

/**
 * A catalogue over directories of `maker/model.yaml`; an earlier directory wins, and the profiles that come with
 * Fenceline stand at the end whether named or not. Nothing is read before it is asked for. `index`: what is known of the
 * built-in profiles without reading them; without it, what set-up built.
 */
export function loadCatalogue({ directories, index }: CatalogueOptions): Catalogue {
  const places = [...new Set([...directories.map((directory) => resolve(directory)), builtInProfiles])];
  const seen = new Map<string, Found>();
  const look = (id: string): Found => {
    const found = seen.get(id) ?? read(id, places);
    seen.set(id, found);
    return found;
  };
  return {
    find: (id) => look(id).entry,
    faults: (id) => look(id).faults,
    listingOf: (id) => listing(id.split('@')[0] ?? '', places, index ?? readIndex(builtInProfiles))[0],
    list: () => {
      const known = index ?? readIndex(builtInProfiles);
      return profileIds(places).flatMap((id) => listing(id, places, known));
    },
  };
}

/** Asked for in place of a variant: which one it is, is read from the instrument. So it is where each has a probe. */
const auto = 'auto';

interface Found {
  entry: CatalogueEntry | undefined;
  faults: ProfileFault[];
}

function read(asked: string, places: readonly string[]): Found {
  const [id = '', variant] = asked.split('@');
  const place = placeOf(id, places, 0);
  if (!place) return { entry: undefined, faults: [unknownProfile(id, places)] };
  const { layers, faults } = collectLayers(place, places);
  if (faults.length > 0) return { entry: undefined, faults };
  const chosen = variant === undefined || variant === auto ? layers : withVariant(layers, variant);
  if (!chosen) return { entry: undefined, faults: [unknownVariant(asked, place.file, layers)] };
  const local = places[place.index] !== builtInProfiles;
  // A built-in profile's captures are replayed by the tests; a local one has only this moment.
  const checked = local ? checkWithCaptures(layers) : checkLayers(layers);
  const { choices, faults: undecided } = variantChoices(layers, checked.profile, variant);
  const { profile } = variant === undefined || variant === auto ? checked : checkLayers(chosen);
  const found = [...checked.faults, ...misplaced(id, layers), ...undecided];
  if (!profile || found.length > 0) return { entry: undefined, faults: found };
  const entry = { id: asked, profile: choices[0]?.profile ?? profile, choices, local, file: place.file };
  return { entry: { ...entry, hash: hashOf(layers, variant) }, faults: [] };
}

function listing(id: string, places: readonly string[], index: CatalogueIndex): CatalogueListing[] {
  const place = placeOf(id, places, 0);
  if (!place) return [];
  const known = places[place.index] === builtInProfiles ? index[id] : undefined;
  if (known && isCurrent(known, builtInProfiles, places.slice(0, place.index))) {
    const { name, protocol, captures, files } = known;
    const sources = Object.keys(files).map((file) => join(builtInProfiles, file));
    return [{ id, local: false, file: place.file, name, protocol, captures, faults: [], sources }];
  }
  const { layers, faults } = collectLayers(place, places);
  if (layers[0]?.fields.abstract === true) return [];
  const checked = faults.length === 0 ? checkWithCaptures(layers) : undefined;
  const captures: CatalogueListing['captures'] = { recorded: 0, published: 0, constructed: 0 };
  for (const { kind } of checked?.replay?.proven ?? []) captures[kind] += 1;
  const all = [...faults, ...(checked?.faults ?? []), ...misplaced(id, layers)];
  const { name = null, protocol = null } = (all.length === 0 && checked?.profile) || {};
  const local = places[place.index] !== builtInProfiles;
  const sources = [...layers.map(({ file }) => file.file), capturesFileOf(place.file)];
  return [{ id, local, file: place.file, name, protocol, captures, faults: all, sources }];
}

/**
 * Everything that is wrong with a profile file, its variants and the captures beside it. Profiles that it extends are
 * looked for beside it (`../maker/model.yaml`), then in `directories`, then among those that come with Fenceline.
 */
export function checkProfileFile(path: string, directories: readonly string[] = []): ProfileFault[] {
  const file = resolve(path);
  const places = [...new Set([dirname(dirname(file)), ...directories.map((place) => resolve(place)), builtInProfiles])];
  const { layers, faults } = collectLayers({ file, index: 0 }, places);
  return faults.length > 0 ? faults : checkWithCaptures(layers).faults;
}

/** The name that a profile file gives itself, `maker/model`; or why it gives none. */
export function profileNameIn(path: string): { id: string } | { faults: ProfileFault[] } {
  const file = readProfileFile(path);
  const layer = 'faults' in file ? file : layerOf(file);
  if ('faults' in layer) return layer;
  const { profile: id } = layer.fields;
  if (typeof id === 'string' && isProfileId(id)) return { id };
  const fault =
    id === undefined
      ? both('is missing', '缺少此项')
      : both(`${String(id)} is no name of a profile`, `${String(id)} 不是型号名称`);
  const remedy = both('write profile: maker/model in lower case', '写 profile: 厂家/型号，小写');
  const line = layer.file.document.lineOf(['profile']);
  return {
    faults: [{ file: path, line, field: 'profile', ...spoken(fault, remedy) }],
  };
}

interface PlacedFile {
  file: string;
  /** Which of the directories it stands in. */
  index: number;
}

const isProfileId = (id: string) => profileIdPattern.test(id) && !id.endsWith('.captures');

function placeOf(id: string, places: readonly string[], from: number): PlacedFile | undefined {
  if (!isProfileId(id)) return undefined;
  for (let index = from; index < places.length; index += 1) {
    const file = join(places[index] ?? '', `${id}.yaml`);
    if (existsSync(file)) return { file, index };
  }
  return undefined;
}

/** The file and all that it extends, nearest first. A file that extends its own name means the next directory's one. */
function collectLayers(first: PlacedFile, places: readonly string[]): { layers: Layer[]; faults: ProfileFault[] } {
  const layers: Layer[] = [];
  let place: PlacedFile | undefined = first;
  while (place) {
    const file = readProfileFile(place.file);
    if ('faults' in file) return { layers, faults: file.faults };
    const layer = layerOf(file);
    if ('faults' in layer) return { layers, faults: layer.faults };
    layers.push(layer);
    const { extends: parent, profile } = layer.fields;
    if (typeof parent !== 'string') return { layers, faults: [] };
    place = placeOf(parent, places, parent === profile ? place.index + 1 : 0);
    const at = { file: file.file, line: file.document.lineOf(['extends']), field: 'extends' };
    if (!place) {
      return { layers, faults: [{ ...unknownProfile(parent, places), ...at }] };
    }
    if (layers.some((known) => known.file.file === place?.file)) {
      const fault = both(`${parent} extends this profile in turn`, `${parent} 反过来又继承本型号`);
      const remedy = both('let one of the profiles stand on its own', '让其中一个独立');
      return { layers, faults: [{ ...at, ...spoken(fault, remedy) }] };
    }
  }
  return { layers, faults: [] };
}

function unknownProfile(id: string, places: readonly string[]): ProfileFault {
  const words = spoken(both(`there is no profile ${id}`, `没有型号 ${id}`), oneOf(profileIds(places), id));
  return { file: places[0] ?? '', line: 1, field: 'profile', ...words };
}

function unknownVariant(asked: string, file: string, layers: readonly Layer[]): ProfileFault {
  const variants = checkLayers([...layers]).remainder?.variants ?? [];
  const remedy =
    variants.length > 0
      ? oneOf(
          variants.map(({ id }) => id),
          asked,
        )
      : both('leave out the @ and what follows', '去掉 @ 及其后的部分');
  const fault = both(`there is no variant ${asked}`, `没有变体 ${asked}`);
  return { file, line: 1, field: 'variants', ...spoken(fault, remedy) };
}

function misplaced(id: string, layers: readonly Layer[]): ProfileFault[] {
  const own = layers[0];
  if (!own || own.fields.profile === id) return [];
  const { file, document } = own.file;
  const named = String(own.fields.profile);
  const fault = both(`the file stands at ${id} but calls itself ${named}`, `文件位于 ${id}，却自称 ${named}`);
  const remedy = both(`write ${id}, or move the file`, `写 ${id}，或移动文件`);
  return [{ file, line: document.lineOf(['profile']), field: 'profile', ...spoken(fault, remedy) }];
}

function hashOf(layers: readonly Layer[], variant: string | undefined): string {
  const hash = createHash('sha256');
  for (const { file } of layers) hash.update(createHash('sha256').update(file.bytes).digest());
  if (variant !== undefined) hash.update(`@${variant}`);
  return hash.digest('hex');
}

/** Every id that the directories hold, abstract ones too, in order. */
function profileIds(places: readonly string[]): string[] {
  const ids = new Set<string>();
  for (const place of places) {
    for (const maker of entriesOf(place)) {
      if (!maker.isDirectory()) continue;
      for (const { name } of entriesOf(join(place, maker.name))) {
        const id = `${maker.name}/${name.replace(/\.yaml$/, '')}`;
        if (name.endsWith('.yaml') && isProfileId(id)) ids.add(id);
      }
    }
  }
  return [...ids].sort();
}

function entriesOf(directory: string) {
  return existsSync(directory) ? readdirSync(directory, { withFileTypes: true }) : [];
}
