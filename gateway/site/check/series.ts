import type { FactorCode } from '../../../device-profiles/factors.ts';
import type { Profile, ProfilePoint } from '../../../device-profiles/profile.ts';
import type { SiteInstrument } from '../site-schema.ts';

/** Where a value of an instrument belongs. */
export interface Series {
  readonly point: string;
  readonly factor: FactorCode;
}

/**
 * The points of the profile that are read from an instrument. An optional sensor is read only where the site says that
 * it is fitted: what is not there reads as a number all the same.
 */
export function pointsRead<P extends ProfilePoint>(fitted: readonly string[] | undefined, points: readonly P[]): P[] {
  return points.filter(({ id, optional }) => !optional || fitted?.includes(id));
}

/**
 * The series that an instrument serves at this site: each value that is read, at the point its channel is mapped to.
 * What has no channel belongs to the instrument's own point. A channel that is not mapped serves nothing.
 */
export function seriesOf(
  { point, channels, fitted }: Pick<Partial<SiteInstrument>, 'point' | 'channels' | 'fitted'>,
  profile: Profile,
): Series[] {
  return pointsRead<ProfilePoint>(fitted, profile.points).flatMap(({ channel, factor }) => {
    const place = channel === undefined ? point : channels?.[channel];
    return place === undefined ? [] : [{ point: place, factor }];
  });
}
