import type { Candidate } from '../../scan/candidates.ts';
import type { ScanReport } from '../../scan/report.ts';

/** What is looked for, and until when. */
export interface Search {
  readonly addresses: readonly number[];
  readonly candidates: readonly Candidate[];
  readonly signal: AbortSignal;
  readonly isQuick: boolean;
}

/** Whom another master was heard to ask. */
export interface OtherMaster {
  readonly asked: readonly number[];
  /** Those that were heard to answer; null where that is not known. */
  readonly answering: readonly number[] | null;
}

/** What came of searching one line. */
export interface Searched {
  readonly report: ScanReport;
  /** Null where no other master was heard. */
  readonly otherMaster: OtherMaster | null;
  /** Addresses that were left alone, since a running gateway polls instruments of the site there. */
  readonly skipped: readonly number[];
}
