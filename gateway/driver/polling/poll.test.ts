import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Span } from '../../../device-profiles/plan/span.ts';
import { planRequests, readUnits } from '../../../device-profiles/plan.ts';
import type { ModbusProfile } from '../../../device-profiles/profile.ts';
import { profileWith } from '../../../test-rigs/links/line-scene.ts';
import { SimulatedClock } from '../../../test-rigs/surroundings/simulated-clock.ts';
import type { Reading } from '../../reading/reading.ts';
import type { Outcome } from '../events.ts';
import type { ModbusResult } from '../modbus/modbus-exchange.ts';
import { InstrumentValues } from './instrument-values.ts';
import { type Asked, Poll } from './poll.ts';
import type { ModbusInstrument } from './poll-values.ts';
import { ReadPlan } from './read-plan.ts';
import { noMemory } from './tolerances.ts';
import { Witness } from './witness.ts';

/** What a simulated instrument bears. */
interface Nature {
  /** Longest request that it answers. */
  readonly most: number;
  /** Registers of table 3 that it does not have. */
  readonly missing: readonly number[];
  readonly isSilent: boolean;
}

interface Circumstances {
  /** Requests that may be under way at once. */
  readonly outstanding: number;
  /** 0 up to 1, again and again. */
  readonly chance: () => number;
  /** Share of the requests whose answers are damaged. */
  readonly noise: number;
}

const bears = ({ most, missing }: Nature, { functionCode, start, count }: Span): boolean =>
  count <= most && (functionCode !== 3 || !missing.some((register) => register >= start && register < start + count));

const registerHolds = (functionCode: number, register: number): number => functionCode * 1000 + register;

/** Every register is a point of a place that is named for it, so that its readings can be told apart. */
function instrumentOf(registers: readonly number[], nature: Nature, more: object = {}): ModbusInstrument {
  const rows = [...registers.map((register) => [3, register] as const), [4, 0] as const];
  const points = rows.map(([functionCode, register]) => ({
    ...{ id: `t${functionCode}-${register}`, factor: 'current', functionCode, register, type: 'u16' },
    ...{ channel: `t${functionCode}-${register}`, frame: register >= 10 && register <= 12 ? 'frame' : undefined },
  }));
  const quirks = { silentRefusal: nature.isSilent };
  const profile = profileWith(0, { points, quirks, ...more }) as ModbusProfile;
  const channels = Object.fromEntries(points.map(({ channel }) => [channel, channel]));
  const settings = { id: 'i1', profile: profile.profile, link: 'l', every: 1000, channels };
  return { settings, profile, origin: 'simulated' };
}

/** An instrument that is polled without a line, its results coming in any order. */
class Rig {
  readonly clock = new SimulatedClock();
  readonly instrument: ModbusInstrument;
  readonly plan: ReadPlan;
  readonly values: InstrumentValues;
  readonly witness = new Witness();
  nature: Nature;
  asked: (Span & { readonly outcome: Outcome; readonly purpose: Asked['purpose'] })[] = [];
  most = 0;

  constructor(instrument: ModbusInstrument, nature: Nature) {
    this.instrument = instrument;
    this.nature = nature;
    this.plan = new ReadPlan({ instrument, clock: this.clock, tolerances: noMemory, observe: () => undefined });
    this.values = new InstrumentValues({ instrument, clock: this.clock, observe: () => undefined });
  }

  /** One whole poll. */
  async poll({ outstanding, chance, noise }: Circumstances): Promise<readonly Reading[]> {
    this.asked = [];
    const { plan, witness, instrument } = this;
    const requests = [...plan.requests('fast')].reverse();
    const options = { cadence: 'fast', demanded: false, isProbe: false, once: false } as const;
    const values = this.values.begin('fast');
    const poll = new Poll({ ...options, instrument, requests, plan, witness, values });
    const underWay: Asked[] = [];
    for (let steps = 0; !poll.isComplete; steps += 1) {
      if (steps > 5000) throw new Error('the poll never ends');
      await this.clock.advance(1);
      const asked = underWay.length < outstanding && poll.canAsk && chance() < 0.7 ? poll.next() : undefined;
      if (asked) {
        underWay.push(asked);
        this.most = Math.max(this.most, underWay.length);
        if (asked.purpose !== 'trial') expect(plan.isRefused(asked.request)).toBe(false);
        continue;
      }
      const [ended] = underWay.splice(Math.floor(chance() * underWay.length), 1);
      if (ended) poll.take(ended, this.#resultOf(ended, chance() < noise));
    }
    expect(poll.canAsk).toBe(false);
    const moment = { at: this.clock.wall(), monotonic: this.clock.monotonic() };
    return this.values.conclude('fast', poll.finish(moment));
  }

  #resultOf({ request, purpose }: Asked, isDamaged: boolean): ModbusResult {
    const { functionCode, start, count } = request;
    const isBorne = bears(this.nature, request);
    const outcome = isDamaged ? 'crc' : isBorne ? 'ok' : this.nature.isSilent ? 'no-bytes' : 'exception';
    this.asked.push({ functionCode, start, count, outcome, purpose });
    const data = new Uint8Array(count * 2);
    for (let index = 0; index < count; index += 1) {
      new DataView(data.buffer).setUint16(index * 2, registerHolds(functionCode, start + index));
    }
    return {
      outcome,
      data: outcome === 'ok' ? data : null,
      exception: outcome === 'exception' ? 2 : null,
      at: this.clock.wall(),
      monotonic: this.clock.monotonic(),
    };
  }
}

const natures = fc.record({
  most: fc.integer({ min: 3, max: 30 }),
  missing: fc.uniqueArray(fc.nat({ max: 24 }), { maxLength: 4 }),
  isSilent: fc.boolean(),
});
const someRegisters = fc.uniqueArray(fc.nat({ max: 24 }), { minLength: 1, maxLength: 18 });
const chances = fc.infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true })).map((stream) => () => {
  const { value } = stream.next();
  return value ?? 0;
});

describe('a poll with several requests under way, whose results come in any order', () => {
  test('ends with one reading of every point, and every value is that of its own register', async () => {
    let atOnce = 0;
    await fc.assert(
      fc.asyncProperty(
        ...[someRegisters, natures, chances, fc.integer({ min: 1, max: 4 }), fc.constantFrom(0, 0.2)],
        async (registers, nature, chance, outstanding, noise) => {
          const rig = new Rig(instrumentOf(registers, nature, { limits: { maxHole: 3, retries: 1 } }), nature);
          for (let polls = 0; polls < 4; polls += 1) {
            const readings = await rig.poll({ outstanding, chance, noise });
            const places = readings.map(({ point }) => point).sort();
            expect(places).toEqual(rig.instrument.profile.points.map(({ id }) => id).sort());
            for (const { point, value } of readings) {
              const [functionCode = 0, register = 0] = point.slice(1).split('-').map(Number);
              if (value !== null) expect(value).toBe(registerHolds(functionCode, register));
              if (functionCode === 3 && nature.missing.includes(register)) expect(value).toBeNull();
            }
          }
          atOnce = Math.max(atOnce, rig.most);
        },
      ),
      { numRuns: 300, seed: 20_261_126 },
    );
    expect(atOnce).toBe(4);
  });

  test('comes to the best plan that the instrument bears, and then asks nothing that it refuses', async () => {
    let learned = 0;
    await fc.assert(
      fc.asyncProperty(
        ...[someRegisters, natures, chances, fc.integer({ min: 1, max: 4 })],
        async (registers, nature, chance, outstanding) => {
          const limits = { maxHole: 3, retries: 1 };
          const rig = new Rig(instrumentOf(registers, nature, { limits }), nature);
          const circumstances = { outstanding, chance, noise: 0 };
          let polls = 0;
          const isQuiet = (): boolean => polls > 0 && rig.asked.every(({ outcome }) => outcome === 'ok');
          for (; polls < 60 && !isQuiet(); polls += 1) await rig.poll(circumstances);
          expect(isQuiet()).toBe(true);
          if (polls > 1) learned += 1;
          // The same instrument, with everything that it bears written in its profile.
          const holes = nature.missing.map((register) => ({ functionCode: 3, from: register, to: register }));
          const told = { limits: { ...limits, maxRegisters: nature.most }, holes };
          const { profile } = instrumentOf(registers, nature, told);
          const borne = readUnits(profile.points, profile).filter((unit) => bears(nature, unit));
          const best = planRequests(
            profile,
            borne.flatMap(({ reads }) => reads),
          );
          const cost = (spans: readonly Span[]): [number, number] => [
            spans.length,
            spans.reduce((sum, { count }) => sum + count, 0),
          ];
          expect(cost(rig.asked)).toEqual(cost(best));
        },
      ),
      { numRuns: 300, seed: 20_261_127 },
    );
    expect(learned).toBeGreaterThan(150);
  });

  test.each([
    ['that did not answer last time is asked one thing, until it answers', true],
    ['that keeps silent at the first request is asked no second one', false],
  ])('an instrument %s', (_, isProbe) => {
    const nature = { most: 1, missing: [], isSilent: false };
    const instrument = instrumentOf([1, 5, 9], nature, { limits: { retries: 0 } });
    const { plan, witness, clock, values } = new Rig(instrument, nature);
    const options = { cadence: 'fast', demanded: false, isProbe, once: isProbe } as const;
    const poll = new Poll({
      ...options,
      instrument,
      requests: plan.requests('fast'),
      plan,
      witness,
      values: values.begin('fast'),
    });
    const moment = { at: clock.wall(), monotonic: clock.monotonic(), exception: null };
    const [first, second] = [poll.next(), isProbe ? undefined : poll.next()];
    if (isProbe) expect(poll.canAsk).toBe(false);
    poll.take(first as Asked, { ...moment, outcome: isProbe ? 'ok' : 'no-bytes', data: Uint8Array.of(0, 7) });
    expect([poll.canAsk, poll.isComplete]).toEqual([isProbe, false]);
    if (second) poll.take(second, { ...moment, outcome: 'ok', data: Uint8Array.of(0, 7) });
    expect(poll.canAsk).toBe(true);
  });

  test('keeps what was read when the line is lost under the others, and is complete when the last one ends', async () => {
    const nature = { most: 1, missing: [], isSilent: false };
    const instrument = instrumentOf([1, 5, 9], nature);
    const { plan, witness, clock, values } = new Rig(instrument, nature);
    const options = { cadence: 'fast', demanded: false, isProbe: false, once: false } as const;
    const poll = new Poll({
      ...options,
      instrument,
      requests: plan.requests('fast'),
      plan,
      witness,
      values: values.begin('fast'),
    });
    const [first, second, third] = [poll.next(), poll.next(), poll.next()] as [Asked, Asked, Asked];
    const moment = { at: clock.wall(), monotonic: clock.monotonic(), exception: null };
    poll.take(second, { ...moment, outcome: 'ok', data: Uint8Array.of(0, 7) });
    poll.take(first, { ...moment, outcome: 'line-lost', data: null });
    expect([poll.isComplete, poll.canAsk]).toEqual([false, false]);
    poll.take(third, { ...moment, outcome: 'line-lost', data: null });
    expect(poll.isComplete).toBe(true);
    const told = values
      .conclude('fast', poll.finish(moment))
      .map(({ point, value, mark }) => [point, value ?? mark.reason]);
    expect(told.sort()).toEqual([
      ['t3-1', 'line-lost'],
      ['t3-5', 7],
      ['t3-9', 'line-lost'],
      ['t4-0', 'line-lost'],
    ]);
  });
});
