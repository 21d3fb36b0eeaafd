import * as z from 'zod';
import { operatorNames } from './shape/computed.ts';
import { type Dlt645Point, dlt645ProfileSchema } from './shape/dlt645.ts';
import type { ComputedPoint } from './shape/fields.ts';
import { type FirmataPoint, firmataProfileSchema } from './shape/firmata.ts';
import { type FramedPoint, framedProfileSchema } from './shape/framed.ts';
import { type Hj212Point, hj212ProfileSchema } from './shape/hj212.ts';
import { type ModbusPoint, modbusProfileSchema } from './shape/modbus.ts';
import { type NodePoint, nodeProfileSchema } from './shape/node.ts';
import type { SlotMeaning } from './shape/slots.ts';

/**
 * The shape of a device profile: what one instrument says on the wire and how to understand it. Facts only: no code, no
 * expressions, nothing that could clamp or make up a value. Objects are strict: an unknown field is a fault.
 * A new protocol is one more member of the union at the end.
 */

export { type Dlt645Point, type Dlt645Profile, dlt645PointSchema } from './shape/dlt645.ts';
export {
  type Cadence,
  type ComputedPoint,
  cadences,
  type Parameter,
  type ProfileEvent,
  profileIdPattern,
  type Variant,
} from './shape/fields.ts';
export { type FirmataPoint, type FirmataProfile, firmataPointSchema, type Relay } from './shape/firmata.ts';
export { type FramedPoint, type FramedProfile, framedPointSchema } from './shape/framed.ts';
export { type Hj212Point, type Hj212Profile, hj212PointSchema } from './shape/hj212.ts';
export {
  type ModbusAuxiliary,
  type ModbusPoint,
  type ModbusProfile,
  type ModbusRead,
  type ModbusType,
  modbusPointSchema,
  modbusTypes,
  type WordOrder,
} from './shape/modbus.ts';
export { type NodePoint, type NodeProfile, nodePointSchema } from './shape/node.ts';
export type { InstrumentFlag, InstrumentState } from './shape/status.ts';

/** A whole profile: one file, with what it inherits already merged in. */
export const profileSchema = z.discriminatedUnion('protocol', [
  modbusProfileSchema,
  framedProfileSchema,
  dlt645ProfileSchema,
  hj212ProfileSchema,
  firmataProfileSchema,
  nodeProfileSchema,
]);

export type Profile = z.output<typeof profileSchema>;

/** A point with a place of its own on the wire. */
type ReadPoint = ModbusPoint | FramedPoint | Dlt645Point | Hj212Point | FirmataPoint | NodePoint;
/** A point whose place on the wire the instrument says itself. */
export interface SlotPoint extends SlotMeaning {
  /** The list of slots that it is looked for in. */
  readonly slots: string;
  /** Always true: the site says which of the meanings its instrument has. */
  readonly optional: true;
  readonly cadence: ModbusPoint['cadence'];
}
/** Everything that becomes a series. */
export type ProfilePoint = ReadPoint | ComputedPoint | SlotPoint;

const known = new WeakMap<Profile, readonly ProfilePoint[]>();

/** Every point of the profile that becomes a series: read, listed in a slot, or computed. Always the same objects. */
export function pointsOf(profile: Profile): readonly ProfilePoint[] {
  const before = known.get(profile);
  if (before) return before;
  const points = [...profile.points, ...slotPoints(profile), ...profile.computed];
  known.set(profile, points);
  return points;
}

function slotPoints(profile: Profile): SlotPoint[] {
  if (profile.protocol !== 'modbus') return [];
  return profile.slots.flatMap(({ id, cadence, meanings }) =>
    meanings.map((meaning) => ({ ...meaning, slots: id, cadence, optional: true as const })),
  );
}

/** True for a point that is made of others. */
export function isComputed(point: ProfilePoint): point is ComputedPoint {
  return operatorNames.some((name) => name in point);
}

/** True for a point that the instrument lists in a slot. */
export function isSlot(point: ProfilePoint): point is SlotPoint {
  return 'slots' in point;
}
