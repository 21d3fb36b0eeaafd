import { describe, expect, test } from 'vitest';
import type { FactorCode } from '../../device-profiles/factors.ts';
import { SimulatedClock } from '../../test-rigs/surroundings/simulated-clock.ts';
import { LocalTime, readStamp, type WallTime } from '../clock.ts';
import { type Mark, normal, type Reading } from '../reading/reading.ts';
import { type LabelsState, nothingSaid } from '../record/labels.ts';
import type { AuditRecord, GapRecord, PeriodRecord } from '../record/record.ts';
import { Averaging, type AveragingEvent, type AveragingOptions, type Moved } from './averaging.ts';

const silent: Mark = { flag: 'B', reason: 'no-answer', basis: 'observed' };
const above: Mark = { flag: 'T', reason: 'above-range', basis: 'observed' };

/** Everything up to then was said. */
function saidUntil(stamp: string): LabelsState {
  const until = Date.parse(stamp);
  return { ...nothingSaid, until, said: [[0, until / 60_000 - 1]] };
}

function bench(changes: Partial<AveragingOptions> & { factor?: FactorCode; every?: number; leftOut?: boolean } = {}) {
  const clock = new SimulatedClock('2026-11-24T08:00:00.000+08:00');
  const emitted: (PeriodRecord | GapRecord | AuditRecord)[] = [];
  const events: AveragingEvent[] = [];
  const { factor = 'pm2.5', every = 4000, leftOut = false, ...options } = changes;
  const averaging = new Averaging({
    series: [{ point: 'gate', factor, instrument: 'dust-1', every, origin: 'measured', leftOut }],
    rule: { minimumValid: 12, share: 0.75 },
    clock,
    localTime: new LocalTime('Asia/Shanghai'),
    said: nothingSaid,
    emit: (records) => emitted.push(...records),
    observe: (event) => events.push(event),
    ...options,
  });
  const reading = (value: number | null, mark: Mark = normal): Reading => ({
    instrument: 'dust-1',
    point: 'gate',
    factor,
    at: clock.wall(),
    monotonic: clock.monotonic(),
    value,
    mark,
    origin: 'measured',
  });
  return {
    clock,
    averaging,
    emitted,
    events,
    reading,
    minutes: () => emitted.filter((one): one is PeriodRecord => one.kind === 'minute'),
  };
}

/** Gives one reading every `every` ms for a minute. */
async function minuteOf(rig: ReturnType<typeof bench>, values: readonly (number | null)[], mark?: Mark): Promise<void> {
  for (const value of values) {
    rig.averaging.take([rig.reading(value, mark)]);
    await rig.clock.advance(60_000 / values.length);
  }
}

describe('a minute', () => {
  test('is the mean of its valid samples, with smallest, largest and counts', async () => {
    const rig = bench();
    rig.averaging.start();
    await minuteOf(rig, [10, 20, 30, 10, 20, 30, 10, 20, 30, 10, 20, 30, 10, 20, 30]);
    await rig.clock.advance(1000);
    expect(rig.minutes()).toEqual([
      {
        kind: 'minute',
        point: 'gate',
        factor: 'pm2.5',
        from: '2026-11-24T08:00:00.000+08:00',
        average: 20,
        minimum: 10,
        maximum: 30,
        count: 15,
        expected: 15,
        flag: 'N',
        reason: null,
        basis: null,
        revision: 1,
        origin: 'measured',
      },
    ]);
  });

  test('has no average outside of its smallest and largest, however many digits its samples have', async () => {
    const rig = bench({ factor: 'flue-dust' });
    rig.averaging.start();
    await minuteOf(rig, Array(15).fill(25.00625));
    await minuteOf(rig, Array(15).fill(25.00624));
    await rig.clock.advance(1000);
    expect(rig.minutes().map(({ minimum, average, maximum }) => [minimum, average, maximum])).toEqual([
      [25.0063, 25.0063, 25.0063],
      [25.0062, 25.0062, 25.0062],
    ]);
  });

  test('goes on, empty and with flag B, when the instrument is silent, and never repeats the last value', async () => {
    const rig = bench();
    rig.averaging.start();
    await minuteOf(rig, Array(15).fill(12));
    await minuteOf(rig, Array(15).fill(null), silent);
    await minuteOf(rig, Array(15).fill(null), silent);
    await rig.clock.advance(1000);
    expect(rig.minutes().map(({ average, count, flag, reason }) => [average, count, flag, reason])).toEqual([
      [12, 15, 'N', null],
      [null, 0, 'B', 'no-answer'],
      [null, 0, 'B', 'no-answer'],
    ]);
  });

  test('that holds too few valid samples keeps their mean but carries the commonest reason', async () => {
    const rig = bench();
    rig.averaging.start();
    await rig.clock.advance(59_999);
    await rig.clock.advance(1);
    for (let i = 0; i < 15; i++) {
      rig.averaging.take([i < 5 ? rig.reading(7) : rig.reading(null, silent)]);
      await rig.clock.advance(4000);
    }
    await rig.clock.advance(1000);
    expect(rig.minutes()[1]).toMatchObject({ average: 7, count: 5, flag: 'B', reason: 'no-answer' });
  });

  test('is normal with 12 valid samples and not with 11', async () => {
    for (const [valid, flag] of [
      [12, 'N'],
      [11, 'B'],
    ] as const) {
      const rig = bench();
      rig.averaging.start();
      await minuteOf(rig, [...Array(valid).fill(5)]);
      await rig.clock.advance(1000);
      expect(rig.minutes()[0]?.flag).toBe(flag);
    }
  });

  test('of an instrument asked every 20 s needs three quarters of its three samples', async () => {
    const rig = bench({ every: 20_000 });
    rig.averaging.start();
    await minuteOf(rig, [1, 2, 3]);
    await minuteOf(rig, [1, 2]);
    await rig.clock.advance(1000);
    expect(rig.minutes().map(({ flag, expected }) => [flag, expected])).toEqual([
      ['N', 3],
      ['B', 3],
    ]);
  });

  test('of samples above the measuring range shows them under flag T', async () => {
    const rig = bench();
    rig.averaging.start();
    await minuteOf(rig, Array(15).fill(6000), above);
    await rig.clock.advance(1000);
    expect(rig.minutes()[0]).toMatchObject({ average: 6000, count: 15, flag: 'T', reason: 'above-range' });
  });

  test('in which the gateway started late says so', async () => {
    const rig = bench();
    await rig.clock.advance(45_000);
    rig.averaging.start();
    rig.averaging.take([rig.reading(5)]);
    await rig.clock.advance(16_000);
    expect(rig.minutes()[0]).toMatchObject({ flag: 'B', reason: 'gateway-not-running', count: 1 });
  });

  test('of an instrument that was left out says configuration', async () => {
    const rig = bench({ leftOut: true });
    rig.averaging.start();
    await rig.clock.advance(61_000);
    expect(rig.minutes()[0]).toMatchObject({ average: null, count: 0, flag: 'B', reason: 'configuration' });
  });

  test('of wind direction around north is north, not south', async () => {
    const rig = bench({ factor: 'wind-direction' });
    rig.averaging.start();
    await minuteOf(rig, [350, 10, 350, 10, 350, 10, 350, 10, 350, 10, 350, 10]);
    await rig.clock.advance(1000);
    const { average } = rig.minutes()[0] as PeriodRecord;
    expect(Math.min(average ?? 180, 360 - (average ?? 180))).toBeLessThan(0.01);
  });

  test('of noise is the level of the mean energy', async () => {
    const rig = bench({ factor: 'noise' });
    rig.averaging.start();
    await minuteOf(rig, [60, 70, 60, 70, 60, 70, 60, 70, 60, 70, 60, 70]);
    await rig.clock.advance(1000);
    expect(rig.minutes()[0]?.average).toBeCloseTo(67.404, 2);
  });

  test('of an energy meter carries its increase since the minute before, and none after the meter was reset', async () => {
    const rig = bench({ factor: 'energy-import' });
    rig.averaging.start();
    await minuteOf(rig, Array(12).fill(100));
    await minuteOf(rig, Array(12).fill(100.5));
    await minuteOf(rig, Array(12).fill(2));
    await rig.clock.advance(1000);
    expect(rig.minutes().map(({ average, total }) => [average, total])).toEqual([
      [100, null],
      [100.5, 0.5],
      [2, null],
    ]);
  });
});

describe('minutes follow each other', () => {
  test('one for every minute of a day, none twice', async () => {
    const rig = bench();
    rig.averaging.start();
    await rig.clock.advance(24 * 3_600_000 + 1000);
    const from = rig.minutes().map((one) => readStamp(one.from) as WallTime);
    expect(from).toHaveLength(1440);
    expect(from.every((at, i) => i === 0 || at - (from[i - 1] as number) === 60_000)).toBe(true);
  });

  test('time without a gateway becomes one gap from the last minute that is accounted for', () => {
    const rig = bench({ said: saidUntil('2026-11-24T06:30:00.000+08:00') });
    rig.averaging.start();
    expect(rig.emitted).toEqual([
      {
        kind: 'gap',
        from: '2026-11-24T06:30:00.000+08:00',
        to: '2026-11-24T08:00:00.000+08:00',
        reason: 'gateway-not-running',
        basis: 'inferred',
        revision: 1,
      },
    ]);
  });

  test('a reading stamped just before the minute ended still belongs to it', async () => {
    const rig = bench({ every: 60_000 });
    rig.averaging.start();
    await rig.clock.advance(59_999);
    const last = rig.reading(5);
    await rig.clock.advance(50);
    rig.averaging.take([rig.reading(9)]);
    rig.averaging.take([last]);
    await rig.clock.advance(61_000);
    expect(rig.minutes().map(({ average }) => average)).toEqual([5, 9]);
    expect(rig.events).toEqual([]);
  });
});

describe('when the clock is set', () => {
  const at = (time: string): string => `2026-11-24T${time}.000+08:00`;

  /** Takes a reading every 4 s for a while, or lets the clock jump. */
  async function course(steps: readonly (number | { by: number; cause?: Moved['cause'] })[]) {
    const rig = bench({ said: nothingSaid });
    rig.averaging.start();
    for (const step of steps) {
      if (typeof step === 'number') {
        for (let passed = 0; passed < step; passed += 4000) {
          rig.averaging.take([rig.reading(7)]);
          await rig.clock.advance(Math.min(4000, step - passed));
        }
      } else {
        const before = rig.clock.wall();
        rig.clock.jumpWall(step.by);
        rig.averaging.moved({ cause: step.cause ?? 'set', before, after: rig.clock.wall(), source: 'system' });
      }
    }
    const said = rig.emitted.map((one: PeriodRecord | GapRecord | AuditRecord) => {
      if (one.kind === 'minute')
        return `${one.from.slice(11, 16)} r${one.revision} ${one.count} ${one.reason ?? one.flag}`;
      if (one.kind === 'gap') return `${one.from.slice(11, 16)}-${one.to.slice(11, 16)} ${one.reason}`;
      return one.kind === 'audit' ? one.action : one.kind;
    });
    return { ...rig, said };
  }

  test('forward by 30 s within a minute: that minute has what was measured, and says why when that is too little', async () => {
    const { said } = await course([70_000, { by: 30_000 }, 90_000]);
    expect(said).toEqual(['08:00 r1 15 N', 'clock-jumped', '08:01 r1 8 clock-jumped', '08:02 r1 15 N']);
  });

  test('forward by ten minutes: what was jumped over is empty and says so', async () => {
    const { said } = await course([80_000, { by: 600_000 }, 108_000]);
    expect(said[0]).toBe('08:00 r1 15 N');
    expect(said[1]).toBe('clock-jumped');
    expect(said[2]).toBe('08:01 r1 5 clock-jumped');
    expect(said.slice(3, 12)).toEqual(
      [2, 3, 4, 5, 6, 7, 8, 9].map((n) => `08:0${n} r1 0 clock-jumped`).concat('08:10 r1 0 clock-jumped'),
    );
    expect(said.slice(12)).toEqual(['08:11 r1 10 clock-jumped', '08:12 r1 15 N']);
  });

  test('forward by three hours: one gap', async () => {
    const { said } = await course([80_000, { by: 3 * 3_600_000 }, 108_000]);
    expect(said).toEqual([
      '08:00 r1 15 N',
      'clock-jumped',
      '08:01 r1 5 clock-jumped',
      '08:02-11:01 clock-jumped',
      '11:01 r1 10 clock-jumped',
      '11:02 r1 15 N',
    ]);
  });

  test('back by 30 s: no whole minute was said that comes again, so nothing is said twice', async () => {
    const { said } = await course([130_000, { by: -30_000 }, 100_000]);
    expect(said).toEqual(['08:00 r1 15 N', '08:01 r1 15 N', 'clock-jumped', '08:02 r1 15 N']);
  });

  test('back within a minute: what was measured of it belongs to time that is over', async () => {
    const { said } = await course([64_000 + 40_000, { by: -20_000 }, 45_000]);
    expect(said).toEqual(['08:00 r1 15 N', 'clock-jumped', '08:01 r1 9 clock-jumped']);
  });

  test('back by ten minutes: whole minutes are said again with a higher revision, the one it falls into is not', async () => {
    const { said, emitted } = await course([11 * 60_000 + 10_000, { by: -600_000 }, 11 * 60_000]);
    expect(said.slice(0, 11)).toEqual(Array.from({ length: 11 }, (_, n) => `08:${String(n).padStart(2, '0')} r1 15 N`));
    expect(said[11]).toBe('clock-jumped');
    expect(said.slice(12)).toEqual([
      ...Array.from({ length: 9 }, (_, n) => `08:${String(n + 2).padStart(2, '0')} r2 15 N`),
      '08:11 r1 15 N',
    ]);
    expect(emitted[11]).toMatchObject({
      details: {
        continues: at('08:02:00'),
        again: { revision: 2, from: at('08:02:00'), to: at('08:11:00') },
      },
    });
  });

  test('a sleep is a gap, and says that the machine slept', async () => {
    const { said } = await course([80_000, { by: 600_000, cause: 'suspended' }, 108_000]);
    expect(said).toEqual([
      '08:00 r1 15 N',
      '08:01 r1 5 gateway-not-running',
      '08:02-08:11 suspended',
      '08:11 r1 10 gateway-not-running',
      '08:12 r1 15 N',
    ]);
  });

  test('back while no gateway ran: minutes go on by the clock as it is now', async () => {
    const rig = bench({ said: saidUntil(at('09:30:00')) });
    rig.averaging.start();
    await rig.clock.advance(130_000);
    expect(rig.emitted.map((one) => [one.kind, one.revision])).toEqual([
      ['audit', 1],
      ['minute', 2],
    ]);
  });
});
