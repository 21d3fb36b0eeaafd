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
import type { Said } from '../said.ts';
import type { FieldPath } from '../yaml-document.ts';
import { both, type Complain } from './complain.ts';
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
      const fault = both(`${part.factor} is no counter and cannot roll over`, `${part.factor} 不是累计量，不会翻转`);
      complain(
        [...path, 'rollover'],
        fault,
        both('remove it, or choose the factor of the cumulative reading', '删去，或改用累计量因子'),
      );
    }
  }
  for (const { part, path } of placedAuxiliaries(profile)) {
    checkTimes(part, path, names, complain);
    if (isTimesItself(profile, part.id)) {
      complain(
        [...path, 'times'],
        both('is multiplied by itself', '乘以了自身'),
        both('name what is read', '写读取到的量'),
      );
    }
  }
  for (const [name, parameter] of Object.entries(profile.parameters)) checkParameter(name, parameter, complain);
}

/** True if an auxiliary value is, over whatever others, multiplied by itself. */
function isTimesItself(profile: Profile, id: string): boolean {
  const { auxiliaries } = partsOf(profile);
  const factors = new Set(auxiliaries.get(id)?.times ?? []);
  for (const name of factors) for (const next of auxiliaries.get(name)?.times ?? []) factors.add(next);
  return factors.has(id);
}

/** What may be named where. */
interface Names {
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
  const remedy =
    allowed.length === 0
      ? both('add it to auxiliaries (or parameters)', '添加到 auxiliaries（或 parameters）')
      : oneOf(allowed, name);
  complain(path, both(`there is no ${name} to take this from`, `没有可取的 ${name}`), remedy);
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
  complain(
    path,
    both('says in none or in two ways how the scale is meant', '未说明或以两种方式说明倍率'),
    both('write either as or codes', 'as 与 codes 只写其一'),
  );
}

function checkUnits(point: ProfilePoint, path: FieldPath, names: Names, complain: Complain): void {
  const { unit, unitFrom, reference, factor } = point;
  if (unit !== undefined) checkUnit(factor, unit, reference, [...path, 'unit'], complain);
  if (!unitFrom) return;
  checkName(unitFrom.auxiliary, names.auxiliaries, [...path, 'unitFrom', 'auxiliary'], names, complain);
  if (unit !== undefined)
    complain(
      [...path, 'unit'],
      both('the unit is read already', '单位已由仪器给出'),
      both('keep either unit or unitFrom', 'unit 与 unitFrom 只留其一'),
    );
  for (const [code, one] of Object.entries(unitFrom.codes)) {
    checkUnit(factor, one, reference, [...path, 'unitFrom', 'codes', code], complain);
  }
}

/** Complains where there is no way from the unit to the factor's. */
function checkUnit(
  factor: ProfilePoint['factor'],
  unit: UnitName,
  reference: ReferenceState | undefined,
  path: FieldPath,
  complain: Complain,
): void {
  const conversion = conversionTo(factor, unit, reference);
  if (typeof conversion === 'string') complain(path, ...noConversion(conversion, factor, unit));
}

function noConversion(why: NoConversion, factor: ProfilePoint['factor'], unit: UnitName): [Said, Said] {
  const { unit: wanted } = factors[factor];
  const ways = unitNames.filter((name) => units[name].quantity === units[wanted as UnitName]?.quantity);
  switch (why) {
    case 'no-molar-mass':
      return [
        both(
          `${unit} cannot become ${wanted}: ${factor} is a mixture without a molar mass`,
          `${unit} 不能换算为 ${wanted}：${factor} 是混合物，没有摩尔质量`,
        ),
        oneOf(ways, unit),
      ];
    case 'no-reference':
      return [
        both(
          `${unit} becomes ${wanted} only at a stated temperature of the gas`,
          `${unit} 换算为 ${wanted} 须说明气体的参比温度`,
        ),
        both(
          'add reference: 25C for ambient air, 0C for stack gas, as the maker states it',
          '按厂家说明添加 reference：环境空气 25C，烟气 0C',
        ),
      ];
    default:
      return [
        both(
          `${unit} cannot become ${wanted === '' ? 'a plain ratio' : wanted}, the unit of ${factor}`,
          `${unit} 不能换算为 ${factor} 的单位${wanted === '' ? '（无量纲）' : ` ${wanted}`}`,
        ),
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
    complain(
      path,
      both('is not one curve', '不是一条曲线'),
      both('write from and to for a straight line, or table, or power', '直线写 from 和 to，或写 table，或写 power'),
    );
  }
  if (from && from[0] >= from[1])
    complain(
      [...path, 'from'],
      both('does not rise', '不递增'),
      both('write the lower signal first', '先写较小的信号'),
    );
  to?.forEach((end, index) => {
    if (typeof end === 'number' || Object.hasOwn(parameters, end)) return;
    complain(
      [...path, 'to', index],
      both(`there is no parameter ${end}`, `没有参数 ${end}`),
      both('write a number, or add it to parameters', '写一个数，或添加到 parameters'),
    );
  });
  const rises = (table ?? []).every(([signal], index) => index === 0 || signal > (table?.[index - 1]?.[0] ?? 0));
  if (!rises)
    complain(
      [...path, 'table'],
      both('does not rise', '不递增'),
      both('order the pairs by their signal, each signal once', '按信号从小到大排列，每个信号一次'),
    );
  if (under !== undefined && over !== undefined && under >= over) {
    complain([...path, 'under'], both('is not below over', '不小于 over'), both('correct the two', '改正这两项'));
  }
}

function checkParameter(name: string, { range, default: usual }: Parameter, complain: Complain): void {
  const path = ['parameters', name];
  if (range[0] >= range[1])
    complain([...path, 'range'], both('holds nothing', '为空'), both('write [lowest, highest]', '写 [下限, 上限]'));
  else if (usual !== undefined && (usual < range[0] || usual > range[1])) {
    complain(
      [...path, 'default'],
      both(`${usual} is not within the range`, `${usual} 不在范围内`),
      both('correct the default or the range', '改正 default 或 range'),
    );
  }
}
