import type { NodeAccounts } from '../accounts.ts';
import type { TurnedAway } from '../node-link.ts';
import { isChipId, isNodeId, topicTo } from '../topics.ts';

/** What a CONNECT says. */
export interface ConnectWords {
  readonly clientId?: string | undefined;
  readonly username?: string | undefined;
  readonly password?: Uint8Array | undefined;
  readonly protocolVersion?: number | undefined;
  readonly will?:
    | { readonly topic: string; readonly payload: Uint8Array | string; readonly retain?: boolean | undefined }
    | undefined;
}

/** Who somebody is once that is proven; a chip without an account has proven nothing. */
export type Who = { readonly node: string; readonly chip: string } | { readonly node: null; readonly chip: string };

/** The CONNACK code that tells a node most of what it can tell (3.1.1, table 3.1). */
export type LogInAnswer = { readonly who: Who } | { readonly why: TurnedAway; readonly returnCode: 1 | 2 | 3 | 4 | 5 };

/** The user of those that have no account. */
export const newUser = 'new';

const longestWill = 64;

/** Judges a CONNECT. A will may only say something of the node itself. */
export function logIn(said: ConnectWords, accounts: NodeAccounts): LogInAnswer {
  const { clientId = '', username = '', password, protocolVersion, will } = said;
  if (protocolVersion !== 4) return { why: 'malformed', returnCode: 1 };
  if (!isChipId(clientId)) return { why: 'wrong-chip', returnCode: 2 };
  if (username === newUser) {
    return will === undefined ? { who: { node: null, chip: clientId } } : { why: 'malformed', returnCode: 5 };
  }
  if (!isNodeId(username)) return { why: 'unknown-node', returnCode: 4 };
  const answer = accounts.check(username, clientId, password);
  if (answer === 'wrong-chip') return { why: answer, returnCode: 2 };
  if (answer !== 'right') return { why: answer, returnCode: 4 };
  if (will !== undefined) {
    if (!will.topic.startsWith(topicTo(username, ''))) return { why: 'foreign-topic', returnCode: 5 };
    if (will.retain === true || will.payload.length > longestWill) return { why: 'malformed', returnCode: 5 };
  }
  return { who: { node: username, chip: clientId } };
}
