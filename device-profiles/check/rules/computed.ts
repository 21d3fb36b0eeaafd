import type { ComputedPoint, Profile } from '../../profile.ts';
import { operatorNames } from '../../shape/computed.ts';
import { cadenceOf, everythingUnder, partsOf } from '../../value/leaning.ts';
import { operatorOf } from '../../value/operators.ts';
import type { Complain } from './complain.ts';
import { checkName, namesOf } from './meaning.ts';

/** Computed points: one operator, inputs that exist and come together, no circles. */
export function checkComputed(profile: Profile, leftOut: ReadonlySet<string>, complain: Complain): void {
  const names = namesOf(profile, leftOut);
  const inputs = [...names.points, ...names.auxiliaries, ...names.parameters];
  profile.computed.forEach((point, index) => {
    const path = ['computed', index];
    const operators = operatorNames.filter((name) => point[name] !== undefined);
    if (operators.length !== 1) {
      complain(path, 'has not exactly one operator', `write one of: ${operatorNames.join(', ')}`);
      return;
    }
    const { operator, inputs: own } = operatorOf(point);
    const allowed = operator === 'join' ? names.auxiliaries : inputs;
    for (const id of own) checkName(id, allowed, [...path, operator], names, complain);
    for (const [place, condition] of (point.when ?? []).entries()) {
      checkName(condition.value, inputs, [...path, 'when', place, 'value'], names, complain);
      if (condition.atLeast === undefined && condition.atMost === undefined) {
        complain([...path, 'when', place], 'asks for nothing', 'write atLeast, atMost or both');
      }
    }
    if (isInCircle(profile, point)) {
      complain([...path, operator], 'is made of itself', 'name what is read');
    } else if (cadencesOf(profile, own).size > 1) {
      complain([...path, operator], 'mixes values that are not read together', 'give its points one cadence');
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
