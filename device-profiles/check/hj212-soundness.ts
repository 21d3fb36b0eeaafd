import type { Hj212Profile } from '../profile.ts';
import { both, type Complain } from './rules/complain.ts';

/** What the schema cannot say of a source of HJ 212. */
export function checkHj212({ points }: Hj212Profile, complain: Complain): void {
  const taken = new Map<string, string>();
  points.forEach(({ id, codes, field }, index) => {
    codes.forEach((code, place) => {
      const item = `${code}-${field}`;
      const other = taken.get(item);
      if (other !== undefined) {
        complain(
          ['points', index, 'codes', place],
          both(`${item} is already read by the point ${other}`, `${item} 已由测点 ${other} 读取`),
          both('keep one of the two', '两者保留其一'),
        );
      }
      taken.set(item, id);
    });
  });
}
