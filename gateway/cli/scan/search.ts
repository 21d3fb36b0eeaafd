import type { Candidate } from '../../scan/candidates.ts';
import type { MeterCandidate, MeterReport } from '../../scan/meters.ts';
import type { ScanReport } from '../../scan/report.ts';

/** What is looked for, and until when. */
export interface Search {
  readonly addresses: readonly number[];
  readonly candidates: readonly Candidate[];
  readonly signal: AbortSignal;
  /** Ask each address once. */
  readonly isQuick: boolean;
  /** Profiles of DL/T 645 meters to look for, too; undefined where they are not. */
  readonly meters: readonly MeterCandidate[] | undefined;
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
  /** Null where DL/T 645 meters were not looked for. */
  readonly meters: MeterReport | null;
}
