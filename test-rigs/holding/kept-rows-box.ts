import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { Averaging } from '../../gateway/averaging/averaging.ts';
import { clockSettings } from '../../gateway/clock/settings.ts';
import { SiteClock } from '../../gateway/clock/site-clock.ts';
import { LocalTime, readStamp, type WallTime } from '../../gateway/clock.ts';
import { Holding } from '../../gateway/holding/holding.ts';
import type { KeptRow } from '../../gateway/holding/kept-rows.ts';
import { normal } from '../../gateway/reading/reading.ts';
import type { PeriodRecord, StreamRecord } from '../../gateway/record/record.ts';
import type { SourceMark } from '../../gateway/store/delivery-port.ts';
import { openStore, type SqliteStore } from '../../gateway/store/sqlite-store.ts';
import { SimulatedClock } from '../surroundings/simulated-clock.ts';
import { SimulatedMachine, SimulatedMemory } from '../surroundings/simulated-machine.ts';

const localTime = new LocalTime('Asia/Shanghai');
const began = '2026-11-24T00:00:00.000+08:00';
const minute = 60_000;

/** A gateway's averaging, holding and store, with one source: a row for every minute, kept until it is had. */
export class KeptRowsBox {
  readonly #directory = mkdtempSync(join(tmpdir(), 'kept-'));
  readonly clock = new SimulatedClock(began);
  readonly machine = new SimulatedMachine(this.clock, began);
  readonly #memory = new SimulatedMemory();
  /** Every row that the source ever made; `value` is its number. */
  readonly made: { readonly seq: number; readonly at: number }[] = [];
  had = 0;
  taken = 0;
  isReachable = true;
  isRunning = false;
  /** The database does not answer what was said of a minute. */
  saidFails = false;
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
      ...{ directory: this.#directory, gateway: 'zl-0001', site: 'site-1', clock: this.site, localTime, observe },
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
    const box = this;
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
        if (name === 'said' && box.saidFails) return async () => null;
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

  /** Takes its medium away, when it has ended. */
  remove(): void {
    rmSync(this.#directory, { recursive: true });
  }

  async end(): Promise<void> {
    this.site.stop();
    await this.holding.stop();
    await this.store.close();
  }
}

export const rowOf = ({ seq, at }: { seq: number; at: number }): KeptRow => ({
  ...{ boot: 1, seq, records: [] },
  readings: [
    {
      ...{ instrument: 'dust-2', point: 'gate', factor: 'pm2.5', at: at as WallTime, monotonic: at as never },
      ...{ value: seq, mark: normal, origin: 'measured' },
    },
  ],
});

/** Every row that was had stands in exactly one minute, the one in which it was measured. */
export function account(
  box: KeptRowsBox,
  minutes: ReadonlyMap<string, PeriodRecord>,
  sampled: readonly number[],
): void {
  const had = box.made.filter(({ seq }) => seq <= box.had);
  const byMinute = Map.groupBy(had, ({ at }) => localTime.stamp(localTime.minuteStart(at as WallTime)).slice(11, 16));
  for (const [label, rows] of byMinute) {
    const mean = rows.reduce((sum, { seq }) => sum + seq, 0) / rows.length;
    expect({ label, ...minutes.get(label) }).toMatchObject({ label, average: mean, count: rows.length });
  }
  for (const [label, { count }] of minutes) expect(count).toBe(byMinute.get(label)?.length ?? 0);
  expect(sampled.toSorted((a, b) => a - b)).toEqual(had.map(({ seq }) => seq));
}
