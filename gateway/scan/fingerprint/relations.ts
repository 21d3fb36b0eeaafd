import type { FactorCode } from '../../../device-profiles/factors.ts';

/** Two or more values of one instrument that must agree, and how well they do. */
export interface Relation {
  /**
   * `power`: P against U x I x PF; `apparent`: S against U x I; `sum`: P against the sum of its phases; `energy`: total
   * against import and export; `particles`: PM1, PM2.5, PM10 and TSP rise; `wind`: Beaufort force against wind speed.
   */
  readonly kind: 'power' | 'apparent' | 'sum' | 'energy' | 'particles' | 'wind';
  /** Phase `a`, `b` or `c`; empty for the whole. */
  readonly phase: string;
  /** By how much they differ, as a share of the larger; for `wind` in degrees of force; for `particles` 0 or 1. */
  readonly deviation: number;
  readonly agrees: boolean;
  /** What the agreement says; see `plausible.ts`. Below 0 where they contradict each other. */
  readonly bits: number;
}

/** The value of each factor that the instrument said something for, of one channel. */
type Values = ReadonlyMap<FactorCode, number>;

const phases = ['', '-a', '-b', '-c'] as const;
/** Below this, amperes and watts, the last digit decides whether they agree. */
const leastCurrent = 0.05;
const leastPower = 3;
/** A contradiction weighs as much as many values that may be right by chance. */
const contradiction = -8;

/** Which of the values agree with each other, and which do not. Only those that say something are told. */
export function relationsIn(values: Values): Relation[] {
  const power = phases.flatMap((phase) => powerOf(values, phase));
  return [...power, ...sumOf(values), ...energyOf(values), ...particlesOf(values), ...windOf(values)];
}

function get(values: Values, name: string): number | undefined {
  return values.get(name as FactorCode);
}

function powerOf(values: Values, phase: string): Relation[] {
  const [voltage, current] = [get(values, `voltage${phase}`), get(values, `current${phase}`)];
  if (voltage === undefined || current === undefined || Math.abs(current) < leastCurrent) return [];
  const apparent = Math.abs(voltage * current);
  const factor = get(values, `power-factor${phase}`);
  const active = get(values, `active-power${phase}`);
  const said = get(values, `apparent-power${phase}`);
  const relations: Relation[] = [];
  if (active !== undefined && factor !== undefined && Math.abs(active) >= leastPower) {
    relations.push(compared('power', phase, Math.abs(active), apparent * Math.abs(factor)));
  }
  if (said !== undefined && said >= leastPower) relations.push(compared('apparent', phase, said, apparent));
  return relations;
}

function sumOf(values: Values): Relation[] {
  const total = get(values, 'active-power');
  const parts = ['a', 'b', 'c'].map((phase) => get(values, `active-power-${phase}`));
  if (total === undefined || Math.abs(total) < leastPower || parts.some((part) => part === undefined)) return [];
  const sum = parts.reduce<number>((all, part) => all + (part ?? 0), 0);
  return [compared('sum', '', Math.abs(total), Math.abs(sum))];
}

function energyOf(values: Values): Relation[] {
  const [total, drawn, given] = ['total', 'import', 'export'].map((kind) => get(values, `energy-${kind}`));
  if (total === undefined || drawn === undefined || given === undefined || total < 1) return [];
  // Some meters net them, most add them.
  const sum = [drawn + given, drawn - given].sort((a, b) => Math.abs(a - total) - Math.abs(b - total))[0] ?? 0;
  return [compared('energy', '', total, sum)];
}

/** Three values in a row by size; 0 is said by channels that are not fitted. */
function particlesOf(values: Values): Relation[] {
  const sizes = ['pm1', 'pm2.5', 'pm10', 'tsp'].flatMap((name) => get(values, name) ?? []).filter((one) => one > 0);
  if (sizes.length < 2) return [];
  const rises = sizes.every((one, place) => place === 0 || one >= (sizes[place - 1] ?? 0));
  return [{ kind: 'particles', phase: '', deviation: rises ? 0 : 1, agrees: rises, bits: rises ? 1 : -1 }];
}

/** Wind speeds in m/s at which the Beaufort forces 1 to 12 begin (WMO-No. 8, volume I, annex 5.A). */
const beaufort = [0.3, 1.6, 3.4, 5.5, 8, 10.8, 13.9, 17.2, 20.8, 24.5, 28.5, 32.7];

function windOf(values: Values): Relation[] {
  const [speed, force] = [get(values, 'wind-speed'), get(values, 'wind-force')];
  if (speed === undefined || force === undefined || (speed < 0.5 && force < 1)) return [];
  const expected = beaufort.filter((from) => speed >= from).length;
  const deviation = Math.abs(expected - force);
  const agrees = deviation <= 1;
  return [{ kind: 'wind', phase: '', deviation, agrees, bits: agrees ? 3 : contradiction }];
}

/** Values are read one after the other, and a load moves meanwhile. */
function compared(kind: Relation['kind'], phase: string, one: number, other: number): Relation {
  const larger = Math.max(Math.abs(one), Math.abs(other));
  const deviation = larger === 0 ? 0 : Math.abs(one - other) / larger;
  const bits = deviation <= 0.01 ? 6 : deviation <= 0.05 ? 4 : deviation <= 0.15 ? 2 : contradiction;
  return { kind, phase: phase.replace('-', ''), deviation, agrees: deviation <= 0.15, bits };
}
