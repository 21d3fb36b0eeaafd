import { describe, expect, test } from 'vitest';
import type { Registers } from '../../../test-rigs/instruments/simulated-modbus-slave.ts';
import { LineScene, profileWith, type ScenePlan } from '../../../test-rigs/links/line-scene.ts';
import type { PlanChanged, Transaction } from '../events.ts';
import { Line, type LineOptions } from '../line/line.ts';

const make = (options: LineOptions): Line => new Line(options);
const minute = 60_000;

/** What was asked of an instrument: [start, count, outcome]. */
const asked = (transactions: readonly Transaction[]): [number, number, string][] =>
  transactions.map(({ sent, outcome }) => [
    (sent[2] ?? 0) * 256 + (sent[3] ?? 0),
    (sent[4] ?? 0) * 256 + (sent[5] ?? 0),
    outcome,
  ]);

const told = (scene: LineScene): PlanChanged[] => scene.events.filter((event) => event.kind === 'plan-changed');

/** Reasons why values of i1 were missing, with their basis; each once. */
const marks = (scene: LineScene): string[] => [
  ...new Set(scene.of('i1').flatMap(({ mark }) => (mark.flag === 'N' ? [] : [`${mark.reason} ${mark.basis}`]))),
];

/** Readings of i1 in one poll: how many with a value, how many without. */
function counts(scene: LineScene): [number, number] {
  const values = scene.of('i1').filter(({ value }) => value !== null).length;
  return [values, scene.of('i1').length - values];
}

const everyRegisterBut =
  (...missing: number[]): Registers =>
  (_, register) =>
    missing.includes(register) ? undefined : register;

/** One instrument that is read every 4 s; `polls` more polls are made each time. */
class Scene extends LineScene {
  constructor(plan: ScenePlan, options: Partial<LineOptions> = {}) {
    super((given) => make({ ...given, ...options }), [{ every: 4000, ...plan }]);
    this.line.start();
  }

  /** Forgets what was, and lets so many more polls be made. */
  async makePolls(number: number): Promise<void> {
    this.forget();
    await this.clock.advance(4000 * number);
  }
}

describe('an instrument that refuses long requests', () => {
  test.each([2, 3])(
    'with exception %i gives every value from its first poll on, and soon by the fewest requests',
    async (exception) => {
      const scene = new Scene({ profile: profileWith(120) });
      scene.slave('i1').refuses = (_, __, count) => (count > 50 ? exception : null);
      await scene.makePolls(1);
      expect(counts(scene)).toEqual([120, 0]);
      expect(asked(scene.asked('i1'))).toEqual([
        [0, 120, 'exception'],
        [0, 60, 'exception'],
        [0, 30, 'ok'],
        [30, 30, 'ok'],
        [60, 60, 'exception'],
        [60, 30, 'ok'],
        [90, 30, 'ok'],
      ]);
      await scene.makePolls(1);
      await scene.makePolls(20);
      expect(counts(scene)).toEqual([20 * 120, 0]);
      expect(asked(scene.asked('i1')).slice(0, 3)).toEqual([
        [0, 40, 'ok'],
        [40, 40, 'ok'],
        [80, 40, 'ok'],
      ]);
      expect(scene.asked('i1')).toHaveLength(20 * 3);
      await scene.stop();
    },
  );

  test('is tried with a long one again after an hour, for it may have been set up anew', async () => {
    const scene = new Scene({ profile: profileWith(60) });
    scene.slave('i1').refuses = (_, __, count) => (count > 50 ? 2 : null);
    await scene.clock.advance(40 * minute);
    scene.slave('i1').refuses = () => null;
    await scene.clock.advance(25 * minute);
    await scene.makePolls(1);
    expect(asked(scene.asked('i1'))).toEqual([[0, 60, 'ok']]);
    await scene.stop();
  });
});

describe('a register that the instrument does not have', () => {
  test('costs no other value, and is marked: as seen when it was asked for, as concluded when it was not', async () => {
    const scene = new Scene({ profile: profileWith(40), registers: everyRegisterBut(20) });
    await scene.makePolls(1);
    expect(counts(scene)).toEqual([39, 1]);
    expect(marks(scene)).toEqual(['refused observed']);
    await scene.makePolls(2);
    expect(counts(scene)).toEqual([2 * 39, 2]);
    expect(marks(scene)).toEqual(['refused inferred']);
    expect(asked(scene.asked('i1').slice(0, 2))).toEqual([
      [0, 20, 'ok'],
      [21, 19, 'ok'],
    ]);
    expect(scene.asked('i1')).toHaveLength(4);
    await scene.stop();
  });

  test('at the end costs nothing but itself', async () => {
    const scene = new Scene({ profile: profileWith(40), registers: everyRegisterBut(39) });
    await scene.makePolls(1);
    await scene.makePolls(1);
    expect(asked(scene.asked('i1'))).toEqual([[0, 39, 'ok']]);
    expect(counts(scene)).toEqual([39, 1]);
    await scene.stop();
  });

  test('is told with what is asked instead, once', async () => {
    const scene = new Scene({ profile: profileWith(8), registers: everyRegisterBut(7) });
    await scene.clock.advance(60 * minute);
    const span = (start: number, count: number) => ({ functionCode: 3, start, count });
    expect(told(scene)).toMatchObject([
      { instrument: 'i1', refused: [span(7, 1)], answered: [], requests: [span(0, 7)] },
    ]);
    await scene.stop();
  });

  test('is asked for again at most every ten minutes', async () => {
    const scene = new Scene({ profile: profileWith(8), registers: everyRegisterBut(7) });
    await scene.makePolls(1);
    scene.forget();
    await scene.clock.advance(60 * minute);
    const tried = scene.asked('i1').filter(({ outcome }) => outcome === 'exception');
    expect(asked(tried)).toEqual(new Array(tried.length).fill([7, 1, 'exception']));
    expect(tried.length).toBeGreaterThanOrEqual(5);
    expect(tried.length).toBeLessThanOrEqual(6);
    await scene.stop();
  });

  test('is asked for again when the link was opened anew, one such register a poll', async () => {
    const scene = new Scene({ profile: profileWith(8), registers: everyRegisterBut(3, 7) });
    await scene.makePolls(3);
    scene.link.unplug();
    await scene.clock.advance(5000);
    scene.link.plug();
    await scene.makePolls(5);
    const tried = scene.asked('i1').filter(({ outcome }) => outcome === 'exception');
    expect(asked(tried).sort()).toEqual([
      [3, 1, 'exception'],
      [7, 1, 'exception'],
    ]);
    await scene.stop();
  });

  test('is asked for again when somebody reads the instrument', async () => {
    const registers = { missing: true };
    const scene = new Scene({
      profile: profileWith(8),
      registers: (_, register) => (register === 7 && registers.missing ? undefined : 1),
    });
    await scene.makePolls(3);
    await scene.clock.advance(1000);
    registers.missing = false;
    const readings = await scene.clock.during(scene.line.read('i1'));
    expect(readings.map(({ value }) => value)).toEqual(new Array(8).fill(1));
    await scene.makePolls(1);
    expect(asked(scene.asked('i1'))).toEqual([[0, 8, 'ok']]);
    await scene.stop();
  });

  test('between others that are only read through, makes two requests and costs no value', async () => {
    const points = [0, 1, 3, 4].map((register) => ({
      id: `r${register}`,
      factor: 'current',
      functionCode: 3,
      register,
      type: 'u16',
    }));
    const profile = profileWith(0, { points, limits: { maxHole: 1 } });
    const scene = new Scene({ profile, registers: everyRegisterBut(2) });
    await scene.makePolls(1);
    expect(counts(scene)).toEqual([4, 0]);
    await scene.makePolls(1);
    expect(asked(scene.asked('i1'))).toEqual([
      [0, 2, 'ok'],
      [3, 2, 'ok'],
    ]);
    await scene.stop();
  });

  test('takes its frame with it, and nothing else', async () => {
    const points = Array.from({ length: 6 }, (_, register) => ({
      ...{ id: `r${register}`, factor: 'current', functionCode: 3, register, type: 'u16' },
      ...(register >= 2 && register <= 3 ? { frame: 'nozzle' } : {}),
    }));
    const scene = new Scene({ profile: profileWith(0, { points }), registers: everyRegisterBut(3) });
    await scene.makePolls(1);
    await scene.makePolls(1);
    expect(asked(scene.asked('i1'))).toEqual([
      [0, 2, 'ok'],
      [4, 2, 'ok'],
    ]);
    expect(counts(scene)).toEqual([4, 2]);
    await scene.stop();
  });
});

describe('an instrument that refuses everything for a while', () => {
  test('from the start on has its values again within ten minutes, by the requests of its profile', async () => {
    const scene = new Scene({ profile: profileWith(40) });
    scene.slave('i1').refuses = () => 2;
    await scene.clock.advance(3 * minute);
    scene.slave('i1').refuses = () => null;
    await scene.clock.advance(8 * minute);
    await scene.makePolls(1);
    expect(asked(scene.asked('i1'))).toEqual([[0, 40, 'ok']]);
    expect(counts(scene)).toEqual([40, 0]);
    await scene.stop();
  });

  test('having answered before is without values hardly longer than it refused', async () => {
    const scene = new Scene({ profile: profileWith(40) });
    await scene.makePolls(5);
    scene.slave('i1').refuses = () => 2;
    await scene.clock.advance(minute);
    scene.slave('i1').refuses = () => null;
    await scene.clock.advance(minute);
    await scene.makePolls(1);
    expect(asked(scene.asked('i1'))).toEqual([[0, 40, 'ok']]);
    await scene.stop();
  });

  test('costs the line little more than one request a poll once that is known', async () => {
    const scene = new Scene({ profile: profileWith(40) });
    await scene.makePolls(5);
    scene.slave('i1').refuses = () => 2;
    await scene.makePolls(2);
    await scene.makePolls(100);
    expect(scene.asked('i1').length).toBeLessThanOrEqual(100);
    await scene.stop();
  });

  test('has its periods all the same, without being asked in each of them', async () => {
    const scene = new Scene({ profile: profileWith(1) });
    scene.slave('i1').refuses = () => 2;
    await scene.makePolls(1);
    await scene.makePolls(100);
    expect(counts(scene)).toEqual([0, 100]);
    expect(marks(scene)).toEqual(['refused inferred']);
    expect(scene.asked('i1')).toEqual([]);
    await scene.stop();
  });

  test('and then dies is found dead when it is tried again', async () => {
    const scene = new Scene({ profile: profileWith(1) });
    scene.slave('i1').refuses = () => 2;
    await scene.makePolls(1);
    scene.slave('i1').on = false;
    await scene.clock.advance(15 * minute);
    await scene.makePolls(10);
    expect(marks(scene)).toEqual(['no-answer observed']);
    scene.slave('i1').on = true;
    scene.slave('i1').refuses = () => null;
    await scene.clock.advance(5 * minute);
    await scene.makePolls(10);
    expect(counts(scene)).toEqual([10, 0]);
    await scene.stop();
  });

  test('with another exception, such as being busy, is asked as ever', async () => {
    const scene = new Scene({ profile: profileWith(40) });
    scene.slave('i1').refuses = () => 6;
    await scene.makePolls(10);
    expect(asked(scene.asked('i1'))).toEqual(new Array(10).fill([0, 40, 'exception']));
    expect(told(scene)).toEqual([]);
    await scene.stop();
  });
});
