import type { Reading } from '../reading/reading.ts';
import type { LabelsState } from '../record/labels.ts';
import type { StreamRecord } from '../record/record.ts';

/** What is held of one boot. */
export interface HeldBoot {
  readonly boot: string;
  /** Rows and readings still held. */
  readonly rows: number;
  readonly readings: number;
  /** Milliseconds of that boot of the oldest and newest thing held; null when nothing is. */
  readonly first: number | null;
  readonly last: number | null;
  /** Readings that the bound took, and from and up to which millisecond of the boot. */
  readonly dropped: number;
  readonly droppedFrom: number | null;
  readonly droppedUntil: number | null;
  /** Wall time at which that boot began, by the time at which what it held began to be released; null before. */
  readonly origin: number | null;
  /** A gap record accounts for it already. */
  readonly told: boolean;
}

/** A row as it is held: text that only who held it understands. `first` and `last` in milliseconds of the boot. */
export interface HeldRow {
  readonly text: string;
  readonly readings: number;
  readonly first: number;
  readonly last: number;
}

/** What became of held rows, made durable with the entries they became, all in one transaction. */
export interface Release {
  readonly boot: string;
  readonly origin: number;
  readonly records: readonly StreamRecord[];
  readonly samples: readonly (readonly Reading[])[];
  /** Rows that are done with. */
  readonly done: readonly number[];
  /** Rows of which something is left. */
  readonly left: readonly (HeldRow & { readonly id: number })[];
  /** The gap record among `records` accounts for every other boot that is held. */
  readonly tellsOthers: boolean;
}

/**
 * What waits until it is known what time it is. A bound drops the oldest rows, which is counted and told. What cannot be
 * made durable is not taken: `false`, and the caller still has it.
 */
export interface HoldingStore {
  labels(): Promise<LabelsState>;
  hold(boot: string, rows: readonly HeldRow[]): Promise<boolean>;
  /** Rows of a boot in the order they came, those after `after`. */
  held(boot: string, after: number, limit: number): Promise<readonly (HeldRow & { readonly id: number })[]>;
  heldBoots(): Promise<readonly HeldBoot[]>;
  release(release: Release): Promise<boolean>;
}

/** What the table may hold: with readings packed, weeks of a small site and some days of a large one. */
export const heldBound = { bytes: 64 * 1024 * 1024, rows: 200_000 };
