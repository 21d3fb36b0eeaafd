import type { FactorCode } from '../../../device-profiles/factors.ts';
import { type Cadence, type Profile, type ProfilePoint, pointsOf } from '../../../device-profiles/profile.ts';
import { cadenceOf, isSeldom } from '../../../device-profiles/value/leaning.ts';
import { asValue } from '../../../device-profiles/value/stated.ts';
import { pointOf, type Wanted } from '../../driver/instrument.ts';

/** Where a value of an instrument belongs. */
export interface Series {
  readonly point: string;
  readonly factor: FactorCode;
  readonly cadence: Cadence;
  /** How often the instrument makes a new value at most, seconds; undefined where each answer is one. */
  readonly refreshSeconds: number | undefined;
  /** For a counter: the reading at which it begins again, in the factor's unit. */
  readonly rollover: number | undefined;
  /** True for what means something only now and then, so that no number of samples can be expected. */
  readonly seldom: boolean;
  /** The point of the profile. */
  readonly of: ProfilePoint;
}

/** The series that an instrument serves at this site: each value that is read, at the point where it belongs. */
export function seriesOf(settings: Wanted['settings'], profile: Profile): Series[] {
  return pointsOf(profile).flatMap((point) => {
    const place = pointOf({ settings }, point);
    if (place === undefined) return [];
    const { factor, refreshSeconds, rollover } = point;
    const seldom = isSeldom(profile, point);
    const cadence = cadenceOf(profile, point);
    return [
      {
        point: place,
        factor,
        cadence,
        refreshSeconds,
        rollover: rollover && asValue(profile, point, settings.parameters ?? {}, rollover),
        seldom,
        of: point,
      },
    ];
  });
}
