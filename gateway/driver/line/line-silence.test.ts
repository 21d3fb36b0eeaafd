import { describe, expect, test } from 'vitest';
import { faults } from '../../../test-rigs/links/faulty-end.ts';
import { LineScene, profileWith } from '../../../test-rigs/links/line-scene.ts';
import type { Transaction } from '../events.ts';
import { Line, type LineOptions } from './line.ts';

const make = (options: LineOptions): Line => new Line(options);

const conditions = (scene: LineScene): string[] =>
  scene.events.flatMap((event) => (event.kind === 'instrument-condition' ? [event.condition] : []));

/** Seconds between the beginnings of requests, rounded. */
function distances(transactions: readonly Transaction[]): number[] {
  const begun = transactions.map(({ monotonic, duration }) => monotonic - duration);
  return begun.slice(1).map((at, index) => Math.round((at - (begun[index] ?? 0)) / 1000));
}

describe('an instrument that keeps silent', () => {
  test('is asked by one request after growing pauses, the longest being the one of the site file', async () => {
    const scene = new LineScene(make, [{ settings: { probeWithin: 20_000 } }]);
    scene.slave('i1').on = false;
    scene.line.start();
    await scene.clock.advance(100_000);
    // The first poll tries twice, as the profile says.
    const [, ...probes] = scene.asked('i1');
    // Each is shorter by an eighth, by this scene's chance, and falls on a period of the instrument; the first waits
    // until no late answer can come any more.
    expect(distances(probes)).toEqual([2, 2, 4, 7, 14, 18, 18, 18]);
    await scene.stop();
  });

  test('is tried as often as costs a tenth of the line, where the site file says nothing', async () => {
    const scene = new LineScene(make, new Array(4).fill({}));
    for (const slave of scene.slaves) slave.on = false;
    scene.line.start();
    await scene.clock.advance(60_000);
    scene.forget();
    await scene.clock.advance(600_000);
    const busy = scene.transactions.reduce((sum, { duration }) => sum + duration, 0) / 600_000;
    expect(busy).toBeGreaterThan(0.08);
    expect(busy).toBeLessThan(0.12);
    await scene.stop();
  });

  test('has its periods all the same, each once, empty and marked with no communication', async () => {
    const scene = new LineScene(make, [{}, { every: 700 }]);
    scene.slave('i1').on = false;
    scene.line.start();
    await scene.clock.advance(60_000);
    // Two values a period. A period that passed during the first poll is told with its end, at the same moment.
    expect(scene.of('i1').length / 2).toBeGreaterThanOrEqual(59);
    expect(scene.of('i1').length / 2).toBeLessThanOrEqual(61);
    const mark = { flag: 'B', reason: 'no-answer', basis: 'observed' };
    for (const reading of scene.of('i1')) expect(reading).toMatchObject({ value: null, mark });
    await scene.stop();
  });

  test('has its full rate from its first answer on', async () => {
    const scene = new LineScene(make, [{}, {}]);
    scene.slave('i1').on = false;
    scene.line.start();
    await scene.clock.advance(120_000);
    scene.slave('i1').on = true;
    const asked = scene.asked('i1').length;
    for (let step = 0; step < 100 && scene.asked('i1').length === asked; step += 1) await scene.clock.advance(100);
    scene.forget();
    await scene.clock.advance(30_000);
    expect(scene.values('i1')).toBe(30);
    expect(conditions(scene)).toEqual([]);
    await scene.stop();
  });

  test('is asked at once when somebody wants to read it, and its pauses do not grow by that', async () => {
    const scene = new LineScene(make, [{ settings: { probeWithin: 60_000 } }, {}]);
    scene.slave('i1').on = false;
    scene.line.start();
    await scene.clock.advance(10_000);
    for (let times = 0; times < 10; times += 1) await scene.clock.during(scene.line.read('i1'));
    scene.slave('i1').on = true;
    await scene.clock.advance(10_000);
    expect(scene.values('i1')).toBeGreaterThan(0);
    await scene.stop();
  });

  test('but sends something that nobody understands is asked in every period: it is there', async () => {
    const scene = new LineScene(make, [{}, {}]);
    scene.line.start();
    await scene.clock.advance(5000);
    scene.end('i1').choose = () => faults.flipped(3);
    await scene.clock.advance(5000);
    scene.forget();
    await scene.clock.advance(60_000);
    expect(scene.asked('i1').length).toBeGreaterThanOrEqual(59);
    expect(scene.values('i2')).toBe(60);
    await scene.stop();
  });

  test('does not keep the others waiting for its pauses: what one does says nothing of the others', async () => {
    const scene = new LineScene(make, [{}, {}, {}]);
    scene.slave('i2').on = false;
    scene.line.start();
    await scene.clock.advance(60_000);
    scene.slave('i3').on = false;
    scene.forget();
    await scene.clock.advance(3000);
    // i3 is a beginner at being silent.
    expect(distances(scene.asked('i3').slice(1))).toEqual([1, 2].slice(0, scene.asked('i3').length - 2));
    expect(scene.values('i1')).toBe(3);
    await scene.stop();
  });
});

describe('the wait for an answer', () => {
  test('fits what the instrument usually takes: a lost answer costs the line little', async () => {
    const profile = profileWith(2, { limits: { timeoutMs: 1000, retries: 1 } });
    const scene = new LineScene(make, [{ every: 4000, profile }]);
    scene.line.start();
    await scene.clock.advance(60_000);
    let answers = 0;
    scene.end('i1').choose = () => (answers++ === 0 ? faults.silent : faults.none);
    scene.forget();
    await scene.clock.advance(10_000);
    const lost = scene.asked('i1').filter(({ outcome }) => outcome === 'no-bytes');
    expect(lost).toHaveLength(1);
    expect(lost[0]?.duration).toBeLessThan(100);
    expect(scene.values('i1')).toBe(scene.polls('i1'));
    await scene.stop();
  });

  test('is the whole timeout before an instrument is said not to answer', async () => {
    const profile = profileWith(2, { limits: { timeoutMs: 1000, retries: 1 } });
    const scene = new LineScene(make, [{ every: 4000, profile }]);
    scene.line.start();
    await scene.clock.advance(60_000);
    scene.slave('i1').turnAround = 900;
    await scene.clock.advance(120_000);
    expect(conditions(scene)).toEqual(['answering']);
    expect(scene.values('i1')).toBeGreaterThanOrEqual(44);
    await scene.stop();
  });

  test('that was too short never makes an answer to an earlier request the answer to a later one', async () => {
    const scene = new LineScene(make, [{ every: 400, profile: profileWith(1) }, { every: 400 }]);
    scene.line.start();
    await scene.clock.advance(10_000);
    // Now and then the slave takes its time; what is learned in between makes the wait short again.
    const delays = [260, 90, 200, 120, 60];
    let answers = 0;
    scene.end('i1').choose = () => {
      const [round, place] = [Math.floor(answers / 15), answers % 15];
      answers += 1;
      return faults.late(place < 2 ? (delays[round % delays.length] ?? 0) : 0);
    };
    await scene.clock.advance(120_000);
    const asked = scene.asked('i1');
    expect(asked.filter(({ outcome }) => outcome === 'no-bytes').length).toBeGreaterThan(5);
    asked.forEach(({ outcome, received }, index) => {
      // The slave counts its requests in the low byte of its register.
      if (outcome === 'ok') expect(received[4]).toBe((index + 1) & 0xff);
    });
    await scene.stop();
  });
});

describe('the silence before a request', () => {
  test('that one instrument wants is kept before its requests, whoever spoke last, and before no others', async () => {
    const wanting = profileWith(2, { limits: { timeoutMs: 300, retries: 1, turnAroundMs: 40 } });
    const scene = new LineScene(make, [{ every: 200 }, { every: 200, profile: wanting }]);
    scene.line.start();
    for (let times = 0; times < 20; times += 1) {
      const reads = ['i1', 'i2', 'i1'].map((id) => scene.line.read(id));
      await scene.clock.during(Promise.all(reads));
    }
    const silences = scene.transactions.map(({ instrument, monotonic, duration }, index, all) => ({
      instrument,
      silence: monotonic - duration - (all[index - 1]?.monotonic ?? Number.NEGATIVE_INFINITY),
    }));
    const least = (id: string): number =>
      Math.min(...silences.filter(({ instrument }) => instrument === id).map(({ silence }) => silence));
    expect(least('i2')).toBeGreaterThanOrEqual(40 - 1e-6);
    expect(least('i1')).toBeGreaterThanOrEqual(3.5 * (10 / 9.6) - 1e-6);
    expect(least('i1')).toBeLessThan(40);
    await scene.stop();
  });
});
