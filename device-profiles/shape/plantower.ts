import * as z from 'zod';
import { pointFields, profileFields } from './fields.ts';

/** What a profile of a Plantower particle sensor says. */

export const particlePointSchema = z.strictObject({
  ...pointFields,
  byteOffset: z.int().min(4).describe('First byte of the value, counted from the start of the frame'),
  type: z.enum(['u8', 'u16', 's16']).describe('How the bytes are read; the high byte comes first'),
});

export const plantowerProfileSchema = z.strictObject({
  ...profileFields,
  protocol: z.literal('plantower').describe('Plantower stream: 42 4D frames, sent unasked about once a second'),
  frame: z
    .strictObject({
      length: z.literal([24, 32, 40]).describe('Bytes of a whole frame, header to checksum'),
      allZero: z
        .tuple([z.int().min(4), z.int().min(4)])
        .optional()
        .describe('Bytes [first, last] that are all zero while the sensor warms up: such a frame holds no value'),
    })
    .describe('The frame'),
  points: z.array(particlePointSchema).min(1).describe('What can be read'),
});

export type PlantowerProfile = z.output<typeof plantowerProfileSchema>;
export type ParticlePoint = z.output<typeof particlePointSchema>;
