import type { ProfilePoint } from '../../../device-profiles/profile.ts';
import { asValue } from '../../../device-profiles/value/stated.ts';
import { inFactorUnit } from '../../../device-profiles/value/units.ts';

/**
 * What a quantity can be, in the unit of its factor. These are no limits of an instrument and no limit of any standard:
 * they only tell a number that may be a measurement from one that was read in the wrong place or the wrong way.
 */
interface Window {
  /** What is met in use: a value in here says something. Null where it may be any number. */
  readonly usual: readonly [number, number] | null;
  /** Outside this it is no measurement. */
  readonly possible: readonly [number, number];
  /** A running instrument never reads 0 here. */
  readonly neverZero?: boolean;
}

const window = (usual: readonly [number, number], possible = usual, neverZero = false): Window => ({
  usual,
  possible,
  neverZero,
});

/** By the factor, or by its beginning for a family of them; the first that fits holds. */
const windows: readonly (readonly [RegExp, Window])[] = [
  [/^voltage-thd/, window([0, 100])],
  [/^voltage/, window([80, 500], [5, 1000], true)],
  [/^current/, window([0, 2000], [-10_000, 10_000])],
  [/^frequency$/, window([45, 65], [45, 65], true)],
  [/^power-factor/, window([-1, 1], [-1.001, 1.001])],
  [/^phase-angle/, window([-360, 360])],
  [/^(active|reactive|apparent)-power/, { usual: null, possible: [-1e8, 1e8] }],
  [/energy-/, { usual: null, possible: [-1, 1e9] }],
  [/^(temperature|fuel-temperature|vapour-temperature)$/, window([-30, 60], [-60, 100])],
  [/^flue-temperature$/, window([0, 400], [-60, 1500])],
  [/^water-temperature$/, window([0, 45], [-10, 110])],
  [/humidity$/, window([0, 100], [0, 100.1])],
  [/^pressure$/, window([60, 108], [40, 120], true)],
  [/^wind-speed$/, window([0, 30], [0, 80])],
  [/^wind-direction$/, window([0, 360], [0, 360])],
  [/^wind-force$/, window([0, 12], [0, 17])],
  [/^noise$/, window([25, 120], [15, 150], true)],
  [/^illuminance$/, window([0, 200_000], [0, 300_000])],
  [/^solar-radiation$/, window([0, 1500], [-10, 2000])],
  [/^(pm|tsp)/, window([0, 2000], [0, 100_000])],
  [/^carbon-dioxide$/, window([300, 5000], [0, 1_000_000], true)],
  [/^ph$/, window([2, 12], [0, 14], true)],
  [/oxygen$/, window([0, 25], [0, 100])],
  [/^oxygen-saturation$|efficiency$|explosive-limit$/, window([0, 100], [0, 250])],
];

/** Anything else that is measured: a number of some size, which says nothing. */
const anything: Window = { usual: null, possible: [-1e9, 1e9] };

/** A number closer to 0 is one that nobody measures, but what a whole number looks like that is read as float32. */
const leastMagnitude = 1e-6;

function windowOf(point: ProfilePoint): Window {
  const found = windows.find(([name]) => name.test(point.factor))?.[1] ?? anything;
  const range = point.range?.map((end) => asValue(noParameters, point, {}, end));
  const [lowest, highest] = range ?? [];
  if (lowest === undefined || highest === undefined) return withTransformers(point, found);
  if (found.usual === null) return { ...found, possible: [lowest, highest] };
  const usual = [Math.max(found.usual[0], lowest), Math.min(found.usual[1], highest)] as const;
  return { ...found, usual: usual[0] < usual[1] ? usual : [lowest, highest], possible: [lowest, highest] };
}

const noParameters = { parameters: {} };

/** Behind transformers the ratios of which are stated, a voltage or a current may be any. */
function withTransformers(point: ProfilePoint, found: Window): Window {
  if ((point.times ?? []).length === 0) return found;
  return { ...found, possible: [Math.min(found.possible[0], -1e9), Math.max(found.possible[1], 1e9)] };
}

/** What one value says of whether it was read rightly. */
type Verdict =
  /** It can be a measurement. `bits`: how much that says, as it is so for one of 2^bits numbers of that type. */
  | { readonly kind: 'plausible'; readonly bits: number }
  /** 0 is said by many registers that hold nothing. */
  | { readonly kind: 'zero'; readonly isOdd: boolean }
  | { readonly kind: 'implausible' };

export function judgeValue(point: ProfilePoint, value: number): Verdict {
  const { usual, possible, neverZero = false } = windowOf(point);
  if (value === 0) return { kind: 'zero', isOdd: neverZero };
  const isPossible = value >= possible[0] && value <= possible[1] && Math.abs(value) >= leastMagnitude;
  if (!isPossible) return { kind: 'implausible' };
  const isUsual = usual !== null && value >= usual[0] && value <= usual[1];
  return { kind: 'plausible', bits: isUsual ? bitsOf(point, usual) : 0 };
}

/**
 * Octaves that the numbers of a type span: numbers met in registers are spread over their size, not their value. Floats
 * span those that are measured, 0.001 to 10 million: that it is a float in the right order is said once for all of them.
 */
const octavesOf: Readonly<Record<string, number>> = {
  'u8-high': 8,
  'u8-low': 8,
  's8-high': 8,
  's8-low': 8,
  u16: 16,
  s16: 16,
  bcd16: 16,
  u24: 24,
  s24: 24,
  u32: 32,
  s32: 32,
  bcd32: 32,
  bcd48: 48,
  u64: 64,
  s64: 64,
  bcd64: 64,
  float32: 33,
  float64: 33,
};

/** No single value says more. */
const mostBits = 8;
/** Smallest part of the window's upper end that a float is taken to mean something at. */
const floatResolution = 1e-4;

function bitsOf(point: ProfilePoint, [lowest, highest]: readonly [number, number]): number {
  const octaves = 'type' in point && typeof point.type === 'string' ? octavesOf[point.type] : undefined;
  if (octaves === undefined) return 0;
  const resolution = isFloat(point) ? highest * floatResolution : Math.abs(stepOf(point));
  const from = Math.max(resolution, lowest);
  const inWindow = Math.max(0.25, Math.log2(highest / from));
  return Math.min(mostBits, Math.max(0, Math.log2(octaves / inWindow)));
}

/** True for a value that is a float on the wire: read in another order or place it is one of no sense. */
export function isFloat(point: ProfilePoint): boolean {
  return 'type' in point && String(point.type).startsWith('float');
}

/** What the lowest digit of the raw number stands for, in the unit of the factor. */
function stepOf(point: ProfilePoint): number {
  return inFactorUnit(point, point.scale) - inFactorUnit(point, 0) || point.scale;
}
