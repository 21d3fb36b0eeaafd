import { existsSync } from 'node:fs';
import { type Profile, profileSchema } from '../profile.ts';
import { type Replay, replayCaptures } from './captures.ts';
import { type Locate, type ProfileFault, schemaFaults } from './faults.ts';
import {
  type Fields,
  isFields,
  type Layer,
  type MergedProfile,
  mergeLayers,
  newLayer,
  readProfileFile,
} from './profile-file.ts';
import { listsWithIds } from './repeats.ts';
import { unusedAuxiliaries, unusedFrames } from './rules/unused.ts';
import { both, spoken } from './said.ts';
import { soundnessFaults } from './soundness.ts';

/** A profile that was merged and checked: sound, or with the list of what is wrong. */
interface CheckedProfile {
  /** `undefined` if there is any fault. */
  profile: Profile | undefined;
  faults: ProfileFault[];
  /** For further checks only, where there are faults: what is left when the faulty parts are taken out. */
  remainder: Profile | undefined;
  /** Ids of the points that the remainder lacks. */
  leftOut: ReadonlySet<string>;
}

/** Checks what the layers say together: shape, then the rules between fields and points. */
export function checkLayers(layers: Layer[]): CheckedProfile {
  const merged = mergeLayers(layers);
  const parsed = profileSchema.safeParse(merged.fields);
  if (parsed.success) {
    const faults = [...merged.faults, ...soundnessFaults(parsed.data, merged.locate, new Set())];
    const profile = faults.length === 0 ? parsed.data : undefined;
    return { profile, faults, remainder: parsed.data, leftOut: new Set() };
  }
  const { issues } = parsed.error;
  const { remainder, leftOut, locate } = withoutFaultyParts(merged, issues);
  const faults = [...merged.faults, ...schemaFaults(issues, merged.fields, merged.locate)];
  if (remainder) faults.push(...soundnessFaults(remainder, locate, leftOut));
  return { profile: undefined, faults, remainder, leftOut };
}

/** Used in place of faulty fields that must be there; never seen outside the check. */
const standIns: Fields = {
  profile: 'unknown/unknown',
  name: { zh: '-', en: '-' },
  sources: ['-'],
  confidence: 'C',
  serial: { default: '9600-8N1' },
  address: { default: 1 },
};

type Issues = readonly { path: readonly PropertyKey[] }[];

/** Takes the faulty parts out, so that the rest can still be checked and all faults are told at once. */
function withoutFaultyParts(merged: MergedProfile, issues: Issues) {
  const fields: Fields = { ...merged.fields };
  const faulty = new Map<string, Set<PropertyKey>>();
  for (const { path, ...issue } of issues) {
    const [field, index] = path;
    if (isListWithIds(field) && index !== undefined) faulty.set(field, (faulty.get(field) ?? new Set()).add(index));
    else if (typeof field === 'string') fields[field] = standIns[field];
    else for (const key of (issue as { keys?: string[] }).keys ?? []) delete fields[key];
  }
  const kept = new Map<string, number[]>();
  const leftOut = new Set<string>();
  for (const [list, places] of faulty) {
    const parts: unknown[] = Array.isArray(fields[list]) ? fields[list] : [];
    const sound = parts.map((_, index) => index).filter((index) => !places.has(index));
    kept.set(list, sound);
    fields[list] = sound.map((index) => parts[index]);
    for (const index of places) leftOut.add(partId(parts[Number(index)]));
  }
  const locate: Locate = ([top, index, ...rest]) => {
    const place = typeof index === 'number' ? (kept.get(String(top))?.[index] ?? index) : index;
    return merged.locate([top, place, ...rest].filter((step) => step !== undefined));
  };
  const parsed = profileSchema.safeParse(fields);
  return { remainder: parsed.success ? parsed.data : undefined, leftOut, locate };
}

const partId = (part: unknown): string => String(isFields(part) ? part.id : part);

const isListWithIds = (field: PropertyKey | undefined): field is string => listsWithIds.some((list) => list === field);

/** The layers with the named variant on top; `undefined` if the profile has no such variant. */
export function withVariant(layers: Layer[], variant: string): Layer[] | undefined {
  for (const { file, fields, prefix } of layers) {
    const variants: unknown = fields.variants;
    if (!Array.isArray(variants)) continue;
    const index = variants.findIndex((candidate) => isFields(candidate) && candidate.id === variant);
    const found: unknown = variants[index];
    if (!isFields(found)) return undefined;
    const { id: _, name: __, probe: ___, ...own } = found;
    return [newLayer(file, [...prefix, 'variants', index], own), ...layers];
  }
  return undefined;
}

/** What a whole check found: the profile, its variants and its captures. */
interface FullCheck extends CheckedProfile {
  /** `undefined` if there is no captures file. */
  replay: Replay | undefined;
}

/** Checks a profile with all its variants, and replays its captures. */
export function checkWithCaptures(layers: Layer[]): FullCheck {
  const checked = checkLayers(layers);
  const faults = [...checked.faults];
  const variants = new Map<string, Profile | undefined>();
  for (const { id } of checked.remainder?.variants ?? []) {
    const above = withVariant(layers, id);
    const variant = above && checkLayers(above);
    variants.set(id, variant?.remainder);
    faults.push(...(variant?.faults ?? []));
  }
  faults.push(...neverRead(layers, checked, [...variants.values()]));
  const replay = replayBeside(layers, checked, variants);
  if (replay) faults.push(...replay.faults);
  const distinct = [...new Map(faults.map((fault) => [JSON.stringify(fault), fault])).values()];
  return { ...checked, profile: distinct.length === 0 ? checked.profile : undefined, faults: distinct, replay };
}

/** An abstract profile may hold what only its heirs use. */
function neverRead(layers: Layer[], { profile, leftOut }: CheckedProfile, variants: (Profile | undefined)[]) {
  if (!profile || profile.abstract || leftOut.size > 0 || variants.includes(undefined)) return [];
  const profiles = [profile, ...variants.filter((variant) => variant !== undefined)];
  const { locate } = mergeLayers(layers);
  const auxiliaries = unusedAuxiliaries(profiles).map(({ id, index }) => ({
    ...locate(['auxiliaries', index]),
    ...spoken(
      both(`nothing leans on ${id}, so it is never read`, `没有任何项用到 ${id}，因此不会读取`),
      both(
        'name it where it is needed, under identity if it says which unit it is, or remove it',
        '写到需要它的地方；若说明是哪台仪器则写入 identity；否则删去',
      ),
    ),
  }));
  const frames = unusedFrames(profiles).map((name) => ({
    ...locate(['frames', name]),
    ...spoken(
      both(`nothing belongs to the frame ${name}`, `没有任何项属于帧 ${name}`),
      both(`write frame: ${name} at what it holds, or remove it`, `在其内容上写 frame: ${name}，或删去`),
    ),
  }));
  return [...auxiliaries, ...frames];
}

/** The captures file that belongs to a profile file. */
export function capturesFileOf(profileFile: string): string {
  return profileFile.replace(/\.ya?ml$/, '.captures.yaml');
}

function replayBeside(
  layers: Layer[],
  checked: CheckedProfile,
  variants: ReadonlyMap<string, Profile | undefined>,
): Replay | undefined {
  const profileFile = layers[0]?.file.file ?? '';
  const path = capturesFileOf(profileFile);
  if (path === profileFile || !existsSync(path)) return undefined;
  const file = readProfileFile(path);
  if ('faults' in file) return { proven: [], values: 0, faults: file.faults };
  const id = String(layers[0]?.fields.profile);
  const pick = (variant: string | undefined) => (variant === undefined ? checked.remainder : variants.get(variant));
  return replayCaptures(id, pick, file, checked.leftOut);
}
