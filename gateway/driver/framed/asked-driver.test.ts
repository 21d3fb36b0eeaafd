import { describe, expect, test } from 'vitest';
import { vantagePro2, type Weather } from '../../../test-rigs/instruments/framed/davis-vantage.ts';
import {
  hpma115s0,
  mhZ19b,
  sendingFrame,
  sps30,
  zh03b,
} from '../../../test-rigs/instruments/framed/particle-sensors.ts';
import { Responder } from '../../../test-rigs/instruments/framed/responder.ts';
import { type Tank, tls350 } from '../../../test-rigs/instruments/framed/veeder-root.ts';
import { FramedScene, type FramedScenePlan } from '../../../test-rigs/links/framed-scene.ts';
import { Line } from '../line/line.ts';

const sceneOf = (plan: FramedScenePlan): FramedScene => new FramedScene((options) => new Line(options), plan);
const masses = { pm1: 5, fine: 9, pm10: 13 };

describe('an SPS30', () => {
  const plan = { profile: 'sensirion/sps30', settings: { mayStart: true }, baudRate: 115_200 };

  test('is woken and started, and each of its measurements becomes one reading', async () => {
    const scene = sceneOf(plan);
    const sensor = sps30(scene.clock, () => masses);
    sensor.serve(scene.end);
    await scene.clock.advance(10_500);
    expect(sensor.isMeasuring).toBe(true);
    expect(scene.values('pm2.5').length).toBeGreaterThanOrEqual(9);
    expect(new Set(scene.values('pm2.5'))).toEqual(new Set([9]));
    await scene.stop();
  });

  test('that has nothing new gives no reading and no fault', async () => {
    const scene = sceneOf({ ...plan, settings: { mayStart: true, every: 250 } });
    sps30(scene.clock, () => masses).serve(scene.end);
    await scene.clock.advance(20_200);
    expect(scene.values('pm10').length).toBeGreaterThanOrEqual(18);
    expect(scene.values('pm10').length).toBeLessThanOrEqual(21);
    expect(scene.values('pm10')).not.toContain(null);
    expect(scene.transactions.filter(({ outcome }) => outcome === 'ok').length).toBeGreaterThan(60);
    await scene.stop();
  });

  test('is started again when it has lost its power', async () => {
    const scene = sceneOf(plan);
    const sensor = sps30(scene.clock, () => masses);
    sensor.serve(scene.end);
    await scene.clock.advance(3000);
    sensor.isMeasuring = false;
    scene.readings.length = 0;
    await scene.clock.advance(5000);
    expect(sensor.isMeasuring).toBe(true);
    expect(scene.values('pm2.5')[0]).toBeNull();
    expect(scene.of('pm2.5')[0]?.mark).toEqual({ flag: 'B', reason: 'foreign-answer', basis: 'observed' });
    expect(scene.values('pm2.5').at(-1)).toBe(9);
    await scene.stop();
  });

  test('is sent nothing but requests where the site does not allow more', async () => {
    const scene = sceneOf({ ...plan, settings: { mayStart: false } });
    const sensor = sps30(scene.clock, () => masses);
    sensor.serve(scene.end);
    await scene.clock.advance(10_000);
    expect(sensor.isMeasuring).toBe(false);
    expect(new Set(scene.transactions.map(({ sent }) => Buffer.from(sent).toString('hex')))).toEqual(
      new Set(['7e000300fc7e']),
    );
    await scene.stop();
  });

  test('is stopped when the gateway lets go of it', async () => {
    const scene = sceneOf(plan);
    const sensor = sps30(scene.clock, () => masses);
    sensor.serve(scene.end);
    await scene.clock.advance(3000);
    await scene.stop();
    expect(sensor.isMeasuring).toBe(false);
  });
});

test('a Honeywell that sends by itself is told to be asked, and read', async () => {
  const scene = sceneOf({ profile: 'honeywell/hpma115s0', settings: { mayStart: true } });
  hpma115s0(scene.clock, () => masses).serve(scene.end);
  await scene.clock.advance(8000);
  expect(scene.values('pm10').at(-1)).toBe(13);
  expect(scene.values('pm2.5').at(-1)).toBe(9);
  await scene.stop();
});

test('a Honeywell that sends by itself is heard by the profile of one that sends', async () => {
  const scene = sceneOf({ profile: 'honeywell/hpma115-sending' });
  hpma115s0(scene.clock, () => masses).serve(scene.end);
  await scene.clock.advance(5500);
  expect(scene.values('pm10')).toEqual([13, 13, 13, 13, 13]);
  await scene.stop();
});

test('a Winsen ZH03B is set to be asked, and its masses come in the order of the variant', async () => {
  for (const [variant, expected] of [
    ['pm2.5-first', [9, 13, 5]],
    ['pm1-first', [13, 5, 9]],
  ] as const) {
    const scene = sceneOf({ profile: `winsen/zh03b@${variant}`, settings: { mayStart: true } });
    zh03b(scene.clock, () => masses).serve(scene.end);
    await scene.clock.advance(4000);
    expect(['pm2.5', 'pm10', 'pm1'].map((factor) => scene.values(factor).at(-1))).toEqual(expected);
    await scene.stop();
  }
});

test('an MH-Z19B gives CO2', async () => {
  const scene = sceneOf({ profile: 'winsen/mh-z19b' });
  mhZ19b(scene.clock, () => 636).serve(scene.end);
  await scene.clock.advance(3000);
  expect(scene.values('carbon-dioxide').at(-1)).toBe(636);
  await scene.stop();
});

describe('a Davis Vantage', () => {
  const weather: Weather = { barometer: 29.92, temperature: 68, humidity: 55, wind: 10, direction: 360, tips: 120 };
  const settings = { every: 5000, parameters: { bucket: 0.2 }, fitted: ['solar-radiation'] };
  const plan = { profile: 'davis/vantage-pro2', settings, baudRate: 19_200 };

  test('is woken before each request, and its imperial numbers become metric ones', async () => {
    const scene = sceneOf(plan);
    vantagePro2(scene.clock, () => weather).serve(scene.end);
    await scene.clock.advance(20_000);
    expect(scene.values('temperature').at(-1)).toBe(20);
    expect(scene.values('humidity').at(-1)).toBe(55);
    expect(scene.values('wind-speed').at(-1)).toBeCloseTo(4.4704, 6);
    expect(scene.values('wind-direction').at(-1)).toBe(360);
    expect(scene.values('pressure').at(-1)).toBeCloseTo(101.32, 2);
    expect(scene.values('rainfall').at(-1)).toBe(24);
    expect(scene.transactions.filter(({ junkBefore, outcome }) => outcome === 'ok' && junkBefore > 0)).toEqual([]);
    await scene.stop();
  });

  test('a sensor that is not there has no value, never 0', async () => {
    const scene = sceneOf(plan);
    vantagePro2(scene.clock, () => ({ ...weather, temperature: null, wind: null, direction: 0 })).serve(scene.end);
    await scene.clock.advance(12_000);
    for (const factor of ['temperature', 'wind-speed', 'wind-direction', 'solar-radiation']) {
      expect(scene.of(factor).at(-1)).toMatchObject({ value: null, mark: { flag: 'D', reason: 'sentinel' } });
    }
    await scene.stop();
  });

  test('that does not wake is missed, and nothing but line feeds is sent', async () => {
    const scene = sceneOf(plan);
    const console_ = vantagePro2(scene.clock, () => weather);
    console_.on = false;
    console_.serve(scene.end);
    await scene.clock.advance(30_000);
    expect(scene.of('temperature').at(-1)).toMatchObject({ value: null, mark: { flag: 'B', reason: 'no-answer' } });
    expect(new Set(scene.transactions.map(({ sent }) => Buffer.from(sent).toString('hex')))).toEqual(new Set(['0a']));
    await scene.stop();
  });
});

describe('a Veeder-Root console', () => {
  const tank = (number: number, status = 0, volume = 10_000): Tank => ({
    number,
    status,
    values: [volume, 9950, 20_000, 1500.5, 3.25, 17.5, 12],
  });
  const settings = { every: 10_000, channels: { 'tank-01': 'tank-95', 'tank-02': 'tank-92', 'tank-03': 'tank-0' } };
  const plan = (units: string) => ({ profile: `veeder-root/tls-${units}`, settings });
  const at = (scene: FramedScene, point: string, factor: string) =>
    scene
      .of(factor)
      .filter((reading) => reading.point === point)
      .at(-1);

  test('gives the inventory of every tank that the site has, in metric units', async () => {
    const scene = sceneOf(plan('metric'));
    tls350(scene.clock, () => [tank(1), tank(2, 0, 8000), tank(3), tank(4)]).serve(scene.end);
    await scene.clock.advance(12_000);
    expect(at(scene, 'tank-95', 'fuel-stock')).toMatchObject({ value: 10_000, mark: { flag: 'N' } });
    expect(at(scene, 'tank-92', 'fuel-stock')?.value).toBe(8000);
    expect(at(scene, 'tank-95', 'fuel-level')?.value).toBe(1500.5);
    expect(at(scene, 'tank-95', 'fuel-temperature')?.value).toBe(17.5);
    expect(new Set(scene.readings.map(({ point }) => point))).toEqual(new Set(['tank-95', 'tank-92', 'tank-0']));
    await scene.stop();
  });

  test('gives the same in US units converted', async () => {
    const scene = sceneOf(plan('us'));
    tls350(scene.clock, () => [tank(1), tank(2), tank(3)]).serve(scene.end);
    await scene.clock.advance(12_000);
    expect(at(scene, 'tank-95', 'fuel-stock')?.value).toBeCloseTo(37_854.11784, 4);
    expect(at(scene, 'tank-95', 'fuel-level')?.value).toBeCloseTo(1500.5 * 25.4, 6);
    await scene.stop();
  });

  test('a tank that it does not list has no value, and one with an invalid height is marked', async () => {
    const scene = sceneOf(plan('metric'));
    tls350(scene.clock, () => [tank(1, 0b100), tank(2)]).serve(scene.end);
    await scene.clock.advance(12_000);
    expect(at(scene, 'tank-95', 'fuel-stock')).toMatchObject({ value: null, mark: { flag: 'D' } });
    expect(at(scene, 'tank-0', 'fuel-stock')).toMatchObject({ value: null, mark: { reason: 'not-listed' } });
    expect(at(scene, 'tank-92', 'fuel-stock')).toMatchObject({ value: 10_000, mark: { flag: 'N' } });
    await scene.stop();
  });

  test('what it says of a tank is told when it changes', async () => {
    const scene = sceneOf(plan('metric'));
    let state = 0b100;
    tls350(scene.clock, () => [tank(1, state), tank(2), tank(3)]).serve(scene.end);
    await scene.clock.advance(25_000);
    state = 0;
    await scene.clock.advance(25_000);
    expect(scene.events.flatMap((event) => (event.kind === 'instrument-says' ? [event.says] : []))).toEqual([
      [{ flag: 'D', zh: '液位无效', en: 'invalid fuel height' }],
      [],
    ]);
    await scene.stop();
  });

  test('a tank that it lists twice has no value', async () => {
    const scene = sceneOf(plan('metric'));
    tls350(scene.clock, () => [tank(1), tank(1), tank(2), tank(3)]).serve(scene.end);
    await scene.clock.advance(12_000);
    expect(at(scene, 'tank-95', 'fuel-stock')).toMatchObject({ value: null, mark: { reason: 'not-listed' } });
    await scene.stop();
  });

  test('that does not know the function refuses it, and is not taken for silent', async () => {
    const scene = sceneOf(plan('metric'));
    tls350(scene.clock, () => [], false).serve(scene.end);
    await scene.clock.advance(25_000);
    expect(new Set(scene.outcomes)).toEqual(new Set(['exception']));
    expect(at(scene, 'tank-95', 'fuel-stock')).toMatchObject({ value: null, mark: { flag: 'B', reason: 'refused' } });
    const conditions = scene.events.flatMap((event) =>
      event.kind === 'instrument-condition' ? [event.condition] : [],
    );
    expect(conditions).toEqual(['answering']);
    await scene.stop();
  });
});

describe('an instrument that is asked', () => {
  const plan = { profile: 'winsen/mh-z19b' };
  const request = 'FF0186000000000079';
  const right = Uint8Array.of(0xff, 0x86, 0x02, 0x7c, 0x42, 0, 0, 0, 0xba);

  test.each<[string, Uint8Array, string, string]>([
    ['nothing', new Uint8Array(0), 'no-bytes', 'no-answer'],
    ['a wrong check sum', Uint8Array.from(right, (byte, at) => (at === 3 ? byte ^ 1 : byte)), 'crc', 'garbled'],
    ['half an answer', right.subarray(0, 5), 'short', 'garbled'],
    ['noise', Uint8Array.of(1, 2, 3), 'junk', 'garbled'],
    [
      'an answer to another request',
      Uint8Array.of(0xff, 0xa7, 1, 0, 0, 0, 0, 0, 0x58),
      'foreign-function',
      'foreign-answer',
    ],
    ['its own request', Uint8Array.from(Buffer.from(request, 'hex')), 'echo', 'no-answer'],
  ])('and answers %s has no value, and the outcome has its name', async (_, answer, outcome, reason) => {
    const scene = sceneOf(plan);
    const sensor = new Responder({ [request]: () => answer }, { clock: scene.clock });
    sensor.serve(scene.end);
    await scene.clock.advance(10_000);
    expect(new Set(scene.outcomes)).toEqual(new Set([outcome]));
    expect(new Set(scene.values('carbon-dioxide'))).toEqual(new Set([null]));
    expect(scene.of('carbon-dioxide')[0]?.mark).toEqual({ flag: 'B', reason, basis: 'observed' });
    await scene.stop();
  });

  test.each<[string, Uint8Array, number]>([
    ['noise before its answer', Uint8Array.of(0, 0x55, ...right), 2],
    ['a damaged answer before the right one', Uint8Array.of(...right.subarray(0, 8), 0, ...right), 9],
    ['the frame of somebody else before its answer', Uint8Array.of(0xff, 0xa7, 1, 0, 0, 0, 0, 0, 0x58, ...right), 9],
  ])('with %s is understood, and what was stepped over is counted', async (_, answer, junkBefore) => {
    const scene = sceneOf(plan);
    new Responder({ [request]: () => answer }, { clock: scene.clock }).serve(scene.end);
    await scene.clock.advance(2500);
    expect(scene.values('carbon-dioxide').at(-1)).toBe(636);
    expect(scene.transactions[0]).toMatchObject({ outcome: 'ok', junkBefore });
    await scene.stop();
  });

  test('over an adapter that hears itself is understood, and the echo is counted', async () => {
    const scene = sceneOf(plan);
    const echo = Uint8Array.from(Buffer.from(request, 'hex'));
    new Responder({ [request]: () => Uint8Array.of(...echo, ...right) }, { clock: scene.clock }).serve(scene.end);
    await scene.clock.advance(2500);
    expect(scene.transactions[0]).toMatchObject({ outcome: 'ok', echoed: echo.length, junkBefore: 0 });
    await scene.stop();
  });

  test('that falls silent is tried after growing pauses, and read at its rate again when it is back', async () => {
    const scene = sceneOf(plan);
    const sensor = mhZ19b(scene.clock, () => 636);
    sensor.serve(scene.end);
    await scene.clock.advance(5000);
    sensor.on = false;
    await scene.clock.advance(120_000);
    const tries = scene.transactions.filter(({ outcome }) => outcome === 'no-bytes').length;
    expect(tries).toBeGreaterThan(3);
    expect(tries).toBeLessThan(30);
    sensor.on = true;
    await scene.clock.advance(61_000);
    scene.readings.length = 0;
    await scene.clock.advance(10_000);
    expect(scene.values('carbon-dioxide').filter((value) => value === 636).length).toBeGreaterThanOrEqual(9);
    await scene.stop();
  });

  test('whose line is lost is missed in each period and read again when it is back', async () => {
    const scene = sceneOf(plan);
    mhZ19b(scene.clock, () => 636).serve(scene.end);
    await scene.clock.advance(3000);
    scene.link.unplug();
    scene.readings.length = 0;
    await scene.clock.advance(10_000);
    expect(new Set(scene.readings.map(({ mark }) => mark.reason))).toEqual(new Set(['line-lost']));
    scene.link.plug();
    await scene.clock.advance(20_000);
    expect(scene.values('carbon-dioxide').at(-1)).toBe(636);
    await scene.stop();
  });

  test('beside a stream that never ends is asked all the same, within a second', async () => {
    const scene = sceneOf(plan);
    const chatter = new Responder(
      { [request]: () => right },
      { clock: scene.clock, interval: 30, unasked: () => sendingFrame({ pm1: 1, fine: 1, pm10: 1 }) },
    );
    chatter.serve(scene.end);
    await scene.clock.advance(6000);
    expect(scene.transactions.length).toBeGreaterThan(1);
    await scene.stop();
  });
});
