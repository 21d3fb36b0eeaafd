import type { CutFindings } from './cut-check.ts';

/** What has come of it so far. `lost`, `conflicts` and `chainBreaks` are to be 0, and `wrong` empty. */
export class Tally {
  /** Lives that ended in SIGKILL. */
  kills = 0;
  /** States that a power cut may have left, of which each was looked at or lived on in. */
  powerCuts = 0;
  /** Entries the gateway told as committed. */
  committed = 0;
  /** Told as committed, and not in the store or not at the platform. */
  lost = 0;
  /** One key with two hashes, between any of ledger, store and platform. */
  conflicts = 0;
  /** Places where entries do not follow from each other, in the store or at the platform. */
  chainBreaks = 0;
  /** Anything else that must not be: a start that was refused, signatures, malformed messages, an epoch begun anew. */
  readonly wrong: string[] = [];

  addCut({ lost, conflicts, chainBreaks, wrong }: CutFindings): void {
    this.powerCuts++;
    this.lost += lost;
    this.conflicts += conflicts;
    this.chainBreaks += chainBreaks;
    if (wrong !== null) this.wrong.push(wrong);
  }

  get isSound(): boolean {
    return this.lost + this.conflicts + this.chainBreaks + this.wrong.length === 0;
  }
}
