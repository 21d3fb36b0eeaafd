import type { NodeProfile } from '../../profile.ts';
import { both, type Complain } from './complain.ts';

/** What the schema cannot say of a node: a column is one value, unless the site says which of several; a shunt is stated. */
export function checkNode({ points, parameters }: NodeProfile, complain: Complain): void {
  points.forEach(({ column, optional, shunt }, index) => {
    const other = points.slice(0, index).find((one) => one.column === column && !(one.optional && optional));
    if (other !== undefined) {
      complain(
        ['points', index, 'column'],
        both(`${column} is already read by the point ${other.id}`, `${column} 已由测点 ${other.id} 读取`),
        both('keep one of the two, or make both optional', '两者保留其一，或都设 optional: true'),
      );
    }
    if (typeof shunt !== 'string' || Object.hasOwn(parameters, shunt)) return;
    complain(
      ['points', index, 'shunt'],
      both(`there is no parameter ${shunt}`, `没有参数 ${shunt}`),
      both('add it to parameters, or write the ohms', '在 parameters 中添加，或直接写欧姆数'),
    );
  });
}
