import { describe, expect, test } from 'vitest';
import type { Registers } from '../../../test-rigs/instruments/simulated-modbus-slave.ts';
import { faults } from '../../../test-rigs/links/faulty-end.ts';
import { LineScene, profileWith } from '../../../test-rigs/links/line-scene.ts';
import type { Instrument } from '../instrument.ts';
import { periodOf } from '../settings.ts';
import { Line, type LineOptions } from './line.ts';

const make = (options: LineOptions): Line => new Line(options);
const minute = 60_000;
const day = 24 * 60 * minute;

const cadences = { fast: 'current', slow: 'voltage', once: 'frequency', daily: 'energy-import' } as const;

/** One point of each cadence, far enough apart that no request holds two. */
const fourCadences: Instrument['profile'] = profileWith(0, {
  points: Object.entries(cadences).map(([cadence, factor], index) => ({
    id: cadence,
    factor,
    functionCode: cadence === 'slow' ? 4 : 3,
    register: index * 100,
    type: 'u16',
    cadence,
  })),
});

/** How often each cadence was read with a value, and how often in vain. */
function told(scene: LineScene): Record<string, readonly [number, number]> {
  const counts = Object.entries(cadences).map(([cadence, factor]) => {
    const of = scene.readings.filter((reading) => reading.factor === factor);
    const values = of.filter(({ value }) => value !== null).length;
    return [cadence, [values, of.length - values]] as const;
  });
  return Object.fromEntries(counts);
}

describe('the cadence of a point', () => {
  test('slow is fifteen times the period of the site, and at least a minute', () => {
    expect([1000, 4000, 10_000].map((every) => periodOf('slow', every))).toEqual([minute, minute, 150_000]);
  });

  test('decides how often it is read', async () => {
    const scene = new LineScene(make, [{ every: 2000, profile: fourCadences }]);
    scene.line.start();
    await scene.clock.advance(10 * minute - 1);
    expect(told(scene)).toEqual({ fast: [300, 0], slow: [10, 0], once: [1, 0], daily: [1, 0] });
    await scene.stop();
  });

  test('daily is read once a day', async () => {
    const scene = new LineScene(make, [{ every: 10 * minute, profile: fourCadences }]);
    scene.line.start();
    await scene.clock.advance(3 * day - minute);
    expect(told(scene)).toMatchObject({ once: [1, 0], daily: [3, 0] });
    await scene.stop();
  });

  test('once is read again when the line was lost and is back', async () => {
    const scene = new LineScene(make, [{ every: 2000, profile: fourCadences }]);
    scene.line.start();
    await scene.clock.advance(10_000);
    scene.link.unplug();
    await scene.clock.advance(10_000);
    scene.link.plug();
    await scene.clock.advance(20_000);
    expect(told(scene).once).toEqual([2, 0]);
    await scene.stop();
  });

  test('what an instrument that was off missed of its seldom points is read when it answers', async () => {
    const scene = new LineScene(make, [{ every: 2000, profile: fourCadences }]);
    scene.slave('i1').on = false;
    scene.line.start();
    await scene.clock.advance(5.5 * minute);
    const { fast, once, daily } = told(scene);
    expect([fast?.[0], once?.[0], daily?.[0]]).toEqual([0, 0, 0]);
    expect([once?.[1], daily?.[1]].every((times = 0) => times > 0)).toBe(true);
    scene.slave('i1').on = true;
    scene.forget();
    await scene.clock.advance(10_000);
    expect(told(scene)).toMatchObject({ slow: [1, 0], once: [1, 0], daily: [1, 0] });
    await scene.stop();
  });

  test('a point that the instrument refuses is refused once, not asked for again and again', async () => {
    const registers: Registers = (_, register) => (register < 200 ? 1 : undefined);
    const scene = new LineScene(make, [{ every: 2000, profile: fourCadences, registers }]);
    scene.line.start();
    await scene.clock.advance(10 * minute - 1);
    expect(told(scene)).toMatchObject({ slow: [10, 0], once: [0, 1], daily: [0, 1] });
    await scene.stop();
  });

  test('a read from outside brings every point, whatever its cadence', async () => {
    const scene = new LineScene(make, [{ every: 2000, profile: fourCadences }]);
    scene.line.start();
    await scene.clock.advance(5500);
    const before = scene.readings.length;
    const readings = await scene.clock.during(scene.line.read('i1'));
    expect(readings.map(({ factor }) => factor).sort()).toEqual(Object.values(cadences).sort());
    expect(scene.readings).toHaveLength(before);
    await scene.stop();
  });

  test('silence about the slow points alone is not taken for the silence of the instrument', async () => {
    const scene = new LineScene(make, [{ every: 2000, profile: fourCadences }]);
    scene.end('i1').choose = () => (answer) => (answer[1] === 4 ? [] : faults.none(answer));
    scene.line.start();
    await scene.clock.advance(10 * minute);
    expect(told(scene).fast?.[0]).toBeGreaterThanOrEqual(298);
    const conditions = scene.events.flatMap((event) =>
      event.kind === 'instrument-condition' ? [event.condition] : [],
    );
    expect(conditions).toEqual(['answering', 'not-answering', 'answering']);
    await scene.stop();
  });
});
