import type { Averaging } from '../averaging/averaging.ts';
import type { ClockShift } from '../clock/trust.ts';
import { type Cancel, pause, type WallTime } from '../clock.ts';
import type { Reading } from '../reading/reading.ts';
import type { LabelsState } from '../record/labels.ts';
import type { StreamRecord } from '../record/record.ts';
import { type HeldItem, itemsText, readItems, readingsIn, spanOf, type UnstampedRecord } from './held-items.ts';
import { KeptRows } from './kept-rows.ts';
import { type HoldingOptions, ReleaseRun } from './release-run.ts';

export type { HoldingEvent } from './release-run.ts';

/** What waits in memory is made durable so often: what a power cut may take of it. */
const holdEvery = 10_000;
/** Calls that may wait in memory, when the disk is slow or broken; past it the oldest readings are dropped. */
const mostWaiting = 20_000;
/** Rows that one step of a release reads: some minutes of a small site, and tens of milliseconds of work. */
const rowsOfStep = 32;
const retryAfter = 2000;
/** An instrument that tells its own time stamps within a minute of ours: what lies farther off was stamped by another time. */
const farthestStamp = 90_000;

/**
 * Stands between the stations that measure and the record. While the time is known, readings become minutes and samples,
 * and records get their stamp, at once. While it is not, they wait in the store's holding table by boot and by time since
 * the boot; once it is known they go the same way, in the order they came, in steps. Each step is one transaction: what
 * became entries is gone from the table, what belongs to a minute that is still open is still there. So a power cut
 * between any two steps neither loses nor doubles a minute.
 */
export class Holding {
  readonly #options: HoldingOptions;
  #state: 'holding' | 'releasing' | 'live' = 'holding';
  #averaging: Averaging | undefined;
  #waiting: HeldItem[] = [];
  #durable = 0;
  #earlier = 0;
  #since: number | null = null;
  #timer: Cancel | undefined;
  #writing: Promise<void> = Promise.resolve();
  #released: Promise<void> = Promise.resolve();
  #unsubscribe: (() => void)[] = [];
  #stopped = false;
  /** What averaging made within the present step of a release. */
  #made: StreamRecord[] = [];
  readonly #kept: KeptRows;

  constructor(options: HoldingOptions) {
    this.#options = options;
    const averaging = (): Averaging | undefined => (this.#state === 'live' ? this.#averaging : undefined);
    this.#kept = new KeptRows({ ...options, averaging });
  }

  /** Rows of sources that keep their own readings until they hear that they are durable; see there. */
  get kept(): Pick<KeptRows, 'hasRoom' | 'take' | 'listen'> {
    return this.#kept;
  }

  /** A run begins now. Resolves when what is durable was looked at; a release goes on by itself. */
  async start(): Promise<void> {
    const { clock, store } = this.#options;
    this.#unsubscribe = [clock.onChanged(() => this.#look()), clock.onShift((shift) => this.#moved(shift))];
    const boots = await store.heldBoots();
    const own = boots.find(({ boot }) => boot === clock.bootId);
    this.#durable = own?.readings ?? 0;
    this.#earlier = boots.reduce((sum, { boot, readings }) => sum + (boot === clock.bootId ? 0 : readings), 0);
    this.#since = own?.first ?? null;
    const isClean =
      (own === undefined || own.rows === 0) && boots.every(({ boot, told }) => told || boot === clock.bootId);
    if (isClean && clock.isKnown()) await this.#startLive(await store.labels());
    else this.#hold({ kind: 'run', boot: this.#now() });
    this.#look();
  }

  /** Takes a record of this moment. */
  append(record: UnstampedRecord): void {
    if (this.#state !== 'live') this.#hold({ kind: 'record', boot: this.#now(), record });
    else this.#append(this.#stampedRecord(record, this.#options.clock.wall()));
  }

  /** Takes one poll's readings, judged. */
  take(readings: readonly Reading[]): void {
    const { clock, store } = this.#options;
    const moved = clock.look();
    const [now, origin] = [clock.wall() - clock.monotonic(), clock.bootOrigin];
    // Stamped before our time moved, and handed over since.
    const at = (reading: Reading): WallTime => {
      const measured = Math.round(reading.monotonic + now);
      const told = reading.at + moved;
      return (Math.abs(told - measured) > farthestStamp ? measured : told) as WallTime;
    };
    if (this.#state === 'live') {
      const told = readings.map((reading) => ({ ...reading, at: at(reading) }));
      this.#averaging?.take(told);
      void store.sample(told);
      return;
    }
    const unstamped = readings.map((reading) => {
      const { at: _at, monotonic: _monotonic, ...rest } = reading;
      return { ...rest, boot: at(reading) - origin };
    });
    this.#hold({ kind: 'readings', readings: unstamped });
  }

  /**
   * Makes what waits durable. Whoever measures has stopped, so a minute that has ended is closed now, however long it would
   * have waited for more; what is open is left for the next start to account for.
   */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.();
    if (this.#state === 'live') this.#averaging?.closeUntil(this.#options.clock.wall());
    for (const unsubscribe of this.#unsubscribe.splice(0)) unsubscribe();
    this.#averaging?.stop();
    this.#kept.stop();
    await this.#released;
    this.#averaging?.stop();
    await this.#write();
  }

  #now(): number {
    const { clock } = this.#options;
    return clock.wall() - clock.bootOrigin;
  }

  #hold(item: HeldItem): void {
    this.#waiting.push(item);
    this.#since ??= this.#now();
    if (this.#waiting.length > mostWaiting) this.#dropOldest();
    this.#arm();
    this.#tell();
  }

  /** The disk cannot keep up: the oldest readings go, the runs and records between them stay. */
  #dropOldest(): void {
    const at = this.#waiting.findIndex(({ kind }) => kind === 'readings');
    const [dropped] = this.#waiting.splice(Math.max(at, 0), 1);
    if (dropped !== undefined) this.#options.observe({ kind: 'holding-dropped', readings: readingsIn([dropped]) });
  }

  #arm(): void {
    if (this.#timer !== undefined || this.#state !== 'holding' || this.#stopped) return;
    this.#timer = this.#options.clock.after(holdEvery, () => {
      this.#timer = undefined;
      if (this.#state === 'holding') void this.#write().then(() => this.#waiting.length > 0 && this.#arm());
    });
  }

  /** Makes what waits in memory durable, as one row; kept in memory when that fails. */
  #write(): Promise<void> {
    this.#writing = this.#writing.then(async () => {
      const items = this.#waiting;
      if (items.length === 0) return;
      this.#waiting = [];
      const { store, clock } = this.#options;
      const readings = readingsIn(items);
      const row = { text: itemsText(items), readings, ...spanOf(items) };
      if (await store.hold(clock.bootId, [row])) this.#durable += readings;
      else this.#waiting = [...items, ...this.#waiting];
    });
    return this.#writing;
  }

  #look(): void {
    this.#tell();
    if (this.#state !== 'holding' || !this.#options.clock.isKnown() || this.#stopped) return;
    this.#state = 'releasing';
    this.#timer?.();
    this.#timer = undefined;
    this.#released = this.#release();
  }

  #moved({ cause, before, after, source }: ClockShift): void {
    if (this.#state === 'live') {
      this.#averaging?.moved({ cause, before, after, source });
      this.#kept.moved(after < before);
    } else if (cause === 'suspended') {
      const until = this.#now();
      this.#hold({ kind: 'slept', boot: until - (after - before), until });
    }
  }

  async #startLive(said: LabelsState): Promise<void> {
    this.#averaging = this.#options.averaging(said, (records) => this.#kept.emit(records));
    this.#state = 'live';
    this.#averaging.start();
  }

  async #release(): Promise<void> {
    const { clock, store } = this.#options;
    await this.#write();
    const boots = await store.heldBoots();
    const own = boots.find(({ boot }) => boot === clock.bootId);
    const origin = own?.origin ?? clock.bootOrigin;
    const release = new ReleaseRun(this.#options, await store.labels(), boots, origin, (records) =>
      this.#made.push(...records),
    );
    this.#averaging = undefined;
    for (let after = 0; !this.#stopped; ) {
      if (this.#waiting.length > mostWaiting / 10) await this.#write();
      const rows = await store.held(clock.bootId, after, rowsOfStep);
      if (rows.length === 0 && this.#waiting.length > 0) {
        // What came meanwhile becomes rows as well, until so little is left that it can go the straight way.
        await this.#write();
        if ((await store.held(clock.bootId, after, 1)).length > 0) continue;
      }
      for (const row of rows) release.feed({ id: row.id, items: readItems(row.text), touched: false });
      after = rows.at(-1)?.id ?? after;
      const isLast = rows.length === 0;
      if (!(await this.#commit(release, isLast))) return;
      if (isLast) break;
    }
    if (!this.#stopped) this.#goLive(release);
  }

  /** Makes a step durable, however often that has to be tried; false when the gateway stops before it is. */
  async #commit(release: ReleaseRun, isLast: boolean): Promise<boolean> {
    const { store, clock, onRecord } = this.#options;
    const step = release.step(this.#made, isLast);
    this.#made = [];
    while (!(await store.release(step))) {
      if (this.#stopped) return false;
      await pause(clock, retryAfter);
    }
    for (const record of step.records) onRecord(record);
    this.#durable = Math.max(0, this.#durable - step.samples.reduce((sum, one) => sum + one.length, 0));
    this.#tell();
    return true;
  }

  /** Nothing is held any more: what came during the last step goes the straight way, and so does everything from now on. */
  #goLive(release: ReleaseRun): void {
    const { clock, store } = this.#options;
    const averaging = release.averaging;
    this.#averaging = averaging;
    this.#state = 'live';
    this.#durable = 0;
    this.#since = null;
    release.onRecords = (records) => this.#kept.emit(records);
    for (const item of this.#waiting.splice(0)) {
      for (const { record, samples } of release.through(item)) {
        if (record !== undefined) this.#append(record);
        if (samples !== undefined) void store.sample(samples);
      }
    }
    const before = Math.round(this.#now() + release.origin) as WallTime;
    const after = clock.wall();
    // A better source may have come while this went on by the time of the worse one.
    if (Math.abs(after - before) >= 1000) {
      averaging.moved({ cause: 'corrected', before, after, source: clock.state().source });
    }
    averaging.goOn();
    this.#tell();
  }

  /** One that the store drops has been told, and counted in a record of its own. */
  #append(record: StreamRecord): void {
    this.#options.store.append(record).catch(() => undefined);
  }

  #stampedRecord(record: UnstampedRecord, at: number): StreamRecord {
    return { ...record, at: this.#options.localTime.stamp(at as WallTime) } as StreamRecord;
  }

  #tell(): void {
    const readings = this.#durable + readingsIn(this.#state === 'live' ? [] : this.#waiting);
    const since = this.#since === null ? null : Math.max(0, this.#now() - this.#since);
    const releasing = this.#state === 'releasing';
    this.#options.observe({ kind: 'holding', readings, earlier: this.#earlier, since, releasing });
  }
}
