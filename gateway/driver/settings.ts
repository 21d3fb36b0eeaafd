import * as z from 'zod';
import type { Cadence } from '../../device-profiles/profile.ts';
import { duration } from '../duration.ts';

const day = 24 * 3_600_000;
const pointId = z.string().min(1);

/** One entry of `instruments` in the site file. */
export const instrumentSettings = z
  .strictObject({
    id: z
      .string()
      .regex(/^[a-z0-9][a-z0-9._-]*$/, 'must be lower-case letters, digits, dots, underscores or hyphens')
      .describe('Name of the instrument, unique in the site'),
    profile: z.string().min(1).describe('maker/model or maker/model@variant, as `fenceline profiles list` prints it'),
    serial: z.string().min(1).optional().describe('Serial number on the type plate'),
    link: z.string().min(1).describe('The link it is wired to: a key of links'),
    address: z
      .int()
      .min(1)
      .max(255)
      .optional()
      .describe('Slave address, as set in the instrument; without it, as delivered'),
    meterAddress: z
      .string()
      .regex(/^(\d{12}|any)$/, 'must be the twelve digits of the meter in quotes, or "any"')
      .optional()
      .describe('For DL/T 645: the twelve digits on the plate; "any" where it is the only meter on its line'),
    mn: z
      .string()
      .regex(/^[0-9A-Za-z_-]{1,24}$/, 'must be the MN as it stands in the packets')
      .optional()
      .describe('For HJ 212: packets of other senders are not taken; without it, those of any sender are'),
    acknowledge: z
      .boolean()
      .optional()
      .describe('For HJ 212: true where data that asks for it is acknowledged; without it nothing is ever sent'),
    mayStart: z
      .boolean()
      .optional()
      .describe(
        'For an instrument that has to be started: true where the gateway may do it, false where somebody else does',
      ),
    node: z
      .string()
      .regex(/^(?!new$)[a-z0-9-]{1,24}$/, 'must be the id that the node was adopted under, such as esp-7f3a12')
      .optional()
      .describe('For what hangs on a sensor node: the id under which that was adopted'),
    every: duration
      .refine((ms) => ms >= 100 && ms <= day, 'must be from 100ms to 24h')
      .describe('How often it is read; 4s gives 15 samples a minute'),
    point: pointId.optional().describe('The monitoring point it serves'),
    channels: z
      .record(z.string(), pointId)
      .optional()
      .describe('For an instrument with channels: which monitoring point each one serves'),
    fitted: z
      .array(z.string().min(1))
      .optional()
      .describe('Optional sensors of the profile that this instrument has; others are not read'),
    parameters: z
      .record(z.string(), z.number())
      .optional()
      .describe('What only the site knows of it, as its profile asks: { "ct": 40 }'),
    commands: z
      .array(z.string().min(1))
      .max(16)
      .optional()
      .describe('For a board: its relays that may be switched, from the page and by the platform; without it none is'),
    expectedSamples: z
      .int()
      .min(1)
      .optional()
      .describe('Samples a minute should hold; without it, 60 s divided by `every`'),
    probeWithin: duration
      .refine((ms) => ms >= 1000 && ms <= day, 'must be from 1s to 24h')
      .optional()
      .describe(
        'While it keeps silent it is tried after growing pauses, but at least so often; without it, as often as costs a tenth of the line, at least every 60s',
      ),
  })
  .refine((settings) => settings.point !== undefined || settings.channels !== undefined, {
    path: ['point'],
    error: 'is missing: name the monitoring point, or map channels to points',
  });

export type InstrumentSettings = z.output<typeof instrumentSettings>;

/** Longest pause between two attempts at a silent instrument unless the site says otherwise, milliseconds. */
export const longestProbeWithin = 60_000;

const slowFactor = 15;
const slowAtLeast = 60_000;

/** Milliseconds between two readings of points of this cadence, for an instrument read every `every` milliseconds. */
export function periodOf(cadence: Cadence, every: number): number {
  switch (cadence) {
    case 'fast':
      return every;
    case 'slow':
      return Math.max(slowAtLeast, slowFactor * every);
    case 'daily':
      return Math.max(day, every);
    case 'once':
      return Number.POSITIVE_INFINITY;
  }
}
