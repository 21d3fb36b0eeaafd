import { multiplied } from '../decimal.ts';
import type { Profile, ProfilePoint } from '../profile.ts';
import { inFactorUnit } from './units.ts';

/**
 * A number that the profile states of the instrument itself, such as an end of its range or the reading at which its
 * counter begins again, as it shows in the values of the point: times the ratios that the site states, in the unit of the
 * factor. `undefined` where a ratio or scale is read from the instrument and so is not known beforehand.
 */
export function asValue(
  { parameters }: Pick<Profile, 'parameters'>,
  point: ProfilePoint,
  stated: Readonly<Record<string, number>>,
  number: number,
): number | undefined {
  if (point.scaleFrom !== undefined) return undefined;
  let value = number;
  for (const name of point.times ?? []) {
    const factor = stated[name] ?? parameters[name]?.default;
    if (factor === undefined) return undefined;
    value = multiplied(value, factor);
  }
  return inFactorUnit(point, value);
}
