import * as z from 'zod';
import { type ModbusPoint, modbusProfileSchema } from './shape/modbus.ts';
import { type ParticlePoint, plantowerProfileSchema } from './shape/plantower.ts';

/**
 * The shape of a device profile: what one instrument says on the wire and how to understand it. Facts only: no code, no
 * expressions, nothing that could clamp or make up a value. Objects are strict: an unknown field is a fault.
 * A new protocol is one more member of the union at the end.
 */

export {
  type Cadence,
  cadences,
  profileIdPattern,
  type SerialSettings,
  serialSettingsSchema,
  type Variant,
} from './shape/fields.ts';
export {
  type ModbusPoint,
  type ModbusProfile,
  type ModbusType,
  modbusPointSchema,
  modbusTypes,
  type WordOrder,
} from './shape/modbus.ts';
export { type ParticlePoint, type PlantowerProfile, particlePointSchema } from './shape/plantower.ts';

/** A whole profile: one file, with what it inherits already merged in. */
export const profileSchema = z.discriminatedUnion('protocol', [modbusProfileSchema, plantowerProfileSchema]);

export type Profile = z.output<typeof profileSchema>;
export type ProfilePoint = ModbusPoint | ParticlePoint;
