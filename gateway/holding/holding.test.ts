import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SimulatedClock } from '../../test-rigs/surroundings/simulated-clock.ts';
import { SimulatedMachine, SimulatedMemory } from '../../test-rigs/surroundings/simulated-machine.ts';
import { Averaging } from '../averaging/averaging.ts';
import { clockSettings } from '../clock/settings.ts';
import { SiteClock } from '../clock/site-clock.ts';
import { LocalTime, readStamp, type WallTime } from '../clock.ts';
import { normal, type Reading } from '../reading/reading.ts';
import type { PeriodRecord, SampleBlock, StreamRecord } from '../record/record.ts';
import type { StoreEvent } from '../store/port.ts';
import { openStore, type SqliteStore } from '../store/sqlite-store.ts';
import type { StoreOptions } from '../store/store-options.ts';
import { Holding, type HoldingEvent } from './holding.ts';

const truth = '2026-11-24T00:00:00.000+08:00';
const localTime = new LocalTime('Asia/Shanghai');
const minute = 60_000;
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'holding-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** A box that boots in 1970, with one instrument and its real store. */
class Box {
  readonly clock = new SimulatedClock(0);
  readonly machine = new SimulatedMachine(this.clock, truth);
  readonly events: (HoldingEvent | StoreEvent)[] = [];
  /** How many more steps of a release are let through before the power fails; `after`: when that one is durable. */
  cut: { steps: number; after: boolean } | null = null;
  isDead = false;
  store!: SqliteStore;
  site!: SiteClock;
  holding!: Holding;
  readonly #options: Partial<StoreOptions>;

  constructor(options: Partial<StoreOptions> = {}) {
    this.#options = options;
    this.clock.settleWith(async () => this.store.idle());
  }

  async start(): Promise<void> {
    const observe = (event: HoldingEvent | StoreEvent): void => void this.events.push(event);
    const clockOptions = { clock: this.clock, machine: this.machine, memory: new SimulatedMemory() };
    const settings = clockSettings.parse({ trust: 'ntp' });
    const releasedAt = readStamp('2026-11-01T00:00:00.000+08:00') as WallTime;
    this.isDead = false;
    this.site = await SiteClock.start({ ...clockOptions, settings, releasedAt, observe: () => undefined });
    const store = await openStore({
      ...{ directory, gateway: 'zl-0001', site: 'site-1', clock: this.site, localTime, observe },
      ...{ uplinks: ['district'], keepSamples: true, isGuess: !this.site.isKnown(), ...this.#options },
    });
    if ('refusal' in store) throw new Error(store.message);
    this.store = store;
    const { until } = await store.labels();
    if (until !== null) this.site.setNotBefore(until as WallTime);
    this.holding = new Holding({
      clock: this.site,
      store: this.#dying(store),
      localTime,
      averaging: (said, emit) =>
        new Averaging({
          series: [
            { point: 'gate', factor: 'pm2.5', instrument: 'dust-1', every: 4000, origin: 'measured', leftOut: false },
          ],
          rule: { minimumValid: 12, share: 0.75 },
          ...{ clock: this.site, localTime, said, emit, observe: () => undefined },
        }),
      onRecord: () => undefined,
      observe,
    });
    await this.holding.start();
    this.holding.append({ kind: 'audit', who: 'gateway', action: 'gateway-started', details: null, revision: 1 });
  }

  /** A reading every 4 s. */
  async measure(milliseconds: number): Promise<void> {
    for (let passed = 0; passed < milliseconds && !this.isDead; passed += 4000) {
      const [at, monotonic] = [this.site.wall(), this.site.monotonic()];
      const value = this.clock.monotonic() / 1000;
      const reading: Reading = {
        ...{ instrument: 'dust-1', point: 'gate', factor: 'pm2.5', at, monotonic, value, mark: normal },
        origin: 'measured',
      };
      this.holding.take([reading]);
      await this.clock.advance(4000);
    }
  }

  /** The process is gone at once: what was not durable is lost. */
  async kill(): Promise<void> {
    this.isDead = true;
    this.site.stop();
    await this.store.close();
  }

  async end(): Promise<void> {
    this.site.stop();
    await this.holding.stop();
    await this.store.close();
  }

  /** Everything committed, oldest first. */
  async committed(): Promise<{ minutes: PeriodRecord[]; records: StreamRecord[]; sampled: number[] }> {
    const records: StreamRecord[] = [];
    const sampled: number[] = [];
    await this.store.flush();
    for (;;) {
      const span = await this.store.pending('district', 1000, []);
      if (span === null) break;
      for (const { entry } of span.entries) {
        if (entry.kind === 'samples') sampled.push(...timesOf(entry));
        else if (span.stream === 'records') records.push(entry);
      }
      await this.store.acknowledge('district', span.stream, span.epoch, [[span.from, span.to]]);
    }
    return { records, sampled, minutes: records.filter((one): one is PeriodRecord => one.kind === 'minute') };
  }

  #dying(store: SqliteStore): SqliteStore {
    const release: SqliteStore['release'] = async (step) => {
      if (this.isDead) return new Promise(() => undefined);
      if (this.cut === null || this.cut.steps-- > 0) return store.release(step);
      const { after } = this.cut;
      this.cut = null;
      if (after) await store.release(step);
      this.isDead = true;
      return new Promise(() => undefined);
    };
    return new Proxy(store, {
      get(target, name) {
        if (name === 'release') return release;
        const member = Reflect.get(target, name);
        return typeof member === 'function' ? member.bind(target) : member;
      },
    });
  }
}

function timesOf(block: SampleBlock): number[] {
  const from = readStamp(block.from) as number;
  return block.times.map((after) => from + after);
}

const labelled = (minutes: readonly PeriodRecord[]): string[] => minutes.map(({ from }) => from.slice(11, 16));

test('a power cut between or after any steps of a release neither loses nor doubles a minute or a reading', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ steps: fc.integer({ min: 0, max: 3 }), after: fc.boolean() }), { maxLength: 4 }),
      fc.integer({ min: 8, max: 24 }),
      async (cuts, length) => {
        rmSync(directory, { recursive: true, force: true });
        const box = new Box();
        await box.start();
        await box.measure(length * minute + 20_000);
        box.machine.ntpHears();
        for (const cut of cuts) {
          box.cut = { ...cut };
          await box.measure(20_000);
          if (!box.isDead) break;
          await box.kill();
          await box.start();
        }
        box.cut = null;
        await box.measure(2 * minute);
        const { minutes, sampled } = await box.committed();
        // Whole minutes before the first cut; what a cut itself costs is in a gap or a minute that says so.
        const whole = minutes.filter(({ from }) => (readStamp(from) as number) < Date.parse(truth) + length * minute);
        expect(whole.map(({ count, flag, revision }) => [count, flag, revision])).toEqual(
          Array.from({ length }, () => [15, 'N', 1]),
        );
        expect(new Set(minutes.map(({ from }) => from)).size).toBe(minutes.length);
        expect(new Set(sampled).size).toBe(sampled.length);
        const held = sampled.filter((at) => at < Date.parse(truth) + length * minute);
        expect(held).toHaveLength(length * 15);
        expect(await box.store.heldBoots()).toEqual([]);
        await box.end();
      },
    ),
    { numRuns: 8 },
  );
});

test('what waits is durable within ten seconds: a cut before the time is known costs no more', async () => {
  const box = new Box();
  await box.start();
  await box.measure(5 * minute + 8000);
  await box.kill();
  await box.start();
  box.machine.ntpHears();
  await box.measure(2 * minute);
  const { minutes, records } = await box.committed();
  expect(labelled(minutes).slice(0, 5)).toEqual(['00:00', '00:01', '00:02', '00:03', '00:04']);
  expect(minutes.slice(0, 5).every(({ count }) => count === 15)).toBe(true);
  expect(records.filter((one) => one.kind === 'audit' && one.action === 'gateway-started')).toHaveLength(2);
  await box.end();
});

test('past its bound the table drops the oldest: that is told, and a gap stands for it', async () => {
  const box = new Box({ heldBound: { bytes: 1_000_000, rows: 30 } });
  await box.start();
  await box.measure(10 * minute);
  const dropped = box.events.filter(({ kind }) => kind === 'store-dropped');
  expect(dropped.length).toBeGreaterThan(0);
  box.machine.ntpHears();
  await box.measure(3 * minute);
  const { minutes, records } = await box.committed();
  const gaps = records.filter((one) => one.kind === 'gap');
  expect(gaps).toHaveLength(1);
  expect(gaps[0]).toMatchObject({ reason: 'clock-unknown', from: truth });
  expect(minutes[0]?.from).toBe(gaps[0]?.kind === 'gap' ? gaps[0].to : '');
  expect(minutes.slice(1).every(({ flag }) => flag === 'N')).toBe(true);
  await box.end();
});

test('a new store that opens before the time is known says so in its first entry, and stamps it with no earlier time than can be', async () => {
  const box = new Box();
  await box.start();
  const span = await box.store.pending('district', 10, []);
  expect(span?.entries.map(({ entry }) => entry)).toMatchObject([
    { action: 'epoch-begun', at: '2026-11-01T00:00:00.000+08:00', details: { clock: 'unknown: not before this' } },
  ]);
  await box.end();
});
