import { describe, expect, test } from 'vitest';
import { dlt645Frame } from '../../../test-rigs/instruments/dlt645-frame.ts';
import { type Fault, faults } from '../../../test-rigs/links/faulty-end.ts';
import { type MeterPlan, MeterScene } from '../../../test-rigs/links/meter-scene.ts';
import { seededRandom } from '../../../test-rigs/stories/seeded-random.ts';
import { Line } from '../line/line.ts';

const sceneOf = (...plans: MeterPlan[]): MeterScene => new MeterScene((options) => new Line(options), plans);
const first = '000000000161';

describe('what goes wrong on the line', () => {
  const other = dlt645Frame({ address: '000000000162', control: '91', data: '00FF0102991199119911' });
  const otherValue = dlt645Frame({ address: first, control: '91', data: '000003029911' });
  const echo = dlt645Frame({ address: first, control: '11', data: '00FF0102', wakeBytes: 4 });

  test.each<[string, Fault, string, string]>([
    ['silence', faults.silent, 'no-bytes', 'no-answer'],
    ['a cut answer', faults.truncated(20), 'short', 'garbled'],
    ['a flipped bit in the data', faults.flipped(18), 'crc', 'garbled'],
    ['noise', faults.replaced(() => Uint8Array.of(0, 1, 2, 3, 4, 5)), 'junk', 'garbled'],
    ['an answer of another meter', faults.replaced(() => other), 'foreign-slave', 'foreign-answer'],
    ['an answer of another identifier', faults.replaced(() => otherValue), 'foreign-function', 'foreign-answer'],
    [
      'a head that promises 255 bytes',
      faults.replaced(() => Uint8Array.from([...echo.subarray(4, 12), 0x91, 0xff, 1])),
      'short',
      'garbled',
    ],
  ])('%s is told by its name and gives no value', async (_, fault, outcome, reason) => {
    const scene = sceneOf({ address: first });
    if (scene.ends[0]) scene.ends[0].choose = () => fault;
    await scene.clock.advance(60_000);
    expect(scene.outcomes).toEqual(new Set([outcome]));
    expect(scene.readings.length).toBeGreaterThan(20);
    expect(scene.readings.every(({ value }) => value === null)).toBe(true);
    expect(scene.last('voltage-a')?.mark).toEqual({ flag: 'B', reason, basis: 'observed' });
    await scene.stop();
  });

  test.each<[string, Fault]>([
    ['noise before the answer', faults.junkBefore(Uint8Array.of(0, 0xff, 0x68, 0x11))],
    ['an answer of another meter before it', faults.preceded(() => other)],
    ['an answer in two pieces', faults.split(9, 60)],
    ['the same answer twice', faults.twice],
  ])('%s does not hide the answer', async (_, fault) => {
    const scene = sceneOf({ address: first });
    if (scene.ends[0]) scene.ends[0].choose = () => fault;
    await scene.clock.advance(30_000);
    expect(scene.outcomes).toEqual(new Set(['ok']));
    expect(scene.last('voltage-a')?.value).toBe(231);
    await scene.stop();
  });

  test('an answer that comes late is never taken for that of another question', async () => {
    const scene = sceneOf({ address: first });
    let late = 0;
    if (scene.ends[0]) scene.ends[0].choose = () => (late++ % 3 === 0 ? faults.late(1700) : faults.none);
    await scene.clock.advance(600_000);
    const values = new Map<string, Set<number | null>>();
    for (const { factor, value } of scene.readings) values.set(factor, (values.get(factor) ?? new Set()).add(value));
    for (const [factor, expected] of [
      ['voltage-a', 231],
      ['current-a', 5.125],
      ['active-power', 3600],
      ['frequency', 49.98],
    ] as const) {
      expect([...(values.get(factor) ?? [])].filter((value) => value !== null)).toEqual([expected]);
    }
    await scene.stop();
  });

  test('two answers that differ give no value: nobody can tell which is meant', async () => {
    const scene = sceneOf({ address: first, grain: 'character' });
    const twin = dlt645Frame({ address: first, control: '91', data: '00FF0102991199119911' });
    if (scene.ends[0]) scene.ends[0].choose = () => faults.preceded(() => twin);
    await scene.clock.advance(9000);
    expect(scene.last('voltage-a')).toMatchObject({ value: null, mark: { reason: 'foreign-answer' } });
    await scene.stop();
  });
});

test('lies at random never make a value that the meter did not give', async () => {
  const truth = new Map<string, number>([
    ['voltage-a', 231],
    ['current-b', 5.25],
    ['active-power', 3600],
    ['power-factor', 0.998],
    ['frequency', 49.98],
  ]);
  let tried = 0;
  const lies = (random: () => number): Fault[] => [
    faults.none,
    faults.silent,
    faults.late(1000 + random() * 2000),
    faults.truncated(Math.floor(random() * 30)),
    faults.flipped(Math.floor(random() * 30), Math.floor(random() * 8)),
    faults.junkBefore(Uint8Array.from({ length: 9 }, () => Math.floor(random() * 256))),
    faults.split(Math.floor(random() * 20), random() * 700),
    faults.twice,
    faults.preceded(() => dlt645Frame({ address: '000000000162', control: '91', data: '00FF0102991199119911' })),
    faults.replaced((answer) => answer.map((byte, place) => (place === 16 ? byte ^ 0x55 : byte))),
  ];
  for (let seed = 1; seed <= 20; seed += 1) {
    const random = seededRandom(seed);
    const scene = sceneOf({ address: first, every: 2000 });
    if (scene.ends[0]) {
      scene.ends[0].choose = () => lies(random)[Math.floor(random() * 10)] ?? faults.none;
    }
    await scene.clock.advance(120_000);
    for (const { factor, value } of scene.readings) {
      const expected = truth.get(factor);
      if (value === null || expected === undefined) continue;
      expect(value, `${factor}, seed ${seed}`).toBe(expected);
      tried += 1;
    }
    await scene.stop();
  }
  expect(tried).toBeGreaterThan(500);
});
