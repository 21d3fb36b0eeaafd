import type { Monotonic } from '../../clock.ts';
import type { LinkEvent } from '../link.ts';

/** What a node says: `fenceline-node/v1/{node}/{kind}`. */
export const nodeMessageKinds = ['hello', 'rows', 'gone', 'refused', 'want'] as const;
export type NodeMessageKind = (typeof nodeMessageKinds)[number];

/** What a node is told. */
export const toNodeKinds = ['have', 'time', 'configuration', 'update', 'chunk'] as const;
export type ToNodeKind = (typeof toNodeKinds)[number];

/** What a node says that has no account yet: `fenceline-node/v1/new/{chip}/{kind}`. */
export const newNodeMessageKinds = ['hello', 'adopted', 'refused'] as const;
export type NewNodeMessageKind = (typeof newNodeMessageKinds)[number];

/** Longest payload of a message in either direction, bytes. A node keeps to 1024. */
export const longestPayload = 2048;

/** A message of an adopted node, as it came: who said it is proven by the node's account, what it says by nobody. */
export interface NodeMessage {
  /** Node id: `[a-z0-9-]{1,24}`, never `new`. */
  readonly node: string;
  readonly kind: NodeMessageKind;
  readonly payload: Uint8Array;
  readonly at: Monotonic;
}

/** A message of a node without an account; anybody on the nodes' network may have sent it. */
export interface NewNodeMessage {
  /** Chip id, lower-case hexadecimal. */
  readonly chip: string;
  readonly kind: NewNodeMessageKind;
  readonly payload: Uint8Array;
  readonly at: Monotonic;
  /** Network address of the chip; null where the broker is not ours and does not tell. */
  readonly address: string | null;
}

/** Why somebody was not let in, or let out again. */
export type TurnedAway =
  /** No node of that id has an account, or its password is another one. */
  | 'unknown-node'
  | 'wrong-password'
  /** A client id that is no chip id, or one that another account holds. */
  | 'wrong-chip'
  /** It published or subscribed to what is not its own. */
  | 'foreign-topic'
  /** Larger than a node's messages ever are. */
  | 'oversized'
  /** Not MQTT 3.1.1, or something in it that no node sends: QoS 2, retained messages, wildcards. */
  | 'malformed'
  | 'flood'
  /** It connects, or fails to log in, again and again: held off for a growing time. */
  | 'held-off'
  /** It began a packet or a log-in and did not end it, or takes nothing of what it is sent. */
  | 'stalled'
  /** It spoke without TLS where that is asked for, or does not accept the certificate that it was shown. */
  | 'no-tls'
  /** As many as there may be are there. */
  | 'full'
  /** A second chip logged in with the same account: the newer one stays. */
  | 'replaced'
  /** Its account was taken away. */
  | 'forgotten';

/** What a link to nodes tells about itself. */
export type NodeLinkEvent =
  | Extract<LinkEvent, { readonly kind: 'link-opened' | 'link-closed' }>
  | {
      readonly kind: 'node-connected';
      readonly link: string;
      readonly node: string;
      /** Chip id; null where the broker is not ours and does not tell. */
      readonly chip: string | null;
      readonly address: string | null;
    }
  | { readonly kind: 'node-disconnected'; readonly link: string; readonly node: string; readonly why: string }
  | {
      readonly kind: 'node-turned-away';
      readonly link: string;
      readonly why: TurnedAway;
      /** What it gave as its node id and chip id, cut to 40 characters; null where it did not come to that. */
      readonly node: string | null;
      readonly chip: string | null;
      readonly address: string | null;
      /** How often since it was last told: the same from the same address is not told more than every 10 s. */
      readonly count: number;
    }
  /** A node without an account said hello; `isFirst`: it was not heard in the minutes before. */
  | {
      readonly kind: 'new-node';
      readonly link: string;
      readonly chip: string;
      /** `esp8266`, `esp32`. */
      readonly type: string;
      readonly version: string;
      readonly address: string | null;
      readonly isFirst: boolean;
    }
  /** It has taken its account, and waits for none any more; soon it connects with it. */
  | { readonly kind: 'node-adopted'; readonly link: string; readonly node: string; readonly chip: string };

/**
 * Messages to and from the nodes of one broker. What it is given to send waits in a bounded place; nothing is kept for a
 * node that is away.
 *
 * Contract, kept by every implementation and checked by one suite:
 * - `start` begins to connect or listen, and goes on trying by itself until `stop`: a fault is told (`link-closed`) and
 *   tried again after growing pauses. Every message of an adopted node is handed on once for each time it came, in the
 *   order of its node, at most {@link longestPayload} bytes of it, never after `stop`. A node may send the same message
 *   again (QoS 1): who hears it must not count it twice.
 * - `node-connected` comes before the first message of a connection, `node-disconnected` after the last.
 * - `send` is at once and never throws: true when the message is on its way, which proves nothing; false when the node is
 *   not connected, does not listen to that kind, takes nothing of what waits for it, or the payload is too long. The caller
 *   tries again at the node's next hello.
 * - `hearNew` is called before `start`; without it new nodes are heard by nobody.
 * - `adopt` offers an account to a chip without one; as `send`, it tells whether the message is on its way.
 * - `turnOut` ends the connection of a node whose account is gone; where the broker is not ours, the broker does that.
 * - `stop` resolves when nothing is heard or sent any more; it may be called at any time, also twice.
 */
export interface NodeLink {
  readonly id: string;
  hearNew(onMessage: (message: NewNodeMessage) => void): void;
  start(onMessage: (message: NodeMessage) => void): void;
  send(node: string, kind: ToNodeKind, payload: string | Uint8Array): boolean;
  adopt(chip: string, offer: string | Uint8Array): boolean;
  turnOut(node: string): void;
  stop(): Promise<void>;
}
