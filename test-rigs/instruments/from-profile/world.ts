import { type FactorCode, factors } from '../../../device-profiles/factors.ts';
import { swaying } from '../register-image.ts';

/** What there is to measure: the value of a factor, in its unit, so many milliseconds after the start. */
export type World = (factor: FactorCode, milliseconds: number) => number;

const phases = ['a', 'b', 'c'] as const;
type Phase = (typeof phases)[number];

const voltageOf = (phase: Phase, now: number): number => swaying(230 + phases.indexOf(phase), 1.5, 70, now);
const currentOf = (phase: Phase, now: number): number => swaying(8.4 + phases.indexOf(phase) * 0.2, 0.3, 45, now);
const powerFactor = 0.94;
const kwhPerMillisecond = (3 * 230 * 8.5 * powerFactor) / 1000 / 3_600_000;

function sum(of: (phase: Phase) => number): number {
  return phases.reduce((total, phase) => total + of(phase), 0);
}

/** What a meter on a fan of about 5 kW shows: voltage, current and power factor make the power, and power the energy. */
function electricity(factor: string, now: number): number | undefined {
  const phase = phases.find((letter) => factor.endsWith(`-${letter}`));
  const name = phase ? factor.slice(0, -2) : factor;
  const ofPhases = (of: (one: Phase) => number): number => (phase ? of(phase) : sum(of));
  const apparent = (one: Phase): number => voltageOf(one, now) * currentOf(one, now);
  switch (name) {
    case 'voltage':
      return voltageOf(phase ?? 'a', now);
    case 'voltage-average':
      return sum((one) => voltageOf(one, now)) / 3;
    case 'current':
      return currentOf(phase ?? 'a', now);
    case 'current-average':
      return sum((one) => currentOf(one, now)) / 3;
    case 'current-sum':
      return sum((one) => currentOf(one, now));
    case 'apparent-power':
      return ofPhases(apparent);
    case 'active-power':
      return ofPhases((one) => apparent(one) * powerFactor);
    case 'reactive-power':
      return ofPhases((one) => apparent(one) * Math.sqrt(1 - powerFactor ** 2));
    case 'power-factor':
      return powerFactor;
    case 'phase-angle':
      return (Math.acos(powerFactor) * 180) / Math.PI;
    case 'frequency':
      return swaying(50, 0.02, 33, now);
    default:
      return name.includes('energy') ? energy(name, phase, now) : undefined;
  }
}

function energy(name: string, phase: Phase | undefined, now: number): number {
  const counted = (345.6 + now * kwhPerMillisecond) / (phase ? 3 : 1);
  if (name.endsWith('export')) return 0.12;
  return name.startsWith('reactive') ? counted * 0.36 : counted;
}

/** Middle and swing of the other quantities, in the unit of the factor. */
const usual: Readonly<Partial<Record<FactorCode, readonly [middle: number, swing: number]>>> = {
  pm1: [22, 5],
  'pm2.5': [35, 8],
  pm10: [58, 12],
  tsp: [90, 18],
  temperature: [21, 2],
  humidity: [55, 6],
  pressure: [101.2, 0.2],
  'wind-speed': [2.1, 1.2],
  'wind-direction': [140, 40],
  'wind-force': [2, 0.4],
  noise: [61, 4],
  ph: [7.2, 0.15],
  'water-temperature': [17, 0.6],
  'dissolved-oxygen': [7.8, 0.4],
  'flue-oxygen': [9.5, 0.6],
  'flue-temperature': [120, 6],
  'flue-pressure': [0.25, 0.05],
  'flue-humidity': [8, 0.8],
  'flue-velocity': [9, 0.8],
  'vapour-liquid-ratio': [1.08, 0.04],
  'carbon-dioxide': [480, 40],
  'water-level': [1.2, 0.1],
};

/** By unit, for what is not listed: something that every instrument's range holds. */
const usualByUnit: Readonly<Record<string, readonly [number, number]>> = {
  '%': [42, 3],
  'µg/m³': [40, 6],
  'mg/m³': [12, 2],
  'g/m³': [8, 1],
  'mg/L': [14, 2],
  Pa: [320, 40],
  '°C': [20, 1],
  mm: [480, 6],
  L: [9_000, 40],
};

/** A world in which every quantity sways slowly around what is usual for it; counters only rise. Same time, same values. */
export const plausibleWorld: World = (factor, now) => {
  const { unit, average } = factors[factor];
  const shown = electricity(factor, now);
  if (shown !== undefined) return shown;
  const [middle, swing] = usual[factor] ?? usualByUnit[unit] ?? [25, 3];
  if (average === 'counter') return middle * 10 + now / 60_000;
  // Each has a rhythm of its own, told by the letters of its name.
  const rhythm = 60 + ([...factor].reduce((total, letter) => total + letter.charCodeAt(0), 0) % 120);
  return swaying(middle, swing, rhythm, now);
};
