import type { Reading } from '../reading/reading.ts';
import type { PeriodRecord, StreamRecord } from '../record/record.ts';

/**
 * How far a source that keeps its own readings, such as a node, has been heard: everything up to `seq` of its boot `boot`,
 * and all of its earlier boots, is durable.
 */
export interface SourceMark {
  readonly source: string;
  readonly boot: number;
  readonly seq: number;
}

/** A minute of one series. */
export interface MinuteOfSeries {
  readonly point: string;
  readonly factor: PeriodRecord['factor'];
  /** Its start, milliseconds of wall time. */
  readonly from: number;
}

/** What readings of such sources became, and how far the sources are heard with it: durable in one transaction or not at all. */
export interface Delivery {
  readonly records: readonly StreamRecord[];
  /** Minutes that had been closed, said anew, or for the first time where a gap stands; they stand behind `records`. */
  readonly late: readonly PeriodRecord[];
  readonly samples: readonly (readonly Reading[])[];
  /** A mark that does not go beyond the one that stands changes nothing. */
  readonly marks: readonly SourceMark[];
}

/**
 * The newest word on a minute; the revision of the gap that stands for it, 0 where nothing was ever said of that series;
 * `unknown`: it cannot be found any more.
 */
export type Said = PeriodRecord | { readonly gap: number } | 'unknown';

/** What sources that keep their own readings need of the store. */
export interface DeliveryStore {
  /**
   * Taken into the open group behind everything that was appended before, which is committed at once; resolves when that
   * is durable, to false when the store closed before it was.
   */
  deliver(delivery: Delivery): Promise<boolean>;
  /** Null when the database would not answer: that is not the same as nothing heard. */
  marks(): Promise<readonly SourceMark[] | null>;
  /**
   * What was said of these minutes, in their order; whatever was appended before is made durable first. Null when the
   * database would not answer, or would not commit. A minute of which no record ever spoke need not be asked for.
   */
  said(minutes: readonly MinuteOfSeries[]): Promise<readonly Said[] | null>;
}
