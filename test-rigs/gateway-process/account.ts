import type { Platform } from '../platform/platform.ts';
import { entryKey, type Ledger } from './ledger.ts';

/** Ledger against platform: what `npm start -- --json` prints and every fault story asserts. */
export interface Account {
  /** Entries the gateway committed, by its ledger. */
  readonly committed: number;
  /** Distinct entries at the platform. */
  readonly received: number;
  /** Committed, and not at the platform under that key with that hash. */
  readonly missing: number;
  /** One key with two hashes, anywhere. */
  readonly conflicts: number;
  /** Copies beyond the first. */
  readonly redelivered: number;
  /** What else the platform found: breaks of the chain, altered batches, wrong signatures, malformed messages. */
  readonly faults: number;
}

/** Compares what the gateway said it committed with what the platform holds. */
export function accountOf(ledger: Ledger, platform: Platform): Account {
  const held = new Map(platform.table.rows().map((row) => [entryKey(row), row.hash]));
  let missing = 0;
  let conflicts = platform.table.count('conflicts') + ledger.contradictions.length;
  for (const [key, hash] of ledger.hashes) {
    const there = held.get(key);
    if (there === undefined) missing++;
    else if (there !== hash) conflicts++;
  }
  const audit = platform.audit();
  return {
    committed: ledger.size,
    received: held.size,
    missing,
    conflicts,
    redelivered: audit.redelivered,
    faults: audit.chainBreaks.length + audit.altered + audit.badSignatures + audit.foreignKeys + audit.malformed,
  };
}

/** Whether every committed entry is in the platform's table exactly once and nothing else is wrong. */
export function isComplete({ committed, missing, conflicts, faults }: Account): boolean {
  return committed > 0 && missing === 0 && conflicts === 0 && faults === 0;
}
