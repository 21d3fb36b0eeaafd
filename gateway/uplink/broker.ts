import type { CertificateFacts } from './connecting/certificate.ts';

/**
 * Seconds without a packet from us until the line is tried with a ping. Longer than a minute, so that what goes out every
 * minute spares the pings; a PUBACK that stays out tells of a dead line sooner.
 */
export const pingAfter = 75;

/** What is published: always QoS 1. */
export interface Message {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly retain: boolean;
  /** MIME type, told to an MQTT 5 broker; null says nothing, as a batch does, whose first byte tells. */
  readonly contentType: string | null;
}

/**
 * What became of a publish. `accepted`: the broker has taken it over (PUBACK). `refused`: the broker said no, the
 * connection goes on; `isTooLarge` where its size alone is the reason. `lost`: nobody knows; the connection is gone or going.
 */
export type PublishOutcome =
  | { readonly outcome: 'accepted' }
  | { readonly outcome: 'refused'; readonly reason: string; readonly isTooLarge?: boolean }
  | { readonly outcome: 'lost'; readonly reason: string };

/** Why there is no connection. `denied` needs a person; `unreachable` is worth another try soon. */
export interface BrokerFault {
  readonly kind: 'unreachable' | 'denied';
  /** What, where, and what to do; English. */
  readonly message: string;
}

export interface ConnectOptions {
  /** What the broker says for us when we vanish; without it, nothing. */
  readonly will?: Message;
  readonly onMessage: (topic: string, payload: Uint8Array) => void;
  /** Called once, when the connection is gone for whatever reason but `close`. */
  readonly onClosed: (reason: string) => void;
  /** Raised when nobody wants the connection any more: an attempt under way is given up at once. */
  readonly signal?: AbortSignal;
}

/** One live connection. It is used until it closes, then thrown away with everything in it. */
export interface BrokerConnection {
  /** Publishes that may be without their PUBACK at once; more than that wait here, in order. */
  readonly receiveMaximum: number;
  /** Bytes of the largest packet the broker takes; null when it set no bound. */
  readonly maximumPacketSize: number | null;
  /** The broker's own certificate; left out where there is none. */
  readonly certificate?: CertificateFacts | null;
  /**
   * Resolves to what became of it, never throws. A PUBACK that does not come in time closes the connection. After the
   * connection is gone every open publish resolves to `lost`, and nothing is ever sent again by itself.
   */
  publish(message: Message): Promise<PublishOutcome>;
  /** Subscribes, at QoS 1 where nothing else is said; resolves to null, or to why not. */
  subscribe(topic: string, qos?: 0 | 1): Promise<string | null>;
  /** Leaves politely (no will is sent) when nothing is open, else at once. Never hangs. */
  close(): Promise<void>;
}

/** A place to connect to. Each `connect` is a fresh start: clean session, nothing carried over. Never throws. */
export interface Broker {
  connect(options: ConnectOptions): Promise<BrokerConnection | BrokerFault>;
}

export function isBrokerFault(value: BrokerConnection | BrokerFault): value is BrokerFault {
  return 'kind' in value;
}
