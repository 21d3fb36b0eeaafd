import { messageOf } from '../framed/messages.ts';
import {
  type Cadence,
  type FramedProfile,
  isComputed,
  type Profile,
  type ProfileEvent,
  type ProfilePoint,
  pointsOf,
} from '../profile.ts';
import { operatorOf } from './operators.ts';

/** The parts of a profile by id, made once for each profile. */
interface Parts {
  readonly points: ReadonlyMap<string, ProfilePoint>;
  readonly auxiliaries: ReadonlyMap<string, Auxiliary>;
}

/** An auxiliary value of whichever protocol. */
type Auxiliary = Extract<Profile, { auxiliaries: unknown }>['auxiliaries'][number];

const partsByProfile = new WeakMap<Profile, Parts>();

export function partsOf(profile: Profile): Parts {
  const before = partsByProfile.get(profile);
  if (before) return before;
  const auxiliaries = 'auxiliaries' in profile ? profile.auxiliaries : [];
  const parts: Parts = {
    points: new Map(pointsOf(profile).map((point) => [point.id, point])),
    auxiliaries: new Map(auxiliaries.map((auxiliary) => [auxiliary.id, auxiliary])),
  };
  partsByProfile.set(profile, parts);
  return parts;
}

/** The statuses of the profile that are about this point, in their order. */
export function statusesOf(profile: Profile, point: ProfilePoint): Profile['status'] {
  return profile.status.filter(({ points }) => points === undefined || points.includes(point.id));
}

/** The event that the point belongs to, if it is one that means something only once for each event. */
export function eventOf(profile: Profile, { id }: ProfilePoint): ProfileEvent | undefined {
  return profile.events.find(({ points }) => points.includes(id));
}

/** True for what means something only now and then, so that no number of samples can be expected. */
export function isSeldom(profile: Profile, point: ProfilePoint): boolean {
  return (isComputed(point) && point.when !== undefined) || eventOf(profile, point) !== undefined;
}

/** Ids of the points and auxiliaries that this point directly leans on. */
function supportsOf(profile: Profile, point: ProfilePoint): string[] {
  const { scaleFrom, unitFrom, times = [] } = point;
  const supports = [...times, ...statusesOf(profile, point).map(({ auxiliary }) => auxiliary)];
  if (scaleFrom) supports.push(scaleFrom.auxiliary);
  if (unitFrom) supports.push(unitFrom.auxiliary);
  if (profile.allZero?.includes(point.id)) supports.push(...profile.allZero);
  const at = eventOf(profile, point)?.at;
  if (at !== undefined) supports.push(at);
  if (isComputed(point)) supports.push(...operatorOf(point).inputs, ...(point.when ?? []).map(({ value }) => value));
  return supports;
}

/** The parameters that these points, and what they lean on, take their scale or their curve from. */
export function parametersUnder(profile: Profile, points: readonly ProfilePoint[]): Set<string> {
  const parts = partsOf(profile);
  const names = [...everythingUnder(profile, points)].flatMap((id) => {
    const point = parts.points.get(id);
    if (!point) return parts.auxiliaries.get(id)?.times ?? [];
    return [...supportsOf(profile, point), ...(point.curve?.to ?? []).map(String)];
  });
  if (profile.protocol === 'firmata') names.push(String(profile.supply));
  if (profile.protocol === 'node') names.push(...points.map((point) => ('shunt' in point ? String(point.shunt) : '')));
  return new Set(names.filter((name) => Object.hasOwn(profile.parameters, name)));
}

/** Everything that these points lean on, themselves included: ids of points and auxiliaries, each once. */
export function everythingUnder(profile: Profile, points: readonly ProfilePoint[]): Set<string> {
  const parts = partsOf(profile);
  const found = new Set<string>();
  const add = (ids: Iterable<string>): void => {
    for (const id of ids) if (parts.points.has(id) || parts.auxiliaries.has(id)) found.add(id);
  };
  add(points.map(({ id }) => id));
  // A set goes on to what is added while one goes through it.
  for (const id of found) {
    const point = parts.points.get(id);
    add(point ? supportsOf(profile, point) : (parts.auxiliaries.get(id)?.times ?? []));
  }
  return found;
}

function cadenceOfFrame(profile: FramedProfile, point: ProfilePoint): Cadence {
  const message = 'message' in point ? point.message : undefined;
  return messageOf(profile, { message })?.cadence ?? 'fast';
}

/**
 * How often a point is worth reading: as its profile says; a computed one as often as what it is made of; `fast` for
 * what an instrument sends unasked.
 */
export function cadenceOf(profile: Profile, point: ProfilePoint): Cadence {
  if ('cadence' in point) return point.cadence;
  if (!isComputed(point)) return profile.protocol === 'framed' ? cadenceOfFrame(profile, point) : 'fast';
  const { points } = partsOf(profile);
  for (const id of operatorOf(point).inputs) {
    const input = points.get(id);
    if (input !== undefined && input !== point) return cadenceOf(profile, input);
  }
  return 'fast';
}
