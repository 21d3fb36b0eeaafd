import { z } from 'zod';
import type { NodeTrouble } from '../../driver/node/events.ts';
import type { ConfigurationState, UpdateState } from '../../driver/node/offers/offer-state.ts';
import { count } from '../picture/fields.ts';

const stamp = z.string();

// The lists below are checked against the driver's own types: one word more or less there does not compile here.

const trouble = z.enum({
  malformed: 'malformed',
  'replayed-boot': 'replayed-boot',
  'rows-lost': 'rows-lost',
  'clock-doubtful': 'clock-doubtful',
  'rows-without-time': 'rows-without-time',
  'no-instrument': 'no-instrument',
  'other-period': 'other-period',
} satisfies { [T in NodeTrouble]: T });

const updateState = z.enum({
  waiting: 'waiting',
  sending: 'sending',
  delivered: 'delivered',
  runs: 'runs',
  refused: 'refused',
  'rolled-back': 'rolled-back',
  failed: 'failed',
  held: 'held',
} satisfies { [S in UpdateState]: S });

const configurationState = z.enum({
  waiting: 'waiting',
  sent: 'sent',
  'in-force': 'in-force',
  refused: 'refused',
  'rolled-back': 'rolled-back',
} satisfies { [S in ConfigurationState]: S });

const health = z.object({
  /** When it said so. */
  at: stamp,
  boot: count.describe('Counter of its starts'),
  /** When this start began, by what it said of its uptime. */
  startedAt: stamp,
  version: z.string(),
  chip: z.enum(['esp8266', 'esp32']),
  /** Why it started last, and the times before, newest last. */
  reason: z.string(),
  boots: z.array(z.string()),
  rssi: z.int().nullable().describe('Received signal strength, dBm'),
  heap: z.int().describe('Free heap, bytes'),
  lowest: z.int().describe('Free heap at its lowest since the start, bytes'),
  held: count.describe('Rows that wait on it'),
  flashUsed: count,
  flashAllowed: count,
  dropped: count.describe('Rows that it ever dropped because it was full'),
  torn: count,
  goodFrames: count,
  badFrames: count,
  silent: count.nullable().describe('Seconds since the last good frame of its sensor'),
  configuration: count,
  sensor: z.string(),
});

export const nodePicture = z
  .object({
    id: z.string(),
    link: z.string(),
    /** Instruments of the site that are on it. */
    instruments: z.array(z.string()),
    connected: z.boolean(),
    /** Since when it is connected, or not; null where it was never seen since the start. */
    since: stamp.nullable(),
    /** Chip id and network address of the last connection, as far as the broker tells. */
    chipId: z.string().nullable(),
    address: z.string().nullable(),
    /** Why the last connection ended, in English; null while it holds. */
    why: z.string().nullable(),
    /** Its last hello; null before the first. */
    health: health.nullable(),
    /** Rows that it dropped since the gateway's start. */
    droppedSince: count,
    /** What was wrong with what it sent, by kind, and when last; of the last day, since the gateway's start. */
    troubles: z.array(z.object({ trouble, count, at: stamp, message: z.string() })),
    /** Firmware that it was offered. */
    update: z
      .object({
        version: z.string(),
        state: updateState,
        why: z.string().nullable(),
        done: count,
        of: count,
        at: stamp,
      })
      .nullable(),
    /** Configuration that it was offered. */
    configuration: z
      .object({
        version: count,
        state: configurationState,
        why: z.string().nullable(),
        fields: z.array(z.string()),
        at: stamp,
      })
      .nullable(),
  })
  .meta({ id: 'Node', description: 'A sensor node: whether it is there, how it is, and what it was offered' });

export type NodePicture = z.infer<typeof nodePicture>;
