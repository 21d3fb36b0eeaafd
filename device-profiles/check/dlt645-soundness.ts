import type { Dlt645Profile } from '../profile.ts';
import { both, type Complain } from './rules/complain.ts';

/** Hexadecimal digits of an identifier, by edition. */
const identifierDigits = { 2007: 8, 1997: 4 } as const;

/** What the schema cannot say of a DL/T 645 meter. */
export function checkDlt645({ edition, blocks, points }: Dlt645Profile, complain: Complain): void {
  const digits = identifierDigits[edition];
  const taken = new Map<string, string>();
  points.forEach(({ id, identifier }, index) => {
    const path = ['points', index, 'identifier'];
    if (identifier.length !== digits) {
      complain(
        path,
        both(`an identifier of the ${edition} edition has ${digits} digits`, `${edition} 版的数据标识有 ${digits} 位`),
        both('correct it, or the edition', '改正标识或 edition'),
      );
    }
    const other = taken.get(identifier);
    if (other !== undefined)
      complain(
        path,
        both(`is already read by the point ${other}`, `已由测点 ${other} 读取`),
        both('keep one of the two', '两者保留其一'),
      );
    taken.set(identifier, id);
  });
  blocks.forEach(({ identifier, holds }, index) => {
    if (identifier.length !== digits) {
      const fault = both(
        `an identifier of the ${edition} edition has ${digits} digits`,
        `${edition} 版的数据标识有 ${digits} 位`,
      );
      complain(['blocks', index, 'identifier'], fault, both('correct it, or the edition', '改正标识或 edition'));
    }
    const cadences = new Set(points.flatMap((point) => (holds.includes(point.identifier) ? [point.cadence] : [])));
    if (cadences.size === 0) {
      const remedy = both(
        'name identifiers of points, in the order in which the block brings them, or remove the block',
        '按数据块中的顺序写测点的标识，或删去该块',
      );
      complain(['blocks', index, 'holds'], both('none of these is a point', '其中没有测点'), remedy);
    } else if (cadences.size > 1) {
      const fault = both(
        `its points are read ${[...cadences].join(' and ')}`,
        `其测点的读取频度为 ${[...cadences].join('、')}`,
      );
      complain(
        ['blocks', index, 'holds'],
        fault,
        both('give the points of a block one cadence', '同一块的测点使用同一 cadence'),
      );
    }
  });
}
