import { type Decoded, interpret, type Known, nothingKnown, type Raw } from './decode.ts';
import type { NodeRow } from './node-message.ts';
import { type NodePoint, type NodeProfile, pointsOf } from './profile.ts';

/**
 * What one row of a node means, by the id of the point, and what is computed of it. A point is not in it when its column is
 * null or not sent: why, only its counts tell. Never throws for what was received.
 */
export function decodeNodeRow(
  profile: NodeProfile,
  row: Pick<NodeRow, 'values'>,
  known: Known = nothingKnown,
): ReadonlyMap<string, Decoded> {
  const raws = new Map<string, Raw>();
  for (const point of profile.points) {
    const value = row.values.get(point.column);
    const raw = value === undefined || value === null ? undefined : rawOf(point, value, profile, known);
    if (raw !== undefined) raws.set(point.id, raw);
  }
  return interpret(profile, pointsOf(profile), raws, known);
}

/** Millivolts over the shunt are milliamperes, to a microampere: no digits are made up. */
function rawOf({ shunt }: NodePoint, value: number, { parameters }: NodeProfile, known: Known): number | undefined {
  if (shunt === undefined) return value;
  const ohms = typeof shunt === 'number' ? shunt : (known.parameters[shunt] ?? parameters[shunt]?.default);
  return ohms === undefined ? undefined : Math.round((value / ohms) * 1000) / 1000;
}
