import type { Stream } from '../record/record.ts';
import type { CertificateFacts } from './connecting/certificate.ts';
import type { Finding } from './connecting/credentials.ts';

/** What an uplink tells about itself; diagnosis shows it. */
export type UplinkEvent =
  | { readonly kind: 'uplink-state'; readonly uplink: string; readonly state: UplinkState; readonly detail: string }
  | {
      readonly kind: 'uplink-sent';
      readonly uplink: string;
      readonly stream: Stream;
      readonly entries: number;
      readonly bytes: number;
      readonly late: boolean;
      readonly again: boolean;
    }
  | { readonly kind: 'uplink-acknowledged'; readonly uplink: string; readonly stream: Stream; readonly entries: number }
  | {
      readonly kind: 'uplink-refused';
      readonly uplink: string;
      readonly stream: Stream;
      readonly seq: number;
      readonly reason: string;
    }
  /** The files and certificates of the link, and what is wrong with them or soon will be; told when any of it changes. */
  | {
      readonly kind: 'uplink-credentials';
      readonly uplink: string;
      readonly findings: readonly Finding[];
      readonly certificates: readonly (CertificateFacts & { readonly whose: 'gateway' | 'broker' })[];
    }
  /** A message from the other side that is not what the contract allows; it was dropped. */
  | { readonly kind: 'uplink-malformed'; readonly uplink: string; readonly topic: string; readonly fault: string }
  /** The broker does not let us hear commands; everything else goes on. */
  | { readonly kind: 'uplink-deaf'; readonly uplink: string; readonly topic: string; readonly fault: string }
  /** A reply to a command found no room, or the broker would not have it. */
  | { readonly kind: 'uplink-reply-dropped'; readonly uplink: string };

/** `scheduled`: outside the hours in which the site may send. */
export type UplinkState = 'connecting' | 'connected' | 'waiting' | 'scheduled' | 'stopped';

/** How fast an uplink goes, and what holds it. */
export interface UplinkPace {
  /** What the line carries by what was last measured, bytes a second; null before the first answer. */
  readonly bytesPerSecond: number | null;
  /** Bytes of this month, an estimate of what a carrier counts; `limit` null where the line is not metered. */
  readonly month: { readonly month: string; readonly bytes: number; readonly limit: number | null };
  /** Local time at which it may connect next; null while it may. */
  readonly opensAt: string | null;
  /** Why the backlog waits although there is a connection; null when it does not. */
  readonly backlogWaits: 'spread' | 'month' | null;
  /** Seconds until the backlog's turn after an outage; null where it waits for none. */
  readonly backlogTurnIn: number | null;
}

/** A running uplink. It never throws: what goes wrong is an event and another try. */
export interface Uplink {
  readonly id: string;
  readonly pace: UplinkPace;
  start(): void;
  /** Queues a reply to a command, JSON; kept over lost connections, bounded. */
  reply(document: object): void;
  /** Whether every reply so far is with the broker. */
  readonly hasReplied: boolean;
  /** To be called when the store claims something again. */
  lookAgain(): void;
  /** Says goodbye (status offline), gives what is in flight up to `grace` milliseconds to be acknowledged, and lets go. */
  stop(grace: number): Promise<void>;
}
