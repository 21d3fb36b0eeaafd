/**
 * Scaling as people write it: 2301 x 0.1 is 230.1, not 230.10000000000002.
 * A number is taken as the decimal that JavaScript prints for it, so no digit is lost and none is made up.
 */

interface Decimal {
  /** The number is mantissa x 10^-places. */
  mantissa: bigint;
  places: number;
}

const largestExactPowerOfTen = 22;

function decimalOf(value: number): Decimal {
  const [digits = '0', exponent = '0'] = String(value).split('e');
  const [whole = '0', fraction = ''] = digits.split('.');
  const places = fraction.length - Number(exponent);
  const mantissa = BigInt(whole + fraction);
  return places >= 0 ? { mantissa, places } : { mantissa: mantissa * 10n ** BigInt(-places), places: 0 };
}

/** Scale and offset of a point, taken apart once: value = (raw x factor + addend) / 10^places. */
interface Scaling {
  factor: bigint;
  addend: bigint;
  places: number;
  /** The same three as numbers, if the short way is exact for whole raw values up to `largestRaw`. */
  short: { factor: number; addend: number; divisor: number; largestRaw: number } | undefined;
}

const scalings = new Map<string, Scaling>();

function scalingOf(scale: number, offset: number): Scaling {
  const key = `${scale} ${offset}`;
  const known = scalings.get(key);
  if (known) return known;
  const a = decimalOf(scale);
  const b = decimalOf(offset);
  const places = Math.max(a.places, b.places);
  const factor = a.mantissa * 10n ** BigInt(places - a.places);
  const addend = b.mantissa * 10n ** BigInt(places - b.places);
  const largestRaw = Math.floor((Number.MAX_SAFE_INTEGER - Math.abs(Number(addend))) / Math.abs(Number(factor)));
  const short =
    places <= largestExactPowerOfTen && largestRaw > 0
      ? { factor: Number(factor), addend: Number(addend), divisor: 10 ** places, largestRaw }
      : undefined;
  const scaling = { factor, addend, places, short };
  scalings.set(key, scaling);
  return scaling;
}

/**
 * raw x scale + offset in decimal arithmetic, rounded once, to the nearest number. What is too large for a number already
 * stays so.
 * The short way divides two whole numbers that are exact, so the quotient is the nearest number to the exact decimal.
 */
export function scaled(raw: number, scale: number, offset: number): number {
  if (scale === 1 && offset === 0) return raw;
  if (!Number.isFinite(raw)) return raw * scale + offset;
  const { factor, addend, places, short } = scalingOf(scale, offset);
  if (short && Number.isInteger(raw) && Math.abs(raw) <= short.largestRaw) {
    return (raw * short.factor + short.addend) / short.divisor;
  }
  const r = decimalOf(raw);
  const sum = r.mantissa * factor + addend * 10n ** BigInt(r.places);
  return Number(`${sum}e${-(r.places + places)}`);
}

const smallestNormalFloat32 = 2 ** -126;

/**
 * The shortest decimal that reads back as this float32: 230.1999969482422 becomes 230.2.
 * A float32 holds six to nine significant digits; the rest that a double prints was never measured.
 */
export function shortestFloat32(value: number): number {
  if (Number.isInteger(value) && Math.abs(value) < 2 ** 24) return value;
  for (let digits = Math.abs(value) < smallestNormalFloat32 ? 1 : 6; digits < 9; digits += 1) {
    const candidate = Number(value.toPrecision(digits));
    if (Math.fround(candidate) === value) return candidate;
  }
  return Number(value.toPrecision(9));
}

/** a x b in decimal arithmetic, rounded once; for factors that are not known beforehand. */
export function multiplied(a: number, b: number): number {
  if (b === 1) return a;
  if (!Number.isFinite(a * b)) return a * b;
  const [x, y] = [decimalOf(a), decimalOf(b)];
  return Number(`${x.mantissa * y.mantissa}e${-(x.places + y.places)}`);
}

/** a + b in decimal arithmetic, rounded once: 0.1 + 0.2 is 0.3. */
export function added(a: number, b: number): number {
  if (!Number.isFinite(a + b)) return a + b;
  const [x, y] = [decimalOf(a), decimalOf(b)];
  const places = Math.max(x.places, y.places);
  const sum = x.mantissa * 10n ** BigInt(places - x.places) + y.mantissa * 10n ** BigInt(places - y.places);
  return Number(`${sum}e${-places}`);
}
