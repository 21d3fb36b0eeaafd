import { describe, expect, test } from 'vitest';
import { dlt645Frame } from '../../../test-rigs/instruments/dlt645-frame.ts';
import { type MeterPlan, MeterScene } from '../../../test-rigs/links/meter-scene.ts';
import { Line } from '../line/line.ts';

const sceneOf = (...plans: MeterPlan[]): MeterScene => new MeterScene((options) => new Line(options), plans);
const first = '000000000161';

describe('a meter of the 2007 edition', () => {
  test('gives every value of its profile, each in the unit of its factor', async () => {
    const scene = sceneOf({ address: first });
    await scene.clock.advance(60_000);
    expect(scene.outcomes).toEqual(new Set(['ok']));
    expect(scene.last('voltage-b')).toMatchObject({ value: 232, point: 'p0', mark: { flag: 'N' } });
    expect(scene.last('current-c')?.value).toBe(5.375);
    expect(scene.last('active-power')?.value).toBe(3600);
    expect(scene.last('reactive-power-a')?.value).toBe(250);
    expect(scene.last('power-factor')?.value).toBe(0.998);
    expect(scene.last('frequency')?.value).toBe(49.98);
    expect(scene.last('energy-import')?.value).toBeGreaterThan(1234);
    expect(scene.readings.filter(({ factor }) => factor === 'voltage-a')).toHaveLength(6);
    await scene.stop();
  });

  test('is asked for a block where that saves requests, and only what the standard lets one read', async () => {
    const scene = sceneOf({ address: first });
    await scene.clock.advance(9000);
    expect(scene.meters[0]?.asked).toEqual([
      '0201FF00',
      '0202FF00',
      '0203FF00',
      '0204FF00',
      '0206FF00',
      '02800002',
      '00000000',
      '00010000',
      '00020000',
    ]);
    await scene.stop();
  });

  test('that does not know a block is asked for its values one by one, from then on', async () => {
    const scene = sceneOf({ address: first });
    scene.meters[0]?.refuses.set('0201FF00', '02');
    await scene.clock.advance(9000);
    expect(scene.last('voltage-c')?.value).toBe(233);
    scene.forget();
    await scene.clock.advance(10_000);
    expect(scene.last('voltage-c')?.value).toBe(233);
    expect(scene.meters[0]?.asked).not.toContain('0201FF00');
    await scene.stop();
  });

  test('that does not have a value says so once an hour, and is not asked for it in between', async () => {
    const scene = sceneOf({ address: first });
    scene.meters[0]?.refuses.set('00000000', '02');
    await scene.clock.advance(1_800_000);
    expect(scene.meters[0]?.asked.filter((one) => one === '00000000')).toHaveLength(1);
    expect(scene.last('energy-total')).toMatchObject({
      value: null,
      mark: { flag: 'B', reason: 'refused', basis: 'inferred' },
    });
    expect(scene.transactions.find(({ outcome }) => outcome === 'exception')?.exception).toBe(2);
    expect(scene.last('energy-import')?.mark.flag).toBe('N');
    await scene.clock.advance(3_600_000);
    expect(scene.meters[0]?.asked.filter((one) => one === '00000000')).toHaveLength(2);
    await scene.stop();
  });

  test('that refuses for another reason is asked again', async () => {
    const scene = sceneOf({ address: first });
    scene.meters[0]?.refuses.set('00000000', '04');
    await scene.clock.advance(600_000);
    expect(scene.meters[0]?.asked.filter((one) => one === '00000000').length).toBeGreaterThan(3);
    await scene.stop();
  });

  test('without a phase has no value there, and its zero stays a zero', async () => {
    const scene = sceneOf({ address: first });
    scene.meters[0]?.values.set('02010200', 'absent').set('02010300', '0.0');
    await scene.clock.advance(9000);
    expect(scene.last('voltage-b')).toMatchObject({ value: null, mark: { flag: 'D', reason: 'sentinel' } });
    expect(scene.last('voltage-c')).toMatchObject({ value: 0, mark: { flag: 'N' } });
    await scene.stop();
  });

  test('behind transformers has its values multiplied by what the site states', async () => {
    const scene = sceneOf({ address: first, parameters: { ct: 40, pt: 10 } });
    await scene.clock.advance(9000);
    expect(scene.last('voltage-a')?.value).toBe(2310);
    expect(scene.last('current-a')?.value).toBe(205);
    expect(scene.last('active-power')?.value).toBe(1_440_000);
    await scene.stop();
  });

  test('whose power flows back is below zero', async () => {
    const scene = sceneOf({ address: first });
    scene.meters[0]?.values.set('02030000', '-1.2500').set('02020100', '-5.125');
    await scene.clock.advance(9000);
    expect(scene.last('active-power')?.value).toBe(-1250);
    expect(scene.last('current-a')?.value).toBe(-5.125);
    await scene.stop();
  });

  test('whose counter begins again is read as it is', async () => {
    const scene = sceneOf({ address: first });
    await scene.clock.advance(70_000);
    scene.meters[0]?.resetCounter();
    await scene.clock.advance(150_000);
    expect(scene.last('energy-import')?.value).toBeLessThan(1);
    await scene.stop();
  });

  test('whose digits are none has no value, and the others of the block have theirs', async () => {
    const scene = sceneOf({ address: first });
    const isVoltages = (answer: Uint8Array): boolean =>
      answer[12] === 0x91 && answer[15] === 0x32 && answer[16] === 0x34;
    const nonsense = dlt645Frame({ address: first, control: '91', data: '00FF01020E2310231123' });
    const garble = (answer: Uint8Array): Uint8Array => (isVoltages(answer) ? nonsense : answer);
    if (scene.meters[0]) scene.meters[0].fault = garble;
    await scene.clock.advance(9000);
    expect(scene.last('voltage-a')).toMatchObject({ value: null, mark: { flag: 'D', reason: 'not-a-number' } });
    expect(scene.last('voltage-b')?.value).toBe(231);
    await scene.stop();
  });

  test('whose answer does not fit in one frame sends it in parts', async () => {
    const scene = sceneOf({ address: first });
    if (scene.meters[0]) scene.meters[0].mostData = 5;
    await scene.clock.advance(9500);
    expect(scene.outcomes).toEqual(new Set(['ok']));
    expect(scene.last('active-power-c')?.value).toBe(1200);
    expect(scene.last('power-factor-c')?.value).toBe(0.998);
    expect(scene.meters[0]?.asked.filter((one) => one === '0203FF00')).toHaveLength(3);
    await scene.stop();
  });

  test.each([0, 2, 7])('that sends %i wake bytes before its answers is understood', async (wakeBytes) => {
    const scene = sceneOf({ address: first });
    if (scene.meters[0]) scene.meters[0].wakeBytes = wakeBytes;
    await scene.clock.advance(9000);
    expect(scene.outcomes).toEqual(new Set(['ok']));
    expect(scene.transactions.every(({ junkBefore }) => junkBefore === 0)).toBe(true);
    await scene.stop();
  });

  test('that is the only one on its line can be asked for its address', async () => {
    const scene = sceneOf({ address: '202107300049', meterAddress: 'any' });
    await scene.clock.advance(9000);
    expect(scene.meters[0]?.asked.slice(0, 2)).toEqual(['address', '0201FF00']);
    expect(scene.meters[0]?.asked.filter((one) => one === 'address')).toHaveLength(1);
    expect(scene.last('voltage-a')?.value).toBe(231);
    await scene.stop();
  });
});

test('a meter of the 1997 edition gives whole volts, and its kW as W', async () => {
  const scene = sceneOf({ address: first, profile: 'dlt645/meter-1997@current-2-bytes' });
  await scene.clock.advance(9000);
  expect(scene.last('voltage-a')?.value).toBe(231);
  expect(scene.last('current-b')?.value).toBe(5.5);
  expect(scene.last('active-power')?.value).toBe(3600);
  expect(scene.last('energy-import')?.value).toBeGreaterThan(1234);
  expect(scene.outcomes).toEqual(new Set(['ok']));
  await scene.stop();
});

test('a meter that sends its current with another number of digits gives none', async () => {
  const scene = sceneOf({ address: first, profile: 'dlt645/meter-1997@current-3-bytes' });
  await scene.clock.advance(9000);
  expect(scene.last('current-b')).toMatchObject({ value: null, mark: { flag: 'B', reason: 'foreign-answer' } });
  expect(scene.outcomes).toEqual(new Set(['ok', 'foreign-length']));
  await scene.stop();
});

describe('meters beside each other', () => {
  test('each gets its own values', async () => {
    const scene = sceneOf({ address: first }, { address: '000000000162', every: 20_000 });
    scene.meters[1]?.values.set('02010100', '210.5');
    await scene.clock.advance(60_000);
    expect(scene.last('voltage-a', 'm1')?.value).toBe(231);
    expect(scene.last('voltage-a', 'm2')?.value).toBe(210.5);
    expect(scene.outcomes).toEqual(new Set(['ok']));
    await scene.stop();
  });

  test('one that is switched off is tried ever more seldom, its periods go on, and it comes back by itself', async () => {
    const scene = sceneOf({ address: first }, { address: '000000000162' });
    await scene.clock.advance(30_000);
    if (scene.meters[1]) scene.meters[1].on = false;
    scene.forget();
    await scene.clock.advance(600_000);
    const silent = scene.transactions.filter(({ instrument }) => instrument === 'm2');
    // Tried every 20 s at most, so that two meters cost a tenth of the line.
    expect(silent.length).toBeLessThan(35);
    expect(
      scene.readings.filter(({ instrument, factor }) => instrument === 'm2' && factor === 'voltage-a').length,
    ).toBe(60);
    expect(
      scene.readings.filter(
        ({ instrument, factor, value }) => instrument === 'm1' && factor === 'voltage-a' && value === 231,
      ).length,
    ).toBe(60);
    expect(scene.events.filter((event) => event.kind === 'instrument-condition')).toMatchObject([
      { instrument: 'm2', condition: 'not-answering', outcome: 'no-bytes' },
    ]);
    if (scene.meters[1]) scene.meters[1].on = true;
    await scene.clock.advance(120_000);
    expect(scene.last('voltage-a', 'm2')?.value).toBe(231);
    await scene.stop();
  });

  test('a line that is lost is read again by itself, and the time between is empty', async () => {
    const scene = sceneOf({ address: '202107300049', meterAddress: 'any' });
    await scene.clock.advance(30_000);
    scene.link.unplug();
    scene.forget();
    await scene.clock.advance(60_000);
    expect(new Set(scene.readings.map(({ mark }) => mark.reason))).toEqual(new Set(['line-lost']));
    scene.forget();
    scene.link.plug();
    await scene.clock.advance(30_000);
    expect(scene.last('voltage-a')?.value).toBe(231);
    // Another meter may hang there now.
    expect(scene.meters[0]?.asked[0]).toBe('address');
    await scene.stop();
  });
});

test('a read on demand gives every value at once', async () => {
  const scene = sceneOf({ address: first, every: 86_400_000 });
  await scene.clock.advance(20_000);
  const readings = await scene.clock.during(scene.line.read('m1'));
  expect(readings).toHaveLength(22);
  expect(readings.every(({ value }) => value !== null)).toBe(true);
  await scene.stop();
});
