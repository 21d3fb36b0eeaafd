import type { ComputedPoint, Profile } from '../../profile.ts';
import { operatorNames } from '../../shape/computed.ts';
import { cadenceOf, everythingUnder, partsOf } from '../../value/leaning.ts';
import { operatorOf } from '../../value/operators.ts';
import { both, type Complain } from './complain.ts';
import { checkName, namesOf } from './meaning.ts';

/** Computed points: one operator, inputs that exist and come together, no circles. */
export function checkComputed(profile: Profile, leftOut: ReadonlySet<string>, complain: Complain): void {
  const names = namesOf(profile, leftOut);
  const inputs = [...names.points, ...names.auxiliaries, ...names.parameters];
  profile.computed.forEach((point, index) => {
    const path = ['computed', index];
    const operators = operatorNames.filter((name) => point[name] !== undefined);
    if (operators.length !== 1) {
      complain(
        path,
        both('has not exactly one operator', '运算符应恰好一个'),
        both(`write one of: ${operatorNames.join(', ')}`, `可写：${operatorNames.join('、')}`),
      );
      return;
    }
    const { operator, inputs: own } = operatorOf(point);
    const allowed = operator === 'join' ? names.auxiliaries : inputs;
    for (const id of own) checkName(id, allowed, [...path, operator], names, complain);
    for (const [place, condition] of (point.when ?? []).entries()) {
      checkName(condition.value, inputs, [...path, 'when', place, 'value'], names, complain);
      if (condition.atLeast === undefined && condition.atMost === undefined) {
        complain(
          [...path, 'when', place],
          both('asks for nothing', '没有条件'),
          both('write atLeast, atMost or both', '写 atLeast、atMost 或两者'),
        );
      }
    }
    if (isInCircle(profile, point)) {
      complain([...path, operator], both('is made of itself', '由自身算出'), both('name what is read', '写读取到的量'));
    } else if (cadencesOf(profile, own).size > 1) {
      complain(
        [...path, operator],
        both('mixes values that are not read together', '混用了不在同一次读取的量'),
        both('give its points one cadence', '让这些测点使用同一 cadence'),
      );
    }
  });
}

/** True if the point leans on itself. */
function isInCircle(profile: Profile, point: ComputedPoint): boolean {
  const { points } = partsOf(profile);
  return operatorOf(point).inputs.some((id) => {
    const input = points.get(id);
    return input !== undefined && everythingUnder(profile, [input]).has(point.id);
  });
}

function cadencesOf(profile: Profile, ids: readonly string[]): Set<string> {
  const { points } = partsOf(profile);
  return new Set(
    ids.flatMap((id) => {
      const point = points.get(id);
      return point === undefined ? [] : [cadenceOf(profile, point)];
    }),
  );
}
