import type { Averaging } from '../averaging/averaging.ts';
import type { SiteClock } from '../clock/site-clock.ts';
import type { LocalTime, WallTime } from '../clock.ts';
import type { Reading } from '../reading/reading.ts';
import { type LabelsState, nothingSaid } from '../record/labels.ts';
import type { StreamRecord } from '../record/record.ts';
import type { DeliveryStore } from '../store/delivery-port.ts';
import type { HeldBoot, HoldingStore, Release } from '../store/holding-port.ts';
import type { Store } from '../store/port.ts';
import { type HeldItem, itemsText, readingsIn, spanOf, stamped } from './held-items.ts';

/** What the holding of readings tells; diagnosis shows it. */
export type HoldingEvent =
  | {
      readonly kind: 'holding';
      /** Readings of this boot that wait for the time; and what is kept of earlier ones whose time was never known. */
      readonly readings: number;
      readonly earlier: number;
      /** Milliseconds since the first of this boot. */
      readonly since: number | null;
      readonly releasing: boolean;
    }
  | { readonly kind: 'holding-dropped'; readonly readings: number };

export interface HoldingOptions {
  readonly clock: SiteClock;
  readonly store: Pick<Store, 'append' | 'sample'> & HoldingStore & DeliveryStore;
  readonly localTime: LocalTime;
  /** Makes the one that turns readings into minutes; it gives its records to `emit`. */
  readonly averaging: (said: LabelsState, emit: (records: readonly StreamRecord[]) => void) => Averaging;
  /** Told of every record that averaging made. */
  readonly onRecord: (record: StreamRecord) => void;
  readonly observe: (event: HoldingEvent) => void;
}

/** A row under release: what of it is not yet among the entries. */
interface Carried {
  readonly id: number;
  items: HeldItem[];
  touched: boolean;
}

/** One pass through what is held of this boot: feeds averaging, and says which part of it is safe to let go of. */
export class ReleaseRun {
  readonly origin: number;
  averaging: Averaging;
  onRecords: (records: readonly StreamRecord[]) => void;
  readonly #options: HoldingOptions;
  readonly #others: readonly HeldBoot[];
  /** This boot, where the bound took something of it. */
  readonly #dropped: HeldBoot | undefined;
  /** Wall time of the last thing fed. */
  #fedUntil = 0;
  #carried: Carried[] = [];
  #begun = false;
  #tellsOthers: boolean;

  constructor(
    options: HoldingOptions,
    said: LabelsState,
    boots: readonly HeldBoot[],
    origin: number,
    onRecords: (records: readonly StreamRecord[]) => void,
  ) {
    this.#options = options;
    this.origin = origin;
    this.onRecords = onRecords;
    const { bootId } = options.clock;
    this.#others = boots.filter(({ boot, told }) => boot !== bootId && !told);
    this.#dropped = boots.find(({ boot, dropped }) => boot === bootId && dropped > 0);
    this.#tellsOthers = this.#others.length > 0;
    this.averaging = this.#newAveraging(said);
  }

  /** Takes a row: its records and minutes are made, its readings wait until their minute is closed. */
  feed(row: Carried): void {
    for (const item of row.items) {
      for (const { record } of this.through(item)) if (record !== undefined) this.onRecords([record]);
    }
    // Readings stay with the row until they are safe.
    const kept = row.items.filter(({ kind }) => kind === 'readings');
    this.#carried.push({ ...row, items: kept, touched: kept.length < row.items.length });
  }

  /** What one thing becomes at once, besides the minutes that averaging makes of it. */
  through(item: HeldItem): { readonly record?: StreamRecord; readonly samples?: Reading[] }[] {
    switch (item.kind) {
      case 'run':
        this.#beginRun(item.boot);
        return [];
      case 'slept': {
        this.#begin(item.boot);
        const [before, after] = [this.#wall(item.boot), this.#wall(item.until)];
        this.averaging.moved({ cause: 'suspended', before, after, source: null });
        this.#fedUntil = after;
        return [];
      }
      case 'record': {
        this.#begin(item.boot);
        this.averaging.closeUntil((this.#wall(item.boot) - this.averaging.grace) as WallTime);
        const at = this.#options.localTime.stamp(this.#wall(item.boot));
        this.#fedUntil = Math.max(this.#fedUntil, this.#wall(item.boot));
        return [{ record: { ...item.record, at } as StreamRecord }];
      }
      case 'readings': {
        const samples = item.readings.map((reading) => stamped(reading, this.origin));
        const last = samples.reduce((latest, { at }) => Math.max(latest, at), 0);
        this.#begin(item.readings[0]?.boot ?? 0);
        this.averaging.closeUntil((last - this.averaging.grace) as WallTime);
        this.averaging.take(samples);
        this.#fedUntil = Math.max(this.#fedUntil, last);
        return [{ samples }];
      }
    }
  }

  /** What can be made durable now: of the rows fed, everything before the minute that is open, or all of it. */
  step(records: readonly StreamRecord[], isLast: boolean): Release {
    const border = isLast ? Number.POSITIVE_INFINITY : this.averaging.from;
    const samples: Reading[][] = [];
    const done: number[] = [];
    const left: Carried[] = [];
    for (const row of this.#carried) {
      const rest: HeldItem[] = [];
      for (const item of row.items) {
        if (item.kind !== 'readings') continue;
        const isSafe = ({ boot }: { readonly boot: number }): boolean => Math.round(boot + this.origin) < border;
        const safe = item.readings.filter(isSafe).map((reading) => stamped(reading, this.origin));
        if (safe.length > 0) samples.push(safe);
        const open = item.readings.filter((reading) => !isSafe(reading));
        if (open.length > 0) rest.push({ kind: 'readings', readings: open });
      }
      const touched = row.touched || readingsIn(rest) < readingsIn(row.items);
      if (rest.length === 0) done.push(row.id);
      else left.push({ id: row.id, items: rest, touched });
    }
    this.#carried = left.map((row) => ({ ...row, touched: false }));
    const rewritten = left.filter(({ touched }) => touched);
    const tellsOthers = this.#tellsOthers && this.#begun;
    if (tellsOthers) this.#tellsOthers = false;
    return {
      boot: this.#options.clock.bootId,
      origin: this.origin,
      records,
      samples,
      done,
      left: rewritten.map(({ id, items }) => ({
        id,
        text: itemsText(items),
        readings: readingsIn(items),
        ...spanOf(items),
      })),
      tellsOthers,
    };
  }

  #wall(boot: number): WallTime {
    return Math.round(boot + this.origin) as WallTime;
  }

  /** A run of the gateway begins: the time since what is covered, or since the run before it, is a gap. */
  #beginRun(boot: number): void {
    if (this.#begun) {
      const before = Math.max(this.#fedUntil, this.averaging.from) as WallTime;
      const after = Math.max(before, this.#wall(boot)) as WallTime;
      this.averaging.moved({ cause: 'stopped', before, after, source: null });
      return;
    }
    this.#begun = true;
    this.#accountFor(boot);
    const isUnknown = this.#others.length > 0 || this.#dropped !== undefined;
    this.averaging.begin(this.#wall(boot), isUnknown ? 'clock-unknown' : 'gateway-not-running');
  }

  /** The first thing is no beginning of a run: a release was broken off here, or the bound took the beginning. */
  #begin(boot: number): void {
    if (this.#begun) return;
    this.#begun = true;
    if (this.#dropped !== undefined) {
      this.#accountFor(boot);
      this.averaging.begin(this.#wall(boot), 'clock-unknown');
    } else this.averaging.resume(this.#wall(boot));
  }

  /**
   * In a store without any record there is no border before which the boots that never knew the time, or what the bound
   * took, must lie: only their length is known.
   */
  #accountFor(boot: number): void {
    if (this.averaging.labels.until !== null) return;
    let length = this.#others.reduce((sum, { first, last }) => sum + Math.max(0, (last ?? 0) - (first ?? 0)), 0);
    if (this.#dropped !== undefined) length += Math.max(0, boot - (this.#dropped.droppedFrom ?? boot));
    if (length === 0) return;
    const { localTime } = this.#options;
    const end = localTime.minuteStart(this.#wall(boot));
    const from = Math.min(localTime.minuteStart((this.#wall(boot) - length) as WallTime), end - 60_000);
    this.averaging = this.#newAveraging({ ...nothingSaid, until: from });
  }

  #newAveraging(said: LabelsState): Averaging {
    return this.#options.averaging(said, (records) => this.onRecords(records));
  }
}
