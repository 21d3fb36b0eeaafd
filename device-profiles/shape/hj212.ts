import * as z from 'zod';
import { hj212Dialects } from '../hj212.ts';
import { unitNames } from '../value/units.ts';
import { pointFields, profileFields } from './fields.ts';

/** What a profile of an instrument or logger says that sends HJ 212 by itself. */

/** Fields of an item that hold a number (HJ 212-2017, table 4). */
const fields = ['Rtd', 'Avg', 'Min', 'Max', 'Cou', 'ZsRtd', 'ZsAvg', 'ZsMin', 'ZsMax'] as const;

export const hj212PointSchema = z.strictObject({
  ...pointFields,
  codes: z
    .array(z.string().regex(/^[A-Za-z0-9.]{1,20}$/, 'must be a code as it is sent, such as a34004 or PM25'))
    .min(1)
    .describe('Codes under which the source sends it; the first that a packet holds counts'),
  field: z.enum(fields).default('Rtd').describe('Which field of the item is read: Rtd real-time, Avg mean …'),
  unit: z.enum(unitNames).describe('Unit in which this source sends it: it is not in the packet, and sources differ'),
});

export const hj212ProfileSchema = z.strictObject({
  ...profileFields,
  protocol: z.literal('hj212').describe('HJ 212, sent unasked over a serial line or TCP'),
  origin: z
    .enum(['measured', 'foreign'])
    .describe('measured: the instrument sends what it measures; foreign: a logger sends what it averaged or relays'),
  commands: z
    .array(z.string().regex(/^\d{4}$/, 'must be four digits in quotes, such as "2011"'))
    .min(1)
    .default(['2011'])
    .describe('CN of the packets that bring values; others are let pass'),
  dialects: z
    .array(z.enum(hj212Dialects))
    .min(1)
    .default([...hj212Dialects])
    .describe(
      'Kinds of CRC that are believed: hj212 as the standard says, modbus and modbus-swapped as some makers do',
    ),
  timeWithinSeconds: z
    .int()
    .min(1)
    .max(59)
    .default(59)
    .describe('How far the stamp of a packet may lie from our time; what is further off is no present value'),
  wantsAcknowledgement: z
    .boolean()
    .default(false)
    .describe(
      'True: it sends again, or stops sending, unless its data is acknowledged (CN 9014); the site must allow it',
    ),
  points: z.array(hj212PointSchema).min(1).describe('What can be read'),
});

export type Hj212Profile = z.output<typeof hj212ProfileSchema>;
export type Hj212Point = z.output<typeof hj212PointSchema>;
