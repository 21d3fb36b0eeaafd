import type { Dispute } from './disputes/dispute-table.ts';
import type { Place } from './received-table.ts';

type Stretch = Place & { readonly first: number; readonly last: number };

/** What the platform can say about everything it was ever sent. Lists hold their first thousand. */
export interface Audit {
  /** Distinct keys in the table, and how many of them per stream. */
  readonly received: number;
  readonly records: number;
  readonly samples: number;
  /** Distinct keys that came late. */
  readonly late: number;
  /** Copies beyond the first: legal, but to be seen. */
  readonly redelivered: number;
  /** The same key with another hash: a fork, or a change after the fact. */
  readonly conflicts: readonly (Place & { readonly seq: number; readonly hash: string })[];
  /** Sequence numbers that must exist and are not accounted for. */
  readonly missing: readonly Stretch[];
  /** Accounted for by a word of the gateway. */
  readonly absent: readonly (Stretch & { readonly reason: string })[];
  /** Two batches that do not follow from each other at this seq. */
  readonly chainBreaks: readonly (Place & { readonly seq: number })[];
  /** Everything that needs somebody, one by one, with its place. */
  readonly disputes: readonly Dispute[];
  /** Disputes beyond the thousand that are kept. */
  readonly disputesBeyond: number;
  /** Batches whose entries do not lead to the hash that was signed. */
  readonly altered: number;
  /** Batches that were not signed by the gateway's key. */
  readonly badSignatures: number;
  /** Batches signed by a key that was rotated more than ten minutes before: not stored. */
  readonly formerKeys: number;
  /** Births with a key that the trusted one does not vouch for. */
  readonly foreignKeys: number;
  /** Batches of gateways whose key nobody knows. */
  readonly unknownGateways: number;
  readonly refused: number;
  readonly malformed: number;
  /** The latest malformed messages: topic and fault. */
  readonly faults: readonly string[];
}

/** Whether every key is there once and undisputed. Redeliveries are no fault. */
export function isClean({ disputes, disputesBeyond, malformed }: Audit): boolean {
  return disputes.length + disputesBeyond + malformed === 0;
}

/** The audit as lines of text: numbers first, then each thing that needs somebody. */
export function auditText(audit: Audit): string {
  const lines: string[] = [];
  for (const [name, value] of Object.entries(audit)) {
    lines.push(`${name.padEnd(16)}${Array.isArray(value) ? value.length : String(value)}`);
  }
  const stretch = ({ gateway, stream, epoch, first, last }: Dispute | Stretch): string =>
    `${gateway} ${stream ?? '-'} ${epoch ?? '-'} ${first ?? '-'}..${last ?? '-'}`;
  for (const one of audit.absent) lines.push(`absent         ${stretch(one)} ${one.reason}`);
  for (const one of audit.disputes) {
    const times = one.times === 1 ? '' : ` (${one.times} times)`;
    lines.push(`${one.kind.padEnd(15)}${stretch(one)}: ${one.detail}${times}`);
  }
  for (const fault of audit.faults) lines.push(`malformed      ${fault}`);
  return lines.join('\n');
}
