import { factors } from '../../factors.ts';
import type { Parameter, Profile, ProfilePoint } from '../../profile.ts';
import type { Curve } from '../../shape/decoding.ts';
import { partsOf } from '../../value/leaning.ts';
import {
  conversionTo,
  type NoConversion,
  type ReferenceState,
  type UnitName,
  unitNames,
  units,
} from '../../value/units.ts';
import { oneOf } from '../faults.ts';
import type { FieldPath } from '../yaml-document.ts';
import type { Complain } from './complain.ts';
import { placedAuxiliaries, placedPoints } from './together.ts';

/** How a raw value becomes a value: what is named exists, units lead to the factor's, curves can be read. */
export function checkMeaning(profile: Profile, leftOut: ReadonlySet<string>, complain: Complain): void {
  const names = namesOf(profile, leftOut);
  for (const { part, path } of placedPoints(profile)) {
    checkTimes(part, path, names, complain);
    checkScaleFrom(part, path, names, complain);
    checkUnits(part, path, names, complain);
    if (part.curve) checkCurve(part.curve, [...path, 'curve'], profile.parameters, complain);
    if (part.rollover !== undefined && factors[part.factor].average !== 'counter') {
      const fault = `${part.factor} is no counter and cannot roll over`;
      complain([...path, 'rollover'], fault, 'remove it, or choose the factor of the cumulative reading');
    }
  }
  for (const { part, path } of placedAuxiliaries(profile)) checkTimes(part, path, names, complain);
  for (const [name, parameter] of Object.entries(profile.parameters)) checkParameter(name, parameter, complain);
}

/** What may be named where. */
export interface Names {
  readonly parameters: readonly string[];
  /** Auxiliaries that hold a number. */
  readonly auxiliaries: readonly string[];
  readonly points: readonly string[];
  readonly leftOut: ReadonlySet<string>;
}

export function namesOf(profile: Profile, leftOut: ReadonlySet<string>): Names {
  const { points, auxiliaries } = partsOf(profile);
  const numbers = [...auxiliaries.values()].filter(({ type }) => type !== 'text' && !type.startsWith('time-'));
  const parameters = Object.keys(profile.parameters);
  return { parameters, auxiliaries: numbers.map(({ id }) => id), points: [...points.keys()], leftOut };
}

/** Complains where a name is none of those that may stand here. */
export function checkName(name: string, allowed: readonly string[], path: FieldPath, names: Names, complain: Complain) {
  if (allowed.includes(name) || names.leftOut.has(name)) return;
  const remedy = allowed.length === 0 ? 'add it to auxiliaries (or parameters)' : oneOf(allowed, name);
  complain(path, `there is no ${name} to take this from`, remedy);
}

function checkTimes(
  { times = [] }: { times?: string[] | undefined },
  path: FieldPath,
  names: Names,
  complain: Complain,
) {
  times.forEach((name, index) => {
    checkName(name, [...names.parameters, ...names.auxiliaries], [...path, 'times', index], names, complain);
  });
}

function checkScaleFrom({ scaleFrom }: ProfilePoint, at: FieldPath, names: Names, complain: Complain): void {
  if (!scaleFrom) return;
  const path = [...at, 'scaleFrom'];
  checkName(scaleFrom.auxiliary, names.auxiliaries, [...path, 'auxiliary'], names, complain);
  if ((scaleFrom.as === undefined) !== (scaleFrom.codes === undefined)) return;
  complain(path, 'says in none or in two ways how the scale is meant', 'write either as or codes');
}

function checkUnits(point: ProfilePoint, path: FieldPath, names: Names, complain: Complain): void {
  const { unit, unitFrom, reference, factor } = point;
  if (unit !== undefined) checkUnit(factor, unit, reference, [...path, 'unit'], complain);
  if (!unitFrom) return;
  checkName(unitFrom.auxiliary, names.auxiliaries, [...path, 'unitFrom', 'auxiliary'], names, complain);
  if (unit !== undefined) complain([...path, 'unit'], 'the unit is read already', 'keep either unit or unitFrom');
  for (const [code, one] of Object.entries(unitFrom.codes)) {
    checkUnit(factor, one, reference, [...path, 'unitFrom', 'codes', code], complain);
  }
}

/** Complains where there is no way from the unit to the factor's. */
export function checkUnit(
  factor: ProfilePoint['factor'],
  unit: UnitName,
  reference: ReferenceState | undefined,
  path: FieldPath,
  complain: Complain,
): void {
  const conversion = conversionTo(factor, unit, reference);
  if (typeof conversion === 'string') complain(path, ...noConversion(conversion, factor, unit));
}

function noConversion(why: NoConversion, factor: ProfilePoint['factor'], unit: UnitName): [string, string] {
  const { unit: wanted } = factors[factor];
  const ways = unitNames.filter((name) => units[name].quantity === units[wanted as UnitName]?.quantity);
  switch (why) {
    case 'no-molar-mass':
      return [`${unit} cannot become ${wanted}: ${factor} is a mixture without a molar mass`, oneOf(ways, unit)];
    case 'no-reference':
      return [
        `${unit} becomes ${wanted} only at a stated temperature of the gas`,
        'add reference: 25C for ambient air, 0C for stack gas, as the maker states it',
      ];
    default:
      return [
        `${unit} cannot become ${wanted === '' ? 'a plain ratio' : wanted}, the unit of ${factor}`,
        oneOf(ways, unit),
      ];
  }
}

function checkCurve(
  { from, to, table, power, under, over }: Curve,
  path: FieldPath,
  parameters: Profile['parameters'],
  complain: Complain,
): void {
  const kinds = [from ?? to, table, power].filter((kind) => kind !== undefined).length;
  if (kinds !== 1 || (from === undefined) !== (to === undefined)) {
    complain(path, 'is not one curve', 'write from and to for a straight line, or table, or power');
  }
  if (from && from[0] >= from[1]) complain([...path, 'from'], 'does not rise', 'write the lower signal first');
  to?.forEach((end, index) => {
    if (typeof end === 'number' || Object.hasOwn(parameters, end)) return;
    complain([...path, 'to', index], `there is no parameter ${end}`, 'write a number, or add it to parameters');
  });
  const rises = (table ?? []).every(([signal], index) => index === 0 || signal > (table?.[index - 1]?.[0] ?? 0));
  if (!rises) complain([...path, 'table'], 'does not rise', 'order the pairs by their signal, each signal once');
  if (under !== undefined && over !== undefined && under >= over) {
    complain([...path, 'under'], 'is not below over', 'correct the two');
  }
}

function checkParameter(name: string, { range, default: usual }: Parameter, complain: Complain): void {
  const path = ['parameters', name];
  if (range[0] >= range[1]) complain([...path, 'range'], 'holds nothing', 'write [lowest, highest]');
  else if (usual !== undefined && (usual < range[0] || usual > range[1])) {
    complain([...path, 'default'], `${usual} is not within the range`, 'correct the default or the range');
  }
}
