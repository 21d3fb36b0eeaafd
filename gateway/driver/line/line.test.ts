import { describe, expect, test } from 'vitest';
import { builtInProfiles, loadCatalogue } from '../../../device-profiles/catalogue.ts';
import { LineScene, profileWith } from '../../../test-rigs/links/line-scene.ts';
import type { Instrument } from '../instrument.ts';
import { Line, type LineOptions } from './line.ts';

const make = (options: LineOptions): Line => new Line(options);

describe('the schedule', () => {
  test('every instrument is read once in each of its periods', async () => {
    const scene = new LineScene(make, [{ every: 1000 }, { every: 4000 }, { every: 500 }]);
    scene.line.start();
    await scene.clock.advance(40_000);
    expect([scene.polls('i1'), scene.polls('i2'), scene.polls('i3')]).toEqual([40, 10, 80]);
    await scene.stop();
  });

  test('instruments with the same period start apart from each other', async () => {
    const scene = new LineScene(make, new Array(4).fill({ every: 4000 }));
    scene.line.start();
    await scene.clock.advance(3999);
    const firsts = scene.transactions.map(({ monotonic }) => Math.floor(monotonic / 1000));
    expect(firsts).toEqual([0, 1, 2, 3]);
    await scene.stop();
  });

  test('two conversations never overlap, also when reads are asked for from outside', async () => {
    const scene = new LineScene(make, new Array(5).fill({ every: 200, profile: profileWith(20) }));
    scene.line.start();
    for (let round = 0; round < 40; round += 1) {
      void scene.line.read(`i${(round % 5) + 1}`);
      void scene.line.read(`i${((round * 3) % 5) + 1}`);
      await scene.clock.advance(137);
    }
    const spans = scene.transactions.map(({ monotonic, duration }) => [monotonic - duration, monotonic] as const);
    expect(spans.length).toBeGreaterThan(60);
    spans.slice(1).forEach(([begin], index) => {
      expect(begin).toBeGreaterThanOrEqual(spans[index]?.[1] ?? 0);
    });
    expect(scene.transactions.every(({ outcome }) => outcome === 'ok')).toBe(true);
    await scene.stop();
  });

  test('a line that cannot carry what is asked says so in numbers and serves all alike', async () => {
    const scene = new LineScene(make, new Array(5).fill({ every: 200, profile: profileWith(20) }));
    expect(scene.events).toMatchObject([{ kind: 'overload', link: 'rs485-1' }]);
    scene.line.start();
    await scene.clock.advance(60_000);
    const polls = ['i1', 'i2', 'i3', 'i4', 'i5'].map((id) => scene.polls(id));
    expect(Math.max(...polls) - Math.min(...polls)).toBeLessThanOrEqual(2);
    const { needed } = scene.events.find((event) => event.kind === 'overload') ?? { needed: 0 };
    expect(needed).toBeGreaterThan(1.5);
    await scene.stop();
  });

  test('after a block nothing is made up for', async () => {
    const scene = new LineScene(make, [{ every: 1000 }]);
    scene.line.start();
    await scene.clock.advance(2500);
    scene.link.unplug();
    await scene.clock.advance(30_000);
    scene.link.plug();
    await scene.clock.advance(10_000);
    const before = scene.transactions.length;
    await scene.clock.advance(10_000);
    expect(scene.transactions.length - before).toBe(10);
    await scene.stop();
  });

  test('after one slow instrument has held the line, the others are not read in a burst', async () => {
    const slow = profileWith(2, { limits: { timeoutMs: 20_000, retries: 0 } });
    const scene = new LineScene(make, [{ every: 500 }, { every: 3_600_000, profile: slow }]);
    scene.slave('i2').on = false;
    scene.line.start();
    await scene.clock.advance(2000);
    void scene.line.read('i2');
    await scene.clock.advance(20_100);
    const before = scene.polls('i1');
    await scene.clock.advance(5000);
    expect(scene.polls('i1') - before).toBeLessThanOrEqual(11);
    await scene.stop();
  });
});

describe('a read from outside the schedule', () => {
  test('comes before what is only due, and its readings go to the asker alone', async () => {
    const scene = new LineScene(make, [{ every: 3_600_000 }, { every: 3_600_000 }]);
    scene.line.start();
    await scene.clock.advance(1000);
    const before = scene.readings.length;
    const readings = await scene.clock.during(scene.line.read('i2'));
    expect(readings).toHaveLength(2);
    expect(readings[0]).toMatchObject({ instrument: 'i2', point: 'p2', factor: 'current', origin: 'simulated' });
    expect(scene.readings).toHaveLength(before);
    await scene.stop();
  });

  test('of an unknown instrument, or on a line that stands still, is refused', async () => {
    const scene = new LineScene(make, [{}]);
    await expect(scene.line.read('i1')).rejects.toThrow('not running');
    scene.line.start();
    await expect(scene.line.read('nobody')).rejects.toThrow('no instrument nobody');
    await scene.stop();
  });

  test('of an instrument on a lost line is answered at once, with nothing', async () => {
    const scene = new LineScene(make, [{ every: 3_600_000 }]);
    scene.link.unplug();
    scene.line.start();
    await scene.clock.advance(100);
    const readings = await scene.clock.during(scene.line.read('i1'));
    expect(readings.map(({ value, mark }) => [value, mark.reason])).toEqual(new Array(2).fill([null, 'line-lost']));
    await scene.stop();
  });
});

describe('an instrument that does not answer', () => {
  test('has every point in every period, empty, flag B, never its last value', async () => {
    const scene = new LineScene(make, [{ every: 4000 }]);
    scene.line.start();
    await scene.clock.advance(8000);
    const slave = scene.slave('i1');
    slave.on = false;
    scene.readings.length = 0;
    await scene.clock.advance(40_000);
    expect(scene.polls('i1')).toBe(10);
    for (const { value, mark } of scene.readings) {
      expect({ value, mark }).toEqual({ value: null, mark: { flag: 'B', reason: 'no-answer', basis: 'observed' } });
    }
    slave.on = true;
    await scene.clock.advance(4000);
    expect(scene.readings.at(-1)?.value).toBeTypeOf('number');
    expect(scene.events.filter(({ kind }) => kind === 'instrument-condition')).toMatchObject([
      { condition: 'answering' },
      { condition: 'not-answering', outcome: 'no-bytes' },
      { condition: 'answering' },
    ]);
    await scene.stop();
  });

  test('does not cost the others their rate', async () => {
    const scene = new LineScene(make, [{ every: 1000 }, { every: 1000 }, { every: 1000 }]);
    scene.slave('i2').on = false;
    scene.line.start();
    await scene.clock.advance(60_000);
    for (const id of ['i1', 'i3']) {
      expect(scene.of(id).filter(({ value }) => value !== null).length / 2, id).toBeGreaterThanOrEqual(59);
    }
    // One request a period, no retry, and the late answer that never comes is not waited for by the others.
    expect(scene.transactions.filter(({ instrument }) => instrument === 'i2').length).toBeLessThanOrEqual(61);
    await scene.stop();
  });
});

describe('a lost line', () => {
  test('goes on with empty readings, is tried again with growing pauses, and resumes by itself', async () => {
    const scene = new LineScene(make, [{ every: 1000 }]);
    scene.line.start();
    await scene.clock.advance(3500);
    scene.link.unplug();
    scene.readings.length = 0;
    await scene.clock.advance(20_000);
    expect(scene.polls('i1')).toBe(20);
    expect(new Set(scene.readings.map(({ mark }) => mark.reason))).toEqual(new Set(['line-lost']));
    scene.link.plug();
    await scene.clock.advance(10_000);
    expect(scene.readings.at(-1)?.mark.flag).toBe('N');
    await scene.stop();
  });

  test('that came back and is lost again is tried at once, not after the pause it had grown to', async () => {
    const scene = new LineScene(make, [{ every: 1000 }]);
    scene.line.start();
    scene.link.unplug();
    await scene.clock.advance(60_000);
    scene.link.plug();
    await scene.clock.advance(30_000);
    scene.link.unplug();
    await scene.clock.advance(1000);
    scene.link.plug();
    scene.readings.length = 0;
    await scene.clock.advance(3000);
    expect(scene.readings.some(({ mark }) => mark.flag === 'N')).toBe(true);
    await scene.stop();
  });

  test('that is stopped says nothing about its instruments', async () => {
    const scene = new LineScene(make, [{ every: 1000 }]);
    scene.line.start();
    await scene.clock.advance(2005);
    const told = scene.events.length;
    await scene.stop();
    expect(scene.events).toHaveLength(told);
  });

  test('stops within a second while it waits, sleeps or asks', async () => {
    for (const moment of [0, 5, 150, 700]) {
      const scene = new LineScene(make, [{ every: 1000 }]);
      scene.slave('i1').on = false;
      scene.line.start();
      await scene.clock.advance(moment);
      const begun = scene.clock.monotonic();
      await scene.stop();
      expect(scene.clock.monotonic() - begun).toBeLessThan(1000);
      const told = scene.readings.length;
      await scene.clock.advance(5000);
      expect(scene.readings).toHaveLength(told);
    }
  });
});

test('the profiles of the catalogue are read point by point', async () => {
  const found = loadCatalogue({ directories: [builtInProfiles] }).find('eastron/sdm630');
  expect(found?.profile.points.length).toBeGreaterThan(40);
  const scene = new LineScene(make, [{ profile: found?.profile as Instrument['profile'], every: 4000 }]);
  // An SDM630 has input registers only; the counting slave has all.
  scene.line.start();
  await scene.clock.advance(3000);
  expect(new Set(scene.readings.map(({ factor }) => factor)).size).toBe(found?.profile.points.length);
  await scene.stop();
});

test('a line that stops takes leave of an instrument that its profile says to stop', async () => {
  const stop = [{ functionCode: 3, register: 1, count: 1 }];
  const scene = new LineScene(make, [{ profile: profileWith(1, { stop }) }, { profile: profileWith(1) }]);
  const asked: number[] = [];
  const { refuses } = scene.slave('i1');
  scene.slave('i1').refuses = (table, start, count) => {
    asked.push(start);
    return refuses(table, start, count);
  };
  scene.line.start();
  await scene.clock.advance(2500);
  expect(new Set(asked)).toEqual(new Set([0]));
  await scene.stop();
  expect(asked.at(-1)).toBe(1);
  expect(scene.link.isOpen).toBe(false);
});
