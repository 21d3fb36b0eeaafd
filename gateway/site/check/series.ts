import type { FactorCode } from '../../../device-profiles/factors.ts';
import type { Cadence, Profile } from '../../../device-profiles/profile.ts';
import { pointOf, type Wanted } from '../../driver/instrument.ts';

/** Where a value of an instrument belongs. */
export interface Series {
  readonly point: string;
  readonly factor: FactorCode;
  readonly cadence: Cadence;
}

/** The series that an instrument serves at this site: each value that is read, at the point where it belongs. */
export function seriesOf(settings: Wanted['settings'], profile: Profile): Series[] {
  return profile.points.flatMap((point) => {
    const place = pointOf({ settings }, point);
    return place === undefined
      ? []
      : [{ point: place, factor: point.factor, cadence: 'cadence' in point ? point.cadence : 'fast' }];
  });
}
