import { describe, expect, test } from 'vitest';
import { LineScene, profileWith, type ScenePlan } from '../../../test-rigs/links/line-scene.ts';
import { Line, type LineOptions } from './line.ts';

const make = (options: LineOptions): Line => new Line(options);
const ids = (count: number): string[] => Array.from({ length: count }, (_, index) => `i${index + 1}`);

describe('dead instruments beside healthy ones, all read every second', () => {
  const cases = [3, 10].flatMap((n) => ids(n).flatMap((_, k) => [2, 20].map((registers) => ({ n, k, registers }))));

  test.each(cases)('$k of $n dead, $registers registers each: the others keep their rate', async (situation) => {
    const { n, k, registers } = situation;
    const scene = new LineScene(make, new Array(n).fill({ profile: profileWith(registers) }));
    // Spread over the line, so that their turns come before, between and behind the others'.
    const dead = ids(k).map((_, index) => `i${Math.floor((index * n) / k) + 1}`);
    for (const id of dead) scene.slave(id).on = false;
    scene.line.start();
    await scene.clock.advance(30_000);
    scene.forget();
    await scene.clock.advance(120_000);
    for (const id of ids(n)) {
      if (!dead.includes(id)) expect(scene.values(id) / 120, id).toBeGreaterThanOrEqual(0.95);
      else expect(scene.polls(id) / 120, id).toBeGreaterThanOrEqual(0.95);
    }
    await scene.stop();
  });
});

describe('a line that cannot carry what is asked', () => {
  const shares = async (plans: readonly ScenePlan[], seconds: number): Promise<number[]> => {
    const scene = new LineScene(make, plans);
    scene.line.start();
    await scene.clock.advance(20_000);
    scene.forget();
    await scene.clock.advance(seconds * 1000);
    const got = plans.map(({ every = 1000 }, index) => scene.values(`i${index + 1}`) / ((seconds * 1000) / every));
    await scene.stop();
    return got;
  };

  test.each<[string, ScenePlan[]]>([
    ['fast and slow ones', [100, 100, 100, 150, 250, 2000, 5000].map((every) => ({ every }))],
    ['short and long answers', [2, 20, 60, 100].map((registers) => ({ every: 300, profile: profileWith(registers) }))],
    ['one that alone asks for more than there is', [{ every: 100, profile: profileWith(100) }, {}, { every: 3000 }]],
    ['many alike', new Array(30).fill({ every: 500, profile: profileWith(10) })],
  ])('serves all at the same share of their rate: %s', async (_, plans) => {
    const got = await shares(plans, 300);
    expect(Math.max(...got)).toBeLessThan(0.99);
    expect(Math.max(...got) / Math.min(...got)).toBeLessThan(1.06);
  });

  test('is used without a pause, and the numbers told are what the instruments get', async () => {
    const scene = new LineScene(make, new Array(5).fill({ every: 200, profile: profileWith(20) }));
    scene.line.start();
    await scene.clock.advance(20_000);
    scene.forget();
    await scene.clock.advance(100_000);
    const { needed } = scene.events.find(({ kind }) => kind === 'overload') as { needed: number };
    expect(scene.values('i1') / 500).toBeCloseTo(1 / needed, 1);
    const busy = scene.transactions.reduce((sum, { duration }) => sum + duration, 0);
    expect(busy / 100_000).toBeGreaterThan(0.9);
    await scene.stop();
  });

  test('says so when it is over', async () => {
    const scene = new LineScene(make, [{ every: 100 }, { every: 100 }, { every: 100 }]);
    scene.line.start();
    for (const slave of scene.slaves) slave.turnAround = 60;
    await scene.clock.advance(20_000);
    const last = (): number => scene.events.filter((event) => event.kind === 'overload').at(-1)?.needed ?? 0;
    expect(last()).toBeGreaterThan(1.5);
    for (const slave of scene.slaves) slave.turnAround = 2;
    await scene.clock.advance(90_000);
    expect(last()).toBeLessThan(1);
    await scene.stop();
  });
});
