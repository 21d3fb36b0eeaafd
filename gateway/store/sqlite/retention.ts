import type { Stream } from '../../record/record.ts';
import { SeqSet } from '../../record/seq-set.ts';
import { transactLazily } from './database.ts';
import type { Epoch } from './epochs.ts';
import type { GoneReason } from './gone.ts';
import type { Ledger } from './ledger.ts';
import type { Seal } from './stream-table.ts';

/** Most blocks that one step lets go: it holds up a commit for a few milliseconds. */
const blocksInStep = 32;

/** What a step let go. */
export interface LetGo {
  readonly stream: Stream;
  readonly entries: number;
  readonly reason: GoneReason;
}

interface Found {
  readonly epoch: Epoch;
  readonly seal: Seal;
  readonly acknowledged: boolean;
}

/**
 * Lets old entries go, whole blocks at a time and oldest first. What an uplink has not let go is kept by age for ever,
 * and goes for room only when nothing else is left.
 */
export class Retention {
  readonly #ledger: Ledger;
  readonly #uplinks: readonly string[];

  constructor(ledger: Ledger, uplinks: readonly string[]) {
    this.#ledger = ledger;
    this.#uplinks = uplinks;
  }

  /** One step: what was committed before the cutoff (wall time) and every uplink has let go. */
  byAge(stream: Stream, cutoff: number): LetGo | undefined {
    return this.#letGo(stream, this.#find(stream, cutoff, true));
  }

  /** One step to make room: acknowledged samples first, then records, then samples that nobody has, records last. */
  forRoom(): LetGo | undefined {
    for (const acknowledged of [true, false]) {
      for (const stream of ['samples', 'records'] as const) {
        const done = this.#letGo(stream, this.#find(stream, Number.POSITIVE_INFINITY, acknowledged));
        if (done !== undefined) return done;
      }
    }
    return undefined;
  }

  #letGo(stream: Stream, found: readonly Found[]): LetGo | undefined {
    const [first] = found;
    if (first === undefined) return undefined;
    const reason = first.acknowledged ? 'expired' : 'disk-full';
    const table = this.#ledger.tables[stream];
    transactLazily(this.#ledger.database, () => {
      for (const { epoch, seal } of found) table.letGo(epoch, seal, reason);
    });
    return { stream, reason, entries: found.reduce((sum, { seal }) => sum + seal.last - seal.first + 1, 0) };
  }

  #find(stream: Stream, cutoff: number, acknowledged: boolean): Found[] {
    const found: Found[] = [];
    for (const epoch of this.#ledger.epochs) {
      if (found.length < blocksInStep) found.push(...this.#within(stream, epoch, cutoff, acknowledged, found.length));
    }
    return found;
  }

  #within(stream: Stream, epoch: Epoch, cutoff: number, acknowledged: boolean, already: number): Found[] {
    const found: Found[] = [];
    const table = this.#ledger.tables[stream];
    const last = this.#ledger.lastSeq(stream, epoch);
    const claimed = this.#claimed(stream, epoch, last);
    // The newest block stays: the next opening proves the tail by it.
    const newest = epoch.no === this.#ledger.current.no ? last : Number.POSITIVE_INFINITY;
    for (let seq = 1; found.length + already < blocksInStep; ) {
      const seal = table.blockFrom(epoch, seq);
      if (seal === undefined || seal.committedAt >= cutoff || seal.last >= newest) break;
      const [free] = claimed.missingWithin(seal.first, last);
      const isFree = free !== undefined && free[0] === seal.first && free[1] >= seal.last;
      if (isFree === acknowledged) found.push({ epoch, seal, acknowledged });
      // What is claimed is stepped over in one stride, however long the outage was.
      const stride = isFree || !acknowledged ? seal.last + 1 : (free?.[0] ?? last + 1);
      seq = Math.max(seal.last + 1, stride);
    }
    return found;
  }

  /** What any uplink has not let go. */
  #claimed(stream: Stream, epoch: Epoch, last: number): SeqSet {
    const claimed = new SeqSet();
    for (const uplink of this.#uplinks) {
      for (const [first, end] of this.#ledger.claims(uplink).letGo(stream, epoch).missingWithin(1, last)) {
        claimed.add(first, end);
      }
    }
    return claimed;
  }
}
