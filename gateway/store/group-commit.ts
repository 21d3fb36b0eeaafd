import type { Cancel, Clock, LocalTime } from '../clock.ts';
import { canonicalJson } from '../record/canonical.ts';
import { type Stream, streams } from '../record/record.ts';
import { droppedRecords } from './closed-group.ts';
import {
  type ClosedGroup,
  type Dropped,
  type GroupBound,
  OpenGroup,
  together,
  type WaitingMarks,
  type WaitingReadings,
  type WaitingRecord,
} from './open-group.ts';
import type { StoreEvent } from './port.ts';

const shortestPause = 1000;
const longestPause = 60_000;
/** Tries that closing makes at a last commit before it gives up and says what is lost. */
const lastTries = 5;

interface GroupCommitOptions {
  readonly bound: GroupBound;
  /** Milliseconds that a stream's entries wait for others to be committed with. */
  readonly windows: { readonly [stream in Stream]: number };
  readonly clock: Clock;
  readonly localTime: LocalTime;
  readonly observe: (event: StoreEvent) => void;
  /** Makes what left the group durable; resolves to why it could not be, or to null. */
  readonly makeDurable: (closed: ClosedGroup) => Promise<string | null>;
}

/**
 * When the open group is committed: at the end of a stream's window, one commit at a time; after a failed one again, with
 * growing pauses, while what comes waits within the group's bound.
 */
export class GroupCommit {
  readonly #options: GroupCommitOptions;
  readonly #group: OpenGroup;
  /** Monotonic time at which a stream's group closes; undefined while it is empty. */
  readonly #due: { [stream in Stream]: number | undefined } = { records: undefined, samples: undefined };
  #commit: Promise<boolean> | undefined;
  #failures = 0;
  /** What was dropped and told, and has no record yet. */
  #unrecorded: Dropped | null = null;
  #timer: Cancel | undefined;
  #isClosing = false;

  constructor(options: GroupCommitOptions) {
    this.#options = options;
    this.#group = new OpenGroup(options.bound);
  }

  /** Whether nothing is taken any more. */
  get isClosing(): boolean {
    return this.#isClosing;
  }

  addRecord(waiting: WaitingRecord): void {
    this.#group.addRecord(waiting);
    this.#schedule('records');
  }

  addReadings(waiting: WaitingReadings): void {
    this.#group.addReadings(waiting);
    this.#schedule('samples');
  }

  /** What a source handed over, to be durable together and at once: it waits for the word that it may let go of its own. */
  addDelivery(records: readonly WaitingRecord[], readings: readonly WaitingReadings[], marks: WaitingMarks): void {
    for (const waiting of records) this.#group.addRecord({ ...waiting, isMarked: true });
    for (const waiting of readings) this.#group.addReadings({ ...waiting, isMarked: true });
    this.#group.addMarks(marks);
    for (const stream of streams) this.#due[stream] = this.#options.clock.monotonic();
    this.#arm();
  }

  /** Makes a commit of its own between those of the group. */
  async between(commit: () => Promise<boolean>): Promise<boolean> {
    while (this.#commit !== undefined) await this.#commit;
    return this.#begin(commit());
  }

  /** Closes the open groups now instead of at the end of their windows; false when the commit failed and is kept. */
  async flush(): Promise<boolean> {
    // Whoever waited for the same commit may have begun the next one.
    while (this.#commit !== undefined) await this.#commit;
    return this.#isWaiting ? this.#commitNow(true) : true;
  }

  /** Takes nothing more, and makes a last commit of what waits; what cannot be made durable is told. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#timer?.();
    await this.#commit;
    for (let tries = 0; this.#isWaiting && tries < lastTries; tries++) await this.#commitNow(true);
    if (!this.#isWaiting) return;
    const message = `closed without a last commit: ${this.#group.records} records and ${this.#group.calls} polls of samples are lost; check the disk`;
    this.#options.observe({ kind: 'store-fault', message });
    for (const { resolve } of this.#group.close({ records: false, samples: false }).marks) resolve(false);
  }

  /** To be called when a commit, this group's or another, is durable. */
  succeeded(): void {
    if (this.#failures === 0) return;
    const message = `commits work again after ${this.#failures} failed`;
    this.#options.observe({ kind: 'store-recovered', message });
    this.#failures = 0;
    this.#recordDropped();
  }

  get #isWaiting(): boolean {
    return this.#group.records + this.#group.calls + this.#group.marks > 0;
  }

  #schedule(stream: Stream): void {
    if (this.#due[stream] !== undefined) return;
    this.#due[stream] = this.#options.clock.monotonic() + this.#options.windows[stream];
    this.#arm();
  }

  /** Sets the timer for the group that closes next, unless a commit is under way or a failed one waits for its next try. */
  #arm(): void {
    if (this.#commit !== undefined || this.#failures > 0 || this.#isClosing) return;
    const dues = streams.map((stream) => this.#due[stream]).filter((due) => due !== undefined);
    this.#timer?.();
    if (dues.length === 0) return;
    const delay = Math.min(...dues) - this.#options.clock.monotonic();
    this.#timer = this.#options.clock.after(delay, () => void this.#commitNow(false));
  }

  #commitNow(everything: boolean): Promise<boolean> {
    return this.#begin(this.#commitGroup(everything));
  }

  #begin(commit: Promise<boolean>): Promise<boolean> {
    this.#commit = commit.finally(() => {
      this.#commit = undefined;
      this.#arm();
    });
    return this.#commit;
  }

  /** Closes what is due and makes it durable; true when it is. */
  async #commitGroup(everything: boolean): Promise<boolean> {
    this.#noteDropped();
    const { clock, windows, makeDurable } = this.#options;
    const monotonic = clock.monotonic();
    const isDue = (stream: Stream): boolean => {
      const due = this.#due[stream];
      // A window that is nearly over rides along: one commit costs less than two.
      return due !== undefined && (everything || this.#failures > 0 || due - windows[stream] / 10 <= monotonic);
    };
    const due = { records: isDue('records'), samples: isDue('samples') };
    for (const stream of streams) if (due[stream]) this.#due[stream] = undefined;
    const closed = this.#group.close(due);
    if (closed.marks.length > 0) for (const stream of streams) this.#due[stream] = undefined;
    if (closed.records.length + closed.readings.length + closed.marks.length === 0) return true;
    const fault = await makeDurable(closed);
    if (fault !== null) this.#failed(closed, fault);
    return fault === null;
  }

  #failed(closed: ClosedGroup, fault: string): void {
    const { clock, observe } = this.#options;
    const pause = Math.min(longestPause, shortestPause * 2 ** this.#failures);
    this.#failures += 1;
    this.#group.putBack(closed);
    const now = clock.monotonic();
    for (const stream of streams) this.#due[stream] ??= now;
    const message = `commit failed: ${fault}; what is open is kept and tried again in ${pause / 1000} s`;
    observe({ kind: 'store-fault', message });
    if (this.#isClosing) return;
    this.#timer?.();
    this.#timer = clock.after(pause, () => void this.#commitNow(true));
  }

  /** What the bound took is told at once. While commits fail it is not recorded yet: the bound would take that as well. */
  #noteDropped(): void {
    const dropped = this.#group.takeDropped();
    if (dropped !== null) {
      const why = 'the open group was full: the store could not keep up; the oldest are gone';
      for (const [stream, entries] of [['samples', dropped.readings] as const, ['records', dropped.records] as const]) {
        if (entries > 0) this.#options.observe({ kind: 'store-dropped', stream, entries, why });
      }
      this.#unrecorded = this.#unrecorded === null ? dropped : together(this.#unrecorded, dropped);
    }
    if (this.#failures === 0) this.#recordDropped();
  }

  /** What was dropped stands in the records stream with the next commit. */
  #recordDropped(): void {
    if (this.#unrecorded === null) return;
    const { clock, localTime } = this.#options;
    for (const record of droppedRecords(this.#unrecorded, clock.wall(), localTime)) {
      this.#group.addRecord({ record, text: canonicalJson(record), resolve: () => undefined, reject: () => undefined });
    }
    this.#unrecorded = null;
    this.#due.records ??= clock.monotonic();
  }
}
