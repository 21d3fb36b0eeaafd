import * as z from 'zod';
import { nodeChanges } from './node-configuration.ts';

/**
 * What became of a firmware that was offered to a node.
 * - `waiting`: for the node's next hello, or for the node before it in the row
 * - `sending`: the node fetches it
 * - `delivered`: it has all of it; it checks it, restarts, and tries it
 * - `runs`: it said hello with it
 * - `refused`: it does not take it; `why` in its own word
 * - `rolled-back`: it came back with another version: the new one did not reach the gateway in three starts
 * - `failed`: it asks for the same piece again and again
 * - `held`: another node rolled it back, and nobody asked for this one by name
 */
export const updateStates = [
  'waiting',
  'sending',
  'delivered',
  'runs',
  'refused',
  'rolled-back',
  'failed',
  'held',
] as const;
export type UpdateState = (typeof updateStates)[number];

/** What became of a configuration; `sent`: the node has not said yet that it is in force. */
export const configurationStates = ['waiting', 'sent', 'in-force', 'refused', 'rolled-back'] as const;
export type ConfigurationState = (typeof configurationStates)[number];

const moment = z.number();

export const updateOffer = z.strictObject({
  version: z.string().max(40),
  state: z.enum(updateStates),
  /** Why it came to nothing, in the node's own word; null otherwise. */
  why: z.string().max(60).nullable(),
  /** Bytes that the node has been sent of all its files. */
  done: z.int().min(0),
  of: z.int().min(0),
  /** The node was named; it waits for no other and is not held back. */
  named: z.boolean(),
  /** Boot in which the last piece was sent; null before. */
  boot: z.int().nullable(),
  /** Epoch milliseconds of the last change. */
  at: moment,
});
export type UpdateOffer = z.output<typeof updateOffer>;

export const configurationOffer = z.strictObject({
  version: z.int().min(1),
  state: z.enum(configurationStates),
  why: z.string().max(60).nullable(),
  /** Null once the node has it, or has refused it: it may hold the password of a network. */
  changes: nodeChanges.nullable(),
  /** Which settings it changes. */
  fields: z.array(z.string()),
  at: moment,
});
export type ConfigurationOffer = z.output<typeof configurationOffer>;

/** One file of a firmware, with the sum that the node holds it against. */
export const offeredFile = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9._-]{1,27}$/),
  size: z.int().positive().max(262_144),
  sum: z.string().regex(/^\d+\.\d+$/),
  /** Base64. */
  content: z.base64().max(349_528),
});

export const firmwareVersion = z.string().regex(/^\d{1,4}\.\d{1,4}\.\d{1,4}[0-9A-Za-z.-]{0,16}$/);

/** A firmware as it is offered: the files of every kind of chip. */
export const offeredFirmware = z.strictObject({ version: firmwareVersion, files: z.array(offeredFile).min(1).max(8) });
export type OfferedFirmware = z.output<typeof offeredFirmware>;

/** What is kept in the site directory. */
export const offersDocument = z.strictObject({
  version: z.literal(1),
  firmware: offeredFirmware.nullable(),
  nodes: z.record(
    z.string(),
    z.strictObject({
      update: updateOffer.nullable(),
      configuration: configurationOffer.nullable(),
      /** Highest number of a configuration that was ever offered: a node does not take one again that it gave up. */
      lastConfiguration: z.int().min(0),
    }),
  ),
});
export type OffersDocument = z.output<typeof offersDocument>;

/** What a node says of itself that the offers go by. */
export interface HelloSeen {
  readonly boot: number;
  readonly version: string;
  /** `esp8266` or `esp32`. */
  readonly chip: string;
  /** Number of the configuration in force. */
  readonly configuration: number;
}

/** Something about an offer changed. */
export interface NodeOfferEvent {
  readonly kind: 'node-offer';
  readonly node: string;
  readonly update: Omit<UpdateOffer, 'named' | 'boot'> | null;
  readonly configuration: Omit<ConfigurationOffer, 'changes'> | null;
}
