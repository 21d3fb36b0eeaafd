import type { FactorCode } from '../../device-profiles/factors.ts';
import { type Profile, pointsOf } from '../../device-profiles/profile.ts';
import { inFactorUnit } from '../../device-profiles/value/units.ts';

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
}

/** The bounds of each series, from the profile of the instrument that serves it. */
export function boundsOf(
  instruments: readonly Profiled[],
  profileOf: (id: string) => Profile | undefined,
): (instrument: string, point: string, factor: FactorCode) => Bounds {
  const bounds = new Map<string, Bounds>();
  for (const { id, profile: name, fitted = [] } of instruments) {
    const profile = profileOf(name);
    if (profile === undefined) continue;
    for (const point of pointsOf(profile)) {
      if (point.optional && !fitted.includes(point.id)) continue;
      const { factor, range, fastestChange, stuckSeconds } = point;
      // Points of one factor on several channels are of one kind.
      bounds.set(`${id} ${factor}`, {
        range: range && [inFactorUnit(point, range[0]), inFactorUnit(point, range[1])],
        warmUp: profile.warmUpSeconds,
        fastestChange,
        stuckAfter: stuckSeconds,
      });
    }
  }
  return (instrument, _point, factor) => bounds.get(`${instrument} ${factor}`) ?? {};
}
