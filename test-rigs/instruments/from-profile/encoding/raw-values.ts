import type { FactorCode } from '../../../../device-profiles/factors.ts';
import type { ProfilePoint } from '../../../../device-profiles/profile.ts';
import { inOwnUnit } from './own-units.ts';

/** What a number on the wire must be for a value to come of it: the way back, step by step. */

/** A parameter or an auxiliary value by its name. */
export type Named = (name: string) => number;

/** What is needed of a point or an auxiliary value. */
type Scaled = Partial<
  Pick<ProfilePoint, 'unit' | 'reference' | 'unitFrom' | 'scaleFrom' | 'curve' | 'times' | 'sentinels'>
> & {
  readonly scale: number;
  readonly offset: number;
};

/** The raw number that stands for this value of the factor. `codes` gives the raw numbers of auxiliaries. */
export function rawOf(
  point: Scaled,
  factor: FactorCode | undefined,
  value: number,
  named: Named,
  codes: Named,
): number {
  let written = factor === undefined ? value : inOwnUnit(factor, value, unitOf(point, codes), point.reference);
  for (const name of point.times ?? []) written /= named(name);
  const signal = point.curve ? signalOf(point.curve, written, named) : written;
  return (signal - point.offset) / point.scale / sentScale(point, named, codes);
}

function unitOf({ unit, unitFrom }: Scaled, codes: Named): string | undefined {
  if (!unitFrom) return unit;
  const code = codes(unitFrom.auxiliary);
  return Object.entries(unitFrom.codes).find(([key]) => Number(key) === code)?.[1];
}

function sentScale({ scaleFrom }: Scaled, named: Named, codes: Named): number {
  if (!scaleFrom) return 1;
  const { auxiliary, as, minus, codes: meanings } = scaleFrom;
  if (meanings) return Object.entries(meanings).find(([key]) => Number(key) === codes(auxiliary))?.[1] ?? Number.NaN;
  const sent = named(auxiliary);
  if (as === 'factor') return sent;
  return 10 ** ((sent - minus) * (as === 'decimals' ? -1 : 1));
}

function signalOf(curve: NonNullable<Scaled['curve']>, value: number, named: Named): number {
  const { from, to, table, power } = curve;
  if (from && to) {
    const [low, high] = to.map((end) => (typeof end === 'number' ? end : named(end))) as [number, number];
    return from[0] + ((value - low) / (high - low)) * (from[1] - from[0]);
  }
  if (power) return (value / power.a) ** (1 / power.b);
  const pairs = table ?? [];
  const next = pairs.findIndex(([, at], index) => index > 0 && isBetween(value, pairs[index - 1]?.[1] ?? at, at));
  const [start, end] = [pairs[next - 1], pairs[next]];
  if (!start || !end) throw new RangeError(`no signal on the curve means ${value}`);
  return start[0] + ((value - start[1]) / (end[1] - start[1])) * (end[0] - start[0]);
}

const isBetween = (value: number, one: number, other: number): boolean =>
  value >= Math.min(one, other) && value <= Math.max(one, other);
