import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Cancel, WallTime } from '../clock.ts';
import type { Reading } from '../reading/reading.ts';
import { canonicalJson } from '../record/canonical.ts';
import { type LabelsState, nothingSaid } from '../record/labels.ts';
import {
  type Committed,
  type Entry,
  type EntryKey,
  type PeriodRecord,
  type Stream,
  type StreamRecord,
  streams,
} from '../record/record.ts';
import type { SeqRanges } from '../record/seq-set.ts';
import { droppedRecords, labelsBy, prepared, saidAgain, spanOf } from './closed-group.ts';
import { DatabaseThread, type Opened } from './database-thread.ts';
import type { Delivery, DeliveryStore, MinuteOfSeries, Said, SourceMark } from './delivery-port.ts';
import { type HeldBoot, type HeldRow, type HoldingStore, heldBound, type Release } from './holding-port.ts';
import { type ClosedGroup, type Dropped, OpenGroup, together } from './open-group.ts';
import type { Acknowledged, Backlog, Proof, Span, Store, StoreRefusal, StreamHead, Vouched } from './port.ts';
import { unpackSpan } from './sent-span.ts';
import { lockSite, type SiteLock } from './site-lock.ts';
import { defaultBound, defaultRetention, defaultWindows, type StoreOptions } from './store-options.ts';
import type { CommittedPart, HeldRelease, LastSeqs, Question, Questions } from './worker-messages.ts';

const shortestPause = 1000;
const longestPause = 60_000;
/** A commit that takes longer is told of: the disk stalls, and only memory holds what comes meanwhile. */
const longCommit = 10_000;
/** Tries that closing makes at a last commit before it gives up and says what is lost. */
const lastTries = 5;

/**
 * Opens the site's store, or says why not. A second process on the same site is refused by name; a damaged database is
 * set aside and a new one begun.
 */
export async function openStore(options: StoreOptions): Promise<SqliteStore | StoreRefusal> {
  const lock = lockSite(options.directory);
  if ('refusal' in lock) return lock;
  const folder = join(options.directory, 'store');
  mkdirSync(folder, { recursive: true });
  const { gateway, site, uplinks, clock, localTime, busyTimeout = 2000, isGuess = false, observe } = options;
  const { retention = defaultRetention, machine = null } = options;
  const file = join(folder, 'store.sqlite');
  const opening = { file, gateway, site, uplinks, busyTimeout, now: clock.wall(), isGuess, machine };
  const thread = new DatabaseThread({ ...opening, timezone: localTime.timezone, retention }, observe);
  const opened = await thread.opened.catch((error: unknown) => {
    lock.release();
    throw error;
  });
  if (!('refusal' in opened)) return new SqliteStore(options, lock, thread, opened);
  await thread.end();
  lock.release();
  return opened;
}

/** The store on SQLite. The database works in its own thread; here the open group waits for its commit. */
export class SqliteStore implements Store, HoldingStore, DeliveryStore {
  readonly #options: StoreOptions;
  readonly #windows: { readonly [stream in Stream]: number };
  readonly #lock: SiteLock;
  readonly #thread: DatabaseThread;
  readonly #group: OpenGroup;
  readonly #listeners = new Set<(span: Span) => void>();
  readonly #acknowledged = new Set<(acknowledged: Acknowledged) => void>();
  /** Monotonic time at which a stream's group closes; undefined while it is empty. */
  readonly #due: { [stream in Stream]: number | undefined } = { records: undefined, samples: undefined };
  #announced: LastSeqs;
  #site: string;
  #commit: Promise<boolean> | undefined;
  #failures = 0;
  /** What was dropped and told, and has no record yet. */
  #unrecorded: Dropped | null = null;
  #timer: Cancel | undefined;
  #closing = false;
  #closed: Promise<void> | undefined;

  /** Use {@link openStore}. */
  constructor(options: StoreOptions, lock: SiteLock, thread: DatabaseThread, opened: Opened) {
    this.#options = options;
    this.#windows = options.windows ?? defaultWindows;
    this.#lock = lock;
    this.#thread = thread;
    this.#group = new OpenGroup(options.bound ?? defaultBound);
    this.#announced = opened.last;
    this.#site = options.site;
    for (const part of opened.begun) this.#enter(part);
    thread.onMoved = ({ last, begun }) => {
      for (const part of begun) this.#enter(part);
      this.#announced = last;
    };
    thread.onOwnCommit = ({ part, texts, at, site }) =>
      this.#announce(part, texts.map(readEntry), { site, at, milliseconds: 0 });
  }

  append(record: StreamRecord): Promise<Committed> {
    return new Promise((resolve, reject) => {
      if (this.#closing) return reject(new Error('the store is closing: nothing can be appended any more'));
      this.#group.addRecord({ record, text: canonicalJson(record), resolve, reject });
      this.#schedule('records');
    });
  }

  sample(readings: readonly Reading[]): Promise<Committed | 'dropped'> {
    return new Promise((resolve, reject) => {
      if (this.#closing) return reject(new Error('the store is closing: nothing can be sampled any more'));
      const bad = readings.find(({ value }) => value !== null && !Number.isFinite(value));
      if (bad !== undefined) throw new TypeError(`${bad.value} is no reading of ${bad.factor} at ${bad.point}`);
      if (!this.#options.keepSamples || readings.length === 0) return resolve('dropped');
      this.#group.addReadings({ readings, resolve });
      this.#schedule('samples');
    });
  }

  setSite(version: string): void {
    this.#site = version;
  }

  onCommitted(listener: (span: Span) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  onAcknowledged(listener: (acknowledged: Acknowledged) => void): () => void {
    this.#acknowledged.add(listener);
    return () => this.#acknowledged.delete(listener);
  }

  async heads(): Promise<readonly StreamHead[]> {
    return this.#answerOrThrow('heads', {});
  }

  async pending(
    uplink: string,
    limit: number,
    exceptFor: readonly { stream: Stream; epoch: string; ranges: SeqRanges }[],
    border = 0,
  ): Promise<Span | null> {
    const span = await this.#answer('pending', { uplink, limit, exceptFor, border, announced: this.#announced });
    if (span === undefined || span === null) return null;
    return unpackSpan(span);
  }

  async acknowledge(uplink: string, stream: Stream, epoch: string, have: SeqRanges): Promise<void> {
    await this.#answer('acknowledge', { uplink, stream, epoch, have });
    for (const listener of [...this.#acknowledged]) listener({ uplink, stream, epoch, have });
  }

  async vouch(stream: Stream, epoch: string, proofs: readonly Proof[]): Promise<readonly Vouched[]> {
    const vouched = await this.#answer('vouch', { stream, epoch, proofs });
    // What cannot be looked up lets nothing go: it will be said again.
    return vouched ?? proofs.map(() => 'foreign');
  }

  async claimAgain(uplink: string, stream: Stream, epoch: string, ranges: SeqRanges): Promise<number> {
    return (await this.#answer('claimAgain', { uplink, stream, epoch, ranges })) ?? 0;
  }

  async refuse(uplink: string, key: EntryKey, reason: string): Promise<void> {
    await this.#answer('refuse', { uplink, key, reason, at: this.#options.clock.wall() });
  }

  async backlog(uplink: string): Promise<Backlog> {
    return this.#answerOrThrow('backlog', { uplink });
  }

  async coveredUntil(): Promise<string | null> {
    const { until } = await this.labels();
    return until === null ? null : this.#options.localTime.stamp(until as WallTime);
  }

  async labels(): Promise<LabelsState> {
    return (await this.#answer('labels', {})) ?? nothingSaid;
  }

  async hold(boot: string, rows: readonly HeldRow[]): Promise<boolean> {
    const bound = this.#options.heldBound ?? heldBound;
    const held = await this.#answer('hold', { boot, rows, bound });
    if (held !== undefined && held.readings > 0) {
      const why = 'the table of what waits for the time was full; the oldest readings are gone';
      this.#options.observe({ kind: 'store-dropped', stream: 'samples', entries: held.readings, why });
    }
    return held !== undefined;
  }

  async held(boot: string, after: number, limit: number): Promise<readonly (HeldRow & { readonly id: number })[]> {
    return (await this.#answer('held', { boot, after, limit })) ?? [];
  }

  async heldBoots(): Promise<readonly HeldBoot[]> {
    return (await this.#answer('heldBoots', {})) ?? [];
  }

  async release({ records, samples, ...release }: Release): Promise<boolean> {
    while (this.#commit !== undefined) await this.#commit;
    const ignored = (): void => undefined;
    const waiting = records.map((record) => ({
      record,
      text: canonicalJson(record),
      resolve: ignored,
      reject: ignored,
    }));
    const kept = this.#options.keepSamples ? samples : [];
    const readings = kept.map((one) => ({ readings: one, resolve: ignored }));
    this.#commit = this.#commitClosed({ records: waiting, readings, marks: [] }, release)
      .then((outcome) => {
        if (outcome !== null)
          this.#options.observe({ kind: 'store-fault', message: `what was held could not be released: ${outcome}` });
        return outcome === null;
      })
      .finally(() => {
        this.#commit = undefined;
        this.#arm();
      });
    return this.#commit;
  }

  deliver({ records, late, samples, marks }: Delivery): Promise<boolean> {
    if (this.#closing) return Promise.resolve(false);
    const ignored = (): void => undefined;
    const revised: string[] = [];
    for (const record of [...records, ...late]) {
      const text = canonicalJson(record);
      if (late.includes(record as PeriodRecord)) revised.push(text);
      this.#group.addRecord({ record, text, resolve: ignored, reject: ignored, isMarked: true });
    }
    for (const readings of this.#options.keepSamples ? samples : []) {
      if (readings.length > 0) this.#group.addReadings({ readings, resolve: ignored, isMarked: true });
    }
    const durable = new Promise<boolean>((resolve) => this.#group.addMarks({ marks, revised, resolve }));
    // A source waits for the word that it may let go of its own.
    for (const stream of streams) this.#due[stream] = this.#options.clock.monotonic();
    this.#arm();
    return durable;
  }

  async marks(): Promise<readonly SourceMark[] | null> {
    return (await this.#answer('marks', {})) ?? null;
  }

  async said(minutes: readonly MinuteOfSeries[]): Promise<readonly Said[] | null> {
    if (!(await this.flush())) return null;
    const said = await this.#answer('said', { minutes });
    return (
      said?.map((one) => (typeof one === 'object' && 'text' in one ? (readEntry(one.text) as PeriodRecord) : one)) ??
      null
    );
  }

  async recent(limit: number, point?: string): Promise<readonly { readonly key: Committed; readonly entry: Entry }[]> {
    const found = (await this.#answer('recent', { limit, point: point ?? null })) ?? [];
    return found.map(({ key, text }) => ({ key, entry: readEntry(text) }));
  }

  /** Resolves when nothing is under way in the store's thread. A simulated clock waits for it between steps. */
  async idle(): Promise<void> {
    await this.#thread.idle();
  }

  /** Closes the open groups now instead of at the end of their windows; false when the commit failed and is kept. */
  async flush(): Promise<boolean> {
    // Whoever waited for the same commit may have begun the next one.
    while (this.#commit !== undefined) await this.#commit;
    return this.#waiting() ? this.#commitNow(true) : true;
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#closing = true;
    this.#timer?.();
    await this.#commit;
    for (let tries = 0; this.#waiting() && tries < lastTries; tries++) await this.#commitNow(true);
    if (this.#waiting()) {
      const message = `closed without a last commit: ${this.#group.records} records and ${this.#group.calls} polls of samples are lost; check the disk`;
      this.#options.observe({ kind: 'store-fault', message });
      for (const { resolve } of this.#group.close({ records: false, samples: false }).marks) resolve(false);
    }
    await this.#answer('close', {});
    await this.#thread.end();
    this.#lock.release();
  }

  #waiting(): boolean {
    return this.#group.records + this.#group.calls + this.#group.marks > 0;
  }

  #schedule(stream: Stream): void {
    if (this.#due[stream] !== undefined) return;
    this.#due[stream] = this.#options.clock.monotonic() + this.#windows[stream];
    this.#arm();
  }

  /** Sets the timer for the group that closes next, unless a commit is under way or a failed one waits for its next try. */
  #arm(): void {
    if (this.#commit !== undefined || this.#failures > 0 || this.#closing) return;
    const dues = streams.map((stream) => this.#due[stream]).filter((due) => due !== undefined);
    this.#timer?.();
    if (dues.length === 0) return;
    const delay = Math.min(...dues) - this.#options.clock.monotonic();
    this.#timer = this.#options.clock.after(delay, () => void this.#commitNow(false));
  }

  #commitNow(everything: boolean): Promise<boolean> {
    this.#commit = this.#commitGroup(everything).finally(() => {
      this.#commit = undefined;
      this.#arm();
    });
    return this.#commit;
  }

  /** Closes what is due and makes it durable; true when it is. */
  async #commitGroup(everything: boolean): Promise<boolean> {
    this.#noteDropped();
    const monotonic = this.#options.clock.monotonic();
    const isDue = (stream: Stream): boolean => {
      const due = this.#due[stream];
      // A window that is nearly over rides along: one commit costs less than two.
      return due !== undefined && (everything || this.#failures > 0 || due - this.#windows[stream] / 10 <= monotonic);
    };
    const due = { records: isDue('records'), samples: isDue('samples') };
    for (const stream of streams) if (due[stream]) this.#due[stream] = undefined;
    const closed = this.#group.close(due);
    if (closed.marks.length > 0) for (const stream of streams) this.#due[stream] = undefined;
    if (closed.records.length + closed.readings.length + closed.marks.length === 0) return true;
    const fault = await this.#commitClosed(closed);
    if (fault !== null) this.#failed(closed, fault);
    return fault === null;
  }

  /** Makes what left the group durable, and tells everybody; resolves to why the database would not, or to null. */
  async #commitClosed(closed: ClosedGroup, release?: HeldRelease): Promise<string | null> {
    const { parts, blocks, blockOf } = prepared(closed, this.#options.localTime);
    const now = this.#options.clock.wall();
    const site = this.#site;
    const marks = closed.marks.flatMap((one) => one.marks);
    const revised = [...saidAgain(closed), ...closed.marks.flatMap((one) => one.revised)];
    const ask = { at: now, site, labels: labelsBy(closed), parts, marks, revised, ...(release && { release }) };
    const outcome = await this.#watched(this.#thread.ask('commit', ask));
    if ('fault' in outcome) return outcome.fault;
    this.#succeeded();
    const { at, parts: done, milliseconds } = outcome.answer;
    for (const part of done) {
      const entries = part.stream === 'records' ? closed.records.map(({ record }) => record) : blocks;
      this.#announce(part, entries, { site, at, milliseconds });
    }
    this.#resolve(closed, blockOf, done);
    for (const { resolve } of closed.marks) resolve(true);
    return null;
  }

  /** Tells of a commit that takes long; the next one that is made says that it is over. */
  async #watched<T>(commit: Promise<T>): Promise<T> {
    const message = `a commit has been under way for ${longCommit / 1000} s: the disk stalls; what comes is kept in memory`;
    const cancel = this.#options.clock.after(longCommit, () => this.#options.observe({ kind: 'store-fault', message }));
    try {
      return await commit;
    } finally {
      cancel();
    }
  }

  #announce(
    part: CommittedPart,
    entries: readonly Entry[],
    { site, at, milliseconds }: { site: string; at: number; milliseconds: number },
  ): void {
    const span = spanOf(part, entries, site, at);
    const { stream } = part;
    this.#enter(part);
    this.#announced = { ...this.#announced, [stream]: span.to };
    this.#options.observe({ kind: 'store-committed', stream, entries: entries.length, milliseconds });
    for (const listener of [...this.#listeners]) listener(span);
  }

  /** The account outside the store is told first: what it holds must never be less than what others were told. */
  #enter({ stream, epoch, first, hashes }: CommittedPart): void {
    for (const [index, hash] of hashes.entries()) this.#options.ledger?.({ stream, epoch, seq: first + index, hash });
  }

  #resolve(closed: ClosedGroup, blockOf: readonly number[], parts: readonly CommittedPart[]): void {
    for (const { stream, epoch, first, hashes } of parts) {
      const key = (index: number): Committed => ({ stream, epoch, seq: first + index, hash: hashes[index] ?? '' });
      if (stream === 'records') for (const [index, { resolve }] of closed.records.entries()) resolve(key(index));
      else for (const [call, { resolve }] of closed.readings.entries()) resolve(key(blockOf[call] ?? 0));
    }
  }

  #failed(closed: ClosedGroup, fault: string): void {
    const pause = Math.min(longestPause, shortestPause * 2 ** this.#failures);
    this.#failures += 1;
    this.#group.putBack(closed);
    const now = this.#options.clock.monotonic();
    for (const stream of streams) this.#due[stream] ??= now;
    const message = `commit failed: ${fault}; what is open is kept and tried again in ${pause / 1000} s`;
    this.#options.observe({ kind: 'store-fault', message });
    if (this.#closing) return;
    this.#timer?.();
    this.#timer = this.#options.clock.after(pause, () => void this.#commitNow(true));
  }

  #succeeded(): void {
    if (this.#failures === 0) return;
    this.#options.observe({ kind: 'store-recovered', message: `commits work again after ${this.#failures} failed` });
    this.#failures = 0;
    this.#recordDropped();
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

  /** The answer; throws when the database would not, which is told: nothing held is not what a fault means. */
  async #answerOrThrow<Q extends Question>(question: Q, ask: Questions[Q]['ask']): Promise<Questions[Q]['answer']> {
    const answer = await this.#answer(question, ask);
    if (answer === undefined) throw new Error(`the store did not answer: ${question}`);
    return answer;
  }

  /** The answer, or undefined when the database would not; that is told. */
  async #answer<Q extends Question>(
    question: Q,
    ask: Questions[Q]['ask'],
  ): Promise<Questions[Q]['answer'] | undefined> {
    const outcome = await this.#thread.ask(question, ask);
    if ('answer' in outcome) return outcome.answer;
    this.#options.observe({ kind: 'store-fault', message: `${question} failed: ${outcome.fault}` });
    return undefined;
  }
}

function readEntry(text: string): Entry {
  // The store reads only what it wrote; the chain shows a change.
  return JSON.parse(text) as Entry;
}
