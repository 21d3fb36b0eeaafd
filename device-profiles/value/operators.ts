import { added, multiplied } from '../decimal.ts';
import { factors } from '../factors.ts';
import { type Operator, operatorNames } from '../shape/computed.ts';
import type { ComputedPoint } from '../shape/fields.ts';

/** Gives the value of an input by its id. */
type Input = (id: string) => number;

/** The operator of a computed point, and the ids of what it takes. */
export function operatorOf(point: ComputedPoint): { operator: Operator; inputs: string[] } {
  const operator = operatorNames.find((name) => point[name] !== undefined) ?? 'sum';
  const inputs = point[operator] ?? [];
  const named = Array.isArray(inputs) ? inputs : Object.values(inputs);
  return { operator, inputs: named.filter((id) => id !== undefined) };
}

/** What the operator makes of its inputs; `undefined` where the inputs have no such value, as with a division by 0. */
export function operate(point: ComputedPoint, input: Input): number | undefined {
  const { operator, inputs } = operatorOf(point);
  const values = inputs.map(input);
  const [first = 0, second = 0] = values;
  switch (operator) {
    case 'join':
    case 'sum':
      return values.reduce(added, 0);
    case 'difference':
      return added(first, -second);
    case 'product':
      return values.reduce(multiplied, 1);
    case 'ratio':
      return second === 0 ? undefined : first / second;
    case 'efficiency':
      return first === 0 ? undefined : (added(first, -second) * 100) / first;
    case 'noxAsNo2':
      return (first * (factors['nitrogen-dioxide'].molarMass ?? 0)) / (factors['nitric-oxide'].molarMass ?? 1) + second;
    case 'dryStandard':
      return dryStandard(point.dryStandard, input);
  }
}

/** HJ 212-2017 annex D, formula 18: to 273 K and 101.325 kPa, then to dry gas. */
function dryStandard(names: ComputedPoint['dryStandard'], input: Input): number | undefined {
  if (names === undefined) return undefined;
  const { concentration, temperature, staticPressure, airPressure, humidity } = names;
  const pressure = (airPressure === undefined ? 101.325 : input(airPressure)) + input(staticPressure);
  const dryShare = 1 - input(humidity) / 100;
  if (pressure <= 0 || dryShare <= 0) return undefined;
  return (input(concentration) * (101.325 / pressure) * ((273 + input(temperature)) / 273)) / dryShare;
}
