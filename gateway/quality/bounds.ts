import type { FactorCode } from '../../device-profiles/factors.ts';
import { type Profile, type ProfilePoint, pointsOf } from '../../device-profiles/profile.ts';
import { asValue } from '../../device-profiles/value/stated.ts';

/** What the profile says about the values of one series. */
export interface Bounds {
  /** Measuring range in the factor's unit, both ends inside it. */
  readonly range?: readonly [number, number] | undefined;
  /** Seconds after power-on in which the instrument's values do not count yet; 0 when it needs none. */
  readonly warmUp?: number | undefined;
  /** Fastest change that can be real, in the factor's unit per second. */
  readonly fastestChange?: number | undefined;
  /** Seconds after which a value that is exactly the same is one that no longer moves. */
  readonly stuckAfter?: number | undefined;
}

/** An instrument of the site, by its profile. */
interface Profiled {
  readonly id: string;
  readonly profile: string;
  /** Optional points that it has. */
  readonly fitted?: readonly string[] | undefined;
  /** What the site states of it. */
  readonly parameters?: Readonly<Record<string, number>> | undefined;
}

/** The bounds of each series, from the profile of the instrument that serves it. */
export function boundsOf(
  instruments: readonly Profiled[],
  profileOf: (id: string) => Profile | undefined,
): (instrument: string, point: string, factor: FactorCode) => Bounds {
  const bounds = new Map<string, Bounds>();
  for (const { id, profile: name, fitted = [], parameters = {} } of instruments) {
    const profile = profileOf(name);
    if (profile === undefined) continue;
    for (const point of pointsOf(profile)) {
      if (point.optional && !fitted.includes(point.id)) continue;
      const { factor, range, fastestChange, stuckSeconds } = point;
      // Points of one factor on several channels are of one kind.
      bounds.set(`${id} ${factor}`, {
        range: range && rangeOf(profile, point, parameters, range),
        warmUp: profile.warmUpSeconds,
        fastestChange,
        stuckAfter: stuckSeconds,
      });
    }
  }
  return (instrument, _point, factor) => bounds.get(`${instrument} ${factor}`) ?? {};
}

/** The measuring range as it shows in the values; none where that is not known beforehand. */
function rangeOf(
  profile: Profile,
  point: ProfilePoint,
  parameters: Readonly<Record<string, number>>,
  range: readonly [number, number],
): [number, number] | undefined {
  const [lowest, highest] = range.map((end) => asValue(profile, point, parameters, end));
  return lowest === undefined || highest === undefined ? undefined : [lowest, highest];
}
