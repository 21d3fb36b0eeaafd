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
import { normal } from '../reading/reading.ts';
import type { PeriodRecord, StreamRecord } from '../record/record.ts';
import type { SourceMark } from '../store/delivery-port.ts';
import { openStore, type SqliteStore } from '../store/sqlite-store.ts';
import { Holding } from './holding.ts';
import type { KeptRow } from './kept-rows.ts';

const localTime = new LocalTime('Asia/Shanghai');
const began = '2026-11-24T00:00:00.000+08:00';
const minute = 60_000;
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'kept-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** A gateway's averaging, holding and store, with one source: a row for every minute, kept until it is had. */
class Box {
  readonly clock = new SimulatedClock(began);
  readonly machine = new SimulatedMachine(this.clock, began);
  readonly #memory = new SimulatedMemory();
  /** Every row that the source ever made; `value` is its number. */
  readonly made: { readonly seq: number; readonly at: number }[] = [];
  had = 0;
  taken = 0;
  isReachable = true;
  isRunning = false;
  /** The power fails at the next delivery: before it is durable, or when it is and nobody has heard so. */
  cut: 'before' | 'after' | null = null;
  store!: SqliteStore;
  site!: SiteClock;
  holding!: Holding;
  readonly #every: number;
  #unlisten = (): void => undefined;

  constructor(every = minute) {
    this.#every = every;
    this.clock.settleWith(async () => this.store.idle());
  }

  async start(): Promise<void> {
    const observe = (): void => undefined;
    const settings = clockSettings.parse({ trust: 'system' });
    const releasedAt = readStamp('2026-11-01T00:00:00.000+08:00') as WallTime;
    const clockOptions = { clock: this.clock, machine: this.machine, memory: this.#memory, settings, releasedAt };
    this.site = await SiteClock.start({ ...clockOptions, observe });
    const store = await openStore({
      ...{ directory, gateway: 'zl-0001', site: 'site-1', clock: this.site, localTime, observe },
      ...{ uplinks: ['district'], keepSamples: true },
    });
    if ('refusal' in store) throw new Error(store.message);
    this.store = store;
    const series = [
      { point: 'gate', factor: 'pm2.5', instrument: 'dust-2', every: this.#every, origin: 'measured', leftOut: false },
      { point: 'fan', factor: 'active-power', instrument: 'meter', every: 4000, origin: 'measured', leftOut: false },
    ] as const;
    this.holding = new Holding({
      ...{ clock: this.site, store: this.#failing(store), localTime, onRecord: () => undefined, observe },
      averaging: (said, emit) =>
        new Averaging({
          ...{ series, rule: { minimumValid: 12, share: 0.75 }, grace: 8000 },
          ...{ clock: this.site, localTime, said, emit, observe },
        }),
    });
    await this.holding.start();
    this.had = (await store.marks())?.[0]?.seq ?? 0;
    this.taken = this.had;
    this.isRunning = true;
    this.#unlisten = this.holding.kept.listen({
      had: ({ seq }: SourceMark) => {
        if (this.isRunning) this.had = seq;
      },
      forgotten: (_, upTo) => {
        this.taken = upTo?.seq ?? this.had;
      },
    });
  }

  async kill(): Promise<void> {
    this.isRunning = false;
    this.site.stop();
    this.#unlisten();
    await this.store.close();
  }

  /** The source measures on, whatever becomes of the gateway, and sends what is not had every second. */
  async pass(milliseconds: number): Promise<void> {
    for (let passed = 0; passed < milliseconds; passed += 1000) {
      await this.clock.advance(1000);
      const wall = this.clock.wall();
      if ((wall - 2000) % this.#every === 0 && wall - 2000 > Date.parse(began)) {
        this.made.push({ seq: this.made.length + 1, at: wall - 2000 - this.#every / 2 });
      }
      if (this.isRunning && this.isReachable) this.send();
      if (this.isRunning && this.cut === null && this.#dying) return;
    }
  }

  send(): void {
    const rows = this.made.filter(({ seq }) => seq > this.taken).slice(0, 12);
    if (rows.length > 0 && this.holding.kept.take('esp-1', rows.map(rowOf))) this.taken = rows.at(-1)?.seq ?? 0;
  }

  get isDead(): boolean {
    return this.#dying;
  }
  #dying = false;

  #failing(store: SqliteStore): SqliteStore {
    this.#dying = false;
    const deliver: SqliteStore['deliver'] = async (delivery) => {
      if (this.#dying) return new Promise(() => undefined);
      if (this.cut === null) return store.deliver(delivery);
      const cut = this.cut;
      this.cut = null;
      this.#dying = true;
      if (cut === 'after') await store.deliver(delivery);
      return new Promise(() => undefined);
    };
    return new Proxy(store, {
      get(target, name) {
        if (name === 'deliver') return deliver;
        const member = Reflect.get(target, name);
        return typeof member === 'function' ? member.bind(target) : member;
      },
    });
  }

  async committed(): Promise<{ records: StreamRecord[]; minutes: Map<string, PeriodRecord>; sampled: number[] }> {
    const records: StreamRecord[] = [];
    const sampled: number[] = [];
    await this.store.flush();
    for (let span = await this.store.pending('district', 1000, []); span !== null; ) {
      for (const { entry } of span.entries) {
        if (entry.kind === 'samples') sampled.push(...entry.values.flat().filter((value) => value !== null));
        else if (span.stream === 'records') records.push(entry);
      }
      await this.store.acknowledge('district', span.stream, span.epoch, [[span.from, span.to]]);
      span = await this.store.pending('district', 1000, []);
    }
    const minutes = new Map<string, PeriodRecord>();
    const words = new Set<string>();
    for (const one of records) {
      if (one.kind !== 'minute' || one.point !== 'gate') continue;
      // The platform's rule: nothing comes twice with one revision, the highest holds.
      expect(words.has(`${one.from} ${one.revision}`)).toBe(false);
      words.add(`${one.from} ${one.revision}`);
      const label = one.from.slice(11, 16);
      if (one.revision > (minutes.get(label)?.revision ?? 0)) minutes.set(label, one);
    }
    return { records, minutes, sampled };
  }

  async end(): Promise<void> {
    this.site.stop();
    await this.holding.stop();
    await this.store.close();
  }
}

const rowOf = ({ seq, at }: { seq: number; at: number }): KeptRow => ({
  ...{ boot: 1, seq, records: [] },
  readings: [
    {
      ...{ instrument: 'dust-2', point: 'gate', factor: 'pm2.5', at: at as WallTime, monotonic: at as never },
      ...{ value: seq, mark: normal, origin: 'measured' },
    },
  ],
});

/** Every row that was had stands in exactly one minute, the one in which it was measured. */
function account(box: Box, minutes: ReadonlyMap<string, PeriodRecord>, sampled: readonly number[]): void {
  const had = box.made.filter(({ seq }) => seq <= box.had);
  const byMinute = Map.groupBy(had, ({ at }) => localTime.stamp(localTime.minuteStart(at as WallTime)).slice(11, 16));
  for (const [label, rows] of byMinute) {
    const mean = rows.reduce((sum, { seq }) => sum + seq, 0) / rows.length;
    expect({ label, ...minutes.get(label) }).toMatchObject({ label, average: mean, count: rows.length });
  }
  for (const [label, { count }] of minutes) expect(count).toBe(byMinute.get(label)?.length ?? 0);
  expect(sampled.toSorted((a, b) => a - b)).toEqual(had.map(({ seq }) => seq));
}

test('a row of the open minute is had when the minute is closed, and not before', async () => {
  const box = new Box();
  await box.start();
  await box.pass(minute + 7000);
  expect([box.taken, box.had]).toEqual([1, 0]);
  await box.pass(2000);
  expect(box.had).toBe(1);
  const { minutes, records } = await box.committed();
  expect(minutes.get('00:00')).toMatchObject({ average: 1, count: 1, flag: 'N', revision: 1 });
  expect(records.some((one) => one.kind === 'event')).toBe(false);
  await box.end();
});

test('after three hours away every minute is revised by the row that was measured in it, once, with an event before', async () => {
  const box = new Box();
  await box.start();
  await box.pass(2 * minute + 10_000);
  box.isReachable = false;
  await box.pass(180 * minute);
  box.isReachable = true;
  await box.pass(2 * minute);
  const { records, minutes, sampled } = await box.committed();
  account(box, minutes, sampled);
  expect(box.had).toBeGreaterThan(180);
  const away = [...minutes.values()].filter(({ revision }) => revision === 2);
  expect(away).toHaveLength(180);
  expect(away.every(({ flag, expected }) => flag === 'N' && expected === 1)).toBe(true);
  const events = records.flatMap((one) => (one.kind === 'event' ? [one] : []));
  expect(events[0]).toMatchObject({ event: 'late-readings', instrument: 'dust-2', details: { readings: 12 } });
  const told = events.reduce((sum, { details }) => sum + (details as { readings: number }).readings, 0);
  expect(told).toBe(180);
  const place = records.findIndex((one) => one.kind === 'minute' && one.revision === 2);
  expect(records.slice(0, place).filter((one) => one.kind === 'event')).toHaveLength(1);
  await box.end();
});

test('what was measured while no gateway ran is the first record of its minutes, within the gap', async () => {
  const box = new Box();
  await box.start();
  await box.pass(3 * minute + 30_000);
  await box.end();
  box.isRunning = false;
  await box.pass(20 * minute);
  await box.start();
  await box.pass(3 * minute);
  const { records, minutes, sampled } = await box.committed();
  account(box, minutes, sampled);
  expect(records.filter((one) => one.kind === 'gap')).toHaveLength(1);
  // The gap was the first word.
  expect(minutes.get('00:10')).toMatchObject({ count: 1, flag: 'N', revision: 2 });
  await box.end();
});

test('power cuts before and after any delivery, outages and restarts lose no row and count none twice', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          away: fc.integer({ min: 0, max: 400 }),
          cut: fc.constantFrom('before' as const, 'after' as const, null),
          rest: fc.integer({ min: 5, max: 200 }),
        }),
        { minLength: 2, maxLength: 4 },
      ),
      fc.constantFrom(20_000, 30_000, 60_000),
      async (steps, every) => {
        rmSync(directory, { recursive: true, force: true });
        const box = new Box(every);
        await box.start();
        for (const { away, cut, rest } of steps) {
          box.isReachable = away % 3 === 0;
          await box.pass(away * 1000);
          box.isReachable = true;
          box.cut = cut;
          await box.pass(200_000);
          if (box.isDead) {
            await box.kill();
            await box.pass(rest * 1000);
            await box.start();
          }
          box.cut = null;
        }
        await box.pass(4 * minute);
        const { minutes, sampled } = await box.committed();
        account(box, minutes, sampled);
        expect(box.had).toBeGreaterThanOrEqual(box.made.length - Math.ceil((2 * minute) / every));
        await box.end();
      },
    ),
    { numRuns: 3 },
  );
});

test('a minute that has ended is said when the gateway stops, though it would have waited for more', async () => {
  const box = new Box();
  await box.start();
  // Its second minute ended 4 s ago, and the row of it is there.
  await box.pass(2 * minute + 4000);
  expect(box.had).toBe(1);
  await box.end();
  box.isRunning = false;
  await box.start();
  await box.pass(2 * minute);
  const { records, minutes, sampled } = await box.committed();
  account(box, minutes, sampled);
  expect(minutes.get('00:01')).toMatchObject({ count: 1, flag: 'N', revision: 1 });
  expect(records.filter(({ kind }) => kind === 'gap')).toEqual([]);
  await box.end();
});

test('what is in open minutes when the clock is set back is forgotten, so that it comes again under its right time', async () => {
  const box = new Box(20_000);
  await box.start();
  await box.pass(3 * minute + 30_000);
  expect([box.taken, box.had]).toEqual([10, 9]);
  box.clock.jumpWall(-2 * minute);
  box.site.look();
  expect([box.taken, box.had]).toEqual([9, 9]);
  await box.end();
});

test('and comes again where the clock falls into a minute that keeps what was said of it', async () => {
  const box = new Box(20_000);
  await box.start();
  await box.pass(5 * minute + 30_000);
  box.clock.jumpWall(-3 * minute);
  box.site.look();
  // What it still has it tells by the other time.
  const kept = box.made.splice(box.had).map((row) => ({ ...row, at: row.at - 3 * minute }));
  box.made.push(...kept);
  await box.pass(minute);
  // By now 00:03 is open, which was said before; a row of its 10th second is in it.
  const { taken } = box;
  box.clock.jumpWall(-5000);
  box.site.look();
  expect([box.taken < taken, box.had]).toEqual([true, box.taken]);
  await box.end();
});
