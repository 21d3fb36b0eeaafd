import * as z from 'zod';
import { identifier, publicKey, stamp, version } from './fields.ts';

/** What a gateway is: retained, said on every connect and again whenever it changes. */
export const birthSchema = z.looseObject({
  v: version,
  area: identifier,
  gateway: identifier,
  at: stamp.describe('When this was written'),
  software: z.looseObject({ name: z.string(), version: z.string() }),
  alg: z.literal('Ed25519'),
  publicKey: publicKey.describe('Signs the batches. A platform trusts it after enrolment, not because birth says so'),
  keys: z
    .array(
      z.looseObject({
        publicKey,
        previous: publicKey.nullable(),
        signature: z.string().max(100).nullable().describe('Ed25519 by `previous`, base64'),
      }),
    )
    .max(256)
    .optional()
    .describe('The chain of keys, oldest first: each signed by the one before it. The last one is `publicKey`'),
  site: z.string().max(64).describe('Version of the site document in force'),
  source: z
    .looseObject({
      name: z.string(),
      creditCode: z.string().optional(),
      permit: z.string().optional(),
      kind: z.string().optional(),
      longitude: z.number().optional(),
      latitude: z.number().optional(),
      datum: z.string().optional(),
    })
    .describe('The pollution source (HJ 212: 污染源)'),
  points: z.array(z.looseObject({ id: z.string(), place: z.string().optional(), outlet: z.string().optional() })),
  instruments: z.array(
    z.looseObject({
      id: z.string(),
      profile: z.string(),
      commands: z.array(z.string()).optional().describe('Relays of a board that `switch` may switch'),
    }),
  ),
  factors: z
    .array(
      z.looseObject({
        factor: z.string(),
        hj212: z.string().nullable(),
        zh: z.string(),
        en: z.string(),
        unit: z.string(),
        decimals: z.int(),
      }),
    )
    .describe('The measured quantities this site has, with names and units'),
});

export type Birth = z.output<typeof birthSchema>;
