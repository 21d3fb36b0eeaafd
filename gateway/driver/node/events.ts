import type { Monotonic } from '../../clock.ts';
import type { NodeHello } from './hello.ts';
import type { NodeOfferEvent } from './offers/offer-state.ts';

/**
 * What is not as it should be with what a node sends; each is told per node and harms no other.
 * - `malformed`: a message that is not what it should be
 * - `replayed-boot`: rows of a start that lies before the newest one of that account
 * - `rows-lost`: numbers that are missing between two rows
 * - `clock-doubtful`: times that contradict each other, or lie in the future
 * - `rows-without-time`: rows of a start that never learned the time
 * - `no-instrument`: it has an account, and the site names no instrument on it
 * - `other-period`: it averages over another time than the site says
 */
export const nodeTroubles = [
  'malformed',
  'replayed-boot',
  'rows-lost',
  'clock-doubtful',
  'rows-without-time',
  'no-instrument',
  'other-period',
] as const;
export type NodeTrouble = (typeof nodeTroubles)[number];

/** What the driver tells of nodes. */
export type NodeEvent =
  /** A good hello. */
  | {
      readonly kind: 'node-health';
      readonly link: string;
      readonly node: string;
      readonly at: Monotonic;
      readonly hello: NodeHello;
    }
  | {
      readonly kind: 'node-trouble';
      readonly link: string;
      readonly node: string;
      readonly trouble: NodeTrouble;
      /** What, where and what to do; English. */
      readonly message: string;
      /** How many rows or messages it is. */
      readonly count: number;
    }
  | NodeOfferEvent
  /** What is offered to nodes could not be read or written; English, with what to do. */
  | { readonly kind: 'node-offers-fault'; readonly message: string };
