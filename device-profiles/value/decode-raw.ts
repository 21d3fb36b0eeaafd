import { multiplied, scaled, shortestFloat32 } from '../decimal.ts';
import type { FactorCode } from '../factors.ts';
import { type Curve, largestExponent } from '../shape/decoding.ts';
import { meaningOf } from '../shape/words.ts';
import { valueOnCurve } from './curve.ts';
import type { Decoded, LookUp, NoValueReason, Raw } from './decoded.ts';
import { conversionTo, type ReferenceState, type UnitName } from './units.ts';

/** What the last step needs of a point or an auxiliary value, whatever the protocol. */
export interface Decodable {
  readonly factor?: FactorCode;
  readonly type?: string;
  readonly scale: number;
  readonly offset: number;
  readonly sentinels?: readonly number[] | undefined;
  readonly times?: readonly string[] | undefined;
  readonly unit?: UnitName | undefined;
  readonly reference?: ReferenceState | undefined;
  readonly curve?: Curve | undefined;
  readonly unitFrom?: { readonly auxiliary: string; readonly codes: Readonly<Record<string, UnitName>> } | undefined;
  readonly scaleFrom?: ScaleFrom | undefined;
}

interface ScaleFrom {
  readonly auxiliary: string;
  readonly as?: 'decimals' | 'exponent' | 'factor' | undefined;
  readonly minus: number;
  readonly codes?: Readonly<Record<string, number>> | undefined;
}

const unknown: LookUp = () => undefined;

/**
 * From what stood on the wire to the value in the factor's unit, or why there is none: the last step for every protocol.
 *
 *     sentinel? -> x scale that was read -> x scale + offset -> curve -> x parameters -> unit of the factor
 *
 * A whole number is scaled as a decimal; a float32 is first rounded to the shortest decimal that is still that float32.
 * `lookUp` gives parameters and auxiliary values; one that is needed and not known leaves the point without a value.
 */
export function decodeRaw(point: Decodable, read: Raw, lookUp: LookUp = unknown): Decoded {
  const raw = typeof read === 'string' ? Number.NaN : Number(read);
  if (!Number.isFinite(raw)) return { raw: null, value: null, reason: 'not-a-number' };
  // Adding 0 turns a minus zero, which some meters send for "nothing", into the zero it means.
  const exact = (point.type?.endsWith('float32') ? shortestFloat32(raw) : raw) + 0;
  if (point.sentinels?.includes(exact)) return { raw: exact, value: null, reason: 'sentinel' };
  if (typeof read === 'bigint' && !Number.isSafeInteger(raw)) {
    return { raw: null, value: null, reason: 'beyond-precision' };
  }
  const value = inUnitOfFactor(point, exact, lookUp);
  if (typeof value === 'string') return { raw: exact, value: null, reason: value };
  if (!Number.isFinite(value)) return { raw: exact, value: null, reason: 'not-a-number' };
  return { raw: exact, value: value + 0 };
}

function inUnitOfFactor(point: Decodable, exact: number, lookUp: LookUp): number | NoValueReason {
  const { scale, offset, curve, times = [] } = point;
  const sent = point.scaleFrom === undefined ? 1 : sentScale(point.scaleFrom, lookUp);
  if (sent === undefined) return 'scale-unknown';
  const signal = scaled(multiplied(exact, sent), scale, offset);
  let value = curve === undefined ? signal : valueOnCurve(curve, signal, lookUp);
  if (typeof value === 'string') return value;
  for (const name of times) {
    const factor = lookUp(name);
    if (factor === undefined) return 'scale-unknown';
    value = multiplied(value, factor);
  }
  return converted(point, value, lookUp);
}

/** The scale that the instrument sends; one that no instrument can mean is not believed. */
function sentScale({ auxiliary, as, minus, codes }: ScaleFrom, lookUp: LookUp): number | undefined {
  const number = lookUp(auxiliary);
  if (number === undefined) return undefined;
  if (codes) return meaningOf(codes, number);
  if (as === 'factor') return number === 0 ? undefined : number;
  const exponent = (number - minus) * (as === 'decimals' ? -1 : 1);
  if (!Number.isInteger(exponent) || Math.abs(exponent) > largestExponent) return undefined;
  return Number(`1e${exponent}`);
}

function converted(point: Decodable, value: number, lookUp: LookUp): number | NoValueReason {
  const { factor, unitFrom, reference } = point;
  if (factor === undefined) return value;
  let { unit } = point;
  if (unitFrom) {
    const code = lookUp(unitFrom.auxiliary);
    unit = code === undefined ? undefined : meaningOf(unitFrom.codes, code);
    if (unit === undefined) return 'scale-unknown';
  }
  if (unit === undefined) return value;
  const convert = conversionTo(factor, unit, reference);
  return typeof convert === 'string' ? 'scale-unknown' : convert(value);
}
