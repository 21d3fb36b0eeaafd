import { scaled } from '../decimal.ts';
import { type FactorCode, factors, molarVolumes } from '../factors.ts';

/**
 * The closed table of units that an instrument may send, and the way from one to another. A value in the base unit of its
 * quantity is (value + offset) x numerator / denominator; SI Brochure, 9th edition, and NIST SP 811 annex B for the rest.
 */

interface Unit {
  readonly quantity: string;
  readonly numerator: number;
  readonly denominator: number;
  readonly offset: number;
}

const of =
  (quantity: string) =>
  (numerator: number, denominator = 1, offset = 0): Unit => ({ quantity, numerator, denominator, offset });

const share = of('share of volume');
const mass = of('mass in a volume of gas');
const dissolved = of('mass in a volume of water');
const pressure = of('pressure');
const temperature = of('temperature');
const speed = of('speed');
const length = of('length');
const gasFlow = of('flow');
const volume = of('volume');
const massFlow = of('mass flow');
const voltage = of('voltage');
const current = of('current');
const power = of('power');
const apparent = of('apparent power');
const reactive = of('reactive power');
const energy = of('energy');
const reactiveEnergy = of('reactive energy');
const frequency = of('frequency');
const conductivity = of('conductivity');
const light = of('illuminance');
const counts = of('number in a volume');
const time = of('time');
/** A unit that nothing is converted to or from. */
const alone = (name: string): Unit => of(name)(1);

export const units = {
  ppb: share(1, 1000),
  ppm: share(1),
  '%vol': share(10_000),
  'ng/m³': mass(1, 1_000_000),
  'µg/m³': mass(1, 1000),
  'mg/m³': mass(1),
  'g/m³': mass(1000),
  'µg/L': dissolved(1, 1000),
  'mg/L': dissolved(1),
  'g/L': dissolved(1000),
  Pa: pressure(1),
  hPa: pressure(100),
  mbar: pressure(100),
  kPa: pressure(1000),
  bar: pressure(100_000),
  MPa: pressure(1_000_000),
  mmHg: pressure(133_322, 1000),
  inHg: pressure(3_386_389, 1000),
  mmH2O: pressure(980_665, 100_000),
  inH2O: pressure(2_490_889, 10_000),
  psi: pressure(6_894_757, 1000),
  '°C': temperature(1),
  '°F': temperature(5, 9, -32),
  K: temperature(1, 1, -273.15),
  'm/s': speed(1),
  'km/h': speed(10, 36),
  mph: speed(44_704, 100_000),
  kn: speed(1852, 3600),
  mm: length(1),
  cm: length(10),
  m: length(1000),
  in: length(254, 10),
  ft: length(3048, 10),
  'm³/s': gasFlow(1),
  'm³/min': gasFlow(1, 60),
  'm³/h': gasFlow(1, 3600),
  'L/s': gasFlow(1, 1000),
  'L/min': gasFlow(1, 60_000),
  'L/h': gasFlow(1, 3_600_000),
  L: volume(1),
  mL: volume(1, 1000),
  gal: volume(3_785_411_784, 1_000_000_000),
  'm³': volume(1000),
  'kg/h': massFlow(1),
  'g/h': massFlow(1, 1000),
  mV: voltage(1, 1000),
  V: voltage(1),
  kV: voltage(1000),
  mA: current(1, 1000),
  A: current(1),
  W: power(1),
  kW: power(1000),
  MW: power(1_000_000),
  VA: apparent(1),
  kVA: apparent(1000),
  var: reactive(1),
  kvar: reactive(1000),
  Wh: energy(1, 1000),
  kWh: energy(1),
  MWh: energy(1000),
  varh: reactiveEnergy(1, 1000),
  kvarh: reactiveEnergy(1),
  Mvarh: reactiveEnergy(1000),
  Hz: frequency(1),
  'µS/cm': conductivity(1),
  'mS/cm': conductivity(1000),
  'S/m': conductivity(10_000),
  lx: light(1),
  klx: light(1000),
  '1/L': counts(1),
  '1/cm³': counts(1000),
  s: time(1),
  min: time(60),
  h: time(3600),
  '%': alone('%'),
  '%LEL': alone('%LEL'),
  '°': alone('°'),
  dB: alone('dB'),
  'W/m²': alone('W/m²'),
  Bft: alone('Bft'),
  NTU: alone('NTU'),
  pH: alone('pH'),
  'g/kg': alone('g/kg'),
} satisfies Record<string, Unit>;

export type UnitName = keyof typeof units;
export const unitNames = Object.keys(units) as [UnitName, ...UnitName[]];

export type ReferenceState = keyof typeof molarVolumes;
export const referenceStates = Object.keys(molarVolumes) as [ReferenceState, ...ReferenceState[]];

type Conversion = (value: number) => number;
/** Why there is no way from a unit to a factor's. */
export type NoConversion = 'other-quantity' | 'no-molar-mass' | 'no-reference';

const same: Conversion = (value) => value;

/** The way from a unit to the one of the factor, or why there is none. */
export function conversionTo(
  factor: FactorCode,
  unit: UnitName | undefined,
  reference: ReferenceState | undefined,
): Conversion | NoConversion {
  const { unit: wanted, molarMass } = factors[factor] as { unit: string; molarMass?: number };
  if (unit === undefined || unit === wanted) return same;
  const from: Unit = units[unit];
  const to = Object.hasOwn(units, wanted) ? (units[wanted as UnitName] as Unit) : undefined;
  if (to === undefined) return 'other-quantity';
  if (from.quantity === to.quantity) return between(from, to);
  const gas = [from.quantity, to.quantity].sort().join(' and ');
  if (gas !== [units.ppm.quantity, units['mg/m³'].quantity].sort().join(' and ')) return 'other-quantity';
  if (molarMass === undefined) return 'no-molar-mass';
  if (reference === undefined) return 'no-reference';
  // mg/m³ = ppm x molar mass / molar volume
  const milligrams = molarMass / molarVolumes[reference];
  const [inBase, toWanted] = [between(from, baseOf(from)), between(baseOf(to), to)];
  return from.quantity === units.ppm.quantity
    ? (value) => toWanted(inBase(value) * milligrams)
    : (value) => toWanted(inBase(value) / milligrams);
}

/** A number of the point's own unit, such as an end of its range, in the unit of its factor; unconverted where no way is known. */
export function inFactorUnit<Given extends number | undefined>(point: UnitOfPoint, value: Given): Given {
  const convert = conversionTo(point.factor, point.unit, point.reference);
  return value === undefined || typeof convert === 'string' ? value : (convert(value) as Given);
}

interface UnitOfPoint {
  readonly factor: FactorCode;
  readonly unit?: UnitName | undefined;
  readonly reference?: ReferenceState | undefined;
}

const baseOf = ({ quantity }: Unit): Unit => of(quantity)(1);

/** Where the ratio is a decimal, it is applied as one, so that 0.29 m is 290 mm and not a hair less. */
function between(from: Unit, to: Unit): Conversion {
  const numerator = from.numerator * to.denominator;
  const denominator = from.denominator * to.numerator;
  const ratio = numerator / denominator;
  if (from.offset !== 0 || to.offset !== 0) {
    return (value) => (scaled(value, 1, from.offset) * numerator) / denominator - to.offset;
  }
  if (isDecimal(numerator, denominator)) return (value) => scaled(value, ratio, 0);
  return (value) => (value * numerator) / denominator;
}

/** True if the fraction ends as a decimal: reduced, its denominator has no divisors but 2 and 5. */
function isDecimal(numerator: number, denominator: number): boolean {
  let rest = denominator / greatestDivisor(numerator, denominator);
  for (const prime of [2, 5]) while (rest % prime === 0) rest /= prime;
  return rest === 1;
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}
