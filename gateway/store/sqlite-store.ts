import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { WallTime } from '../clock.ts';
import type { Reading } from '../reading/reading.ts';
import { canonicalJson } from '../record/canonical.ts';
import { type LabelsState, nothingSaid } from '../record/labels.ts';
import type { Committed, Entry, EntryKey, PeriodRecord, Stream, StreamRecord } from '../record/record.ts';
import type { SeqRanges } from '../record/seq-set.ts';
import { labelsBy, prepared, resolveAll, saidAgain, spanOf } from './closed-group.ts';
import { DatabaseThread, type Opened } from './database-thread.ts';
import type { Delivery, DeliveryStore, MinuteOfSeries, Said, SourceMark } from './delivery-port.ts';
import { GroupCommit } from './group-commit.ts';
import { type HeldBoot, type HeldRow, type HoldingStore, heldBound, type Release } from './holding-port.ts';
import { type ClosedGroup, unawaited } from './open-group.ts';
import type { Acknowledged, Backlog, Proof, Span, Store, StoreRefusal, StreamHead, Vouched } from './port.ts';
import { unpackSpan } from './sent-span.ts';
import { lockSite, type SiteLock } from './site-lock.ts';
import { defaultBound, defaultRetention, defaultWindows, type StoreOptions } from './store-options.ts';
import type { CommittedPart, HeldRelease, LastSeqs } from './worker-messages.ts';

/** A commit that takes longer is told of: the disk stalls, and only memory holds what comes meanwhile. */
const longCommit = 10_000;
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
  readonly #lock: SiteLock;
  readonly #thread: DatabaseThread;
  readonly #group: GroupCommit;
  readonly #listeners = new Set<(span: Span) => void>();
  readonly #acknowledged = new Set<(acknowledged: Acknowledged) => void>();
  #announced: LastSeqs;
  #site: string;
  #closed: Promise<void> | undefined;

  /** Use {@link openStore}. */
  constructor(options: StoreOptions, lock: SiteLock, thread: DatabaseThread, opened: Opened) {
    this.#options = options;
    this.#lock = lock;
    this.#thread = thread;
    const { bound = defaultBound, windows = defaultWindows, clock, localTime, observe } = options;
    const makeDurable = (closed: ClosedGroup): Promise<string | null> => this.#commit(closed);
    this.#group = new GroupCommit({ bound, windows, clock, localTime, observe, makeDurable });
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
      if (this.#group.isClosing) return reject(new Error('the store is closing: nothing can be appended any more'));
      this.#group.addRecord({ record, text: canonicalJson(record), resolve, reject });
    });
  }

  sample(readings: readonly Reading[]): Promise<Committed | 'dropped'> {
    return new Promise((resolve, reject) => {
      if (this.#group.isClosing) return reject(new Error('the store is closing: nothing can be sampled any more'));
      const bad = readings.find(({ value }) => value !== null && !Number.isFinite(value));
      if (bad !== undefined) throw new TypeError(`${bad.value} is no reading of ${bad.factor} at ${bad.point}`);
      if (!this.#options.keepSamples || readings.length === 0) return resolve('dropped');
      this.#group.addReadings({ readings, resolve });
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
    return this.#thread.answerOrThrow('heads', {});
  }

  async pending(
    uplink: string,
    limit: number,
    exceptFor: readonly { stream: Stream; epoch: string; ranges: SeqRanges }[],
    border = 0,
  ): Promise<Span | null> {
    const span = await this.#thread.answer('pending', { uplink, limit, exceptFor, border, announced: this.#announced });
    if (span === undefined || span === null) return null;
    return unpackSpan(span);
  }

  async acknowledge(uplink: string, stream: Stream, epoch: string, have: SeqRanges): Promise<boolean> {
    if ((await this.#thread.answer('acknowledge', { uplink, stream, epoch, have })) === undefined) return false;
    for (const listener of [...this.#acknowledged]) listener({ uplink, stream, epoch, have });
    return true;
  }

  async vouch(stream: Stream, epoch: string, proofs: readonly Proof[]): Promise<readonly Vouched[]> {
    const vouched = await this.#thread.answer('vouch', { stream, epoch, proofs });
    // What cannot be looked up lets nothing go: it will be said again.
    return vouched ?? proofs.map(() => 'foreign');
  }

  async claimAgain(uplink: string, stream: Stream, epoch: string, ranges: SeqRanges): Promise<number> {
    return (await this.#thread.answer('claimAgain', { uplink, stream, epoch, ranges })) ?? 0;
  }

  async refuse(uplink: string, key: EntryKey, reason: string): Promise<void> {
    await this.#thread.answer('refuse', { uplink, key, reason, at: this.#options.clock.wall() });
  }

  async backlog(uplink: string): Promise<Backlog> {
    return this.#thread.answerOrThrow('backlog', { uplink });
  }

  async coveredUntil(): Promise<string | null> {
    const { until } = await this.labels();
    return until === null ? null : this.#options.localTime.stamp(until as WallTime);
  }

  async labels(): Promise<LabelsState> {
    return (await this.#thread.answer('labels', {})) ?? nothingSaid;
  }

  async hold(boot: string, rows: readonly HeldRow[]): Promise<boolean> {
    const bound = this.#options.heldBound ?? heldBound;
    const held = await this.#thread.answer('hold', { boot, rows, bound });
    if (held !== undefined && held.readings > 0) {
      const why = 'the table of what waits for the time was full; the oldest readings are gone';
      this.#options.observe({ kind: 'store-dropped', stream: 'samples', entries: held.readings, why });
    }
    return held !== undefined;
  }

  async held(boot: string, after: number, limit: number): Promise<readonly (HeldRow & { readonly id: number })[]> {
    return (await this.#thread.answer('held', { boot, after, limit })) ?? [];
  }

  async heldBoots(): Promise<readonly HeldBoot[]> {
    return (await this.#thread.answer('heldBoots', {})) ?? [];
  }

  release({ records, samples, ...release }: Release): Promise<boolean> {
    return this.#group.between(async () => {
      const closed = { ...unawaited(records, this.#options.keepSamples ? samples : []), marks: [] };
      const fault = await this.#commit(closed, release);
      if (fault === null) return true;
      this.#options.observe({ kind: 'store-fault', message: `what was held could not be released: ${fault}` });
      return false;
    });
  }

  deliver({ records, late, samples, marks }: Delivery): Promise<boolean> {
    if (this.#group.isClosing) return Promise.resolve(false);
    const kept = this.#options.keepSamples ? samples.filter((readings) => readings.length > 0) : [];
    const waiting = unawaited([...records, ...late], kept);
    const revised = waiting.records.slice(records.length).map(({ text }) => text);
    return new Promise((resolve) =>
      this.#group.addDelivery(waiting.records, waiting.readings, { marks, revised, resolve }),
    );
  }

  async marks(): Promise<readonly SourceMark[] | null> {
    return (await this.#thread.answer('marks', {})) ?? null;
  }

  async said(minutes: readonly MinuteOfSeries[]): Promise<readonly Said[] | null> {
    if (!(await this.flush())) return null;
    const said = await this.#thread.answer('said', { minutes });
    return (
      said?.map((one) => (typeof one === 'object' && 'text' in one ? (readEntry(one.text) as PeriodRecord) : one)) ??
      null
    );
  }

  async recent(limit: number, point?: string): Promise<readonly { readonly key: Committed; readonly entry: Entry }[]> {
    const found = (await this.#thread.answer('recent', { limit, point: point ?? null })) ?? [];
    return found.map(({ key, text }) => ({ key, entry: readEntry(text) }));
  }

  /** Resolves when nothing is under way in the store's thread. A simulated clock waits for it between steps. */
  async idle(): Promise<void> {
    await this.#thread.idle();
  }

  /** Closes the open groups now instead of at the end of their windows; false when the commit failed and is kept. */
  flush(): Promise<boolean> {
    return this.#group.flush();
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    await this.#group.close();
    await this.#thread.answer('close', {});
    await this.#thread.end();
    this.#lock.release();
  }

  /** Makes what left the group durable, and tells everybody; resolves to why the database would not, or to null. */
  async #commit(closed: ClosedGroup, release?: HeldRelease): Promise<string | null> {
    const { parts, blocks, blockOf } = prepared(closed, this.#options.localTime);
    const now = this.#options.clock.wall();
    const site = this.#site;
    const marks = closed.marks.flatMap((one) => one.marks);
    const revised = [...saidAgain(closed), ...closed.marks.flatMap((one) => one.revised)];
    const ask = { at: now, site, labels: labelsBy(closed), parts, marks, revised, ...(release && { release }) };
    const outcome = await this.#watched(this.#thread.ask('commit', ask));
    if ('fault' in outcome) return outcome.fault;
    this.#group.succeeded();
    const { at, parts: done, milliseconds } = outcome.answer;
    for (const part of done) {
      const entries = part.stream === 'records' ? closed.records.map(({ record }) => record) : blocks;
      this.#announce(part, entries, { site, at, milliseconds });
    }
    resolveAll(closed, blockOf, done);
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
}

function readEntry(text: string): Entry {
  // The store reads only what it wrote; the chain shows a change.
  return JSON.parse(text) as Entry;
}
