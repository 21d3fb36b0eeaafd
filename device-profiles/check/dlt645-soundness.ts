import type { Dlt645Profile } from '../profile.ts';
import type { Complain } from './rules/complain.ts';

/** Hexadecimal digits of an identifier, by edition. */
const identifierDigits = { 2007: 8, 1997: 4 } as const;

/** What the schema cannot say of a DL/T 645 meter. */
export function checkDlt645({ edition, blocks, points }: Dlt645Profile, complain: Complain): void {
  const digits = identifierDigits[edition];
  const taken = new Map<string, string>();
  points.forEach(({ id, identifier }, index) => {
    const path = ['points', index, 'identifier'];
    if (identifier.length !== digits) {
      complain(path, `an identifier of the ${edition} edition has ${digits} digits`, 'correct it, or the edition');
    }
    const other = taken.get(identifier);
    if (other !== undefined) complain(path, `is already read by the point ${other}`, 'keep one of the two');
    taken.set(identifier, id);
  });
  blocks.forEach(({ identifier, holds }, index) => {
    if (identifier.length !== digits) {
      const fault = `an identifier of the ${edition} edition has ${digits} digits`;
      complain(['blocks', index, 'identifier'], fault, 'correct it, or the edition');
    }
    const cadences = new Set(points.flatMap((point) => (holds.includes(point.identifier) ? [point.cadence] : [])));
    if (cadences.size === 0) {
      const remedy = 'name identifiers of points, in the order in which the block brings them, or remove the block';
      complain(['blocks', index, 'holds'], 'none of these is a point', remedy);
    } else if (cadences.size > 1) {
      const fault = `its points are read ${[...cadences].join(' and ')}`;
      complain(['blocks', index, 'holds'], fault, 'give the points of a block one cadence');
    }
  });
}
