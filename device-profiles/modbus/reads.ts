import { isSlot, type ModbusProfile, type ModbusRead, type Profile, type ProfilePoint } from '../profile.ts';
import { cadenceOf, everythingUnder, partsOf } from '../value/leaning.ts';
import { slotReads } from '../value/slots.ts';

/**
 * What must be read for these points, as often as they are: their own registers, and the auxiliaries they lean on but for
 * those that are read once. A value that points of two cadences need is read with both.
 */
export function readsOf(profile: ModbusProfile, points: readonly ProfilePoint[]): ModbusRead[] {
  const { points: known, auxiliaries } = partsOf(profile);
  const reads: ModbusRead[] = [];
  for (const [cadence, wanted] of Map.groupBy(points, (point) => cadenceOf(profile, point))) {
    const lists = new Set<string>();
    for (const id of everythingUnder(profile, wanted)) {
      const point = known.get(id);
      const auxiliary = auxiliaries.get(id);
      if (auxiliary && 'register' in auxiliary && !auxiliary.once) reads.push({ ...auxiliary, cadence });
      if (point && isSlot(point)) lists.add(point.slots);
      else if (point && 'register' in point) reads.push(point.cadence === cadence ? point : { ...point, cadence });
    }
    const slots = profile.slots.filter(({ id }) => lists.has(id));
    reads.push(...slots.flatMap(slotReads));
  }
  return reads;
}

/** What must be read when the instrument is connected: what these points lean on and nobody changes, and who it is. */
export function readsAtConnect(profile: ModbusProfile, points: readonly ProfilePoint[]): ModbusRead[] {
  const under = everythingUnder(profile, points);
  return profile.auxiliaries
    .filter(({ id, once }) => (once && under.has(id)) || profile.identity?.includes(id))
    .map((auxiliary) => ({ ...auxiliary, cadence: 'once' as const }));
}

/** Ids of the raw values that these points are made of, as they come from the wire. */
export function rawIdsOf(profile: Profile, points: readonly ProfilePoint[]): string[] {
  if (profile.protocol === 'modbus') return [...new Set(readsOf(profile, points).map(({ id }) => id))];
  const computed = new Set(profile.computed.map(({ id }) => id));
  return [...everythingUnder(profile, points)].filter((id) => !computed.has(id));
}

/** Everything that the profile knows how to read, for bytes that nobody asked for by it. */
export function everyRead(profile: ModbusProfile): ModbusRead[] {
  const auxiliaries = profile.auxiliaries.map((auxiliary) => ({ ...auxiliary, cadence: 'fast' as const }));
  return [...profile.points, ...auxiliaries, ...profile.slots.flatMap(slotReads)];
}
