import type { Allowance } from '../allowance.ts';
import { longestPayload, type TurnedAway } from '../node-link.ts';
import type { saidOn } from '../topics.ts';
import type { Who } from './log-in.ts';
import type { PacketGate } from './packet-gate.ts';

/** One connection that has logged in, or is about to. */
export interface Session<Client> {
  readonly key: string;
  readonly who: Who;
  readonly client: Client;
  readonly gate: PacketGate;
  /** What it has subscribed to, and at which QoS. */
  readonly topics: Map<string, 0 | 1>;
  /** Messages of one without an account: it says hello twice a minute. */
  readonly hellos: Allowance;
  /** Bytes given to the broker that are not yet written to the socket. */
  unwritten: number;
  isRegistered: boolean;
  isReady: boolean;
  why: string;
}

/** An error as aedes, its parser or the system make it. */
export type BrokerError = Error & { readonly code?: unknown; readonly errorCode?: unknown };

/** What aedes or its parser finds wrong with a connection; null where it is told otherwise, or the network's doing. */
export function reasonOf({ message, code, errorCode }: BrokerError): TurnedAway | null {
  if (typeof code === 'string' || errorCode !== undefined) return null;
  if (/keep alive|connection closed|replaced|foreign-topic|oversized|flood/.test(message)) return null;
  if (/drain timeout|did not arrive in time/.test(message)) return 'stalled';
  return /queue limit/.test(message) ? 'flood' : 'malformed';
}

/** By the account; one without an account cannot be told from others at its address that call themselves the same. */
export const keyOf = ({ node, chip }: Who): string => node ?? `new/${chip}`;
export const strikeKey = ({ node, chip }: Who, address: string): string => node ?? `new/${chip} ${address}`;

/** True for what a node does itself, so that it is held off for it. */
export const isItsFault = (why: TurnedAway): boolean =>
  why === 'flood' || why === 'oversized' || why === 'malformed' || why === 'foreign-topic';

/** What is wrong with a message of this session: not its own to say, too long, too often; null where it is taken. */
export function faultOf(
  { who, hellos }: Pick<Session<unknown>, 'who' | 'hellos'>,
  said: ReturnType<typeof saidOn>,
  bytes: number,
): TurnedAway | null {
  if (said === null) return 'foreign-topic';
  if ('node' in said ? said.node !== who.node : who.node !== null || said.chip !== who.chip) return 'foreign-topic';
  if (bytes > longestPayload) return 'oversized';
  return who.node === null && !hellos.take() ? 'flood' : null;
}
